"""Owns how to get where an action counts: which page, review or alert has to stand in front for it.

Only knows the way; the hands go it. What counts only while something is typed or asked has none.
"""

from collections.abc import Callable, Mapping

from tui.cockpit.key_names import PLACES, Action, Context
from tui.cockpit.key_row import Key
from tui.cockpit.reasons import no_alert, no_drill, no_proposal
from tui.cockpit.scene import PAGE_CONTEXTS, Scene

_NEEDS: Mapping[Context, Callable[[Scene], str]] = {
    Context.REVIEW: no_proposal,
    Context.DETAIL: no_alert,
    Context.FAULTS: no_drill,
}
_OPEN = frozenset({*PAGE_CONTEXTS.values(), *_NEEDS, Context.HELP})
_SEEN_FIRST = (Action.BREAK, Action.MEND)
_COME_OUT = (Action.BACK, Action.CLOSE_REVIEW)  # nobody goes in to come out


def leads_somewhere(row: Key) -> bool:
    """Return whether an action counts in a place that can be gone to."""
    return row.action not in _COME_OUT and any(place in _OPEN for place in row.contexts)


def needs_a_look(row: Key) -> bool:
    """Return whether an action waits for its own key after its place was gone to: it acts on more than the screen."""
    return row.danger or row.action in _SEEN_FIRST


def way(scene: Scene, row: Key) -> Context | None:
    """Return the place to go to for an action: what lies under a review first, then the table's order; or None."""
    if not leads_somewhere(row):
        return None
    places = [place for place in (scene.page_context, *row.contexts) if place in row.contexts and place in _OPEN]
    return next((place for place in places if not _missing(scene, place)), None)


def no_way(scene: Scene, row: Key) -> str:
    """Return why there is no way to an action."""
    missing = [said for place in row.contexts if (said := _missing(scene, place))] if leads_somewhere(row) else []
    return missing[0] if missing else f"only {PLACES[row.contexts[0]]}"


def _missing(scene: Scene, place: Context) -> str:
    needs = _NEEDS.get(place)
    return needs(scene) if needs is not None else ""
