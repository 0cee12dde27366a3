"""Owns the crash table of live trading: an engine killed at every write of its journal while its orders go to a venue.

`python -m support.live_crash` (or `make crash-live`) tries every point on a simulated exchange, half with answers
that get lost around the kill, and prints the table. What must hold after the second start: no order accepted twice by
the exchange, none of its fills missing in the books, and the exchange flat where the books are.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from support.crash_points import ROOT, CrashPoint, points
from support.sim_process import SECRET, SimProcess

ENDS_WITHIN_S = 150.0
SPEED = "60"
CENT = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveVerdict:
    """What came of a crash; `trouble` is empty where books and exchange agree and nothing was sent twice."""

    point: CrashPoint
    fault: str
    trouble: str


def run_child(sim: SimProcess, key: str, state: Path, number: int, when: str) -> subprocess.CompletedProcess[str]:
    """Let the child trade, until it is over or dies."""
    state.mkdir(mode=0o700, exist_ok=True)
    ready = sim.ready
    told = {
        "proxy": ready.proxy,
        "ca_file": ready.ca_file,
        "speed": SPEED,
        "identity": ready.identity,
        "market_ms": str(sim.state()["market_ms"]),
    }
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "DRIFTDECK_BYBIT_KEY": key,
        "DRIFTDECK_BYBIT_SECRET": SECRET,
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


def crash_live(sim: SimProcess, point: CrashPoint, directory: Path, *, fault: str = "") -> LiveVerdict:
    """Kill a run at this point, start it again, and compare the books with the exchange."""
    key = f"crash-{point.number}-{point.when}-{fault or 'none'}"
    sim.account(key=key)
    state = directory / key
    if fault:
        sim.fault(fault, path="POST /v5/order/create", count=2, duration_s=120)
    killed = run_child(sim, key, state, point.number, point.when)
    if killed.returncode != -signal.SIGKILL:
        trouble = f"it did not die there (code {killed.returncode}): {killed.stderr[-300:]}"
        return LiveVerdict(point=point, fault=fault, trouble=trouble)
    again = run_child(sim, key, state, 0, "after")
    sim.mend()
    if again.returncode != 0:
        trouble = f"the second start failed ({again.returncode}): {again.stderr[-400:]}"
        return LiveVerdict(point=point, fault=fault, trouble=trouble)
    return LiveVerdict(point=point, fault=fault, trouble=disagreement(json.loads(again.stdout), sim.truth(key)))


def disagreement(found: dict[str, Any], truth: dict[str, Any]) -> str:
    """Return what books and exchange do not agree on, empty where they do."""
    wrong = [f"{name} was accepted {count} times" for name, count in truth["accepted"].items() if count != 1]
    held: dict[str, Decimal] = {}
    for book in found["books"].values():
        for asset, quantity in book["held"].items():
            held[asset] = held.get(asset, Decimal(0)) + Decimal(quantity)
    there = {asset: Decimal(each["quantity"]) for asset, each in truth["positions"].items()}
    wrong += [
        f"{asset}: books {held.get(asset)}, exchange {there.get(asset)}"
        for asset in held | there
        if held.get(asset, Decimal(0)) != there.get(asset, Decimal(0))
    ]
    gap = Decimal(found["wallet"]) - Decimal(truth["wallet"]["USDT"])
    if all(abs(gap - late) > CENT for late in late_funding(truth)):
        wrong.append(f"the wallet differs by {gap}")
    if found["fills_twice"] or found["overfilled"]:
        wrong.append(f"doubled: {found['fills_twice']} fills, orders {found['overfilled']}")
    if not found["fold_is_state"]:
        wrong.append("the journal does not fold into the state")
    return "; ".join(wrong)


def late_funding(truth: dict[str, Any]) -> list[Decimal]:
    """Return what the last funding payments come to, none of them first: the engine asks for funding once a minute."""
    found = [Decimal(0)]
    for each in reversed(truth["executions"]):
        if each["kind"] == "funding":
            found.append(found[-1] + Decimal(each["fee"]))
    return found


def main() -> int:
    """Try every point; print the table; return how many went wrong."""
    parser = argparse.ArgumentParser(description="kill an engine that trades a venue at every write of its journal")
    parser.add_argument("--every", type=int, default=1, help="only every N-th point")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with SimProcess(directory / "sim", "--speed", SPEED, "--scenario", "calm") as sim:
            sim.account(key="unkilled")
            whole = run_child(sim, "unkilled", directory / "unkilled", 0, "after")
            assert whole.returncode == 0, whole.stderr
            wrong = disagreement(json.loads(whole.stdout), sim.truth("unkilled"))
            sys.stdout.write(f"without a kill: {wrong or 'books and exchange agree'}\n")
            tried = []
            for k, point in enumerate(points(json.loads(whole.stdout)["appends"])[:: given.every]):
                verdict = crash_live(sim, point, directory, fault=("", "drop-after")[k % 2])
                tried.append(verdict)
                said = verdict.trouble or "books and exchange agree"
                sys.stdout.write(f"{point.number:>4} {point.when:<6} {verdict.fault or '-':<11} {said}\n")
                sys.stdout.flush()
    reached = [verdict for verdict in tried if "did not die" not in verdict.trouble]
    bad = [verdict for verdict in reached if verdict.trouble]
    sys.stdout.write(f"points tried {len(reached)}, wrong {len(bad)}, not reached {len(tried) - len(reached)}\n")
    return len(bad)


if __name__ == "__main__":
    sys.exit(main())
