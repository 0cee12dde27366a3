"""Owns the `Broker` port on a real venue, or on the simulated one, through ccxt with a key: orders, fills, positions.

An order is sent once. What the venue refuses for certain is a short list; anything else has an unknown outcome
and is looked up, never sent again. The account's dialect does the asking; nothing here decides anything.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from engine.adapters.account_answers import code_of
from engine.adapters.account_settings import SymbolSettings
from engine.adapters.account_stream import FOLLOWED, CcxtAccountStream
from engine.adapters.binance_orders import BinanceOrders
from engine.adapters.ccxt_errors import plain_errors, unanswered, venue_words
from engine.adapters.ccxt_mapping import positive
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.key_permissions import Admission
from engine.adapters.market_list import load_markets
from engine.adapters.order_rehearsal import rehearse
from engine.adapters.trading_client import MUST_CARRY, build_trader
from engine.adapters.venue_accounts import VenueAccount, account_of, refuse_untold
from engine.adapters.venue_keys import VenueKeys
from engine.adapters.venue_traits import door_of, trading_traits
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import (
    BadVenueAnswerError,
    DriftdeckError,
    OrderNotSentError,
    OrderRefusedError,
    OutcomeUnknownError,
    RefusedError,
    VenueUnreachableError,
)
from engine.domain.market import MarketKind
from engine.domain.order import CashMovement, Fill, FundingCharge, Order, OrderAnswer, VenuePosition
from engine.domain.ports import AccountStream, Clock
from engine.domain.units import ClientOrderId, Ms, Symbol

SKEW_MS = 1_000
_MAY_STAND = re.compile(r"duplicat|already|repeat", re.IGNORECASE)
T = TypeVar("T")
# What a request of ccxt may end with beside its own errors: parsers index into whatever came, sockets break.
_WENT_WRONG = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


class CcxtBroker:
    """One account at one venue."""

    def __init__(
        self, venue: VenueConfig, keys: VenueKeys, *, clock: Clock, symbols: Sequence[Symbol], breaker: HostBreaker
    ) -> None:
        """Take the key; opens no socket. Raises RefusedError where orders cannot go to this venue in this mode."""
        self._traits = trading_traits(venue)
        self._hosts = door_of(venue).hosts
        refuse_untold(venue, symbols)
        self._venue = venue
        self._keys = keys
        self.offers_stream = venue.id in FOLLOWED
        self._clock = clock
        self._breaker = breaker
        self._exchange = build_trader(venue, keys, breaker=breaker, monotonic=clock.monotonic)
        self._exchange.has["fetchCurrencies"] = False  # a private call that only costs time
        self._pacing = asyncio.Lock()
        self._next_order = 0.0
        self._symbols = tuple(symbols)
        self._account = self._dialect(self._exchange)

    async def admit(self) -> Admission:
        """Present the key: clock, markets, an order's bytes, its rights. Raises RefusedError, VenueUnreachableError."""
        if self._venue.mode is Mode.LIVE:
            behind = int(await self._asked("comparing clocks", self._exchange.load_time_difference) or 0)
            if abs(behind) > SKEW_MS:
                raise RefusedError(f"this host's clock is {behind / 1000:+.1f} s off the venue's: set it right")
        await self._asked("reading markets", partial(load_markets, self._exchange))
        markets = self._exchange.markets or {}
        symbol = next((each for each in (*self._symbols, *map(Symbol, markets)) if each in markets), None)
        if symbol is not None:
            rehearsal = partial(rehearse, self._venue, symbol, markets[symbol], self._dialect)
            await self._asked("rehearsing an order", rehearsal)
        return await self._asked("presenting the key", self._account.admit)

    def _dialect(self, exchange: Any) -> VenueAccount:
        return account_of(self._venue, exchange, self._symbols)

    async def place(self, order: Order) -> OrderAnswer:
        """Send an order, once. Raises OrderRefusedError, OrderNotSentError, OutcomeUnknownError."""
        import aiohttp
        from ccxt.base.errors import BaseError

        await self._paced()
        self._refuse_unfit(order)
        wanted = MUST_CARRY.set(order.client_order_id)
        try:
            return await self._account.place(order)
        except RefusedError as error:
            raise OrderRefusedError(str(error)) from error  # it did not leave
        except DriftdeckError as error:
            raise OutcomeUnknownError(str(error)) from error
        except (BaseError, aiohttp.ClientError, *_WENT_WRONG) as error:
            raise self._judged(error) from error
        finally:
            MUST_CARRY.reset(wanted)

    async def cancel(self, client_order_id: ClientOrderId, symbol: Symbol) -> None:
        """Ask for the end of an order; one that is over or unknown is left alone. Raises VenueUnreachableError."""
        from ccxt.base.errors import BaseError

        async def ask() -> None:
            try:
                await self._account.cancel(client_order_id, symbol)
            except BaseError as error:
                if code_of(str(error)) not in self._traits.nothing_to_cancel:
                    raise

        await self._asked("canceling an order", ask)

    async def look_up(self, client_order_id: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        """Return what the venue knows of an order, None where it has none. Raises VenueUnreachableError."""
        return await self._asked("looking an order up", lambda: self._account.find(client_order_id, symbol))

    async def fills(self, *, since: Ms, of: Collection[Symbol] = ()) -> list[Fill]:
        """Return all executions at or after `since`, oldest first; of some markets only where that is cheaper."""
        account = self._account
        if of and isinstance(account, BinanceOrders):
            return await self._asked("reading executions", lambda: account.fills_of(of, since, self._now()))
        return await self._asked("reading executions", lambda: account.fills(since, self._now()))

    async def funding(self, *, since: Ms) -> list[FundingCharge]:
        """Return all funding charged at or after `since`, oldest first."""
        return await self._asked("reading funding", lambda: self._account.funding(since, self._now()))

    async def movements(self, *, since: Ms) -> list[CashMovement]:
        """Return all money that moved without a fill or funding, oldest first."""
        return await self._asked("reading transfers", lambda: self._account.movements(since, self._now()))

    async def positions(self) -> list[VenuePosition]:
        """Return the open positions, netted per symbol."""
        return await self._asked("reading positions", self._account.positions)

    async def wallet(self) -> Decimal:
        """Return the balance without open profit."""
        found: Decimal = await self._asked("reading the balance", self._account.wallet)
        return found

    async def settings(self) -> dict[Symbol, SymbolSettings]:
        """Return how the account trades each symbol. Raises VenueUnreachableError."""
        return await self._asked("reading the account's settings", self._account.settings)

    async def set_leverage(self, symbol: Symbol, leverage: Decimal) -> None:
        """Change the leverage of a symbol at the venue. Raises VenueUnreachableError."""
        await self._paced()
        await self._asked("setting leverage", lambda: self._account.set_leverage(symbol, leverage))

    def stream(self) -> AccountStream:
        """Return a stream of this account, not opened yet. Raises RefusedError before the account was admitted."""
        if not self._exchange.markets:
            raise RefusedError(f"the account at {self._venue.id} is followed once its key was presented")
        return CcxtAccountStream(
            self._venue,
            self._keys,
            breaker=self._breaker,
            monotonic=self._clock.monotonic,
            markets_of=self._exchange,
        )

    async def close(self) -> None:
        """Release sockets and sessions."""
        await self._exchange.close()

    async def _paced(self) -> None:
        """Wait for the turn of a request that changes something: venues count these apart from all others."""
        async with self._pacing:
            await asyncio.sleep(max(0.0, self._next_order - self._clock.monotonic()))
            self._next_order = self._clock.monotonic() + self._traits.order_every_s

    def _now(self) -> Ms:
        return Ms(self._clock.market_ms() + 60_000)  # an execution may carry a time a little ahead of ours

    async def _asked(self, doing: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask for something that may be asked again. Raises VenueUnreachableError, RefusedError."""
        try:
            with plain_errors(self._venue.id, doing, proxy=self._venue.proxy):
                return await ask()
        except (VenueUnreachableError, RefusedError):
            raise
        except DriftdeckError as error:
            raise BadVenueAnswerError(str(error)) from error

    def _refuse_unfit(self, order: Order) -> None:
        """Refuse what could not leave, or would not leave as it is written. Raises OrderRefusedError."""
        for host in self._hosts:
            left = self._breaker.remaining(host)
            if left > 0:
                raise OrderNotSentError(f"{self._venue.id} asked for a pause: {left:.0f} s left, nothing was sent")
        exchange, symbol = self._exchange, order.symbol
        if symbol not in (exchange.markets or {}):
            raise OrderRefusedError(f"{self._venue.id} does not list {symbol}: the order was not sent")
        if self._venue.market is MarketKind.SWAP and positive(exchange.market(symbol).get("contractSize")) != 1:
            raise OrderRefusedError(f"{self._venue.id} counts {symbol} in contracts, not in {order.asset}: not sent")
        wanted = [(order.quantity, exchange.amount_to_precision)]
        if order.limit is not None:
            wanted.append((order.limit, exchange.price_to_precision))
        for number, write in wanted:
            if _written(write, symbol, number) != number:
                raise OrderRefusedError(f"{number:f} {order.asset} is between the steps of {self._venue.id}: not sent")

    def _judged(self, error: Exception) -> DriftdeckError:
        """Return what an error of an order's request means: refused for certain, or of unknown outcome."""
        import aiohttp
        from ccxt.base.errors import BaseError

        code = code_of(str(error))
        text = venue_words(error) + (f" ({code})" if code else "")
        doubled = _MAY_STAND.search(str(error)) is not None  # whatever its code: an order with this id may exist
        named = any(message in str(error) for message in self._traits.certain_messages)
        certain = not doubled and (code in self._traits.certain_refusals or named)
        if isinstance(error, BaseError) and certain and not isinstance(error.__cause__, aiohttp.ClientError):
            return OrderRefusedError(f"{self._venue.id} refused it: {text}")
        return OutcomeUnknownError(f"{self._venue.id}: {unanswered(error) or text}")


def _written(write: Callable[[Symbol, str], str], symbol: Symbol, number: Decimal) -> Decimal:
    """Return a number as ccxt would write it; NaN for one below the smallest step, which it refuses to write."""
    from ccxt.base.errors import BaseError

    try:
        return Decimal(write(symbol, f"{number:f}"))
    except BaseError:
        return Decimal("nan")
