"""Owns the palette's overlay: what is typed, the actions that fit, each with its key; what is off here says why."""

from tui.cockpit.choice import Palette
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import BOLD, DIM, TEXT, Line, Paint, Role, Span, badge, between, crop, pad, width
from tui.cockpit.keys import label
from tui.cockpit.palette import Entry, entries
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Scene

COLUMNS, ROWS = 84, 24
_KEY = Paint(Role.ACCENT, bold=True)
_NAMED = 27  # columns of mark, key and name, which stay whatever the reason


def palette(scene: Scene, shown: Palette, columns: int, rows: int) -> list[Line]:
    """Return the overlay, exactly `rows` lines."""
    inner, g = columns - 2, scene.glyphs
    found = entries(scene, shown)
    at = shown.at % len(found) if found else 0
    able = sum(entry.here for entry in found)
    title: list[Span] = [(" palette", BOLD.on(Role.RAISED)), (f"  {clean(shown.text)}_", TEXT.on(Role.RAISED))]
    right: list[Span] = [(f"{able} in {scene.beneath}, {len(found) - able} elsewhere ", DIM.on(Role.RAISED))]
    room = rows - 3
    first = max(0, min(at - room // 2, len(found) - room))
    body = [
        _entry(scene, entry, inner, marked=first + place == at)
        for place, entry in enumerate(found[first : first + room])
    ]
    if not found:
        body = [crop([(f"  nothing is called {clean(shown.text)}", DIM)], inner, g.ellipsis)]
    lines = [strip_line(scene, title, right, inner), *body, *([()] * (room - len(body)))]
    side: Span = (" ", Paint(bg=Role.BG))
    blank = pad((), columns, Paint(bg=Role.BG))
    return [blank, *((side, *pad(line, inner), side) for line in lines), blank]


def _entry(scene: Scene, entry: Entry, columns: int, *, marked: bool) -> Line:
    row, g = entry.row, scene.glyphs
    ground = badge(Role.SEL) if marked else None
    key, word, said = ((ground,) * 3) if ground else _inks(entry)
    mark: Span = (f" {g.caution if row.danger else ' '} ", ground or Paint(Role.WATCH, bold=True))
    told = entry.reason or (f"{g.arrow} {entry.to}" if entry.to is not None else "")
    most = columns - _NAMED - 2
    reason = crop([(f"{told} ", ground or DIM)], most, g.ellipsis) if told else ()
    room = columns - width(reason) - 1
    left = crop([mark, (f"{label(row, g):<10}", key), (f"{row.short:<14}", word), (row.help, said)], room, g.ellipsis)
    return between(left, reason, columns, ground or TEXT)


def _inks(entry: Entry) -> tuple[Paint, Paint, Paint]:
    """Return the inks of key, name and description: a key that counts is bright, what can be done has a bold name."""
    return (_KEY if entry.here and not entry.reason else DIM, DIM if entry.reason else BOLD, DIM)
