"""Owns what the trader looks at and is in the middle of: selection, page, filter, question, note, review.

Plain state, changed by the hands only and read through the Scene. Nothing here was ever decided: what is decided goes
to the engine as a command.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from engine.domain.commands import Command
from engine.domain.proposal import Proposal
from engine.domain.units import ProposalId
from engine.domain.views import MatrixKind
from tui.cockpit.lab_choice import BacktestChoice, BuilderChoice, StressChoice
from tui.cockpit.layout import Panel, Preset
from tui.cockpit.map_choice import MapChoice


class Page(StrEnum):
    """What fills the middle of the screen."""

    COCKPIT = ""
    BLOTTER = "blotter"
    JOURNAL = "journal"
    STRESS = "stress"
    BUILDER = "builder"
    BACKTEST = "backtest"
    MAP = "map"
    HEALTH = "health"
    FAULTS = "faults"


FILTERED = (Page.JOURNAL, Page.HEALTH)  # pages that show only what holds the filter's text


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request that waits for another key: `command` goes to the engine when it is confirmed, or `does` is done."""

    verb: str
    done: str
    subject: str
    says: tuple[str, ...]
    command: Command | None = None
    does: Callable[[], None] | None = None


@dataclass(slots=True, kw_only=True)
class Note:
    """A line that is being typed; `make` turns it into the request that goes to the engine when it is kept.

    One that is only for a page of the cockpit goes to `takes` instead.
    """

    verb: str
    done: str
    subject: str
    says: tuple[str, ...]
    make: Callable[[str], Command] | None = None
    takes: Callable[[str], None] | None = None
    required: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A line that tells what became of a key, shown until `until` (host monotonic seconds)."""

    text: str
    until: float
    refused: bool = True


@dataclass(slots=True)
class Review:
    """The proposals in front of the trader, pinned: these numbers, whatever comes after them.

    `busy` says what is being asked of the engine, `refused` what it said to the last request.
    """

    pinned: tuple[Proposal, ...]
    leg: int = 0
    page: int = 0
    busy: str = ""
    refused: str = ""

    @property
    def ids(self) -> tuple[ProposalId, ...]:
        """Return the ids in front of the trader."""
        return tuple(proposal.id for proposal in self.pinned)


@dataclass(slots=True, kw_only=True)
class Palette:
    """The palette: what is typed, and which entry is marked."""

    text: str = ""
    at: int = 0


@dataclass(slots=True, kw_only=True)
class Trying:
    """The theme picker: which theme is marked, the one that was worn before, and what is wrong with which files."""

    before: str
    names: tuple[str, ...]
    at: int = 0
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Choice:
    """What the trader looks at."""

    selected: int = 0
    view: MatrixKind = MatrixKind.DELTA
    window_days: int = 30
    all_assets: bool = False
    estimator: str = ""  # empty: the one that goes with the view
    counts: bool = False  # pair counts instead of values
    filter: str = ""
    typing: bool = False  # keys go to the filter
    preset: Preset = Preset.BALANCED
    focus: Panel = Panel.BASKETS
    zoomed: bool = False  # the panel in focus has the screen for itself
    detail: str = ""  # id of the alert shown in full
    page: Page = Page.COCKPIT
    locked: bool = False  # what changes the engine is off until the lock is taken away
    scroll_end: int = 0  # how far the page in front scrolls, as last painted
    scrolled: int = 0  # rows of a page that are above its first one
    tour: int | None = None  # the hint that stands
    asking: Asking | None = None
    note: Note | None = None
    notice: Notice | None = None
    review: Review | None = None
    palette: Palette | None = None
    trying: Trying | None = None
    log_level: int = 0  # turned by a key
    fault: int = 0  # the marked one of the fault page
    lasts: int = 1  # place in `drill.DURATIONS_S`: how long it is broken for
    map: MapChoice = field(default_factory=MapChoice)
    stress: StressChoice = field(default_factory=StressChoice)
    builder: BuilderChoice = field(default_factory=BuilderChoice)
    backtest: BacktestChoice = field(default_factory=BacktestChoice)
    expected: tuple[ProposalId, ...] = ()  # drafted for this trader: they are opened when they come
