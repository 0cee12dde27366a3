"""How each action of the key table is tried on a running cockpit: where it counts, what it changes, what it becomes.

One row per action. `look` reads something that the action alone changes: a walk sees it before and after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from engine.domain.commands import EditProposal
from engine.domain.views import MatrixKind
from support.cockpit_pilot import Rig
from support.fake_engine import FakeEngine
from support.fake_exchange import FakeExchange
from support.fake_facts import opening
from support.fake_scene import FakeScene
from support.gallery import cascade
from support.lab_answers import calls
from tui.cockpit.choice import Page
from tui.cockpit.key_names import Action
from tui.cockpit.lab_choice import MONEY, RHO
from tui.cockpit.layout import Panel, Preset


class Behind:
    """Whoever may start the engine; it only counts how often it was asked to."""

    can_start_engine = True
    started = 0

    def status(self) -> str:
        """Prepare nothing."""
        return ""

    def failure(self) -> str | None:
        """Never fail."""
        return None

    def ready(self) -> None:
        """Hear of the first frame."""

    def start_engine(self) -> None:
        """Count."""
        self.started += 1

    def leave_note(self) -> str:
        """Say nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class Stand:
    """A cockpit to try keys on, and what stands around it."""

    rig: Rig
    folder: Path
    exchange: FakeExchange
    behind: Behind


Look = Callable[[Stand], object]


class Other:
    """Stands for any value but the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How one action is tried: keys that lead there, what is looked at, what it becomes, keys that finish it.

    `named` are the keys that finish it where it was chosen by name, if others; `starts` those that lead there then.
    """

    to: str = ""
    look: Look
    becomes: object = True
    then: str = ""
    named: str | None = None
    starts: str | None = None
    engine: Callable[[], FakeEngine] = cascade
    size: tuple[int, int] = (120, 40)
    gone: bool = False  # the engine ends first
    ready: Look = lambda _: True  # what has to be so before it is tried


def _choice(path: str) -> Look:
    return lambda stand: attrgetter(path)(stand.rig.app.choice)


def _none(path: str) -> Look:
    return lambda stand: attrgetter(path)(stand.rig.app.choice) is None


def _acts(stand: Stand) -> object:
    return [type(act).__name__ for act in stand.rig.engine.acts]


def _edits(stand: Stand) -> object:
    edits = [act for act in stand.rig.engine.acts if isinstance(act, EditProposal)]
    return [(float(act.scale), act.drop) for act in edits]


def _theme(stand: Stand) -> object:
    return stand.rig.app.looks.theme.name


def _says(words: str) -> Look:
    return lambda stand: words in stand.rig.text


def _page(page: Page, head: str) -> Look:
    return lambda stand: stand.rig.app.choice.page is page and head in stand.rig.rows[3]


def _files(pattern: str) -> Look:
    return lambda stand: bool(list((stand.folder / "exports").glob(pattern)))


def _asked(words: str) -> Look:
    return lambda stand: sum(words in call for call in calls(stand.folder))


def _left(stand: Stand) -> object:
    return stand.rig.app._exit


def _flat() -> FakeEngine:
    return FakeEngine(FakeScene(planned=True))


def _moved() -> FakeEngine:
    """Return an engine whose proposal could be had only at other prices."""
    engine = cascade()
    engine.desk.refusals[next(iter(engine.desk.views))] = "ETH left its band"
    return engine


def _told() -> FakeEngine:
    """Return an engine with more facts than a small screen shows."""
    engine = cascade()
    for _ in range(4):
        engine.add(*opening(engine.scene))
    return engine


