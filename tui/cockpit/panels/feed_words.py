"""Owns what a row of the feed consists of, and the small words that several rows and the situation line share."""

from dataclasses import dataclass

from engine.domain.events import PairMove
from engine.domain.units import Ms
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import DIM, TEXT, Paint


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One fact as words. `pairs` are dropped from the right where the row is narrow."""

    at: Ms
    shape: str
    word: str
    subject: str
    said: str
    pairs: tuple[str, ...] = ()
    ink: Paint = DIM
    body: Paint = TEXT
    about: str = ""  # id of the alert that it is about
    strong: bool = False  # the subject is bold

    def holds(self, wanted: str) -> bool:
        """Return whether a filter's text is somewhere in the row, in any case."""
        return wanted.casefold() in " ".join((self.word, self.subject, self.said, *self.pairs)).casefold()


def plural(count: int) -> str:
    """Return the ending of a counted word."""
    return "" if count == 1 else "s"


def move_text(g: Glyphs, move: PairMove) -> str:
    """Return a pair's move: `ARB·OP .77→.93`."""
    names = f"{clean(move.first)}{g.dot}{clean(move.second)}"
    return f"{names} {text.rho(g, move.rho_base)}{g.arrow}{text.rho(g, move.rho_now)}"
