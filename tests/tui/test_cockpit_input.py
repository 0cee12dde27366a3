"""Keys as a terminal sends them, in a real pseudo terminal: in pieces, after a stop, and none at all."""

import os
import signal
from pathlib import Path

import pytest

from support.cockpit_pty import cockpit, fake_engine, painted

LOOK_S = 3.0


def woken(pid: int) -> dict[str, int]:
    """Return how often each thread of a process has waited and been woken."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        lines = (thread / "status").read_text(encoding="ascii").splitlines()
        found[thread.name] = next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))
    return found


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts what Linux counts")
def test_a_cockpit_without_keys_has_a_thread_that_is_never_woken(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=10)
        session.read(1.0)
        before = woken(session.process.pid)
        session.read(LOOK_S)
        after = woken(session.process.pid)
        assert len(after) >= 3  # the loop, the writer, and whoever waits for keys
        assert min(after[thread] - count for thread, count in before.items()) == 0
        session.type("?")
        session.until(lambda text: "in the cockpit" in text, within=10)


def test_an_arrow_in_two_pieces_is_no_escape_and_a_lone_escape_is(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=10)
        session.type("?")
        session.until(lambda text: "in the cockpit" in text, within=10)
        session.type("\x1b")
        session.type("[B")
        session.read(1.0)
        assert "in the cockpit" in session.text
        session.type("\x1b")
        session.until(lambda text: "in the cockpit" not in text and painted(text), within=10)


def test_a_letter_in_two_pieces_is_one_letter(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=10)
        session.type("/")
        session.until(lambda text: "filter _" in text, within=10)
        first, second = "é".encode()[:1], "é".encode()[1:]
        session.write(first, within=5)
        session.read(0.5)
        session.write(second, within=5)
        session.type("x")
        session.until(lambda text: "filter éx_" in text, within=10)


def test_keys_are_read_again_after_a_stop(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=10)
        for _ in range(2):
            session.signal(signal.SIGTSTP)
            session.read(0.5)
            os.kill(session.process.pid, signal.SIGCONT)
            session.until(painted, within=10)
            session.type("?")
            session.until(lambda text: "in the cockpit" in text, within=10)
            session.type("\x1b")
            session.until(lambda text: "in the cockpit" not in text, within=10)
