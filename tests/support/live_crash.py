"""Owns the crash table of live trading: an engine killed at every moment of its orders' way to a venue.

`python -m support.live_crash` (or `make crash-live`) tries every point on a simulated exchange, on swaps and on spot,
in the words of Bybit and of Binance, each without a fault and with one around the kill, and prints the table. Points
are the journal's writes (before and after each is durable) and the orders (leaving, and answered while nobody was
told). What must hold after the second start: no order accepted twice by the exchange, none of its fills missing in the
books, both hold the same. `--kept FILE` remembers what was tried, so that a table that was interrupted goes on.
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
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.domain.market import MarketKind
from support.crash_points import ROOT, CrashPoint, points
from support.kept_lines import KeptLines
from support.live_child import AT_ORDERS
from support.sim_process import SECRET, SimProcess
from support.venue_truth import Broken, disagreement

ENDS_WITHIN_S = 400.0
SPEED = "60"
MONEY = "100000"
VENUES = ("bybit", "binance")
MARKETS = (MarketKind.SWAP, MarketKind.SPOT)
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
class Place:
    """Where an engine trades: a venue, and its swaps or its spot; `stream` is whether it listens, too."""

    venue: str = "bybit"
    market: MarketKind = MarketKind.SWAP
    stream: bool = False

    def __str__(self) -> str:
        return f"{self.venue} {self.market}{' stream' * self.stream}"


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

    @property
    def said(self) -> str:
        """Return what came of it, in words."""
        return "not reached" if not self.reached else self.trouble or "books and exchange agree"

    def line(self, place: Place) -> str:
        """Return its row of the table."""
        return f"{place!s:<20}{self.point.number:>4} {self.point.when:<9}{self.fault or '-':<18}{self.said}"


def _name(place: Place, point: CrashPoint, fault: str) -> dict[str, Any]:
    """Return what names a point in the file of what was tried."""
    return {
        "market": str(place.market),
        "venue": place.venue,
        "stream": place.stream,
        "point": point.number,
        "when": point.when,
        "fault": fault,
    }


def _kept(row: dict[str, Any], point: CrashPoint, fault: str) -> LiveVerdict:
    broken = Broken(**{what: tuple(said) for what, said in row["broken"].items()})
    return LiveVerdict(point=point, fault=fault, broken=broken, reached=row["reached"])


def run_child(
    sim: SimProcess,
    key: str,
    state: Path,
    number: int,
    when: str,
    *,
    place: Place,
    fault: dict[str, object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Let the child trade, until it is over or dies."""
    state.mkdir(mode=0o700, exist_ok=True)
    ready = sim.ready
    told = {
        "venue": place.venue,
        "market": place.market,
        "stream": place.stream,
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
        f"DRIFTDECK_{place.venue.upper()}_KEY": key,
        f"DRIFTDECK_{place.venue.upper()}_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "support.live_child", str(state), str(number), when, json.dumps(told)]
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=ENDS_WITHIN_S, env=environment, cwd=ROOT, check=False
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"it was not over within {ENDS_WITHIN_S:.0f} s")


def open_account(sim: SimProcess, key: str, place: Place) -> None:
    """Open an account with money where it trades; Bybit's markets share one wallet."""
    apart = (place.venue, place.market) == ("binance", MarketKind.SPOT)
    sim.account(key=key, venue=place.venue, spot_money=MONEY if apart else "0")


def crash_live(
    sim: SimProcess, point: CrashPoint, directory: Path, *, place: Place, fault: dict[str, object] | None = None
) -> LiveVerdict:
    """Kill a run at this point, start it again, and compare the books with the exchange."""
    kind = str(fault["kind"]) if fault else ""
    key = f"{place.venue}-{place.market}-{point.number}-{point.when}-{kind or 'none'}"
    open_account(sim, key, place)
    state = directory / key
    killed = run_child(sim, key, state, point.number, point.when, place=place, fault=fault)
    if killed.returncode != -signal.SIGKILL:
        sim.mend()
        if killed.returncode == 0:  # a fault can save an order, and its writes
            return LiveVerdict(point=point, fault=kind, reached=False)
        said = f"it did not die there (code {killed.returncode}): {killed.stderr[-300:]}"
        return LiveVerdict(point=point, fault=kind, broken=Broken(other=(said,)))
    again = run_child(sim, key, state, 0, "after", place=place)
    sim.mend()
    if again.returncode != 0:
        said = f"the second start failed ({again.returncode}): {again.stderr[-400:]}"
        return LiveVerdict(point=point, fault=kind, broken=Broken(other=(said,)))
    broken = disagreement(json.loads(again.stdout), sim.truth(key), place.market)
    return LiveVerdict(point=point, fault=kind, broken=broken)