_SMALL = (80, 24)
_RHO, _MONEY = RHO.index(95), MONEY.index(12_000)
_LOOKING: Mapping[Action, Walk] = {
    Action.NEXT_BASKET: Walk(look=_choice("selected"), becomes=1),
    Action.PREVIOUS_BASKET: Walk(look=_choice("selected"), becomes=-1),
    Action.NEXT_ALERT: Walk(to="enter", look=_choice("detail"), becomes=Other),
    Action.PREVIOUS_ALERT: Walk(to="enter", look=_choice("detail"), becomes=Other),
    Action.DETAIL: Walk(look=_says("evidence")),
    Action.FILTER: Walk(look=_choice("typing")),
    Action.FILTER_KEEP: Walk(to="slash x", look=_choice("typing"), becomes=False),
    Action.FILTER_CLEAR: Walk(to="slash x enter", look=_choice("filter"), becomes=""),
    Action.FILTER_ERASE: Walk(to="slash x y", look=_choice("filter"), becomes="x"),
    Action.VIEW: Walk(look=_choice("view"), becomes=MatrixKind.BASE),
    Action.WINDOW: Walk(look=_choice("view"), becomes=MatrixKind.WINDOW),
    Action.ESTIMATOR: Walk(look=_choice("estimator"), becomes="pearson"),
    Action.COUNTS: Walk(look=_choice("counts")),
    Action.SCOPE: Walk(look=_choice("all_assets")),
    Action.THEME: Walk(look=_theme, becomes="redgreen"),
    Action.THEME_NEXT: Walk(to="t", look=_theme, becomes="ansi16"),
    Action.THEME_PREVIOUS: Walk(to="t", look=_theme, becomes="graphite"),
    Action.THEME_KEEP: Walk(to="t", look=attrgetter("rig.app.memory.kept.theme"), becomes="redgreen"),
    Action.THEME_BACK: Walk(to="t", look=_theme, becomes="graphite"),
    Action.LAYOUT: Walk(look=_choice("preset"), becomes=Preset.BASKETS),
    Action.NEXT_PANEL: Walk(look=_choice("focus"), becomes=Panel.CORRELATION),
    Action.ZOOM: Walk(look=_choice("zoomed")),
    Action.PRIVATE: Walk(look=_says("•••")),
    Action.COPY: Walk(look=_files("copied.txt")),
    Action.SNAPSHOT: Walk(look=_files("*.svg")),
    Action.EXPORT: Walk(look=_files("*baskets.csv")),
    Action.LOCK: Walk(look=_choice("locked")),
    Action.NEXT_HINT: Walk(look=_choice("tour"), becomes=0),
    Action.NO_HINTS: Walk(to="G", look=_none("tour")),
    Action.HELP: Walk(look=attrgetter("rig.app.on_help")),
    Action.NEXT_PAGE: Walk(to="question_mark", starts="", look=_says("page 2 of"), size=_SMALL),
    Action.BACK: Walk(to="b", look=_choice("page"), becomes=Page.COCKPIT),
    Action.RETRY: Walk(look=attrgetter("rig.app.deck.frozen"), becomes=False, gone=True),
    Action.START_ENGINE: Walk(look=attrgetter("behind.started"), becomes=1, gone=True),
    Action.QUIT: Walk(look=_left),
    Action.LEAVE: Walk(to="a", look=_left),
}
_PAGES: Mapping[Action, Walk] = {
    Action.BLOTTER: Walk(look=_page(Page.BLOTTER, "blotter")),
    Action.JOURNAL: Walk(look=_page(Page.JOURNAL, "journal")),
    Action.STRESS: Walk(look=_page(Page.STRESS, "stress lab")),
    Action.BUILDER: Walk(look=_page(Page.BUILDER, "basket builder")),
    Action.BACKTEST: Walk(look=_page(Page.BACKTEST, "backtest")),
    Action.HEALTH: Walk(look=_page(Page.HEALTH, "health")),
    Action.MAP: Walk(look=_page(Page.MAP, "correlation of all")),
    Action.FAULTS: Walk(look=_page(Page.FAULTS, "faults")),
    Action.SCROLL_DOWN: Walk(to="l", look=_choice("scrolled"), becomes=5, engine=_told, size=_SMALL),
    Action.SCROLL_UP: Walk(to="l j", look=_choice("scrolled"), becomes=0, engine=_told, size=_SMALL),
    Action.LOG_LEVEL: Walk(to="i", look=_says("log  warnings")),
    Action.NEXT_ASSET: Walk(to="m", look=_choice("map.row"), becomes=2),
    Action.PREVIOUS_ASSET: Walk(to="m", look=_choice("map.row"), becomes=Other),
    Action.NEXT_PARTNER: Walk(to="m", look=_choice("map.column"), becomes=2),
    Action.PREVIOUS_PARTNER: Walk(to="m", look=_choice("map.column"), becomes=Other),
    Action.LARGEST_MOVE: Walk(to="m", look=_choice("map.row"), becomes=Other),
    Action.TRIANGLES: Walk(to="m", look=_says("above Δ")),
    Action.NETWORK: Walk(to="m", look=_says("strongest ties")),
    Action.NEXT_FAULT: Walk(to="D", look=_choice("fault"), becomes=1),
    Action.PREVIOUS_FAULT: Walk(to="D", look=_choice("fault"), becomes=-1),
    Action.BREAK: Walk(to="D", look=attrgetter("exchange.asked"), becomes=[("drop-before", 30)]),
    Action.LONGER: Walk(to="D", look=_choice("lasts"), becomes=2),
    Action.SHORTER: Walk(to="D", look=_choice("lasts"), becomes=0),
    Action.MEND: Walk(to="D", look=attrgetter("exchange.mended"), becomes=1),
    Action.PALETTE: Walk(look=_says(" palette ")),
    Action.PALETTE_RUN: Walk(to="colon b l o t", look=_page(Page.BLOTTER, "blotter")),
    Action.PALETTE_NEXT: Walk(to="colon", look=_choice("palette.at"), becomes=1),
    Action.PALETTE_PREVIOUS: Walk(to="colon", look=_choice("palette.at"), becomes=-1),
    Action.PALETTE_ERASE: Walk(to="colon x y", look=_choice("palette.text"), becomes="x"),
    Action.PALETTE_LEAVE: Walk(to="colon", look=_none("palette")),
}
_LABS: Mapping[Action, Walk] = {
    Action.NEXT_ROW: Walk(to="u", look=_choice("builder.pick"), becomes=1),
    Action.PREVIOUS_ROW: Walk(to="u", look=_choice("builder.pick"), becomes=-1),
    Action.CANDIDATES: Walk(to="u", look=_says("whose assets are the candidates?")),
    Action.CURVE: Walk(to="g", look=_choice("backtest.drawdown")),
    Action.TYPE_ASSETS: Walk(to="u", look=_choice("builder.typed"), becomes="e", then="e enter"),
    Action.WORDS_KEEP: Walk(to="u slash e", look=_choice("builder.typed"), becomes="e"),
    Action.PRICE_FILE: Walk(to="u", look=_choice("builder.prices"), becomes="x", then="x enter"),
    Action.SHAPE: Walk(to="u", look=_asked("--shape neutral"), becomes=1),
    Action.MORE_MONEY: Walk(to="u", look=_choice("builder.money"), becomes=_MONEY + 1),
    Action.LESS_MONEY: Walk(to="u", look=_choice("builder.money"), becomes=_MONEY - 1),
    Action.TAKE: Walk(to="u c tab", look=_choice("builder.source"), becomes="defi"),
    Action.WRITE: Walk(to="u", look=_asked("--write m"), becomes=1, then="m enter y"),
    Action.NEXT_BOOK: Walk(to="s", look=_choice("stress.book"), becomes=1),
    Action.PREVIOUS_BOOK: Walk(to="s", look=_choice("stress.book"), becomes=-1),
    Action.FIRST_SLIDER: Walk(to="s 2", look=_choice("stress.slider"), becomes=0),
    Action.SECOND_SLIDER: Walk(to="s", look=_choice("stress.slider"), becomes=1),
    Action.THIRD_SLIDER: Walk(to="s", look=_choice("stress.slider"), becomes=2),
    Action.SLIDE_UP: Walk(to="s", look=lambda stand: stand.rig.app.choice.stress.at[0], becomes=_RHO + 1),
    Action.SLIDE_DOWN: Walk(to="s", look=lambda stand: stand.rig.app.choice.stress.at[0], becomes=_RHO - 1),
    Action.POSITIONS: Walk(to="s", look=_says("base exposure")),
    Action.AGAIN: Walk(to="s", look=_asked("--lab-of"), becomes=2),
    Action.FURTHER: Walk(to="s", look=_choice("scrolled"), becomes=Other, size=_SMALL, ready=_choice("scroll_end")),
}
_DECIDING: Mapping[Action, Walk] = {
    Action.ACKNOWLEDGE: Walk(look=_acts, becomes=["AcknowledgeAlert"], then="y"),
    Action.SNOOZE: Walk(look=_acts, becomes=["SnoozeAlert"], then="y"),
    Action.CONFIRM: Walk(to="o", look=_acts, becomes=["AcknowledgeAlert"]),
    Action.CANCEL: Walk(to="o", look=_none("asking")),
    Action.REVIEW: Walk(look=_says("press  y  to approve")),
    Action.NEWEST: Walk(to="a", look=_edits, becomes=[(1.0, ())], engine=_moved),
    Action.CLOSE_REVIEW: Walk(to="a", look=_none("review")),
    Action.APPROVE: Walk(to="a", look=_acts, becomes=["ApproveProposals"], named="y"),
    Action.HOLD: Walk(to="a", look=_acts, becomes=["HoldProposal"], then="enter"),
    Action.LATER: Walk(to="a", look=_acts, becomes=["SnoozeProposal"]),
    Action.NEXT_LEG: Walk(to="a", look=_choice("review.leg"), becomes=1),
    Action.PREVIOUS_LEG: Walk(to="a", look=_choice("review.leg"), becomes=4),
    Action.DROP_LEG: Walk(to="a", look=_edits, becomes=[(1.0, ("ETH",))]),
    Action.THREE_QUARTERS: Walk(to="a", look=_edits, becomes=[(0.75, ())]),
    Action.HALF: Walk(to="a", look=_edits, becomes=[(0.5, ())]),
    Action.QUARTER: Walk(to="a", look=_edits, becomes=[(0.25, ())]),
    Action.MORE: Walk(to="a", look=_says("page 2 of 2"), size=_SMALL),
    Action.REBALANCE: Walk(look=_acts, becomes=["RebalanceBasket"], then="w enter"),
    Action.OPEN: Walk(look=_acts, becomes=["OpenBasket"], engine=_flat),
    Action.CLOSE: Walk(look=_acts, becomes=["CloseBasket"]),
    Action.FLATTEN: Walk(look=_acts, becomes=["FlattenAccount"]),
    Action.HALT: Walk(look=_acts, becomes=["HaltTrading"], then="y"),
    Action.NOTE_KEEP: Walk(to="a h", look=_acts, becomes=["HoldProposal"]),
    Action.NOTE_DROP: Walk(to="a h", look=_none("note")),
    Action.NOTE_ERASE: Walk(to="a h x y", look=_choice("note.text"), becomes="x"),
}
WALKS: Mapping[Action, Walk] = {**_LOOKING, **_PAGES, **_LABS, **_DECIDING}
