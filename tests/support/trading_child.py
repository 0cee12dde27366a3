"""Owns a child process that trades a small book through a whole engine, and dies at a chosen write of its journal.

Run as `python -m support.trading_child STATE KILL_AT WHEN`: the process kills itself (SIGKILL) at the KILL_AT-th
append that holds facts of money, `before` or `after` it is durable; 0 never. Prices stand still, so that a run that was
killed and started again must end with the very same books. It opens two baskets at once, closes half of one, and
flattens everything; at each start it goes on where the journal says it stands. The last line is a JSON report.
"""

import asyncio
import json
import math
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from engine.adapters.clocks import ScaledClock
from engine.adapters.sqlite_journal import SqliteJournal
from engine.domain.basket import Side
from engine.domain.commands import (
    ApproveProposals,
    CloseBasket,
    CoreCommand,
    FlattenAccount,
    OpenBasket,
    Shown,
)
from engine.domain.config import AccountConfig, Config
from engine.domain.errors import RefusedError
from engine.domain.facts import Actor, TradeFact
from engine.domain.journal import Journaled
from engine.domain.units import BasketName, Ms, ProposalId
from engine.rebalance.proposal_board import ProposalBoard
from engine.runtime.bootstrap import World, assemble
from engine.runtime.engine import Engine, Parts
from support.books import START, basket, correlated_closes, long_basket, rows_of, small_config
from support.fake_market_data import FakeMarketData
from support.venue_truth import books_of

SLOTS = 125 * 24
FIRST = Ms(START - 121 * 24 * 3_600_000)
TRADER = Actor(who="trader", terminal="script")
ALL_DONE_WITHIN_S = 60.0
INSISTS = 40  # seconds


def trading_config() -> Config:
    """Return two baskets that share AAA, on paper that fills $600 a quote and symbol."""
    hedged = basket("hedged", {"AAA": Side.LONG, "DDD": Side.SHORT, "EEE": Side.SHORT}, notional=9_000)
    config = small_config(long_basket("longs", "AAA", "BBB", "CCC"), hedged)
    account = AccountConfig(paper_depth=Decimal(600))
    return replace(config, account=account, venue=replace(config.venue, poll_every_ms=20))


class DyingJournal(SqliteJournal):
    """A real journal whose process dies at a chosen append of money's facts; `near` is called at the one before."""

    def __init__(self, path: Path, *, kill_at: int, when: str, near: Callable[[], None] | None = None) -> None:
        super().__init__(path)
        self.appends = 0
        self._kill_at, self._when = kill_at, when
        self._near = near

    def append(self, facts: Sequence[Journaled]) -> int:
        """Add facts, unless this is the one to die at."""
        money = any(isinstance(fact, TradeFact) for fact in facts)
        self.appends += money
        if money and self._near is not None and self.appends in (self._kill_at - 1, self._kill_at):
            near, self._near = self._near, None
            near()
        dying = money and self._kill_at == self.appends
        if dying and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        last = super().append(facts)
        if dying:
            os.kill(os.getpid(), signal.SIGKILL)
        return last


class Script:
    """What the trader does, whatever was done before: goes on until everything is over."""

    def __init__(self, parts: Parts, *, opens_itself: bool = True, within_s: float = ALL_DONE_WITHIN_S) -> None:
        """Take the engine's parts; one that does not open itself trades at a venue, where legs may fail."""
        self._parts = parts
        self._opens_itself = opens_itself
        self._within_s = within_s

    async def run(self) -> None:
        """Open both, close half of the first, flatten. Raises TimeoutError where that never ends."""
        async with asyncio.timeout(self._within_s):
            await self._until(self._ready)
            first, second = (basket.name for basket in self._parts.config.baskets)
            await self._step([(first, 1), (second, 1)], [OpenBasket(basket=first), OpenBasket(basket=second)])
            await self._step([(first, 2)], [CloseBasket(basket=first, fraction=0.5)])
            await self._step([(first, 3), (second, 2)], [FlattenAccount()])
            await self._until(lambda: self._parts.writer.unwritten == 0)

    async def _step(self, wanted: list[tuple[BasketName, int]], drafts: list[CoreCommand]) -> None:
        """See to it that the proposals with these numbers are drafted, approved together, and over."""
        ids = [ProposalId(f"{name}-{number}") for name, number in wanted]
        made_by = drafts if len(drafts) == len(ids) else drafts * len(ids)  # one command may draft them all
        for command, ident in zip(made_by, ids, strict=True):
            if self._board().get(ident) is None:
                await self._insist(partial(self._parts.publisher.act, command, TRADER))
        await self._insist(lambda: self._approve(ids))
        await self._until(lambda: not self._board().executing())

    async def _approve(self, ids: Sequence[ProposalId]) -> None:
        entries = [entry for ident in ids if (entry := self._board().get(ident)) is not None]
        waiting = [entry.proposal for entry in entries if entry.open]
        if waiting:
            shown = tuple(Shown(id=proposal.id, hash=proposal.hash) for proposal in waiting)
            await self._parts.publisher.act(ApproveProposals(shown=shown), TRADER)

    async def _insist(self, ask: Callable[[], Awaitable[object]]) -> None:
        """Ask; at a venue prices may be old for a moment, and where all legs failed there is nothing to do."""
        for left in range(INSISTS, -1, -1):
            try:
                await ask()
                return
            except RefusedError as error:
                if "nothing" in str(error) and not self._opens_itself:
                    return
                if self._opens_itself or not left:
                    raise
            await asyncio.sleep(1.0)

    def _ready(self) -> bool:
        state = self._parts.state
        if not self._opens_itself and not state.attempt.reconciled:
            return False  # at a venue the books are compared first
        return state.attempt.begun and len(state.quotes) == len(state.assets)

    def _board(self) -> ProposalBoard:
        return self._parts.state.trading.board

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():  # noqa: ASYNC110 - the state has no event for it, and the engine is not to be changed here
            await asyncio.sleep(0.005)


def report(parts: Parts, journal: DyingJournal) -> dict[str, object]:
    """Return the books in words that two runs can be compared by, and what must hold of any run."""
    trading = parts.state.trading
    facts = [record.fact for record in journal.read() if isinstance(record.fact, TradeFact)]
    return books_of(trading, facts) | {
        "appends": journal.appends,
        "states": [entry.state for entry in reversed(trading.board.recent())],
        "orders": sorted(f"{t.order.asset} {t.order.side} {t.order.quantity} {t.filled}" for t in trading.orders.all()),
    }


async def trade(state_dir: Path, kill_at: int, when: str) -> None:
    """Run engine and script; print the report."""
    config = trading_config()
    data = FakeMarketData(now_ms=START, monotonic=time.monotonic)
    symbols = tuple(config.symbols.values())
    for symbol, path in rows_of(correlated_closes(5, SLOTS, len(symbols)).round(2), symbols):
        data.set_path(symbol, FIRST, path)
    journals: list[DyingJournal] = []

    def open_journal(path: Path) -> DyingJournal:
        journals.append(DyingJournal(path, kill_at=kill_at, when=when))
        return journals[0]

    clock = ScaledClock(rate=0.001, start_ms=START, monotonic=time.monotonic)
    world = World(clock=clock, data=data, observe_time=lambda *_: math.nan, open_journal=open_journal)
    parts = assemble(config, state_dir, world)
    engine = asyncio.create_task(Engine(parts).run())
    try:
        await Script(parts).run()
        sys.stdout.write(json.dumps(report(parts, journals[0])) + "\n")
    finally:
        parts.stopped.set()
        await engine


if __name__ == "__main__":
    asyncio.run(trade(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
