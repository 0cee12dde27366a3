"""The cockpit in a pseudo terminal: it paints, leaves the terminal as it was, and is thrifty with bytes."""

import base64
import re
import signal
from pathlib import Path

import pytest

from support.cockpit_pty import RESTORED, bells, cockpit, fake_engine, painted


@pytest.mark.parametrize("how", ["q", "SIGTERM", "SIGHUP", "SIGINT"])
def test_every_way_out_restores_the_terminal(tmp_path: Path, how: str) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=10)
        start = len(session.output)
        if how == "q":
            session.type("q")
        else:
            session.signal(signal.Signals[how])
        assert session.leave(within=20) == 0
        rest = session.output[start:]
        assert all(sequence in rest for sequence in RESTORED)
        assert b"\x1b[?1000h" not in session.output  # the mouse was never taken
        assert session.settings() == session.before
        assert b"left: None" in rest
        assert b"heavy: []" in rest
        assert b"Traceback" not in session.output


def test_a_terminal_that_goes_away_ends_the_cockpit(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=10)
        session.hang_up()
        assert session.process.wait(timeout=5) is not None


def test_killing_the_engine_is_said_within_two_seconds_and_a_new_one_is_found(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with cockpit(socket) as session:
        with fake_engine(socket) as engine:
            session.until(painted, within=10)
            engine.send_signal(signal.SIGKILL)
            engine.wait()
            session.until(lambda text: "ENGINE GONE" in text and "FROZEN at" in text, within=2)
        socket.unlink()  # the dead engine's: the new one listens when there is one again
        with fake_engine(socket):
            session.until(lambda _: socket.exists(), within=20)  # how long Python takes to start is not the question
            session.until(lambda text: "ENGINE GONE" not in text and "FROZEN" not in text, within=20)
        assert session.process.poll() is None


def test_an_alert_that_comes_live_rings_the_terminals_bell_once(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--start", "28"), cockpit(socket) as session:
        session.until(painted, within=10)
        assert bells(session.output) == 0
        session.until(lambda text: "◆ ALERT" in text, within=10)
        session.read(0.5)
        assert bells(session.output) == 1


def test_an_alert_that_comes_while_another_window_has_the_focus_is_a_notice_too(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--start", "28"), cockpit(socket, TERM_PROGRAM="WezTerm") as session:
        session.until(painted, within=10)
        session.type("\x1b[O")  # what a terminal says when it loses the focus
        session.until(lambda text: "◆ ALERT" in text, within=10)
        session.read(0.5)
        assert session.output.count(b"\x1b]9;driftdeck") == 1
        assert bells(session.output) == 1


def test_a_copy_goes_to_the_terminals_clipboard(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=10)
        session.type("Y")
        session.until(lambda text: "sent to the terminal's clipboard" in text, within=20)
        (words,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", session.output)
        assert base64.b64decode(words).startswith(b"layer-1 ")


def test_what_was_there_before_the_cockpit_does_not_ring(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still", "--start", "55"), cockpit(socket) as session:
        session.until(lambda text: painted(text) and "◆ ALERT" in text, within=10)
        assert bells(session.output) == 0


def test_the_start_at_160x45_costs_less_than_80_kilobytes(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still", "--start", "55"), cockpit(socket, columns=160, rows=45) as session:
        session.until(painted, within=10)
        session.read(1.0)
        assert 10_000 < len(session.output) <= 80_000


def test_a_screen_on_which_only_the_clock_moves_costs_at_most_250_bytes_a_second(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=10)
        session.read(1.0)
        assert 0 < len(session.read(5.0)) / 5 <= 250


@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (200, 60)])
def test_a_review_costs_one_screen_to_open_and_its_countdown_at_most_250_bytes_a_second(
    tmp_path: Path, columns: int, rows: int
) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still", "--start", "55"), cockpit(socket, columns=columns, rows=rows) as session:
        session.until(lambda text: painted(text) and "PROPOSAL" in text, within=10)
        session.read(1.0)
        start = len(session.output)
        session.type("a")
        session.until(lambda text: "to approve" in text, within=20)
        session.read(0.5)
        assert 4_000 < len(session.output) - start <= 40_000 * columns * rows / (120 * 40)
        assert 0 < len(session.read(5.0)) / 5 <= 250


@pytest.mark.parametrize("color", ["truecolor", ""])
def test_ten_rows_moving_every_second_cost_at_most_four_kilobytes_a_second(tmp_path: Path, color: str) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--rows", "10"), cockpit(socket, color=color) as session:
        session.until(painted, within=10)
        session.read(1.0)
        assert 200 < len(session.read(3.0)) / 3 <= 4096


def test_with_256_colors_only_indices_are_sent(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--start", "55"), cockpit(socket, color="") as session:
        session.until(painted, within=10)
        assert b"38;5;253" in session.output
        assert b"48;5;234" in session.output
        assert b"8;2;" not in session.output
