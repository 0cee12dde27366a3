"""The cockpit treated roughly: a reader that stops, a storm of resizes, a paste of megabytes, a stopped process."""

import re
import signal
import time
from pathlib import Path

import psutil

from support.cockpit_pty import RESTORED, cockpit, fake_engine, painted
from support.pty_session import PtySession

STALLED_S = 8.0
FOCUS_OUT, FOCUS_IN = "\x1b[O", "\x1b[I"


def clock_of(session: PtySession) -> str:
    """Return the market clock in the status line."""
    found = re.search(r"\d\d:\d\d:\d\dZ", session.text)
    assert found is not None
    return found.group()


def test_a_terminal_that_stops_reading_gets_the_newest_screen_when_it_reads_again(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket), cockpit(socket, columns=200, rows=60) as session:
        session.until(painted, within=10)
        seen, process = clock_of(session), psutil.Process(session.process.pid)
        memory = process.memory_info().rss
        for _ in range(40):  # forty whole screens: more than the line and the queue behind it hold
            session.type("b")
            time.sleep(STALLED_S / 40)
        used = sum(process.cpu_times()[:2])
        waited = session.read(1.0)
        assert len(waited) < 250_000  # forty screens are 590,000: those nobody saw are not painted
        session.until(lambda text: painted(text) and clock_of(session) > seen, within=10)
        session.type("?")
        session.until(lambda text: "in the cockpit" in text, within=10)
        assert process.memory_info().rss - memory < 30_000_000
        assert sum(process.cpu_times()[:2]) - used < 3.0


def test_a_terminal_that_stops_reading_can_still_be_left_by_a_signal(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket), cockpit(socket, columns=200, rows=60) as session:
        session.until(painted, within=10)
        for _ in range(40):
            session.type("b")
            time.sleep(0.05)
        session.signal(signal.SIGTERM)
        start = len(session.output)
        assert session.leave(within=20) == 0
        assert all(sequence in session.output[start:] for sequence in RESTORED)


def test_two_hundred_sizes_in_ten_seconds_end_in_a_whole_screen_and_decide_nothing(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still", "--start", "55"), cockpit(socket) as session:
        session.until(lambda text: painted(text) and "PROPOSAL" in text, within=10)
        for step in range(200):
            session.resize(60 + step * 7 % 150, 15 + step * 5 % 50)
            session.read(0.05)
        session.resize(120, 40)
        session.until(lambda text: painted(text) and "PROPOSAL" in text and "needs 80x24" not in text, within=10)
        whole = session.text
        session.type("?")
        session.until(lambda text: "in the cockpit" in text, within=10)
        session.type("?")
        session.read(1.0)
        assert "▶ PROPOSAL" in whole
        assert "executed" not in session.text
        assert session.process.poll() is None


def test_ten_megabytes_pasted_over_a_review_decide_nothing(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still", "--start", "55"), cockpit(socket) as session:
        session.until(lambda text: painted(text) and "PROPOSAL" in text, within=10)
        session.type("a")
        session.until(lambda text: "to approve" in text, within=20)
        session.read(0.5)
        session.write(b"\x1b[200~" + b"y\r" * 5_000_000 + b"\x1b[201~", within=60)
        session.read(1.0)
        assert "to approve" in session.text
        session.type("\x1b")
        session.until(lambda text: "to approve" not in text and painted(text), within=20)
        assert "executed" not in session.text


def test_a_stopped_cockpit_leaves_the_engine_and_another_cockpit_alone(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket), cockpit(socket) as stopped, cockpit(socket, columns=200, rows=60) as other:
        stopped.until(painted, within=10)
        other.until(painted, within=10)
        stopped.signal(signal.SIGSTOP)
        before = clock_of(other)
        other.read(4.0)
        assert clock_of(other) > before
        assert "FROZEN" not in other.text
        stopped.signal(signal.SIGCONT)
        stopped.until(lambda text: painted(text) and "FROZEN" not in text, within=20)


def test_a_pane_without_the_focus_is_painted_once_a_second_and_at_once_when_it_has_it_again(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--rows", "10"), cockpit(socket) as session:
        session.until(painted, within=10)
        session.type(FOCUS_OUT)
        session.read(1.5)
        blurred = len(session.record(4.0))
        session.type(FOCUS_IN)
        assert session.read(0.3)
        assert 2 <= blurred <= 8
