"""Owns what the lab pages share: their strip with the work under way, and tables whose columns are dropped whole.

Never decides what stands in a table. Numbers get the columns they need or are not shown at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import BOLD, DIM, TEXT, WATCH, Line, Paint, Role, Span, crop, pad, width
from tui.cockpit.lab_jobs import Job
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.review_legs import cells, heads
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene

_SPREAD, _AIR = 110, 8  # the most columns a table takes where it needs fewer; the least between name and numbers


@dataclass(frozen=True, slots=True)
class Column:
    """A column after the first: its head, its size, and its rank; the highest rank goes first where room is short."""

    head: str
    size: int
    rank: int = 0


def fitting(columns: Sequence[Column], room: int, first: int) -> list[int]:
    """Return the places of the columns that fit beside a first one of that size, in their order."""
    kept = list(range(len(columns)))
    while kept and first + sum(abs(columns[place].size) for place in kept) > room:
        kept.remove(max(kept, key=lambda place: (columns[place].rank, place)))
    return kept


def table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[tuple[Span, Sequence[Span]]],
    room: int,
    *,
    first: int,
    marked: int = -1,
) -> list[Line]:
    """Return a head and rows; the first column takes what the others leave, the marked row stands on the selection.

    On a wide screen the table stays narrow, so that the eye finds the numbers beside their name.
    """
    kept = fitting(columns, room, first)
    needs = max(_SPREAD, first + sum(abs(columns[place].size) for place in kept) + _AIR)
    spread = min(room, needs)
    head = heads([(title, 0), *((columns[place].head, columns[place].size) for place in kept)], spread)
    lines = [pad(head, room, Paint(bg=Role.RAISED))]
    for at, ((name, ink), values) in enumerate(rows):
        line = cells(
            [
                (name, 0, _ink((name, ink))),
                *((values[place][0], columns[place].size, _ink(values[place])) for place in kept),
            ],
            spread,
        )
        line = pad(line, room)
        lines.append(_selected(line) if at == marked else line)
    return lines


def _ink(span: Span) -> Paint:
    return span[1] if isinstance(span[1], Paint) else TEXT


def _selected(line: Line) -> Line:
    return tuple((said, Paint(Role.INK, Role.SEL, bold=True)) for said, _ in line)


def strip(scene: Scene, name: str, said: str, job: Job, columns: int, keys: str = "esc back ") -> Line:
    """Return the page's strip: its name, what it shows, and at the right what is being made, for how long."""
    label = DIM.on(Role.RAISED)
    left: list[Span] = [(f" {name}", BOLD.on(Role.RAISED)), (f"   {clean(said)}" if said else "", label)]
    right: list[Span] = [(keys, label)]
    if job.running:
        seconds = int(max(0.0, scene.now - job.since))
        right = [(f"making {clean(job.what)} {scene.glyphs.dot} {seconds} s   ", WATCH.on(Role.RAISED)), *right]
    if width(left) + width(right) > columns:
        left = left[:1]
    return strip_line(scene, left, right, columns)


def failure(scene: Scene, job: Job, columns: int) -> list[Line]:
    """Return the sentence a job ended with, over as many lines as it needs; nothing where it did not fail."""
    if not job.error:
        return []
    shape: Span = (f" {scene.glyphs.caution} ", Paint(Role.WATCH, bold=True))
    lines = wrapped(clean(job.error), columns - 5)
    return [crop((shape if not at else ("   ", TEXT), (line, TEXT)), columns) for at, line in enumerate(lines)]


def page(head: list[Line], body: list[Line], columns: int, rows: int, scrolled: int) -> list[Line]:
    """Return exactly `rows` lines: the head stays, the body is scrolled."""
    room = max(0, rows - len(head))
    shown = [pad(line, columns) if line else line for line in body[scrolled : scrolled + room]]
    return [*head[:rows], *shown, *([()] * (room - len(shown)))]


def cash(g: Glyphs, value: float) -> str:
    """Return money to the unit, in millions where that would be long: `1,345`, `12.4M`, `−112`."""
    return text.money_full(g, value) if not abs(value) >= 999_999.5 else text.money(g, value)
