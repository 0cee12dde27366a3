"""One engine per state directory: the second one is told who holds it, and a killed holder holds nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.domain.errors import RefusedError, StoreError
from engine.runtime.lock import StateLock, holder_of

HOLD = """
import sys, pathlib
from engine.runtime.lock import StateLock
with StateLock(pathlib.Path(sys.argv[1]), since="noon", config=pathlib.Path("c.toml")):
    print("held", flush=True)
    sys.stdin.read()
"""


def lock(state: Path) -> StateLock:
    return StateLock(state, since="2026-01-01T00:00:00Z", config=Path("mine.toml"))


def test_nobody_holds_a_fresh_directory(tmp_path: Path) -> None:
    assert holder_of(tmp_path) is None


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    with lock(tmp_path), pytest.raises(RefusedError, match=r"pid \d+, since 2026-01-01T00:00:00Z, config mine.toml"):
        lock(tmp_path).__enter__()


def test_after_the_first_has_gone_the_next_may(tmp_path: Path) -> None:
    with lock(tmp_path):
        holder = holder_of(tmp_path)
    assert holder is not None
    assert holder_of(tmp_path) is None
    with lock(tmp_path) as again:
        assert again is not None


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    holder = holder_of(tmp_path)
    assert holder is not None
    assert holder.pid == child.pid
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert holder_of(tmp_path) is None
    with lock(tmp_path) as mine:
        assert mine is not None


def test_a_directory_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="choose another --state"):
        lock(tmp_path / "gone").__enter__()
