"""Owns why an action would do nothing now, in a few words: keys line and palette say the same, and so do the hands.

Looks only at the moment it is given. Where an action counts at all is the key table's; how to get there `ways` knows.
"""

from collections.abc import Callable, Mapping

from tui.cockpit import alerts, reviews
from tui.cockpit.glyphs import clean
from tui.cockpit.key_names import Action
from tui.cockpit.key_row import Key
from tui.cockpit.keys import key_of
from tui.cockpit.scene import Scene

NO_ALERT = "no alert stands"
NO_PROPOSAL = "no proposal waits"
ONE_BY_ONE = "these are decided together: a review of one basket decides alone"
NOT_PENDING = "it does not wait for a decision any more"
UNRANKED = "no basket is marked: rank some first"


def why_not(scene: Scene, row: Key) -> str:
    """Return why an action would do nothing where it counts, empty where it does something."""
    said = barred(scene, row)
    asked = _ASKED.get(row.action)
    return said or (asked(scene) if asked is not None else "")


def barred(scene: Scene, row: Key) -> str:
    """Return why what changes the engine is off wherever it counts, empty where it is on."""
    if row.danger and scene.read_only:
        return "read-only"
    return f"locked: {key_of(Action.LOCK)} unlocks" if row.danger and scene.choice.locked else ""


def locked() -> str:
    """Return what a locked cockpit says to a key that changes the engine."""
    return f"locked: nothing that changes the engine counts; {key_of(Action.LOCK)} unlocks"


def no_alert(scene: Scene) -> str:
    """Return that there is no alert to look at, empty where there is one."""
    return "" if alerts.at_hand(scene) is not None else NO_ALERT


def no_proposal(scene: Scene) -> str:
    """Return that there is no proposal to look at, empty where there is one."""
    return "" if reviews.at_hand(scene) is not None else NO_PROPOSAL


def no_drill(scene: Scene) -> str:
    """Return why nothing can be broken on purpose here, empty where it can."""
    return scene.drill.barrier(scene.health)


def flat(scene: Scene) -> str:
    """Return that the selected basket holds nothing, empty where it does."""
    basket = scene.selected
    if basket is None:
        return "there is no basket"
    return f"{clean(basket.name)} is flat: {key_of(Action.OPEN)} opens it" if basket.planned else ""


def held(scene: Scene) -> str:
    """Return that the selected basket is open, empty where it is flat."""
    basket = scene.selected
    if basket is None:
        return "there is no basket"
    return "" if basket.planned else f"{clean(basket.name)} is open already: {key_of(Action.REBALANCE)} rebalances it"


def unranked(scene: Scene) -> str:
    """Return that the builder has no basket marked, empty where it has."""
    found = scene.labs.build
    return UNRANKED if found is None or not found.baskets or scene.choice.builder.choosing else ""


def undecidable(scene: Scene) -> str:
    """Return why the reviewed proposal cannot be held, snoozed or edited, empty where it can."""
    review = scene.choice.review
    if review is None:
        return ""
    if len(review.pinned) > 1:
        return ONE_BY_ONE
    waits = review.pinned[0].id in (view.proposal.id for view in reviews.pending(scene))
    return "" if waits else NOT_PENDING


def _unapprovable(scene: Scene) -> str:
    review = scene.choice.review
    return reviews.barrier(scene, review) if review is not None else ""


def _newest(scene: Scene) -> str:
    review = scene.choice.review
    newer = review is None or reviews.newer(scene, review) is not None or reviews.quotable(scene, review)
    return "" if newer else "these are the newest numbers"


def _no_leg(scene: Scene) -> str:
    review = scene.choice.review
    return "it is under way" if review is not None and reviews.under_way(scene, review) else ""


def _unanswerable(scene: Scene) -> str:
    alert = alerts.at_hand(scene)
    return NO_ALERT if alert is None or alert.cleared_ms is not None else ""


def _nothing_to_clear(scene: Scene) -> str:
    choice = scene.choice
    return "" if choice.filter or choice.typing or choice.zoomed else "there is no filter and no zoom"


_ASKED: Mapping[Action, Callable[[Scene], str]] = {
    Action.START_ENGINE: lambda scene: "" if scene.can_start_engine else "this cockpit cannot start it",
    Action.BACK: lambda scene: "" if scene.choice.detail or scene.choice.page else "this is the cockpit itself",
    Action.FAULTS: no_drill,
    Action.FILTER_CLEAR: _nothing_to_clear,
    Action.REVIEW: no_proposal,
    Action.DETAIL: no_alert,
    Action.ACKNOWLEDGE: _unanswerable,
    Action.SNOOZE: _unanswerable,
    Action.OPEN: held,
    Action.REBALANCE: flat,
    Action.CLOSE: flat,
    Action.WRITE: unranked,
    Action.APPROVE: _unapprovable,
    Action.HOLD: undecidable,
    Action.LATER: undecidable,
    Action.DROP_LEG: undecidable,
    Action.THREE_QUARTERS: undecidable,
    Action.HALF: undecidable,
    Action.QUARTER: undecidable,
    Action.NEWEST: _newest,
    Action.NEXT_LEG: _no_leg,
}
