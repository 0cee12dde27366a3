"""Owns the state machine of the order path: a trader, a market, broken requests, broken disks and deaths, in any order.

What must hold after every step: the exchange accepted no intent twice and none that is not durable, no book has more
than was executed, and no order that was answered is of unknown outcome. And at rest, when all faults are over: the
books are the exchange's.
`order_machine_play` plays it.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from engine.domain.commands import ApproveProposals, CoreCommand, HaltTrading, OpenBasket, ResumeTrading, Shown
from engine.domain.facts import OrderIntended, OrderReported
from engine.domain.order import OrderState
from engine.domain.units import ProposalId
from engine.execution.resting import LIMIT_THEN_CROSS
from engine.runtime.recovery import kept_facts
from support.hand_market import HandMarket
from support.inner_venue import InnerVenue, Trap
from support.order_life import Life, market_clock
from support.order_moves import (
    AIMS,
    ASSETS,
    COMMANDS,
    CONDUCT,
    CREATE,
    FAULTS,
    HEDGED,
    LONGS,
    RATE,
    machine_config,
)
from support.venue_truth import books_of, disagreement
from support.virtual_time import VirtualLoop

T = TypeVar("T")
REST_S = 900.0  # a ban lasts ten minutes
QUIET_S = 75.0  # funding is asked for once a minute


class OrderMachine(RuleBasedStateMachine):
    """One trader at one venue; a class of its own for each dialect."""

    venue_id: ClassVar[str]
    played: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.directory = Path(tempfile.mkdtemp(prefix="machine-"))
        self.life: Life | None = None

    @initialize(style=st.sampled_from(["market", LIMIT_THEN_CROSS]))
    def begin(self, style: str) -> None:
        """Start the first engine, and open the baskets."""
        self.config = machine_config(self.venue_id, style)
        self.run(self._begin())
        for each in (LONGS, HEDGED):
            self.trade(OpenBasket(basket=each))
            self.wait(3.0)

    async def _begin(self) -> None:
        self.clock = market_clock(self.loop, RATE)
        self.venue = InnerVenue(self.loop, HandMarket(*ASSETS), self.clock.market_ms, self.venue_id)
        self.venue.spawn(self.venue.trade_for_ever())
        self.life = self._born()
        await self.life.run(3.0)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in virtual time."""
        self.played["steps"] += 1
        asyncio.set_event_loop(self.loop)
        return self.loop.run_until_complete(work)

    def _born(self) -> Life:
        self.played["lives"] += 1
        return Life(self.config, self.venue, self.clock, self.directory / "journal.db")

    @property
    def alive(self) -> Life:
        """The engine of now."""
        assert self.life
        return self.life

    # -- moves

    @rule(command=st.sampled_from(COMMANDS))
    def trade(self, command: CoreCommand) -> None:
        """Let the trader ask for something, and approve it a moment later."""

        async def ask() -> None:
            made = await self.alive.ask(command)
            board = self.alive.trading.board
            found = [entry.proposal for each in made if (entry := board.get(ProposalId(each))) is not None]
            shown = tuple(Shown(id=each.id, hash=each.hash) for each in found)
            if shown and not self.alive.dead.is_set():
                await self.alive.ask(ApproveProposals(shown=shown))

        self.run(ask())
        self.after()

    @rule(moves=st.lists(st.floats(-0.03, 0.03), min_size=len(ASSETS), max_size=len(ASSETS)))
    def move_prices(self, moves: list[float]) -> None:
        """Let the market move."""
        for asset, by in zip(ASSETS, moves, strict=True):
            self.venue.market.move(asset, by)

    @rule(seconds=st.sampled_from([0.01, 0.03, 0.1, 0.5, 2.0, 7.0, 20.0]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.run(self.alive.run(seconds))
        self.after()

    @rule(aim=st.integers(0, 6), skip=st.integers(0, 3), fault=st.sampled_from(FAULTS))
    def break_request(self, aim: int, skip: int, fault: dict[str, object]) -> None:
        """Let a request that is to come meet one of the exchange's faults."""
        self.venue.traps.append(Trap(aimed=self._aim(aim), skip=skip, fault=fault))

    @rule(command=st.sampled_from(COMMANDS), fault=st.sampled_from(FAULTS))
    def lose_order(self, command: CoreCommand, fault: dict[str, object]) -> None:
        """Let the first order of what the trader asks for meet a fault: few do where a fault waits for its turn."""
        self.venue.traps.append(Trap(aimed=CREATE[self.venue_id], fault=fault))
        self.trade(command)
        self.wait(3.0)

    @rule(skip=st.integers(0, 4), late_s=st.sampled_from([0.5, 4.5]))
    def delay_order(self, skip: int, late_s: float) -> None:
        """Let an order arrive long after its client has given it up."""
        self.venue.traps.append(Trap(aimed=CREATE[self.venue_id], skip=skip, late_s=late_s))

    @rule(aim=st.integers(0, 6), skip=st.integers(0, 4), kills=st.sampled_from(["before", "during", "after"]))
    def kill_at_request(self, aim: int, skip: int, kills: str) -> None:
        """Let the engine die at a request that is to come; one on its way may arrive late."""
        late_s = 4.5 if kills == "during" and skip % 2 else 0.0
        self.venue.traps.append(Trap(aimed=self._aim(aim), skip=skip, kills=kills, late_s=late_s))

    @rule(how=st.sampled_from(["before", "after", "full"]), spared=st.integers(0, 4))
    def break_write(self, how: str, spared: int) -> None:
        """Let the engine die at a write of its journal that is to come, or the disk be full then."""
        self.alive.journal.trap = (how, spared)

    @rule(conduct=st.sampled_from(CONDUCT), seconds=st.sampled_from([2.0, 15.0]))
    def misbehave(self, conduct: dict[str, object], seconds: float) -> None:
        """Let the exchange match and list in another way for a while."""
        self.venue.board.begin({**conduct, "duration_s": seconds}, self.clock.market_ms(), ())

    @rule()
    def kill(self) -> None:
        """Let the engine die just now."""
        self.alive.kill()
        self.after()

    @rule()
    def halt(self) -> None:
        """Stop everything, or go on."""
        halted = self.alive.trading.halted is not None
        self.run(self.alive.ask(ResumeTrading() if halted else HaltTrading(note="")))
        self.after()

    @rule(often=st.integers(0, 3))
    def rest(self, often: int) -> None:
        """Let all faults end and everything come to rest, now and then, and compare."""
        if not often:
            self.come_to_rest()

    def _aim(self, number: int) -> str:
        aims = AIMS[self.venue_id]
        return aims[number % len(aims)]

    # -- what must hold

    def after(self) -> None:
        """Start again where the engine died, and look at what must hold at any moment."""
        if self.alive.dead.is_set():
            self.run(self._again())
        account, durable = self.venue.account, self._intended()
        proven = self._unknown() & self.venue.answered
        assert not proven, f"of unknown outcome, and answered: {proven}"
        seen = Counter(order.request.client_id for order in account.orders.values())
        assert max(seen.values(), default=0) <= 1, f"accepted twice: {seen.most_common(3)}"
        assert seen.keys() <= durable, f"accepted before it was durable: {seen.keys() - durable}"
        filled = {order.request.client_id: order.filled for order in account.orders.values()}
        for track in self.alive.trading.orders.all():
            there = filled.get(track.order.client_order_id, Decimal(0))
            assert track.booked <= there, f"{track.order}: booked {track.booked}, executed {there}"

    def _intended(self) -> set[str]:
        facts = (record.fact for record in self.alive.journal.read(kinds=("OrderIntended",)))
        return {str(fact.order.client_order_id) for fact in facts if isinstance(fact, OrderIntended)}

    def _unknown(self) -> set[str]:
        facts = (record.fact for record in self.alive.journal.read(kinds=("OrderReported",)))
        return {
            str(fact.client_order_id)
            for fact in facts
            if isinstance(fact, OrderReported) and fact.state is OrderState.UNKNOWN
        }

    async def _again(self) -> None:
        await self.alive.bury()
        self.life = self._born()
        await self.life.run(0.5)

    def come_to_rest(self) -> None:
        """End all faults, wait until nothing is under way, and hold the books against the exchange."""
        self.venue.mend()
        self.alive.journal.trap = None
        self.after()
        if self.alive.state.attempt.journal_down:
            self.kill()
        if self.alive.trading.halted is not None:
            self.run(self.alive.ask(ResumeTrading()))
        self.run(self._settle())
        assert not self.alive.dead.is_set()
        truth = self.venue.truth()
        broken = disagreement(books_of(self.alive.trading, kept_facts(self.alive.journal)), truth)
        assert not broken.trouble, broken.trouble
        foreign = {symbol: held for symbol, held in self.alive.trading.foreign.items() if held}
        assert not foreign, f"ours, and called foreign: {foreign}"
        assert not self.alive.state.attempt.balance_gap
        self.played["rests"] += 1

    async def _settle(self) -> None:
        until = self.loop.time() + REST_S
        while self.alive.under_way():
            if self.loop.time() > until:
                raise AssertionError(f"never over: {self.alive.hanging()}")
            await self.alive.run(2.0)
        await self.alive.run(QUIET_S)

    def teardown(self) -> None:
        """Come to rest a last time, and clean up."""
        try:
            if self.life is not None:
                self.come_to_rest()
                self.played["orders accepted"] += len(self.venue.account.orders)
                self.played["requests broken"] += self.venue.sprung
                self.played["unknown outcomes"] += len(self._unknown())
        finally:
            if self.life is not None:
                self.life.kill()
                self.run(self._end())
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()
            asyncio.set_event_loop(None)
            shutil.rmtree(self.directory)

    async def _end(self) -> None:
        await self.alive.bury()
        await self.venue.close()
