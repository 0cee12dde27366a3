"""A cockpit in a pseudo terminal on a standalone fake engine, as processes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.pty_session import PtySession

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import sys
from pathlib import Path
from tui.cockpit.app import run_cockpit
from tui.cockpit.options import CockpitOptions
print("left:", run_cockpit(CockpitOptions(socket=Path(sys.argv[1]))))
heavy = {"numpy", "pandas", "ccxt", "pydantic", "aiohttp", "scipy"} & set(sys.modules)
print("heavy:", sorted(heavy))
print("own:", *sorted(name for name in sys.modules if name.startswith("tui.")), ":")
"""
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1004l")


@contextmanager
def fake_engine(socket: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the standalone fake engine."""
    script = str(ROOT / "tests/support/fake_engine.py")
    process = subprocess.Popen([sys.executable, script, str(socket), *arguments], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def cockpit(socket: Path, *, columns: int = 120, rows: int = 40, color: str = "truecolor", **more: str) -> PtySession:
    """Start a cockpit on `socket`, in a terminal that says no more of itself than `more`."""
    environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": color, "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    for name in ("LC_ALL", "LC_CTYPE", "NO_COLOR", "TEXTUAL", "COLUMNS", "LINES", "TMUX", "TERM_PROGRAM"):
        environ.pop(name, None)
    environ.update(more)
    return PtySession([sys.executable, "-c", RUN, str(socket)], columns=columns, rows=rows, env=environ)


def bells(output: bytes) -> int:
    """Return how often the bell rang; the BEL that ends a command to the terminal does not ring."""
    return re.sub(rb"\x1b\][^\x07\x1b]*\x07", b"", output).count(b"\x07")


def painted(text: str) -> bool:
    """Return whether prices, matrix and feed are on the screen."""
    return "ETH" in text and "strongest pairs" in text and "HISTORY" in text
