"""Owns the ports: what the engine needs from the outside, as protocols. Adapters and test fakes implement them.

Async where the outside is slow. Errors are those of `engine.domain.errors`; no other exception may leave a port.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

from engine.domain.journal import Journaled, JournalRecord
from engine.domain.market import Bar, Candle, Instrument, Quote
from engine.domain.notice import Level
from engine.domain.order import AccountNews, CashMovement, Fill, FundingCharge, Order, OrderAnswer, VenuePosition
from engine.domain.units import ClientOrderId, Ms, Symbol


class Clock(Protocol):
    """The two clocks (DESIGN 3)."""

    def market_ms(self) -> Ms:
        """Return market time; never goes backwards."""

    def monotonic(self) -> float:
        """Return host monotonic seconds."""


class MarketData(Protocol):
    """A venue's public data."""

    async def instruments(self, symbols: Sequence[Symbol]) -> dict[Symbol, Instrument]:
        """Return what the venue lists of `symbols`. Raises VenueUnreachableError."""

    async def server_time(self) -> tuple[Ms, float]:
        """Return the venue's time and the round trip in milliseconds. Raises VenueUnreachableError."""

    async def quotes(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """Return the latest quotes of those of `symbols` that the venue answered for."""

    async def candles(self, symbol: Symbol, *, since_ms: Ms, limit: int) -> list[Candle]:
        """Return up to `limit` hourly candles from `since_ms` on, ascending, the unfinished last one included."""

    async def close(self) -> None:
        """Release sockets and sessions."""


class MarketStream(Protocol):
    """A venue's public streams over one connection, used once: opened, listened to, closed."""

    @property
    def offers_quotes(self) -> bool:
        """Return True where it streams prices."""

    @property
    def offers_candles(self) -> bool:
        """Return True where it streams candles."""

    async def run(self, symbols: Sequence[Symbol]) -> None:
        """Keep the streams of `symbols` alive until one fails. Raises VenueUnreachableError."""

    def harvest(self, symbols: Sequence[Symbol]) -> tuple[list[Quote], list[Candle]]:
        """Return what came since the last look; of candles each symbol's last two, where one of them moved."""

    async def close(self) -> None:
        """Release sockets and sessions."""


class BarStore(Protocol):
    """Closed bars on disk; can always be fetched again from the venue."""

    def claim(self, identity: str) -> None:
        """Tie this store to one market, or raise StoreError where it holds bars of another."""

    def append(self, bars: Sequence[Bar]) -> None:
        """Add bars; one that exists is replaced."""

    def load(self, symbol: Symbol, *, since_ms: Ms) -> list[Bar]:
        """Return the bars of `symbol` that open at or after `since_ms`, ascending."""

    def last_open(self) -> Mapping[Symbol, Ms]:
        """Return each symbol's newest open time."""

    def close(self) -> None:
        """Flush and close."""


class Journal(Protocol):
    """The facts, on disk, append-only. Nothing in it can be fetched again; every trouble is a StoreError."""

    def claim(self, identity: str) -> None:
        """Tie this journal to one kind of money on one market, or raise StoreError where it holds another's."""

    def append(self, facts: Sequence[Journaled]) -> int:
        """Add facts, all or none, durable when this returns; return the newest sequence number."""

    def read(
        self, *, after: int = 0, kinds: Collection[str] = (), since: Ms | None = None, limit: int | None = None
    ) -> list[JournalRecord]:
        """Return facts in order: after a sequence number, of some kinds (or all), not before a market instant."""

    def last_seq(self) -> int:
        """Return the newest sequence number, 0 where nothing was ever written."""

    def close(self) -> None:
        """Close; closing twice is fine."""


class Broker(Protocol):
    """A venue's private side: orders, fills, positions. Every answer may be late; none is ever guessed."""

    async def place(self, order: Order) -> OrderAnswer:
        """Send an order, once.

        Raises OrderRefusedError where nothing was placed for certain, OutcomeUnknownError where it may have been, and
        OrderNotSentError where it did not leave and may be tried again.
        """

    async def cancel(self, client_order_id: ClientOrderId, symbol: Symbol) -> None:
        """Ask for the end of an order; one that is over or unknown is left alone. Raises VenueUnreachableError."""

    async def look_up(self, client_order_id: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        """Return what the venue knows of an order, None where it never got it. Raises VenueUnreachableError."""

    async def fills(self, *, since: Ms, of: Collection[Symbol] = ()) -> list[Fill]:
        """Return all executions at or after `since`, oldest first; also those that no order of ours asked for.

        Where `of` names markets, at least theirs: that may be a much cheaper question.
        """

    async def funding(self, *, since: Ms) -> list[FundingCharge]:
        """Return all funding charged at or after `since`, oldest first."""

    async def movements(self, *, since: Ms) -> list[CashMovement]:
        """Return all money that moved without a fill or funding at or after `since`, oldest first."""

    async def positions(self) -> list[VenuePosition]:
        """Return the open positions, netted per symbol."""

    async def wallet(self) -> Decimal:
        """Return the balance without open profit, in the account's currency."""

    async def close(self) -> None:
        """Release sockets and sessions."""


class AccountStream(Protocol):
    """A venue's private stream of one account over one connection, used once: it says that something happened."""

    async def run(self, opened: Callable[[], None], heard: Callable[[AccountNews], None]) -> None:
        """Listen until it fails; `opened` hears that the venue follows. Raises VenueUnreachableError, RefusedError."""

    async def close(self) -> None:
        """Release sockets and sessions; may be called twice."""


@runtime_checkable
class Followed(Protocol):
    """A broker whose venue streams the account, too."""

    offers_stream: bool

    def stream(self) -> AccountStream:
        """Return a stream of the account, not opened yet. Raises RefusedError before its key was presented."""


class Notifier(Protocol):
    """The way to a person who does not look at the screen."""

    async def send(self, level: Level, title: str, body: str) -> None:
        """Send a message to everywhere it should go. Raises NoticeNotSentError."""


class Heartbeat(Protocol):
    """Somebody elsewhere who notices when this engine falls silent."""

    async def ping(self) -> None:
        """Say that the engine has checked. Raises NoticeNotSentError."""
