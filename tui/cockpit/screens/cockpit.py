"""Owns the cockpit screen: its panels, when each is painted, and what it wants fetched.

Never formats a number (panels do) and never talks to the engine (the bridge does). Paint comes in from the app at no
more than 10 Hz; each widget then sends only what changed.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from textual.app import ComposeResult
from textual.events import Resize
from textual.geometry import Size
from textual.layout import Layout
from textual.screen import Screen
from textual.strip import Strip

from engine.domain.views import Section
from tui.cockpit import arrange, text
from tui.cockpit.deck import ALERTS, BOOKS, HEALTH, PROPOSALS, QUOTES, Want
from tui.cockpit.ink import Line, Paint, Role
from tui.cockpit.layout import MIN_COLUMNS, MIN_ROWS, Form, Panel, Preset, Rect
from tui.cockpit.panels import (
    basket_card,
    basket_list,
    book,
    chart,
    correlation,
    feed,
    keys_line,
    pairs,
    situation,
    status,
    waiting,
)
from tui.cockpit.scene import Scene
from tui.cockpit.screens import overlays, pages
from tui.cockpit.screens.panel_reads import NEVER_GREY, PanelReads
from tui.cockpit.screens.plan_layout import FLOATING, PlanLayout
from tui.cockpit.theme import Theme
from tui.cockpit.widgets.heat_grid import HeatGrid
from tui.cockpit.widgets.lean_paint import LeanCompositor
from tui.cockpit.widgets.live_grid import LiveGrid

_GROUNDS = {"status": Role.RAISED, "keys": Role.BG, "account": Role.BG, FLOATING: Role.PANEL}


class _For(NamedTuple):
    """What a plan was made for."""

    width: int = 0
    height: int = 0
    spread: int = 0
    frozen: bool = False
    page: str = ""
    preset: Preset = Preset.BALANCED
    zoomed: Panel | None = None
    baskets: int = 0
    floating: str = ""


def _covered(scene: Scene, line: Line) -> Line:
    """Return a line as it is, or without the amounts that the engine's own words hold."""
    g = scene.glyphs
    return tuple((text.covered(g, said), paint) for said, paint in line) if g.mask else line


