"""`driftdeck demo` as a person runs it: in a terminal, with three real processes behind it."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.domain.errors import ExitCode
from engine.runtime.lock import holder_of
from support.command_line import driftdeck, eventually, processes_about
from support.pty_session import PtySession

RESTORED = (b"\x1b[?1049l", b"\x1b[?25h")


@contextmanager
def in_terminal(*arguments: str) -> Iterator[PtySession]:
    """Run the command line in a terminal of 120x40."""
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    for name in ("LC_ALL", "LC_CTYPE", "NO_COLOR", "TEXTUAL", "COLUMNS", "LINES"):
        environment.pop(name, None)
    with PtySession([sys.executable, "-m", "tui", *arguments], columns=120, rows=40, env=environment) as session:
        yield session


def has_prices(text: str) -> bool:
    return "layer-1" in text and "majors-hedged" in text and text.count("%") >= 20


def has_matrix(text: str) -> bool:
    return "mean ρ ." in text and "strongest pairs" in text and "CHECK" in text


def test_the_demo_paints_loses_its_engine_gets_it_back_and_quits_clean(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with in_terminal("demo", "--no-tour", "--state", str(state)) as session:
        assert session.until(has_prices, within=20) < 20
        session.until(has_matrix, within=30)
        assert "SIM" in session.text
        assert "PAPER" in session.text
        holder = holder_of(state)
        assert holder is not None
        os.kill(holder.pid, signal.SIGKILL)
        killed = time.monotonic()
        session.until(lambda text: "ENGINE GONE" in text and "FROZEN" in text, within=10)
        assert time.monotonic() - killed < 4  # two seconds, and what a loaded machine adds
        session.type("s")
        session.until(lambda text: "FROZEN" not in text and has_matrix(text), within=30)
        session.type("q")
        assert session.leave(within=20) == ExitCode.DONE
        assert all(code in session.output[-4000:] for code in RESTORED)
        assert session.settings() == session.before
    eventually("nothing is left behind", lambda: processes_about(state) == [], within_s=10)


def test_a_killed_cockpit_leaves_the_engine_and_another_attaches(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with in_terminal("demo", "--no-tour", "--state", str(state)) as session:
        session.until(has_matrix, within=40)
        session.process.kill()
        session.process.wait()
    assert driftdeck("status", "--state", str(state)).returncode == ExitCode.DONE
    with in_terminal("attach", "--read-only", "--state", str(state)) as session:
        session.until(lambda text: has_matrix(text) and "read-only" in text, within=10)
        session.type("q")
        assert session.leave(within=10) == ExitCode.DONE
    assert driftdeck("stop", "--state", str(state)).returncode == ExitCode.DONE
    for pid in processes_about(state):
        os.kill(pid, signal.SIGTERM)  # the exchange would wait a minute for another engine


def test_a_demo_that_cannot_start_says_why_in_the_terminal(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert driftdeck("demo", "--headless", "--speed", "7200", "--duration", "1", "--state", str(state)).returncode == 0
    with in_terminal("demo", "--no-tour", "--seed", "8", "--state", str(state)) as session:
        assert session.leave(within=20) == ExitCode.REFUSED
        assert "seed=7" in session.text.replace("\n", "")
        assert session.settings() == session.before
