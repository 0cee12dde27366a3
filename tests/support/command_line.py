"""The `driftdeck` command as a process without a terminal, and what it leaves behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from support.sim_process import Ready

WITHIN_S = 60.0
CONFIG = """
[venue]
id = "bybit"
poll_every = "1s"
stream = false
proxy = "{proxy}"
ca_file = "{ca_file}"
[simulation]
source = "sim"
speed = 600.0
identity = "{identity}"
start_ms = {market_ms}
[[basket]]
name = "layer-1"
notional = 12_000
assets = [{{asset = "ETH"}}, {{asset = "SOL"}}, {{asset = "AVAX"}}]
"""


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


@contextmanager
def engine_process(config: Path, state: Path) -> Iterator[subprocess.Popen[str]]:
    """Run an engine in the foreground until the block ends."""
    command = [sys.executable, "-m", "tui", "run", "--headless", "--config", str(config), "--state", str(state)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)


def write_config(path: Path, ready: Ready) -> Path:
    """Write the config of an engine with one basket on a simulated exchange."""
    text = CONFIG.format(proxy=ready.proxy, ca_file=ready.ca_file, identity=ready.identity, market_ms=ready.market_ms)
    path.write_text(text, encoding="utf-8")
    return path
