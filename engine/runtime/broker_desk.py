"""Owns the conversation with a broker: runs the core's effects in order, and turns what comes back into inputs.

Never decides and never repeats a request: an order whose outcome is unknown is looked up until it is known. The same
desk serves the paper broker and a venue's.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from typing import Protocol

from engine.core.inputs import (
    AccountAdmitted,
    BrokerReported,
    Executed,
    Input,
    OrderAnswered,
    OrderHeldBack,
    OrderLost,
    OrderNotFound,
    OrderRefused,
    PositionsListed,
)
from engine.core.outcome import CancelOrder, LookUpOrder, MovePaperMoney, PlaceOrder, TradeEffect
from engine.domain.errors import OrderNotSentError, OrderRefusedError, OutcomeUnknownError, VenueUnreachableError
from engine.domain.order import AccountNews, Order
from engine.domain.portfolio import ZERO
from engine.domain.ports import Broker, Clock
from engine.domain.units import ClientOrderId, FillId, Ms, Symbol
from engine.execution.orders import OrderTrack
from engine.runtime.account_feed import AccountFeed
from engine.runtime.hints import Hints

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0  # at orders that are open or unknown, where no news comes by itself
ASK_AGAIN_S = 5.0
OVERLAP_MS = 60_000  # venues list an execution a little after it happened


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPace:
    """How often a venue is asked, host seconds: while orders are under way, and while none are."""

    busy_s: float
    idle_s: float
    funding_s: float


AT_ONCE = DeskPace(busy_s=0.0, idle_s=0.0, funding_s=0.0)  # paper answers from memory
OF_A_VENUE = DeskPace(busy_s=2.0, idle_s=8.0, funding_s=60.0)


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
        pace: DeskPace = AT_ONCE,
        since: Ms = Ms(0),  # noqa: B008
        overlap_ms: int = OVERLAP_MS,
        admit: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        """Take the parts; `unsettled` tells which orders are still to be followed.

        What the venue did before `since` is booked already; it may be listed `overlap_ms` of market time after it
        happened. `admit` presents the keys before anything else is asked
        and says why nothing may be sent with them.
        """
        self._admit = admit
        self._broker = broker
        self._clock = clock
        self._put = put
        self._unsettled = unsettled
        self._paper = paper
        self._effects: asyncio.Queue[TradeEffect | None] = asyncio.Queue()
        self._pace = pace
        self._fills_since = self._funding_since = since
        self._overlap_ms = overlap_ms
        self._moved: set[str] = set()
        self._seen: set[tuple[Symbol, FillId]] = set()
        self._listed = PositionsListed(positions=())
        self._listed_at = self._executed_at = self._funded_at = -math.inf
        self._why_silent: str | None = None  # nothing was said yet
        self._stream: AccountFeed | None = None
        self._hints = Hints(clock, self.wake)
        self._looked_at = -math.inf

    def take(self, effect: TradeEffect) -> None:
        """Queue an effect."""
        self._effects.put_nowait(effect)

    def wake(self) -> None:
        """Look for news soon: prices moved."""
        if self._effects.empty():
            self._effects.put_nowait(None)

    def follow(self, stream: AccountFeed) -> None:
        """Listen to the account's own stream, too, once its keys were presented."""
        self._stream = stream

    def hint(self, news: AccountNews | None) -> None:
        """Hear what the account's stream spoke of, None for anything: it is asked for at once, and never believed."""
        if news is None:
            self._looked_at = self._executed_at = self._listed_at = -math.inf
        self._hints.add(news or AccountNews())

    async def run(self) -> None:
        """Work for ever. Raises RefusedError where the venue, or this program, does not take the keys."""
        await self._present_keys()
        following = asyncio.create_task(self._stream.run() if self._stream else asyncio.Event().wait(), name="account")
        try:
            while not following.done():
                await self._work()
            following.result()
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _work(self) -> None:
        """Do what comes next, or look for news where nothing came for a while, or the stream spoke of some."""
        woken = True
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                effect = await self._effects.get()
        except TimeoutError:
            effect, woken = None, False
        try:
            if effect is not None:
                await self._do(effect)
            if self._effects.empty():
                news = self._hints.take()
                if news is not None:
                    await self._look_at(news)
                due = self._clock.monotonic() - self._looked_at >= LOOK_EVERY_S
                if due or news is None or effect is not None or not woken:
                    await self._look()
            self._report("")
        except VenueUnreachableError as error:
            self._report(str(error))

    async def close(self) -> None:
        """Release the broker."""
        await self._broker.close()

    async def _present_keys(self) -> None:
        while self._admit is not None:
            try:
                refused = await self._admit()
            except VenueUnreachableError as error:
                self._report(str(error))
                await asyncio.sleep(ASK_AGAIN_S)
            else:
                self._put(AccountAdmitted(refused=refused))
                return

    def _report(self, why: str) -> None:
        """Tell the core, once, that the private side of the venue is silent, or answers again."""
        if why != self._why_silent:
            if why:
                log.warning("broker: %s", why)
            self._put(BrokerReported(why=why))
        self._why_silent = why

    async def _do(self, effect: TradeEffect) -> None:
        match effect:
            case PlaceOrder(order=order):
                await self._place(order)
            case CancelOrder(client_order_id=name, symbol=symbol):
                await self._broker.cancel(name, symbol)
                await self._fills()  # what it still brought is booked before it is over
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
        except OrderNotSentError as error:
            self._report(str(error))
            self._put(OrderHeldBack(client_order_id=name))
        except OrderRefusedError as error:
            self._put(OrderRefused(client_order_id=name, why=str(error)))
        except (OutcomeUnknownError, VenueUnreachableError) as error:
            self._put(OrderLost(client_order_id=name, why=str(error)))
        else:
            took_ms = (self._clock.monotonic() - began) * 1000
            try:
                await self._fills()  # before the order is reported filled, so that it is booked in the same moment
            finally:  # an answer is told also where the executions cannot be read now
                self._put(OrderAnswered(answer=answer, latency_ms=took_ms))

    async def _look_up(self, name: ClientOrderId, symbol: Symbol) -> None:
        answer = await self._broker.look_up(name, symbol)
        self._put(OrderNotFound(client_order_id=name) if answer is None else OrderAnswered(answer=answer))

    async def _look(self) -> None:
        """Fetch executions, what became of open orders, and positions, each at its pace."""
        now, under_way = self._clock.monotonic(), self._unsettled()
        self._looked_at = now
        pace = self._pace.busy_s if under_way else self._pace.idle_s
        if now - self._executed_at >= pace:
            self._executed_at = now
            await self._fills()
        if now - self._funded_at >= self._pace.funding_s:
            self._funded_at = now
            await self._funding()
        for track in under_way:
            if track.venue_order_id is not None:
                await self._look_up(track.order.client_order_id, track.order.symbol)
        if now - self._listed_at >= pace:
            self._listed_at = now
            await self._positions()

    async def _look_at(self, news: AccountNews) -> None:
        """Ask for what the stream spoke of and is not known: executions first, then the orders it named.

        That an order is not there is not reported: who heard of it has no reason to believe that it is absent.
        """
        ours = {track.order.client_order_id: track.order for track in self._unsettled()}
        named = [ours[name] for name in sorted(news.orders & ours.keys())]
        known = len(self._seen)
        if not named and not self._unread(news):
            return
        await self._fills(of={order.symbol for order in named} if news.orders <= ours.keys() else ())
        for order in named:
            answer = await self._broker.look_up(order.client_order_id, order.symbol)
            if answer is not None:
                self._put(OrderAnswered(answer=answer))
        if len(self._seen) > known:
            self._listed_at = self._clock.monotonic()
            await self._positions()
        self._hints.unproven(replace(news, fills=self._unread(news)))

    def _unread(self, news: AccountNews) -> frozenset[FillId]:
        return news.fills - {fill for _, fill in self._seen}

    async def _positions(self) -> None:
        """List positions and balance; an unchanged listing is told again while a difference is being watched."""
        listed = PositionsListed(positions=tuple(await self._broker.positions()), balance=await self._broker.wallet())
        if listed != self._listed or self._pace is not AT_ONCE:
            self._listed = listed
            self._put(listed)

    async def _fills(self, of: Collection[Symbol] = ()) -> None:
        lacking = [track.intended_at for track in self._unsettled() if track.booked < track.filled]
        since = min([self._fills_since, *lacking])  # what the venue says it filled is looked for until it lists it
        found = await self._broker.fills(since=Ms(max(0, since - self._overlap_ms)), of=of)
        fills = tuple(each for each in found if (each.symbol, each.fill_id) not in self._seen)
        if not of:  # who asked for some markets only has not read what happened in the others until then
            self._fills_since = max((self._fills_since, *(each.at for each in found)))
        if fills:
            self._seen |= {(each.symbol, each.fill_id) for each in fills}
            self._put(Executed(fills=fills))
            if self._stream is not None:
                self._stream.proven(fills)

    async def _funding(self) -> None:
        since = Ms(max(0, self._funding_since - self._overlap_ms))
        movements = tuple(each for each in await self._broker.movements(since=since) if each.id not in self._moved)
        if movements:
            self._moved |= {each.id for each in movements}
            self._put(Executed(movements=movements))
        found = await self._broker.funding(since=since)
        charges = tuple(each for each in found if (each.symbol, each.id) not in self._seen)
        if charges:
            self._seen |= {(each.symbol, each.id) for each in charges}
            self._funding_since = max(self._funding_since, *(each.at for each in charges))
            self._put(Executed(funding=tuple(each for each in charges if each.amount != ZERO)))
