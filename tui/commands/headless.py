"""Owns the demo without a screen: one line per check and basket on stdout, until the time is over.

What else a person would want to know (alerts, proposals and what became of them, the link) goes to stderr, a line each.
Reads events from the engine's socket like any other client.
"""

import asyncio
import math
import signal
import sys
from pathlib import Path

from engine.domain.errors import NoEngineError, RefusedError
from engine.domain.events import AlertRaised, CheckCompleted, EngineStarted, EventRecord, LinkChanged, WatchRaised
from engine.domain.facts import ProposalDecided, ProposalDrafted, ProposalEnded
from engine.domain.units import iso
from engine.wire.client import Facts, WireClient
from tui.commands.output import say
from tui.commands.stage import Stage
from tui.commands.story import Story

LOOK_EVERY_S = 0.2


def _rho(value: float) -> str:
    return "   –" if math.isnan(value) else f"{value:+.2f}".replace("0.", ".", 1)


def check_lines(check: CheckCompleted) -> list[str]:
    """Return one line per basket of a check."""
    return [
        f"{iso(check.at)}  {basket.basket:<16} {basket.state:<8} base {_rho(basket.mean_rho_base)}  "
        f"now {_rho(basket.mean_rho_now)}  shift {_rho(basket.shift)}  watch {basket.watching}/{basket.pairs}"
        for basket in check.baskets
    ]


class HeadlessPrinter:
    """Prints checks as they come and ends `duration_s` of wall time after the first."""

    def __init__(self, socket: Path, stage: Stage, duration_s: float | None) -> None:
        self._socket = socket
        self._stage = stage
        self._duration_s = duration_s
        self._over = asyncio.Event()
        self._checks = 0
        self._this_life = False
        self._story = Story()
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> int:
        """Print until the time is over or a signal comes; return how many checks were printed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._over.set)
        client = await self._connect()
        if client is None:
            return 0
        try:
            client.listen(on_facts=self._take)
            client.lost.add_done_callback(lambda _: self._over.set())
            await self._over.wait()
            if client.lost.done():
                raise RefusedError(f"the engine was lost: {client.lost.result()}")
        finally:
            await client.close()
        return self._checks

    async def _connect(self) -> WireClient | None:
        while not self._over.is_set():
            if self._stage.error is not None:
                raise self._stage.error
            try:
                client = await WireClient.connect(self._socket, client="headless")
            except NoEngineError:
                await asyncio.sleep(LOOK_EVERY_S)
            else:
                self._stage.ready()
                return client
        return None

    def _take(self, facts: Facts) -> None:
        for record in facts.records:
            self._print(record)
        sys.stdout.flush()

    def _print(self, record: EventRecord) -> None:
        sentence = self._story.tell(record.event)  # also of earlier lives: a decision may name what was drafted then
        match record.event:
            case EngineStarted():
                self._this_life = True  # what comes before is the journal's, told again after a restart
            case _ if not self._this_life:
                pass
            case CheckCompleted() as check:
                self._checks += 1
                print(*check_lines(check), sep="\n")
                if self._timer is None and self._duration_s is not None:
                    self._timer = asyncio.get_running_loop().call_later(self._duration_s, self._over.set)
            case WatchRaised() as watch:
                pairs = "  ".join(f"{p.first}·{p.second} {_rho(p.rho_base)}→{_rho(p.rho_now)}" for p in watch.pairs)
                say(f"{iso(watch.at)}  WATCH {watch.basket}  {pairs}")
            case AlertRaised(evidence=evidence) as alert:
                subject = alert.basket or "market"
                say(f"{iso(alert.at)}  ALERT {subject}  {evidence.words}  shift {_rho(evidence.shift)}")
            case (ProposalDrafted() | ProposalDecided() | ProposalEnded()) as fact:
                say(f"{iso(fact.at)}  PROPOSAL {sentence}")
            case LinkChanged() as link:
                say(f"{iso(link.at)}  link {link.venue} {link.state} {link.why}".rstrip())
            case _:
                pass


def print_checks(socket: Path, stage: Stage, duration_s: float | None) -> int:
    """Run a HeadlessPrinter. Raises DriftdeckError."""
    checks = asyncio.run(HeadlessPrinter(socket, stage, duration_s).run())
    if stage.error is not None:
        raise stage.error
    return checks
