"""Owns the drift feed's layout: newest first, time, shape, severity word, subject, sentence, how long ago.

Narrow feeds drop the severity word, then pairs from the right with an ellipsis. Time, shape, subject and the right
field never drop.
"""

from itertools import islice

from engine.domain.units import Ms
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs
from tui.cockpit.ink import BOLD, DIM, TEXT, Line, Paint, Role, Span, between, crop, width
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.feed_rows import feed_row
from tui.cockpit.panels.feed_words import FeedRow
from tui.cockpit.scene import Scene

_WORDS_FROM = 100
_WORD, _RIGHT = 10, 8


def feed(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return strip and rows of the feed."""
    deck, g = scene.deck, scene.glyphs
    label = DIM.on(Role.RAISED)
    more = "+" if deck.feed_gap else ""
    right: list[Span] = [
        *([("newest first   ", label)] if columns >= _WORDS_FROM else []),
        (f"{deck.today()}{more}", Paint(bg=Role.RAISED)),
        (" today ", label),
    ]
    lines = [strip_line(scene, [(" drift feed", BOLD.on(Role.RAISED))], right, columns)]
    shown = [feed_row(g, event) for event in islice(reversed(deck.feed), rows - 1)]
    subject = max((len(row.subject) for row in shown), default=0)
    subject = max(subject, 13) + 2 if columns >= _WORDS_FROM else max(subject, 7) + 2
    lines += [_line(scene, row, columns, subject) for row in shown]
    if not shown:
        lines.append(((" nothing yet", DIM),))
    return lines


def _line(scene: Scene, row: FeedRow, columns: int, subject: int) -> Line:
    g = scene.glyphs
    worded = columns >= _WORDS_FROM
    head: list[Span] = [
        (f" {text.hour_minute(row.at)} ", DIM),
        (f"{' ' if worded else ''}{row.shape} ", Paint(row.ink.fg, bold=True)),
        *([(f"{row.word:<{_WORD}}", row.ink)] if worded else []),
        (f"{row.subject:<{subject}}", row.body),
    ]
    right = (f"{_ago(scene.feed_ms, row.at):>{_RIGHT}} ", DIM)
    room = columns - width(head) - len(right[0]) - 1
    return between([*head, (_said(g, row, room), row.body)], [right], columns)


def _ago(now: Ms | None, at: Ms) -> str:
    return "" if now is None else text.ago(now - at)


def _said(g: Glyphs, row: FeedRow, room: int) -> str:
    """Return the sentence with as many pairs as fit whole; a part of the next one ends in an ellipsis."""
    said = row.said
    for position, pair in enumerate(row.pairs):
        longer = f"{said}{'   ' if position == 0 else '  '}{pair}"
        if len(longer) > room:
            return crop([(longer, TEXT)], room, g.ellipsis)[0][0].rstrip()[: room - 1] + g.ellipsis
        said = longer
    return said if len(said) <= room else said[: room - 1] + g.ellipsis