def all_points(appends: int, placings: int) -> list[CrashPoint]:
    """Return every point of a run with so many journal writes and orders."""
    orders = [CrashPoint(number=n, when=when) for n in range(1, placings + 1) for when in AT_ORDERS]
    return points(appends) + orders


def _kind(point: CrashPoint) -> str:
    return "orders" if point.when in AT_ORDERS else "writes"


def table(
    place: Place,
    directory: Path,
    say: Callable[[str], None],
    *,
    every: int = 1,
    jobs: int = 2,
    only: str = "",
    kept: KeptLines,
) -> list[LiveVerdict]:
    """Try every point of a place, each without a fault and with one, some at a time on exchanges of their own."""
    sims: queue.Queue[SimProcess] = queue.Queue()
    with ExitStack() as stack:
        for number in range(jobs):
            folder = directory / f"sim-{number}"
            sims.put(stack.enter_context(SimProcess(folder, "--speed", SPEED, "--scenario", "calm")))
        sim = sims.get()
        open_account(sim, "unkilled", place)
        whole = run_child(sim, "unkilled", directory / "unkilled", 0, "after", place=place)
        assert whole.returncode == 0, whole.stderr
        report = json.loads(whole.stdout)
        wrong = disagreement(report, sim.truth("unkilled"), place.market).trouble
        say(f"{place}, without a kill: {wrong or 'books and exchange agree'}")
        sims.put(sim)
        found = [each for each in all_points(report["appends"], report["placings"]) if only in ("", _kind(each))][
            ::every
        ]

        def tried(point: CrashPoint, fault: dict[str, object] | None) -> LiveVerdict:
            kind = str(fault["kind"]) if fault else ""
            name = _name(place, point, kind)
            row = kept.find(name)
            if row is not None:
                return _kept(row, point, kind)
            sim = sims.get()
            try:
                verdict = crash_live(sim, point, directory, place=place, fault=fault)
            finally:
                sims.put(sim)
            say(verdict.line(place))
            kept.add(name | {"verdict": verdict.said, "reached": verdict.reached, "broken": asdict(verdict.broken)})
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
    parser.add_argument("--market", choices=MARKETS, action="append", type=MarketKind, help="only this one")
    parser.add_argument("--stream", action="store_true", help="prices and orders by stream, too")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("--only", choices=("writes", "orders"), default="", help="only the points of this kind")
    parser.add_argument("--kept", type=Path, help="remember what was tried here, and leave it out at the same commit")
    given = parser.parse_args()
    bad, kept = 0, KeptLines(given.kept)
    places = [(venue, market) for market in given.market or MARKETS for venue in given.venue or VENUES]
    for place in (Place(venue=venue, market=market, stream=given.stream) for venue, market in places):
        with tempfile.TemporaryDirectory() as name:
            tried = table(place, Path(name), _say, every=given.every, jobs=given.jobs, only=given.only, kept=kept)
        reached = [each for each in tried if each.reached]
        lost, doubled = (sum(bool(getattr(each.broken, what)) for each in reached) for what in ("lost", "doubled"))
        wrong = sum(bool(each.trouble) for each in reached)
        left = len(tried) - len(reached)
        _say(f"{place}: points tried {len(reached)}, lost {lost}, doubled {doubled}, wrong {wrong}, not reached {left}")
        bad += wrong
    return bad


if __name__ == "__main__":
    sys.exit(main())
