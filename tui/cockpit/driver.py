"""Owns what Textual's terminal driver lacks: a terminal that goes away ends in a quiet exit instead of a hang, one that
does not take what is written is noticed before the loop waits for it, and keys are waited for instead of looked for.

Textual's input thread calls a dead terminal a crash while the app is leaving (the two ends can wait for each other),
and looks ten times a second whether it should end: a sixth of what a still cockpit costs, and Esc is late by up to a
look. Its writer thread dies of the first failed write, after which a full queue blocks the loop for ever. Never decides
to leave: `terminal` sees that the terminal is gone.
"""

import os
import selectors
import socket
import threading
from codecs import getincrementaldecoder
from typing import Any

from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

WAITING_MOST = 4  # of Textual's thirty: a full queue would block the loop, keys and signals with it
READ_BYTES = 4096


class _Ending(threading.Event):
    """Is set once the thread that waits for keys should end, and wakes it."""

    def __init__(self) -> None:
        super().__init__()
        self._waker, self.woken = socket.socketpair()

    def set(self) -> None:
        super().set()
        self._waker.send(b"\0")


class QuietDriver(LinuxDriver):
    """Textual's driver that survives the loss of its terminal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exit_event = self._ending = _Ending()

    @property
    def stalled(self) -> bool:
        """Return whether what was written still waits: the terminal does not take it (its reader stands still)."""
        writer = self._writer_thread
        return writer is not None and writer.is_alive() and writer._queue.qsize() > WAITING_MOST

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until there is nothing to read from."""
        parser, decode = XTermParser(self._debug), getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._ending.woken, selectors.EVENT_READ)
            while not self._ending.is_set():
                until = parser._timeout_time  # whether a lone Esc is the key, or the begin of one
                ready = selector.select(None if until is None else max(until - get_time(), 0.0))
                for key, _ in ready:
                    if key.fileobj is self._ending.woken:
                        self._ending.woken.recv(READ_BYTES)
                        continue
                    try:
                        read = os.read(self.fileno, READ_BYTES)
                    except OSError:
                        return
                    if not read:
                        return
                    text = decode(read)
                    for event in parser.feed(text) if text else ():  # nothing would be the end, not half a letter
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def write(self, data: str) -> None:
        """Write, as long as there is somewhere to write to."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().write(data)

    def close(self) -> None:
        """Stop the writer, unless it has stopped itself."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().close()
