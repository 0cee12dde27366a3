"""Owns one moment as the panels see it: what is known, what the trader chose to look at, how this terminal looks.

Never changes anything: the screen builds a Scene per paint and panels read it. Market times here are sampled once a
second, so that a market running at x600 does not repaint clocks ten times a second.
"""

import math
from dataclasses import dataclass, field

from engine.domain.units import Asset, Ms
from engine.domain.views import (
    ALL_ASSETS,
    BasketView,
    BooksView,
    HealthView,
    MatrixKind,
    QuoteRow,
    Section,
)
from tui.cockpit.ages import AgeBook
from tui.cockpit.choice import Choice, Notice, Page
from tui.cockpit.deck import Deck, Matrix, Want
from tui.cockpit.drill import Drill
from tui.cockpit.glyphs import Glyphs
from tui.cockpit.ink import Ramp
from tui.cockpit.key_names import Context
from tui.cockpit.labs import Labs
from tui.cockpit.theme import Theme

VIEWS = (MatrixKind.BASE, MatrixKind.NOW, MatrixKind.DELTA)
PAGE_CONTEXTS = {
    Page.COCKPIT: Context.COCKPIT,
    Page.BLOTTER: Context.BLOTTER,
    Page.JOURNAL: Context.JOURNAL,
    Page.STRESS: Context.STRESS,
    Page.BUILDER: Context.BUILDER,
    Page.BACKTEST: Context.BACKTEST,
    Page.MAP: Context.MAP,
    Page.HEALTH: Context.HEALTH,
    Page.FAULTS: Context.FAULTS,
}
_EMPTY_BOOKS = BooksView()


@dataclass(slots=True, kw_only=True)
class Scene:
    """Everything a panel may read. `now` is host monotonic seconds; `tick_ms` the engine's clock as last sampled."""

    deck: Deck
    choice: Choice
    glyphs: Glyphs
    theme: Theme
    now: float
    tick_ms: Ms | None = None
    feed_ms: Ms | None = None
    backstage: str = ""
    read_only: bool = False
    can_start_engine: bool = False
    ages: AgeBook = field(default_factory=AgeBook)
    labs: Labs = field(default_factory=Labs)
    drill: Drill = field(default_factory=Drill)

    @property
    def health(self) -> HealthView | None:
        """Return the newest health."""
        return self.deck.health

    @property
    def books(self) -> BooksView:
        """Return the newest books, empty before any came."""
        return self.deck.books or _EMPTY_BOOKS

    @property
    def frozen(self) -> bool:
        """Return True when everything below the situation line is old."""
        return self.deck.frozen

    @property
    def selected(self) -> BasketView | None:
        """Return the selected basket."""
        baskets = self.books.baskets
        return baskets[self.choice.selected % len(baskets)] if baskets else None

    @property
    def to_check_ms(self) -> float:
        """Return how long until the next check by the clock that is shown, NaN where unknown; not above 0: due.

        The clock shown is up to a second of host time old, which at x3600 is an hour of market time: the check then
        lies more than a cycle ahead of it, and the one that comes first by this clock counts.
        """
        health = self.health
        if health is None:
            return math.nan
        ahead = health.next_check_ms - (health.market_ms if self.tick_ms is None else self.tick_ms)
        return (ahead - 1) % health.check_every_ms + 1 if ahead > 0 else ahead

    @property
    def notice(self) -> Notice | None:
        """Return the notice that still counts."""
        found = self.choice.notice
        return found if found is not None and found.until > self.now else None

    @property
    def context(self) -> Context:
        """Return where the trader is, the help page apart."""
        choice = self.choice
        asked = choice.note is not None or choice.asking is not None
        return Context.PALETTE if choice.palette is not None and not asked and not self.frozen else self.beneath

    @property
    def beneath(self) -> Context:
        """Return where the trader is, the palette apart."""
        choice = self.choice
        in_front = (
            (self.frozen, Context.GONE),
            (choice.note is not None and choice.note.takes is not None, Context.WORDS),
            (choice.note is not None, Context.NOTE),
            (choice.asking is not None, Context.CONFIRM),
            (choice.review is not None, Context.REVIEW),
            (choice.trying is not None, Context.THEMES),
            (choice.typing, Context.FILTER),
        )
        return next((context for stands, context in in_front if stands), self.page_context)

    @property
    def page_context(self) -> Context:
        """Return which page is the frontmost one, whatever stands before it."""
        choice = self.choice
        return Context.DETAIL if choice.detail and choice.page is Page.COCKPIT else PAGE_CONTEXTS[choice.page]

    @property
    def veiled(self) -> bool:
        """Return True while a question, a note or a review stands in front of everything."""
        choice = self.choice
        return (choice.asking or choice.note or choice.review or choice.palette) is not None and not self.frozen

    @property
    def scope(self) -> str:
        """Return the scope of the matrix shown."""
        if self.choice.all_assets:
            return ALL_ASSETS
        return self.selected.name if self.selected else ""

    def level_glyph(self, ramp: Ramp, level: int) -> str:
        """Return the character that says a heat level where there is no color, empty where there is."""
        g, found = self.glyphs, self.theme.glyph(ramp, level)
        if not found or g.braille:
            return found
        return (g.more[level - 1] if level > 0 else g.less[-level - 1]) if level else g.info

    def age(self, row: QuoteRow | None) -> float:
        """Return how old a price is now, NaN where none came."""
        if row is None or math.isnan(row.age_s):
            return math.nan
        return row.age_s + self.now - self.deck.quotes()[1]

    def stale(self, row: QuoteRow | None) -> bool:
        """Return True where a price is too old, or everything is."""
        limit = self.health.stale_after_s if self.health else 15.0
        return row is not None and (self.frozen or row.stale or self.age(row) > limit)

    def stale_assets(self, basket: BasketView) -> frozenset[Asset]:
        """Return the basket's assets whose price came once and is too old now; a frozen screen says so itself."""
        rows, _ = self.deck.quotes()
        if self.frozen:
            return frozenset()
        return frozenset(
            asset.asset
            for asset in basket.assets
            if (row := rows.get(asset.asset)) is not None and not math.isnan(row.age_s) and self.stale(row)
        )

    def matrix_want(self, kind: MatrixKind) -> Want:
        """Return the key of a matrix of the scope shown."""
        days = self.choice.window_days if kind is MatrixKind.WINDOW else 0
        return Want(Section.MATRIX, self.scope, kind, days, self.choice.estimator)

    def matrix(self, kind: MatrixKind) -> Matrix | None:
        """Return the newest matrix of this kind for the scope shown."""
        return self.deck.matrices.get(self.matrix_want(kind))
