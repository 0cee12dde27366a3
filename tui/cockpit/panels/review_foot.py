"""Owns the foot of a review: one row that says what forbids or warns, and the buttons, Cancel with the focus.

The key that approves stands at the far right as an inverse keycap; where it does not count it is not drawn, and the
reason stands in its place. Never decides what a key does: the key table does.
"""

from tui.cockpit import reviews, text
from tui.cockpit.choice import Review
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import BOLD, DIM, Line, Paint, Role, Span, badge, between, crop, pad, width
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene

_CAP = badge(Role.TEXT)
_ON = Role.RAISED
_PLAIN, _LABEL = Paint(bg=_ON), DIM.on(_ON)
_KEY, _OFF = Paint(Role.ACCENT, _ON, bold=True), Paint(Role.WATCH, _ON, bold=True)
_TALL = 100


def foot(scene: Scene, pinned: Review, columns: int, margin: int, *, page: tuple[int, int] = (1, 1)) -> list[Line]:
    """Return the last rows of the overlay."""
    said = _said(scene, pinned)
    lines = [_row([(part, _OFF)], [], columns, margin) for part in wrapped(said, columns - 2 * margin)[:2] if part]
    lines.append(_buttons(scene, pinned, columns, margin))
    lines.append(_under(scene, pinned, columns, margin, page))
    return [*lines, pad((), columns, _PLAIN)] if columns >= _TALL else lines


def _row(left: list[Span], right: list[Span], columns: int, margin: int) -> Line:
    lead: Span = (" " * margin, _PLAIN)
    return between([lead, *left], [*right, lead], columns, _PLAIN)


def _said(scene: Scene, pinned: Review) -> str:
    """Return why the approval key does not count, the engine's refusal first."""
    g = scene.glyphs
    barrier = reviews.barrier(scene, pinned)
    if reviews.under_way(scene, pinned):
        return ""
    newer = reviews.newer(scene, pinned) is not None
    parts = []
    if pinned.refused:
        parts.append(f"refused: {pinned.refused}")
    elif barrier:
        parts.append(barrier)
    if newer:
        parts.append(f"{key_of(Action.NEWEST)} shows the new numbers")
    elif reviews.quotable(scene, pinned):
        parts.append(f"{key_of(Action.NEWEST)} asks for fresh numbers")
    return f"{g.caution} {'; '.join(parts)}" if parts else ""


def _buttons(scene: Scene, pinned: Review, columns: int, margin: int) -> Line:
    over = reviews.under_way(scene, pinned)
    left: list[Span] = [(" Close esc " if over else " Cancel esc ", badge(Role.SEL))]
    if over:
        return _row(left, [], columns, margin)
    right = _approval(scene, pinned)
    single = len(pinned.pinned) == 1 and not scene.read_only
    for key, word in _edits(pinned) if single else ():
        more: list[Span] = [("   ", _PLAIN), (key, _KEY), (f" {word}", _LABEL)]
        if margin * 2 + width(left) + width(more) + width(right) + 2 > columns:
            break
        left += more
    return _row(left, right, columns, margin)


def _edits(pinned: Review) -> tuple[tuple[str, str], ...]:
    """Return the keys of what else can be decided, each with its word."""
    scales = " ".join(map(key_of, (Action.THREE_QUARTERS, Action.HALF, Action.QUARTER)))
    return (
        (key_of(Action.HOLD), "hold"),
        (key_of(Action.LATER), "snooze 4 h"),
        (key_of(Action.DROP_LEG), f"drop {_marked(pinned)}"),
        (scales, "scale"),
    )


def _approval(scene: Scene, pinned: Review) -> list[Span]:
    if reviews.barrier(scene, pinned):
        return [("y is off", _LABEL)]
    count = sum(len(one.legs) for one in pinned.pinned)
    return [
        ("press ", _PLAIN),
        (" y ", _CAP),
        (f" to approve {count} order{'' if count == 1 else 's'}", BOLD.on(_ON)),
    ]


def _marked(pinned: Review) -> str:
    legs = pinned.pinned[0].legs
    return clean(legs[pinned.leg % len(legs)].asset)[:6] if legs else "leg"


def _under(scene: Scene, pinned: Review, columns: int, margin: int, page: tuple[int, int]) -> Line:
    at, pages = page
    more = f"page {at} of {pages}   {key_of(Action.MORE)} turns" if pages > 1 else ""
    if reviews.under_way(scene, pinned):
        settled = all(order.state.over for order in reviews.orders(scene, pinned))
        goes_on = "" if settled else "Orders go on when this is closed."
        return _row([(goes_on, _LABEL)], [(more, _LABEL)], columns, margin)
    traded = sum(float(leg.notional) for one in pinned.pinned for leg in one.legs)
    mark = f"  {pinned.pinned[0].hash[:8]}" if len(pinned.pinned) == 1 else ""
    right = more or f"exactly these numbers, ${text.money_full(scene.glyphs, traded)}{mark}"
    said = crop([("Cancel has the focus. Enter closes.", _LABEL)], columns - 2 * margin - len(right) - 2)
    return _row(list(said), [(right, _LABEL)], columns, margin)
