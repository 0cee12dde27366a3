"""Owns the last row: the keys that count here, read from the key table. What does not fit drops from the middle."""

from tui.cockpit.ink import Line, Paint, Role, Span, between, width
from tui.cockpit.keys import Action, Context, Key, label, rows
from tui.cockpit.scene import Scene

_KEY, _WORD = Paint(Role.ACCENT, Role.BG, bold=True), Paint(Role.DIM, Role.BG)
_KEEP = (Action.HELP, Action.QUIT)


def keys_line(scene: Scene, columns: int) -> Line:
    """Return the keys line, exactly `columns` wide."""
    context = Context.GONE if scene.frozen else Context.COCKPIT
    listed = [row for row in rows(context) if row.listed]
    if not scene.can_start_engine:
        listed = [row for row in listed if row.action is not Action.START_ENGINE]
    right = _right(scene)
    while width(_spans(scene, listed)) + width(right) + 1 > columns and any(r.action not in _KEEP for r in listed):
        listed.remove([row for row in listed if row.action not in _KEEP][-1])
    return between(_spans(scene, listed), right, columns, _WORD)


def _right(scene: Scene) -> list[Span]:
    if scene.frozen:
        return [(f"last seq {scene.deck.seq:,} ", Paint(Role.DIM, Role.BG))]
    return [("read-only ", _WORD)] if scene.read_only else []


def _spans(scene: Scene, listed: list[Key]) -> list[Span]:
    spans: list[Span] = []
    for row in listed:
        spans.append((" " if not spans else "   ", _WORD))
        spans += [(label(row, scene.glyphs), _KEY), (f" {row.short}", _WORD)]
    return spans
