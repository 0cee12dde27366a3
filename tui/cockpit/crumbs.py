"""Owns the way from the cockpit to where the trader is, level by level: what escape comes out of, one after the other.

Only names; `panels.situation` shows them in the account line, at the same place on every page and in every size.
"""

from tui.cockpit import alerts
from tui.cockpit.choice import FILTERED, Page
from tui.cockpit.glyphs import clean
from tui.cockpit.key_names import Context
from tui.cockpit.scene import PAGE_CONTEXTS, Scene

_LONGEST = 24


def path(scene: Scene) -> tuple[str, ...]:
    """Return the levels, the cockpit first: `cockpit`, `layer-1`, `proposal 3`."""
    levels = [str(Context.COCKPIT), *_page(scene), *_review(scene)]
    if scene.choice.note is not None or scene.choice.asking is not None:
        levels.append("question")
    return tuple(level[:_LONGEST] for level in levels)


def _page(scene: Scene) -> list[str]:
    choice = scene.choice
    if choice.page is not Page.COCKPIT:
        return [str(PAGE_CONTEXTS[choice.page]), *_on_page(scene)]
    if choice.detail:
        alert = alerts.shown(scene)
        return [alerts.subject(alert), "alert"] if alert is not None else ["alert"]
    if choice.review is not None:
        return []
    zoomed = [str(choice.focus)] if choice.zoomed else []
    if choice.all_assets:
        return ["all assets", *zoomed]
    return [*([clean(scene.selected.name)] if scene.selected is not None else []), *zoomed]


def _on_page(scene: Scene) -> list[str]:
    """Return what escape comes out of before it leaves the page."""
    choice = scene.choice
    if choice.page in FILTERED and (choice.filter or choice.typing):
        return [f"/{clean(choice.filter)}"]
    return ["candidates"] if choice.page is Page.BUILDER and choice.builder.choosing else []


def _review(scene: Scene) -> list[str]:
    review = scene.choice.review
    if review is None:
        return []
    first = review.pinned[0]
    if len(review.pinned) > 1:
        return [f"{len(review.pinned)} proposals"]
    name = clean(first.basket)
    basket = [name] if scene.choice.page is Page.COCKPIT else []  # elsewhere its own strip says it
    return [*basket, f"proposal {clean(first.id).removeprefix(name).lstrip('-.') or clean(first.id)}"]
