"""The `driftdeck` command as a process without a terminal, and what it leaves behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

WITHIN_S = 60.0


def driftdeck(*arguments: str, within_s: float = WITHIN_S) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end, without a terminal."""
    command = [sys.executable, "-m", "tui", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=within_s, stdin=subprocess.DEVNULL, check=False
    )


def processes_about(directory: Path) -> list[int]:
    """Return the processes whose command line names the directory."""
    return [
        process.pid
        for process in psutil.process_iter(["pid", "cmdline"])
        if process.pid != os.getpid() and any(str(directory) in word for word in process.info["cmdline"] or ())
    ]


def eventually(what: str, true: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    """Poll until `true()` holds; a real process offers no clock to advance."""
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until, f"never came true: {what}"
        time.sleep(0.05)
