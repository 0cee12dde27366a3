"""Owns the proof, at every start, that an order of this venue carries its client id in the bytes that would leave.

An order is written and signed by a second ccxt object that cannot send, with a key of nobody; what comes out of it is
looked at. ccxt drops the id at some venues, and may at any other after an update. The broker asks before it trades.
"""

import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from engine.adapters.host_breaker import HostBreaker
from engine.adapters.trading_client import MUST_CARRY, build_trader
from engine.adapters.venue_keys import VenueKeys
from engine.domain.config import VenueConfig
from engine.domain.errors import BadVenueAnswerError, RefusedError
from engine.domain.order import Order, OrderAnswer, OrderSide
from engine.domain.units import Asset, ClientOrderId, Symbol

NAME = ClientOrderId("ddrehearsal0000000000000000")
_NOBODY = VenueKeys(key="rehearsal", secret="rehearsal")


class Dialect(Protocol):
    """The part of a venue's account that places orders."""

    async def place(self, order: Order) -> OrderAnswer:
        """Send an order, once."""


class NeverSends:
    """Stands where the requests of a ccxt object would leave, and keeps them. Names start with "_", as ccxt wants."""

    _kept: tuple[str, ...] = ()

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """Keep a request and answer with nothing."""
        self._kept = (*self._kept, f"{method} {url} {body or ''}")
        return {}


async def rehearse(
    venue: VenueConfig, symbol: Symbol, market: Mapping[str, Any], dialect: Callable[[Any], Dialect]
) -> None:
    """Write an order of `symbol` and look at it; nothing is sent. Raises RefusedError where its client id is lost."""
    breaker = HostBreaker(time.monotonic)
    double = build_trader(venue, _NOBODY, breaker=breaker, monotonic=time.monotonic, behind=(NeverSends,))
    double.set_markets([market])
    order = Order(
        client_order_id=NAME,
        asset=Asset(symbol.partition("/")[0]),
        symbol=symbol,
        side=OrderSide.BUY,
        quantity=Decimal(1),
        price=Decimal(1),
        limit=Decimal(1),
        reduce_only=False,
        allocations=(),
    )
    wanted = MUST_CARRY.set(NAME)
    try:
        await dialect(double).place(order)
    except BadVenueAnswerError:
        pass  # no venue answered
    except RefusedError as error:
        raise _lost(venue) from error
    finally:
        MUST_CARRY.reset(wanted)
        await double.close()
    if [each.startswith("POST ") and NAME in each for each in double._kept] != [True]:
        raise _lost(venue)


def _lost(venue: VenueConfig) -> RefusedError:
    return RefusedError(
        f"orders to {venue.id} would leave without their client id, so that a lost answer could not be looked up: "
        'no orders go there; use mode = "paper" and report it'
    )
