"""Owns what Textual's terminal driver lacks: a terminal that goes away ends in a quiet exit instead of a hang, and one
that does not take what is written is noticed before the loop waits for it.

Textual's input thread calls a dead terminal a crash while the app is leaving (the two ends can wait for each other),
and its writer thread dies of the first failed write, after which a full queue blocks the loop for ever. Never decides
to leave: `terminal` sees that the terminal is gone.
"""

from textual.drivers.linux_driver import LinuxDriver

WAITING_MOST = 4  # of Textual's thirty: a full queue would block the loop, keys and signals with it


class QuietDriver(LinuxDriver):
    """Textual's driver that survives the loss of its terminal."""

    @property
    def stalled(self) -> bool:
        """Return whether what was written still waits: the terminal does not take it (its reader stands still)."""
        writer = self._writer_thread
        return writer is not None and writer.is_alive() and writer._queue.qsize() > WAITING_MOST

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until there is nothing to read from."""
        try:
            super().run_input_thread()
        except OSError:
            return

    def write(self, data: str) -> None:
        """Write, as long as there is somewhere to write to."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().write(data)

    def close(self) -> None:
        """Stop the writer, unless it has stopped itself."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().close()
