"""What a command does where its output cannot go, or cannot hold every character."""

import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import IO

import pytest

from engine.domain.errors import ExitCode
from tui.commands.output import no_screen

FULL = Path("/dev/full")
KEYS = (sys.executable, "-m", "tui", "keys")
CODE = "from tui.commands.streams import prepare_streams; prepare_streams(); print('\u2212$95 \u2192 \u2013 \u4e2d')"


def run(*command: str, stdout: IO[str] | int = PIPE, **env: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, **env}
    return subprocess.run(command, check=False, stdout=stdout, stderr=PIPE, text=True, timeout=60, env=environ)


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_ends_a_command_with_one_line() -> None:
    with FULL.open("w", encoding="utf-8") as full:
        done = run(*KEYS, stdout=full)
    assert done.returncode == ExitCode.REFUSED
    assert done.stderr.splitlines() == [
        "driftdeck: the output cannot be written (No space left on device); write it to another place"
    ]


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_seen_enough_is_no_mistake(unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(*KEYS, stdout=writer, PYTHONUNBUFFERED=unbuffered)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (ExitCode.REFUSED, "")


def test_a_closed_stdout_is_no_mistake() -> None:
    done = run("sh", "-c", f"'{sys.executable}' -m tui keys --json >&-")
    assert (done.returncode, done.stderr) == (ExitCode.DONE, "")


def test_an_encoding_without_a_minus_sign_keeps_the_sign() -> None:
    done = run(sys.executable, "-c", CODE, PYTHONIOENCODING="ascii")
    assert done.stdout == "-$95 -> - ?\n"


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("term", "says"),
    [("xterm", ""), ("dumb", "TERM=dumb"), ("", "TERM unset")],
)
def test_a_terminal_that_draws_nothing_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, term: str, says: str
) -> None:
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, stream, Terminal())
    monkeypatch.setenv("TERM", term)
    assert says in no_screen()
    assert bool(no_screen()) == bool(says)


@pytest.mark.parametrize(
    ("typed", "first", "see"),
    [
        (("nope",), "driftdeck: no such command 'nope'. Did you mean 'open', 'snooze'?", ""),
        (("status", "--nope"), "driftdeck: no such option: --nope", " status"),
        (("rebalance", "layer-1"), "driftdeck: missing option '--note'", " rebalance"),
    ],
)
def test_what_cannot_be_understood_gets_one_line_first(typed: tuple[str, ...], first: str, see: str) -> None:
    done = run(sys.executable, "-m", "tui", *typed)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert done.stderr.splitlines() == [first, f"  see 'python -m tui{see} --help'"]


def test_questions_that_are_not_answered_to_the_end_write_nothing(tmp_path: Path) -> None:
    hands, screen = os.openpty()
    command = (sys.executable, "-m", "tui", "init", "--config", str(tmp_path / "config.toml"))
    with subprocess.Popen(command, stdin=screen, stdout=screen, stderr=PIPE, text=True) as asking:
        os.close(screen)
        os.write(hands, b"bybit\n\x04")
        _, said = asking.communicate(timeout=60)
    os.close(hands)
    assert asking.returncode == ExitCode.REFUSED
    assert said.splitlines()[-1] == "driftdeck: the questions were not answered to the end: nothing was done"
    assert not list(tmp_path.iterdir())


def test_an_engine_in_the_foreground_tells_a_person_where_it_speaks_and_a_service_nothing(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tui", "run", "--headless", "--config", "none.toml", "--state", str(tmp_path))
    hands, screen = os.openpty()
    asked = subprocess.run(command, check=False, stderr=screen, timeout=60)
    os.close(screen)
    said = os.read(hands, 4096).decode().splitlines()
    os.close(hands)
    assert asked.returncode == ExitCode.USAGE
    assert said[0] == f"the engine runs in the foreground: ctrl-c ends it, {tmp_path}/engine.log tells what it does"
    assert said[1].startswith("driftdeck: there is no config file")
    assert run(*command).stderr.splitlines()[0].startswith("driftdeck: there is no config file")
