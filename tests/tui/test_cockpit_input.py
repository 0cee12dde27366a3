"""Keys as a terminal sends them, in a real pseudo terminal: in pieces, after a stop, and none at all."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.cockpit_pty import cockpit, fake_engine, painted
from support.pty_session import PtySession

LOOK_S = 3.0
HELP = "in the cockpit"


@contextmanager
def still(folder: Path) -> Iterator[PtySession]:
    """Open a cockpit in which only the clock moves."""
    socket = folder / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=10)
        yield session


def open_help(session: PtySession) -> None:
    session.type("?")
    session.until(lambda text: HELP in text, within=10)


def leave_help(session: PtySession) -> None:
    session.type("\x1b")
    session.until(lambda text: HELP not in text and painted(text), within=10)


def woken(pid: int) -> dict[str, int]:
    """Return how often each thread of a process has waited and been woken."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        lines = (thread / "status").read_text(encoding="ascii").splitlines()
        found[thread.name] = next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))
    return found


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts what Linux counts")
def test_a_cockpit_without_keys_has_a_thread_that_is_never_woken(tmp_path: Path) -> None:
    with still(tmp_path) as session:
        session.read(1.0)
        before = woken(session.process.pid)
        session.read(LOOK_S)
        after = woken(session.process.pid)
        assert len(after) >= 3  # the loop, the writer, and whoever waits for keys
        assert min(after[thread] - count for thread, count in before.items()) == 0
        open_help(session)


def test_an_arrow_in_two_pieces_is_no_escape_and_a_lone_escape_is(tmp_path: Path) -> None:
    with still(tmp_path) as session:
        open_help(session)
        session.type("\x1b")
        session.type("[B")
        session.read(1.0)
        assert HELP in session.text
        leave_help(session)


def test_a_letter_in_two_pieces_is_one_letter(tmp_path: Path) -> None:
    with still(tmp_path) as session:
        session.type("/")
        session.until(lambda text: "filter _" in text, within=10)
        first, second = "é".encode()[:1], "é".encode()[1:]
        session.write(first, within=5)
        session.read(0.5)
        session.write(second, within=5)
        session.type("x")
        session.until(lambda text: "filter éx_" in text, within=10)


def test_keys_are_read_again_after_a_stop(tmp_path: Path) -> None:
    with still(tmp_path) as session:
        for _ in range(2):
            session.signal(signal.SIGTSTP)
            session.read(0.5)
            os.kill(session.process.pid, signal.SIGCONT)
            session.until(painted, within=10)
            open_help(session)
            leave_help(session)
