"""A program in a pseudo terminal of a fixed size: read what it paints, type, hang up, signal."""

import fcntl
import math
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

STALL_S = 0.05


class PtySession:
    """Start `argv`; use as a context manager, which kills what is left."""

    def __init__(self, argv: Sequence[str], *, columns: int, rows: int, env: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self._slave = slave  # kept open, so that the line settings can be read after the program has left
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            list(argv), stdin=slave, stdout=slave, stderr=slave, env=dict(env), start_new_session=True
        )
        self.output = b""
        self.framed_at = self.whole_at = math.nan  # for whoever waits for it: seconds from the start
        self.terminal = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.terminal)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()

    @property
    def text(self) -> str:
        """Return what stands on the screen."""
        return "\n".join(self.terminal.display)

    def read(self, seconds: float) -> bytes:
        """Return what is painted in the next `seconds`."""
        return self._collect(seconds, lambda: False)

    def until(self, found: Callable[[str], bool], within: float) -> float:
        """Read until the screen satisfies `found`; return seconds since the start. Raises AssertionError in the end."""
        self._collect(within, lambda: found(self.text))
        assert found(self.text), f"not within {within} s; on the screen:\n{self.text}"
        return time.monotonic() - self.started

    def record(self, seconds: float) -> list[tuple[float, bytes]]:
        """Return what is painted in the next `seconds` with the instants it was read; the screen does not follow it."""
        found: list[tuple[float, bytes]] = []
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self._master], [], [], left)
            if ready:
                chunk = os.read(self._master, 65536)
                found.append((time.monotonic(), chunk))
        return found

    def next_bytes(self, within: float) -> float:
        """Return the instant at which anything is painted. Raises AssertionError."""
        ready, _, _ = select.select([self._master], [], [], within)
        assert ready, f"nothing was painted within {within} s"
        came = time.monotonic()
        self.take(os.read(self._master, 65536))
        return came

    def take(self, chunk: bytes) -> None:
        """Let the screen follow what was recorded."""
        self.output += chunk
        self._stream.feed(chunk)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, as a window that is dragged does."""
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.signal(signal.SIGWINCH)
        self.terminal.resize(rows, columns)

    def write(self, data: bytes, within: float) -> None:
        """Send bytes as fast as they are taken, reading what is painted meanwhile. Raises AssertionError."""
        os.set_blocking(self._master, False)
        deadline, sent = time.monotonic() + within, 0
        while sent < len(data):
            assert time.monotonic() < deadline, f"only {sent} of {len(data)} bytes were taken in {within} s"
            readable, writable, _ = select.select([self._master], [self._master], [], 0.05)
            if readable:
                self.take(os.read(self._master, 65536))
            if writable:
                sent += os.write(self._master, data[sent : sent + 4096])
        os.set_blocking(self._master, True)

    def type(self, text: str) -> None:
        """Send keys."""
        os.write(self._master, text.encode())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    def settings(self) -> list[object]:
        """Return the line settings of the terminal now."""
        return list(termios.tcgetattr(self._slave))

    def leave(self, within: float) -> int:
        """Read until the program has ended and return its exit code."""
        self._collect(within, lambda: self.process.poll() is not None)
        self.read(0.05)
        code = self.process.poll()
        assert code is not None, f"still running after {within} s"
        return code

    def hang_up(self) -> None:
        """Close the terminal, as a lost link does."""
        for end in (self._master, self._slave):
            if end >= 0:
                os.close(end)
        self._master = self._slave = -1

    def _collect(self, seconds: float, done: Callable[[], bool]) -> bytes:
        start, deadline = len(self.output), time.monotonic() + seconds
        while time.monotonic() < deadline and not done():
            asked, wait = time.monotonic(), min(0.05, max(0.0, deadline - time.monotonic()))
            ready, _, _ = select.select([self._master], [], [], wait)
            deadline += _stall(time.monotonic() - asked - wait)
            if ready:
                chunk = os.read(self._master, 65536)
                self.output += chunk
                self._stream.feed(chunk)
        return self.output[start:]


def _stall(late: float) -> float:
    """Return how long the machine did not run even a process that only waits: nobody's deadline counts that."""
    return late if late > STALL_S else 0.0
