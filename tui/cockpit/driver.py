"""Owns one mend of Textual's terminal driver: a terminal that goes away ends in a quiet exit instead of a hang.

Textual's input thread calls a dead terminal a crash while the app is leaving (the two ends can wait for each other),
and its writer thread dies of the first failed write, after which a full queue blocks the loop for ever. Never decides
to leave: `terminal` sees that the terminal is gone.
"""

from textual.drivers.linux_driver import LinuxDriver


class QuietDriver(LinuxDriver):
    """Textual's driver that survives the loss of its terminal."""

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
