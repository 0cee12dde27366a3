"""Owns the one-engine-per-state-directory rule: an flock held for the life of the engine, with who holds it inside.

The kernel drops the lock when the process dies, however it dies, so a stale file never blocks a start. Never removes
the file: two engines could then hold locks on two files of one name.
"""

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.domain.errors import RefusedError, StoreError

LOCK_NAME = "engine.lock"
TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the lock: shown to whoever is refused."""

    pid: int
    since: str
    config: str


def holder_of(state: Path) -> Holder | None:
    """Return who holds the lock of `state`, None where nobody does."""
    try:
        with (state / LOCK_NAME).open("r+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _read_holder(file.read())
    except OSError:
        return None
    return None


def _read_holder(text: str) -> Holder:
    try:
        said = json.loads(text)
        return Holder(pid=int(said["pid"]), since=str(said["since"]), config=str(said["config"]))
    except (ValueError, KeyError, TypeError):
        return Holder(pid=0, since="a moment ago", config="?")  # caught between taking and writing


class StateLock:
    """A context manager that holds the lock or refuses with the holder's name."""

    def __init__(self, state: Path, *, since: str, config: Path) -> None:
        self._path = state / LOCK_NAME
        self._said = json.dumps({"pid": os.getpid(), "since": since, "config": str(config)})
        self._fd = -1

    def __enter__(self) -> Self:
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"cannot write {self._path}: {error.strerror}; choose another --state") from error
        if not self._taken():
            holder = _read_holder(os.pread(self._fd, 4096, 0).decode("utf-8", "replace"))
            os.close(self._fd)
            raise RefusedError(
                f"an engine already runs for {self._path.parent}: pid {holder.pid}, since {holder.since}, "
                f"config {holder.config}; attach to it, or end it with 'driftdeck stop'"
            )
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, self._said.encode(), 0)
        return self

    def _taken(self) -> bool:
        """Take the lock; a few tries, because `holder_of` takes it for an instant to look."""
        for _ in range(TRIES):
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.02)
            else:
                return True
        return False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.ftruncate(self._fd, 0)
        os.close(self._fd)