class CockpitScreen(Screen[None], inherit_bindings=False):
    """The first screen."""

    DEFAULT_CSS = "CockpitScreen { overflow: hidden; }"

    def __init__(self, theme: Theme, *, scene: Callable[[], Scene], socket: Path) -> None:
        super().__init__()
        self._compositor = LeanCompositor()
        self._inks = theme
        self._scene = scene
        self._socket = socket
        self._plan = arrange.plan(MIN_COLUMNS, MIN_ROWS)
        self._planned_for = _For()
        self._grids: dict[str, LiveGrid] = {}
        self._painted: dict[str, tuple[object, ...]] = {}
        self._placing = PlanLayout(self._rects)

    def compose(self) -> ComposeResult:
        """Make the widgets of the panels that are placed at first."""
        self.replan(self.app.size)
        yield from self._missing()

    def _missing(self) -> list[LiveGrid]:
        """Make the widgets that the plan needs and nobody has made, and the overlay's; they stay, whatever comes."""
        made = []
        for name in (*self._plan.panels, FLOATING):
            if name not in self._grids:
                kind = HeatGrid if name == "heat" else LiveGrid
                self._grids[name] = kind(self._inks, ground=_GROUNDS.get(name, Role.PANEL), name=name)
                made.append(self._grids[name])
        return made

    def set_theme(self, theme: Theme) -> None:
        """Repaint everything in another theme."""
        self._inks = theme
        self._painted.clear()
        for grid in self._grids.values():
            grid.set_theme(theme)
        self.refresh()

    @property
    def layout(self) -> Layout:
        """Return the layout that follows the plan."""
        return self._placing

    def on_resize(self, event: Resize) -> None:
        """Plan anew and paint at once."""
        if not self.is_attached:
            return
        self._scene().ages.forget()
        self.replan(event.size)
        self.mount(*self._missing())
        self.call_after_refresh(self.paint)

    def render_line(self, y: int) -> Strip:
        """Return the background between the cards."""
        return Strip.blank(self.size.width, self._inks.style(Paint(bg=Role.BG), frozen=self._planned_for.frozen))

    def wants(self) -> list[Want]:
        """Return what this screen shows now."""
        scene, panels = self._scene(), self._plan.panels
        wants = [HEALTH, QUOTES, BOOKS, ALERTS, PROPOSALS]
        chosen = scene.selected
        page = next((name for name in panels if name in pages.NAMES), "")
        if page:
            return [*wants, *pages.page(page).wants(scene)]
        if chosen is None or self._plan.form is Form.TINY:
            return wants
        if "heat" in panels:
            wants += [scene.matrix_want(kind) for kind in correlation.kinds_shown(scene)]
        if "pairs" in panels or "chart" in panels:
            wants.append(Want(Section.SERIES, chosen.name))
        second = chart.second_basket(scene) if "chart" in panels else None
        if second is not None:
            wants.append(Want(Section.SERIES, second.name))
        return wants

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Return which panels can be in focus now."""
        return self._plan.shown

    def replan(self, size: Size | None = None) -> bool:
        """Compute the plan for the size and the choice; True where widgets have to move."""
        scene = self._scene()
        width, height = size or self.size
        spread = len(scene.deck.quotes()[0]) or 24 if scene.choice.all_assets else 0
        page = pages.shown(scene)
        choice = scene.choice
        zoomed = choice.focus if choice.zoomed else None
        many = len(scene.books.baskets) if zoomed is Panel.BASKETS else 0
        floating = overlays.standing(scene)
        wanted = _For(width, height, spread, scene.frozen, page, choice.preset, zoomed, many, floating)
        if wanted == self._planned_for:
            return False
        self._planned_for = wanted
        self._plan = arrange.plan(
            width, height, all_assets=spread, page=page, preset=choice.preset, zoomed=zoomed, baskets=many
        )
        self._painted.clear()
        return True

    def paint(self) -> None:
        """Show the scene of now. Moves widgets first where the plan changed. Nothing once the app is leaving."""
        if not self.is_attached:  # Textual refuses widgets then, and the trader would see a traceback
            return
        if self.replan():
            self.mount(*self._missing())
            self._clear_arrangement_cache()  # Textual keeps an arrangement per size; ours also follows the choice
            self.refresh(layout=True)
            self.call_after_refresh(self.paint)
            return
        scene = self._scene()
        if self._plan.form is Form.TINY:  # what cannot be read cannot be confirmed
            scene.choice.asking = scene.choice.note = scene.choice.review = scene.choice.palette = None
        changed = set()
        read_by = PanelReads(scene, self._first_card(scene))
        for name, rect in self._rects(self.size).items():
            reads = read_by.of(name)
            if reads and self._painted.get(name) == reads:
                continue
            moved = self._grids[name].size != rect[2:]  # not laid out yet: it is painted again when it is
            self._painted[name] = () if moved else reads
            lines = [_covered(scene, line) for line in self._lines(name, scene, rect)]
            muted = name not in NEVER_GREY
            if self._grids[name].show(lines, frozen=scene.frozen and muted, veiled=scene.veiled and muted):
                changed.add(self._grids[name])
        self._send(changed)

    def _send(self, changed: set[LiveGrid]) -> None:
        """Send what changed now: Textual would let it wait for a frame timer of its own, up to 16 ms."""
        for grid in changed:
            grid._repaint_required = False  # it need not tell us
        self._dirty_widgets |= changed
        if self._dirty_widgets:
            self._on_timer_update()

    def _rects(self, size: Size) -> Mapping[str, Rect]:
        rects = dict(self._plan.panels)
        floats = self._planned_for.floating
        if not floats or self._plan.form is Form.TINY:
            return rects
        rects[FLOATING] = overlays.place(floats, self._scene().choice.tour, self._plan.panels, size)
        return rects

    def _lines(self, name: str, scene: Scene, rect: Rect) -> list[Line]:
        width, height = rect.width, rect.height
        if name.startswith("card"):
            return self._card(scene, int(name.removeprefix("card")), rect)
        if name in pages.NAMES:
            return pages.page(name).paint(scene, width, height)
        makers: Mapping[str, Callable[[], list[Line]]] = {
            "status": lambda: [status.status(scene, width)],
            "situation": lambda: [self._situation(scene, width)],
            "account": lambda: [situation.account(scene, width, page=self._page(scene))],
            "keys": lambda: [keys_line.keys_line(scene, width)],
            "list": lambda: basket_list.basket_list(scene, width, height),
            "basket": lambda: self._basket(scene, rect),
            "heat_head": lambda: [correlation.header(scene, width)],
            "heat": lambda: correlation.stair(
                scene, width, height, cell_width=self._plan.cell_width, cell_height=self._plan.cell_height
            ),
            "pairs": lambda: pairs.pairs(scene, width, height),
            "feed": lambda: feed.feed(scene, width, height),
            "chart": lambda: chart.chart(scene, width, height),
            "book": lambda: book.book(scene, width, height),
            "waiting": lambda: waiting.waiting(scene, width, height),
            FLOATING: lambda: overlays.lines(scene, width, height, self._socket),
        }
        return makers[name]()

    def _situation(self, scene: Scene, width: int) -> Line:
        if self._plan.form is Form.TINY:
            return ((f" needs {MIN_COLUMNS}x{MIN_ROWS}"[:width], Paint(Role.WATCH, bold=True)),)
        return situation.situation(scene, width)

    def _first_card(self, scene: Scene) -> int:
        count, cards = len(scene.books.baskets), self._plan.cards
        return scene.choice.selected % count // cards * cards if count and cards else 0

    def _page(self, scene: Scene) -> str:
        count, first = len(scene.books.baskets), self._first_card(scene)
        cards = self._plan.cards
        if count <= cards or not cards:
            return ""
        return f"baskets {first + 1}{scene.glyphs.dash}{min(count, first + cards)} of {count}"

    def _basket(self, scene: Scene, rect: Rect) -> list[Line]:
        """Return the selected basket: its figures in the strip where that is wide enough, else as a card."""
        chosen = scene.selected
        if chosen is None:
            return []
        if rect.width >= MIN_COLUMNS:
            return basket_list.basket_panel(scene, chosen, rect.width, rect.height)
        return basket_card.card(scene, chosen, rect.width, min(rect.height, 9), selected=True)

    def _card(self, scene: Scene, slot: int, rect: Rect) -> list[Line]:
        baskets = scene.books.baskets
        index = self._first_card(scene) + slot
        if index >= len(baskets):
            return []
        selected = index == scene.choice.selected % len(baskets)
        return basket_card.card(scene, baskets[index], rect.width, rect.height, selected=selected)
