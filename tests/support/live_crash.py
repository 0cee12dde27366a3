"""Owns the crash table of live trading: an engine killed at every moment of its orders' way to a venue.

`python -m support.live_crash` (or `make crash-live`) tries every point on a simulated exchange, in the words of Bybit
and of Binance, each without a fault and with one around the kill, and prints the table. Points are the journal's writes
(before and after each is durable) and the orders (leaving, and answered while nobody was told). What must hold after
the second start: no order accepted twice by the exchange, none of its fills missing in the books, both hold the same.
"""

import argparse
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from support.crash_points import ROOT, CrashPoint, points
from support.live_child import AT_ORDERS
from support.sim_process import SECRET, SimProcess
from support.venue_truth import Broken, disagreement

ENDS_WITHIN_S = 400.0
SPEED = "60"
VENUES = ("bybit", "binance")
_ORDERS: dict[str, object] = {"path": "/order", "count": 3, "duration_s": 20}  # creations and lookups
# What is broken around a kill, one kind after the other. A request that the network doubles is left out: Binance takes
# an id again once its order is filled, whoever sends it.
AROUND: tuple[dict[str, object], ...] = (
    {"kind": "drop-after"} | _ORDERS,
    {"kind": "drop-before"} | _ORDERS,
    {"kind": "html-page", "executed": 1} | _ORDERS,
    {"kind": "hidden-orders", "delay_s": 3, "duration_s": 20},
    {"kind": "server-error", "status": 504, "executed": 1} | _ORDERS,
    {"kind": "late-fills", "delay_s": 3, "duration_s": 20},
    {"kind": "truncated-body"} | _ORDERS,
    {"kind": "partial-fills", "share": 0.5, "duration_s": 20},
    {"kind": "maintenance"} | _ORDERS,
    {"kind": "too-many-requests", "retry_after_s": 2} | _ORDERS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveVerdict:
    """What came of a crash; `broken` is empty where books and exchange agree and nothing was sent twice."""

    point: CrashPoint
    fault: str
    broken: Broken = field(default_factory=Broken)
    reached: bool = True

    @property
    def trouble(self) -> str:
        """Return what went wrong, in words."""
        return self.broken.trouble

    def line(self, venue: str) -> str:
        """Return its row of the table."""
        said = "not reached" if not self.reached else self.trouble or "books and exchange agree"
        return f"{venue:<8}{self.point.number:>4} {self.point.when:<9}{self.fault or '-':<18}{said}"


def run_child(
    sim: SimProcess,
    key: str,
    state: Path,
    number: int,
    when: str,
    *,
    venue: str,
    fault: dict[str, object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Let the child trade, until it is over or dies."""
    state.mkdir(mode=0o700, exist_ok=True)
    ready = sim.ready
    told = {
        "venue": venue,
        "proxy": ready.proxy,
        "ca_file": ready.ca_file,
        "control": ready.control,
        "speed": SPEED,
        "identity": ready.identity,
        "market_ms": str(sim.state()["market_ms"]),
        "fault": fault,
    }
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        f"DRIFTDECK_{venue.upper()}_KEY": key,
        f"DRIFTDECK_{venue.upper()}_SECRET": SECRET,
    }
    return subprocess.run(
        [sys.executable, "-m", "support.live_child", str(state), str(number), when, json.dumps(told)],
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        env=environment,
        cwd=ROOT,
        check=False,
    )


def crash_live(
    sim: SimProcess, point: CrashPoint, directory: Path, *, venue: str = "bybit", fault: dict[str, object] | None = None
) -> LiveVerdict:
    """Kill a run at this point, start it again, and compare the books with the exchange."""
    kind = str(fault["kind"]) if fault else ""
    key = f"{venue}-{point.number}-{point.when}-{kind or 'none'}"
    sim.account(key=key, venue=venue)
    state = directory / key
    killed = run_child(sim, key, state, point.number, point.when, venue=venue, fault=fault)
    if killed.returncode != -signal.SIGKILL:
        sim.mend()
        if killed.returncode == 0:  # a fault can save an order, and its writes
            return LiveVerdict(point=point, fault=kind, reached=False)
        said = f"it did not die there (code {killed.returncode}): {killed.stderr[-300:]}"
        return LiveVerdict(point=point, fault=kind, broken=Broken(other=(said,)))
    again = run_child(sim, key, state, 0, "after", venue=venue)
    sim.mend()
    if again.returncode != 0:
        said = f"the second start failed ({again.returncode}): {again.stderr[-400:]}"
        return LiveVerdict(point=point, fault=kind, broken=Broken(other=(said,)))
    broken = disagreement(json.loads(again.stdout), sim.truth(key))
    return LiveVerdict(point=point, fault=kind, broken=broken)


def all_points(appends: int, placings: int) -> list[CrashPoint]:
    """Return every point of a run with so many journal writes and orders."""
    orders = [CrashPoint(number=n, when=when) for n in range(1, placings + 1) for when in AT_ORDERS]
    return points(appends) + orders


def _kind(point: CrashPoint) -> str:
    return "orders" if point.when in AT_ORDERS else "writes"


def table(
    venue: str, directory: Path, say: Callable[[str], None], *, every: int = 1, jobs: int = 2, only: str = ""
) -> list[LiveVerdict]:
    """Try every point of a venue, each without a fault and with one, some at a time on exchanges of their own."""
    sims: queue.Queue[SimProcess] = queue.Queue()
    with ExitStack() as stack:
        for number in range(jobs):
            folder = directory / f"sim-{venue}-{number}"
            sims.put(stack.enter_context(SimProcess(folder, "--speed", SPEED, "--scenario", "calm")))
        sim = sims.get()
        sim.account(key="unkilled", venue=venue)
        whole = run_child(sim, "unkilled", directory / f"unkilled-{venue}", 0, "after", venue=venue)
        assert whole.returncode == 0, whole.stderr
        report = json.loads(whole.stdout)
        wrong = disagreement(report, sim.truth("unkilled")).trouble
        say(f"{venue}, without a kill: {wrong or 'books and exchange agree'}")
        sims.put(sim)
        found = [each for each in all_points(report["appends"], report["placings"]) if only in ("", _kind(each))][
            ::every
        ]

        def tried(point: CrashPoint, fault: dict[str, object] | None) -> LiveVerdict:
            sim = sims.get()
            try:
                verdict = crash_live(sim, point, directory, venue=venue, fault=fault)
            finally:
                sims.put(sim)
            say(verdict.line(venue))
            return verdict

        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        both = [(point, fault) for k, point in enumerate(found) for fault in (None, AROUND[k % len(AROUND)])]
        waiting = [pool.submit(tried, point, fault) for point, fault in both]
        return [each.result() for each in waiting]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Try every point; print the table; return how many went wrong."""
    parser = argparse.ArgumentParser(description="kill an engine that trades a venue at every moment of its orders")
    parser.add_argument("--every", type=int, default=1, help="only every N-th point")
    parser.add_argument("--venue", choices=VENUES, action="append", help="only this one")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("--only", choices=("writes", "orders"), default="", help="only the points of this kind")
    given = parser.parse_args()
    bad = 0
    for venue in given.venue or VENUES:
        with tempfile.TemporaryDirectory() as name:
            tried = table(venue, Path(name), _say, every=given.every, jobs=given.jobs, only=given.only)
        reached = [each for each in tried if each.reached]
        lost, doubled = (sum(bool(getattr(each.broken, what)) for each in reached) for what in ("lost", "doubled"))
        wrong = sum(bool(each.trouble) for each in reached)
        left = len(tried) - len(reached)
        _say(f"{venue}: points tried {len(reached)}, lost {lost}, doubled {doubled}, wrong {wrong}, not reached {left}")
        bad += wrong
    return bad


if __name__ == "__main__":
    sys.exit(main())
