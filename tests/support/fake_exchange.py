"""A simulated exchange that only remembers what a fault menu asked of it."""

from dataclasses import dataclass, field

from tui.cockpit.drill import Broken, Fault
from tui.commands.drill_faults import FAULTS


@dataclass
class FakeExchange:
    """A simulated exchange that only remembers what it was asked; `fails` is what it ends every question with."""

    faults: tuple[Fault, ...] = FAULTS
    now: list[Broken] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)
    mended: int = 0
    looked: int = 0
    fails: Exception | None = None

    def broken(self) -> tuple[Broken, ...]:
        """Say what is broken."""
        self.looked += 1
        self._fail()
        return tuple(self.now)

    def begin(self, kind: str, seconds: int) -> None:
        """Break something; it was met three times at once."""
        self._fail()
        self.asked.append((kind, seconds))
        self.now.append(Broken(kind=kind, left_s=float(seconds), hits=3))

    def mend(self) -> None:
        """End all of it."""
        self._fail()
        self.mended += 1
        self.now.clear()

    def _fail(self) -> None:
        if self.fails is not None:
            raise self.fails
