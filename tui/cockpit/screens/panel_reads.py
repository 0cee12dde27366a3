"""Owns what each panel's content depends on, so that a panel whose reasons stand still is not made again.

Never makes a panel: `CockpitScreen` compares what is returned here with the last time.
"""

from collections.abc import Mapping
from functools import cached_property

from engine.domain.views import BasketState, BasketView, Section
from tui.cockpit import crumbs
from tui.cockpit.ages import step_of
from tui.cockpit.scene import Scene
from tui.cockpit.screens import pages
from tui.cockpit.screens.pages import Reads
from tui.cockpit.screens.plan_layout import FLOATING

TICKING = ("status", "situation", "keys", FLOATING)
NEVER_GREY = ("status", "keys", FLOATING)
AGES_BEHIND_S = 10.0  # prices behind a question, whose ages nobody reads
COUNTED_EVERY_S = 2.0  # how long an alert stands and a proposal has left is looked at this often
_COUNTED = (BasketState.ALERT, BasketState.PROPOSAL)


class PanelReads:
    """What the panels depend on at one moment."""

    def __init__(self, scene: Scene, first_card: int) -> None:
        self._scene = scene
        self._first_card = first_card
        at, choice = scene.deck.revisions, scene.choice
        self._shared: Reads = (
            *(choice.focus, choice.zoomed),
            *(choice.selected, choice.view, choice.window_days, choice.all_assets, choice.estimator, choice.counts),
            *(scene.frozen, at[Section.BOOKS], at[Section.ALERTS], at[Section.PROPOSALS]),
        )

    def of(self, name: str) -> Reads:
        """Return what a panel's content depends on; unchanged means nothing to do. Empty: it has to be asked."""
        scene = self._scene
        if name in TICKING and not (scene.veiled and name not in NEVER_GREY):  # what counts down is counted in front
            return ()
        if name in pages.NAMES:
            return (*self._shared, *pages.page(name).reads(scene))
        if name.startswith("card"):  # its own prices alone: of many, one turns old every second
            shown = scene.books.baskets[self._first_card + int(name.removeprefix("card")) :][:1]
            return (*self._timed, self._first_card, *map(self._aged, shown))
        return self._by_name.get(name, self._priced)

    @cached_property
    def _by_name(self) -> Mapping[str, Reads]:
        scene, shared, at = self._scene, self._shared, self._scene.deck.revisions
        matrices = (*shared, at[Section.MATRIX], len(scene.deck.refused))
        series = (*shared, at[Section.SERIES])
        return {
            "feed": (*shared, scene.deck.feed_revision, scene.feed_ms, scene.choice.filter, scene.choice.typing),
            "account": (*self._priced, crumbs.path(scene)),
            "waiting": (*self._priced, int(scene.now / COUNTED_EVERY_S)),
            "heat": matrices,
            "heat_head": (*matrices, *series),
            "pairs": series,
            "chart": series,
        }

    @cached_property
    def _priced(self) -> Reads:
        """Return what everything with prices depends on: their ages too, by the steps in which they are shown."""
        return (*self._timed, tuple(self._aged(basket) for basket in self._scene.books.baskets))

    @cached_property
    def _timed(self) -> Reads:
        """Return what prices depend on beside their ages."""
        scene, priced = self._scene, (*self._shared, self._scene.deck.revisions[Section.QUOTES])
        if scene.veiled:
            return (*priced, int(scene.now / AGES_BEHIND_S))
        counted = any(basket.state in _COUNTED for basket in scene.books.baskets)
        return (*priced, int(scene.now / COUNTED_EVERY_S) if counted else 0)

    def _aged(self, basket: BasketView) -> Reads:
        scene = self._scene
        if scene.veiled:
            return ()
        rows = map(scene.deck.quotes()[0].get, (asset.asset for asset in basket.assets))
        return tuple((step_of(scene.age(row)), scene.stale(row)) for row in rows if row is not None)
