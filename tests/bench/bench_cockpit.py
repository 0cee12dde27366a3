"""Part of `make bench`: what the cockpit costs its terminal and its machine, beside the same numbers in DataTables.

Both run as processes in pseudo terminals of 120x40, on one machine in one run. The cockpit talks to a fake engine over
the real wire. Printed: first frame from the command, bytes, key to paint, processor, memory.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.adapters.paths import socket_path
from engine.runtime.lock import StateLock
from support.cockpit_pty import fake_engine, painted
from support.pty_session import PtySession

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KEYS = 60
KEY_EVERY_S = 0.23  # never in step with the ticks
LOOK_S = 15.0
STILL_S = 60.0  # holds one of everything that time alone moves: ages, a full minute
SETTLED_S = 20.0  # by then the prices that nobody confirms any more have been marked as old, once
STARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one program took. Seconds, bytes, bytes a second, shares of a core."""

    first_frame: float
    whole: float
    start_bytes: int
    still: float
    moving: float
    key_p50: float
    key_p95: float
    idle: float
    busy: float
    memory: float


def environment() -> dict[str, str]:
    """Return what a plain terminal sets."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}


def terminal(argv: Sequence[str], *, columns: int = 120, rows: int = 40) -> PtySession:
    """Start a program in a pseudo terminal."""
    return PtySession([sys.executable, *argv], columns=columns, rows=rows, env=environment())


def rate(session: PtySession, seconds: float = LOOK_S) -> tuple[float, float]:
    """Return bytes a second and the share of a core over some seconds."""
    process = psutil.Process(session.process.pid)
    used, sent = sum(process.cpu_times()[:2]), len(session.output)
    session.read(seconds)
    return (len(session.output) - sent) / seconds, (sum(process.cpu_times()[:2]) - used) / seconds


def key_times(session: PtySession, key: str) -> list[float]:
    """Return the seconds from a key to the first bytes after it, sorted; a tick of that moment may be among them."""
    found = []
    for _ in range(KEYS):
        session.read(KEY_EVERY_S)
        pressed = time.monotonic()
        session.type(key)
        found.append(session.next_bytes(within=1.0) - pressed)
    return sorted(found)


Opener = Callable[[int, int, int], AbstractContextManager[PtySession]]


@contextmanager
def cockpit(moving: int, columns: int, rows: int) -> Iterator[PtySession]:
    """Start `driftdeck attach` on a fake engine and wait until everything is on the screen."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        config = state / "config.toml"
        config.write_text("", encoding="utf-8")
        with StateLock(state, since="now", config=config), fake_engine(socket_path(state), *_how(moving)):
            argv = ["-m", "tui", "attach", "--state", str(state), "--config", str(config)]
            while not socket_path(state).exists():
                time.sleep(0.01)
            with terminal(argv, columns=columns, rows=rows) as session:
                session.framed_at = session.until(lambda text: bool(text.strip()), within=20)
                session.whole_at = session.until(painted, within=20)
                yield session


@contextmanager
def datatable(moving: int, columns: int, rows: int) -> Iterator[PtySession]:
    """Start the peer."""
    with terminal([str(HERE / "datatable_cockpit.py"), str(moving)], columns=columns, rows=rows) as session:
        session.framed_at = session.until(lambda text: bool(text.strip()), within=20)
        session.whole_at = session.until(lambda text: "NEAR" in text and "bybit" in text, within=20)
        yield session


def _how(moving: int) -> tuple[str, ...]:
    return ("--rows", str(moving)) if moving else ("--still",)


def measured(opened: Opener) -> Cost:
    """Return what a program costs."""
    with opened(0, 160, 45) as session:
        session.read(2.0)
        start = len(session.output)
    firsts, wholes = [], []
    for _ in range(STARTS):
        with opened(0, 120, 40) as session:
            firsts.append(session.framed_at)
            wholes.append(session.whole_at)
    with opened(0, 120, 40) as session:
        session.read(SETTLED_S)
        still, idle = rate(session, STILL_S)
        memory = psutil.Process(session.process.pid).memory_info().rss / 1e6
    with opened(10, 120, 40) as session:
        session.read(2.0)
        moving, busy = rate(session)
        keys = key_times(session, "v")
    return Cost(
        first_frame=min(firsts),
        whole=min(wholes),
        start_bytes=start,
        still=still,
        moving=moving,
        key_p50=statistics.median(keys),
        key_p95=keys[int(len(keys) * 0.95)],
        idle=idle,
        busy=busy,
        memory=memory,
    )


ROWS: tuple[tuple[str, str, Callable[[Cost], float], str], ...] = (
    ("first frame, from the command", "450 ms", lambda cost: cost.first_frame * 1e3, "{:.0f} ms"),
    ("prices, matrix and feed on it", "", lambda cost: cost.whole * 1e3, "{:.0f} ms"),
    ("start at 160x45", "80 KB", lambda cost: cost.start_bytes / 1e3, "{:.1f} KB"),
    ("only the clock moves", "250 B/s", lambda cost: cost.still, "{:.0f} B/s"),
    ("ten rows move at 1 Hz", "4096 B/s", lambda cost: cost.moving, "{:.0f} B/s"),
    ("key to paint, median", "", lambda cost: cost.key_p50 * 1e3, "{:.1f} ms"),
    ("key to paint, p95", "30 ms", lambda cost: cost.key_p95 * 1e3, "{:.1f} ms"),
    ("processor, only the clock", "0.5 %", lambda cost: cost.idle * 1e2, "{:.2f} %"),
    ("processor, ten rows", "", lambda cost: cost.busy * 1e2, "{:.2f} %"),
    ("memory", "80 MB", lambda cost: cost.memory, "{:.0f} MB"),
)


def main() -> None:
    """Measure both and print them side by side."""
    own, peer = measured(cockpit), measured(datatable)
    print("\nThe cockpit beside the same numbers in DataTables (the fastest of several starts counts)\n")
    print("| what | budget | cockpit | DataTable | DataTable / cockpit |")
    print("| --- | --- | --- | --- | --- |")
    for name, budget, read, form in ROWS:
        mine, theirs = read(own), read(peer)
        ratio = theirs / mine if mine else float("nan")
        print(f"| {name} | {budget} | {form.format(mine)} | {form.format(theirs)} | {ratio:.1f}x |")


if __name__ == "__main__":
    main()
