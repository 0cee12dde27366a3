"""Owns the last row: the keys that count here, read from the key table, or for a moment what became of one.

What does not fit drops from the middle. Keys that need an alert stand here only while there is one.
"""

from tui.cockpit import text
from tui.cockpit.choice import Notice, Page
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import Line, Paint, Role, Span, between, crop, width
from tui.cockpit.key_names import Action, Context
from tui.cockpit.key_row import PAGES, Key
from tui.cockpit.keys import key_of, label, rows
from tui.cockpit.reasons import why_not
from tui.cockpit.scene import Scene

_KEY, _WORD = Paint(Role.ACCENT, Role.BG, bold=True), Paint(Role.DIM, Role.BG)
_TEXT, _REFUSED = Paint(bg=Role.BG), Paint(Role.WATCH, Role.BG, bold=True)
_PAGES = frozenset(PAGES) - {Context.COCKPIT}
_GAP = "   "
_KEEP = (Action.HELP, Action.QUIT)


def keys_line(scene: Scene, columns: int) -> Line:
    """Return the keys line, exactly `columns` wide."""
    if scene.notice is not None:
        return _notice(scene, scene.notice, columns)
    listed = _ordered(scene, [row for row in rows(scene.context) if row.listed and not why_not(scene, row)])
    right = _right(scene)
    over = width(_spans(scene, listed)) + width(right) + 1 - columns
    for row in [row for row in reversed(listed) if row.action not in _KEEP]:
        if over <= 0:
            break
        listed.remove(row)
        over -= width(_key(scene, row)) + len(_GAP)
    return between(_spans(scene, listed), right, columns, _WORD)


def _ordered(scene: Scene, listed: list[Key]) -> list[Key]:
    """Return the keys in their order; on a page what is its own before what counts on all, without its own key."""
    if scene.context not in _PAGES:
        return listed
    others = [row for row in listed if str(row.action) != str(scene.choice.page)]
    return sorted(others, key=lambda row: row.action is not Action.REVIEW and set(row.contexts) >= _PAGES)


def _notice(scene: Scene, notice: Notice, columns: int) -> Line:
    g = scene.glyphs
    shape: Span = (f" {g.caution} ", _REFUSED) if notice.refused else (f" {g.done} ", _WORD)
    return between(crop([shape, (clean(notice.text), _TEXT)], columns - 1, g.ellipsis), (), columns, _WORD)


def _right(scene: Scene) -> list[Span]:
    if scene.frozen:
        return [(f"last seq {scene.deck.seq:,} ", Paint(Role.DIM, Role.BG))]
    if scene.context is Context.FILTER:
        return [("filter ", _WORD), (f"{clean(scene.choice.filter)}_ ", _TEXT)]
    broken = scene.drill.broken(scene.now)
    if broken and scene.choice.page is not Page.FAULTS:  # what is seen now may be the drill's doing
        left = text.countdown(scene.glyphs, max(each.left_s for each in broken) * 1000 + 999)
        said = broken[0].kind if len(broken) == 1 else f"{len(broken)} faults"
        return [(f"broken: {said} {left} ", _REFUSED)]
    if scene.read_only:
        return [("read-only ", _WORD)]
    return [("locked, ", _WORD), (key_of(Action.LOCK), _KEY), (" unlocks ", _WORD)] if scene.choice.locked else []


def _spans(scene: Scene, listed: list[Key]) -> list[Span]:
    spans: list[Span] = []
    for row in listed:
        spans.append((" " if not spans else _GAP, _WORD))
        spans += _key(scene, row)
    return spans


def _key(scene: Scene, row: Key) -> list[Span]:
    return [(label(row, scene.glyphs), _KEY), (f" {row.short}", _WORD)]
