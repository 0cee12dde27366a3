"""Owns the conversation with a broker: runs the core's effects in order, and turns what comes back into inputs.

Never decides and never repeats a request: an order whose outcome is unknown is looked up until it is known. The same
desk serves the paper broker and a venue's.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from engine.core.inputs import (
    Executed,
    Input,
    OrderAnswered,
    OrderLost,
    OrderNotFound,
    OrderRefused,
    PositionsListed,
)
from engine.core.outcome import CancelOrder, LookUpOrder, MovePaperMoney, PlaceOrder, TradeEffect
from engine.domain.errors import OrderRefusedError, OutcomeUnknownError, VenueUnreachableError
from engine.domain.order import Order, VenuePosition
from engine.domain.portfolio import ZERO
from engine.domain.ports import Broker, Clock
from engine.domain.units import ClientOrderId, FillId, Ms, Symbol
from engine.execution.orders import OrderTrack

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0  # at orders that are open or unknown, where no news comes by itself


class PaperMoney(Protocol):
    """What only a paper account can do: gain money, or a position, out of nothing."""

    def move(self, effect: MovePaperMoney) -> None:
        """Do it."""


class BrokerDesk:
    """One desk in front of one broker."""

    def __init__(
        self,
        broker: Broker,
        clock: Clock,
        *,
        put: Callable[[Input], None],
        unsettled: Callable[[], tuple[OrderTrack, ...]],
        paper: PaperMoney | None = None,
    ) -> None:
        """Take the parts; `unsettled` tells which orders are still to be followed."""
        self._broker = broker
        self._clock = clock
        self._put = put
        self._unsettled = unsettled
        self._paper = paper
        self._effects: asyncio.Queue[TradeEffect | None] = asyncio.Queue()
        self._since = Ms(0)
        self._seen: set[tuple[Symbol, FillId]] = set()
        self._listed: tuple[VenuePosition, ...] = ()

    def take(self, effect: TradeEffect) -> None:
        """Queue an effect."""
        self._effects.put_nowait(effect)

    def wake(self) -> None:
        """Look for news soon: prices moved."""
        if self._effects.empty():
            self._effects.put_nowait(None)

    async def run(self) -> None:
        """Work for ever."""
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    effect = await self._effects.get()
            except TimeoutError:
                effect = None
            try:
                if effect is not None:
                    await self._do(effect)
                if self._effects.empty():
                    await self._look()
            except VenueUnreachableError as error:
                log.warning("broker: %s", error)

    async def close(self) -> None:
        """Release the broker."""
        await self._broker.close()

    async def _do(self, effect: TradeEffect) -> None:
        match effect:
            case PlaceOrder(order=order):
                await self._place(order)
            case CancelOrder(client_order_id=name, symbol=symbol):
                await self._broker.cancel(name, symbol)
                await self._look_up(name, symbol)
            case LookUpOrder(client_order_id=name, symbol=symbol):
                await self._look_up(name, symbol)
            case MovePaperMoney():
                if self._paper is not None:
                    self._paper.move(effect)

    async def _place(self, order: Order) -> None:
        name, began = order.client_order_id, self._clock.monotonic()
        try:
            answer = await self._broker.place(order)
        except OrderRefusedError as error:
            self._put(OrderRefused(client_order_id=name, why=str(error)))
        except (OutcomeUnknownError, VenueUnreachableError) as error:
            self._put(OrderLost(client_order_id=name, why=str(error)))
        else:
            took_ms = (self._clock.monotonic() - began) * 1000
            await self._executions()  # before the order is reported filled, so that it is booked in the same moment
            self._put(OrderAnswered(answer=answer, latency_ms=took_ms))

    async def _look_up(self, name: ClientOrderId, symbol: Symbol) -> None:
        answer = await self._broker.look_up(name, symbol)
        self._put(OrderNotFound(client_order_id=name) if answer is None else OrderAnswered(answer=answer))

    async def _look(self) -> None:
        """Fetch executions, what became of open orders, and positions where any of it may have changed."""
        await self._executions()
        for track in self._unsettled():
            if track.venue_order_id is not None:
                await self._look_up(track.order.client_order_id, track.order.symbol)
        positions = tuple(await self._broker.positions())
        if positions != self._listed:
            self._listed = positions
            self._put(PositionsListed(positions=positions))

    async def _executions(self) -> None:
        fills = [f for f in await self._broker.fills(since=self._since) if (f.symbol, f.fill_id) not in self._seen]
        charges = [c for c in await self._broker.funding(since=self._since) if (c.symbol, c.id) not in self._seen]
        if not fills and not charges:
            return
        self._seen |= {(f.symbol, f.fill_id) for f in fills} | {(c.symbol, c.id) for c in charges}
        self._since = max(self._since, *(f.at for f in fills), *(c.at for c in charges), Ms(0))
        self._put(Executed(fills=tuple(fills), funding=tuple(c for c in charges if c.amount != ZERO)))
