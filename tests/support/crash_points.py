"""Owns the crash table: a process killed at every write of its journal while it trades, then started again.

`python -m support.crash_points` (or `make crash`) tries every point and prints the table; a test tries a sample. What
must hold after the second start: the same books as a run that was never killed, no fill lost, none doubled.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENDS_WITHIN_S = 120.0
COMPARED = ("books", "states", "orders")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashPoint:
    """Where the process dies: at which write of facts of money, before or after it is durable."""

    number: int
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a crash; `trouble` is empty where all is as if nothing had happened."""

    point: CrashPoint
    trouble: str


def run_child(state: Path, number: int, when: str) -> subprocess.CompletedProcess[str]:
    """Let the child trade, until it is over or dies."""
    state.mkdir(mode=0o700, exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    return subprocess.run(
        [sys.executable, "-m", "support.trading_child", str(state), str(number), when],
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        env=environment,
        cwd=ROOT,
        check=False,
    )


def unkilled(directory: Path) -> dict[str, Any]:
    """Return the report of a run that nobody kills."""
    done = run_child(directory / "unkilled", 0, "after")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def points(appends: int) -> list[CrashPoint]:
    """Return every point of a run with so many writes; the first is the opening of the account."""
    return [CrashPoint(number=n, when=when) for n in range(1, appends + 1) for when in ("before", "after")]


def crash(point: CrashPoint, directory: Path, expected: dict[str, Any]) -> Verdict:
    """Kill a run at this point, start it again, and compare."""
    state = directory / f"{point.number}-{point.when}"
    killed = run_child(state, point.number, point.when)
    if killed.returncode != -signal.SIGKILL:
        return Verdict(point=point, trouble=f"it did not die there (code {killed.returncode}): {killed.stderr[-200:]}")
    again = run_child(state, 0, "after")
    if again.returncode != 0:
        return Verdict(point=point, trouble=f"the second start failed: {again.stderr[-300:]}")
    found = json.loads(again.stdout)
    wrong = [f"{name} differ: {found[name]}" for name in COMPARED if found[name] != expected[name]]
    if found["fills_twice"] or found["overfilled"]:
        wrong.append(f"doubled: {found['fills_twice']} fills, orders {found['overfilled']}")
    if not found["fold_is_state"]:
        wrong.append("the journal does not fold into the state")
    return Verdict(point=point, trouble="; ".join(wrong))


def main() -> int:
    """Try every point, two at a time; print the table; return how many went wrong."""
    parser = argparse.ArgumentParser(description="kill an engine that trades at every write of its journal")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(given.jobs) as pool:
        expected = unkilled(Path(name))
        tried = list(pool.map(lambda p: crash(p, Path(name), expected), points(expected["appends"])))
    reached = [verdict for verdict in tried if "did not die" not in verdict.trouble]
    bad = [verdict for verdict in reached if verdict.trouble]
    for verdict in reached:
        said = verdict.trouble or "as if nothing had happened"
        sys.stdout.write(f"{verdict.point.number:>4} {verdict.point.when:<6} {said}\n")
    sys.stdout.write(f"points tried {len(reached)}, wrong {len(bad)}, not reached {len(tried) - len(reached)}\n")
    return len(bad)


if __name__ == "__main__":
    sys.exit(main())
