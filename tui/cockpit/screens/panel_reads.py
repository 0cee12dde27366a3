"""Owns what each panel's content depends on, so that a panel whose reasons stand still is not made again.

Never makes a panel: `CockpitScreen` compares what is returned here with the last time.
"""

from collections.abc import Mapping

from engine.domain.views import Section
from tui.cockpit import crumbs
from tui.cockpit.scene import Scene
from tui.cockpit.screens import pages
from tui.cockpit.screens.pages import Reads
from tui.cockpit.screens.plan_layout import FLOATING

TICKING = ("status", "situation", "keys", FLOATING)
NEVER_GREY = ("status", "keys", FLOATING)
AGES_BEHIND_S = 10.0  # the same behind a question, where nobody reads them
AGES_EVERY_S = 2.0  # rows whose data stand still are looked at this often for their ages


def reads(name: str, scene: Scene) -> Reads:
    """Return what a panel's content depends on; unchanged means nothing to do. Empty: it has to be asked."""
    behind = scene.veiled and name not in NEVER_GREY  # what counts down is counted in front
    if name in TICKING and not behind:
        return ()
    deck, choice = scene.deck, scene.choice
    at = deck.revisions
    stands = (choice.focus, choice.zoomed)
    shown = (choice.selected, choice.view, choice.window_days, choice.all_assets, choice.estimator, choice.counts)
    shared = (*stands, *shown, scene.frozen, at[Section.BOOKS], at[Section.ALERTS], at[Section.PROPOSALS])
    if name in pages.NAMES:
        return (*shared, *pages.page(name).reads(scene))
    matrices = (*shared, at[Section.MATRIX], len(deck.refused))
    series = (*shared, at[Section.SERIES])
    ages = int(scene.now / (AGES_BEHIND_S if behind else AGES_EVERY_S))
    read_by: Mapping[str, Reads] = {
        "feed": (*shared, deck.feed_revision, scene.feed_ms, choice.filter, choice.typing),
        "account": (*shared, crumbs.path(scene), at[Section.QUOTES], ages),
        "heat": matrices,
        "heat_head": (*matrices, *series),
        "pairs": series,
        "chart": series,
    }
    return read_by.get(name, (*shared, at[Section.QUOTES], ages))
