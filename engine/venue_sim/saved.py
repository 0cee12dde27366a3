"""Owns sim.json: what a restarted simulator must know to go on with the same market, and the lock on its directory.

Written atomically (0600 in a 0700 directory). It holds no prices: those are a pure function of what is here.
"""

import contextlib
import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from engine.domain.errors import RefusedError
from engine.domain.units import Ms
from engine.venue_sim.scenario import Entry, Scenario

MODEL = 1  # raise when the price model changes: an old directory then asks for a new one instead of changing history
_NAME = "sim.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One market's identity (source, seed, scenario or replay start), first instant, last served instant, commands."""

    identity: str
    scenario: str
    epoch_ms: Ms
    served_ms: Ms
    begun: bool = False
    entries: tuple[Entry, ...] = ()


def load(directory: Path) -> Saved | None:
    """Return what `directory` holds, None when it is new; raises RefusedError when it cannot be understood."""
    path = directory / _NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["model"] != MODEL:
            raise RefusedError(f"{path} was written by another version of the simulator: use a new --dir")
        return Saved(
            identity=str(data["identity"]),
            scenario=str(data["scenario"]),
            epoch_ms=Ms(int(data["epoch_ms"])),
            served_ms=Ms(int(data["served_ms"])),
            begun=bool(data["begun"]),
            entries=tuple(
                Entry(scenario=Scenario(item["phase"]), start_ms=Ms(int(item["start_ms"]))) for item in data["timeline"]
            ),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise RefusedError(f"{path} cannot be read as a simulator's file: remove it or use a new --dir") from None


def save(directory: Path, saved: Saved) -> None:
    """Write `saved` in one step: a reader sees the old file or the new one."""
    document = {
        "model": MODEL,
        "identity": saved.identity,
        "scenario": saved.scenario,
        "epoch_ms": saved.epoch_ms,
        "served_ms": saved.served_ms,
        "begun": saved.begun,
        "timeline": [{"phase": entry.scenario.value, "start_ms": entry.start_ms} for entry in saved.entries],
    }
    fresh = directory / f"{_NAME}.new"
    write_private(fresh, (json.dumps(document, indent=1) + "\n").encode())
    fresh.replace(directory / _NAME)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whatever the umask."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def claim(directory: Path) -> IO[bytes]:
    """Make `directory` (0700 when it is new) and lock it until the returned file is closed; raises RefusedError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.fdopen(os.open(directory / "sim.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    except OSError as error:
        raise RefusedError(
            f"the directory {directory} cannot be used: {error.strerror}; choose another --dir"
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = lock.read(20).decode(errors="replace").strip() or "unknown"
        lock.close()
        raise RefusedError(f"another simulator (pid {holder}) already runs in {directory}: use another --dir") from None
    with contextlib.suppress(OSError):
        lock.truncate(0)
        lock.write(str(os.getpid()).encode())
        lock.flush()
    return lock
