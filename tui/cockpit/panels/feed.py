"""Owns the drift feed's layout: newest first, time, shape, severity word, subject, sentence, how long ago.

Narrow feeds drop the severity word, then pairs from the right with an ellipsis. Time, shape, subject and the right
field never drop.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from engine.domain.events import CheckCompleted
from engine.domain.units import Ms
from tui.cockpit import alerts, reviews, text
from tui.cockpit.alerts import Seen
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import DIM, TEXT, WATCH, Line, Paint, Role, Span, badge, between, crop, width
from tui.cockpit.layout import Panel
from tui.cockpit.panels.basket_card import EDGE, strip_line
from tui.cockpit.panels.feed_rows import feed_row
from tui.cockpit.panels.feed_runs import runs, telling
from tui.cockpit.panels.feed_words import FeedRow
from tui.cockpit.panels.focus import title
from tui.cockpit.panels.trade_rows import money_row
from tui.cockpit.scene import Scene

_WORDS_FROM = 100
_WORD, _RIGHT = 10, 8


def feed(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return strip and rows of the feed."""
    room = rows - 1
    shown, hidden = _rows(scene, room)
    lines = [_strip(scene, columns, hidden)]
    subject = subject_width(shown, columns)
    for place, row in enumerate(shown):
        lines.append(fact_line(scene, row, columns, subject, first=place == 0))
    if not shown:
        lines.append(((" nothing yet" if not hidden else " no fact holds this text", DIM),))
    return lines


def subject_width(shown: Sequence[FeedRow], columns: int) -> int:
    """Return the columns that the subjects of these rows need."""
    longest = max((len(row.subject) for row in shown), default=0)
    return max(longest, 13 if columns >= _WORDS_FROM else 7) + 2


def _rows(scene: Scene, room: int) -> tuple[list[FeedRow], int]:
    """Return the newest rows that are shown, and how many facts the filter hides."""
    wanted = scene.choice.filter.strip()
    folded = _folded(scene)
    if not wanted:
        return [row for row, _ in islice(folded, room)], 0
    rows = [(row, facts, row.holds(wanted)) for row, facts in folded]
    return [row for row, _, held in rows if held][:room], sum(facts for _, facts, held in rows if not held)


def _folded(scene: Scene) -> Iterator[tuple[FeedRow, int]]:
    """Return the rows newest first, each with its number of facts: a run of checks, fills or funding is one.

    In the fast cycle there are four checks an hour; unfolded they would push every alert off the feed in two hours.
    """
    g, facts = scene.glyphs, telling(reversed(scene.deck.feed))
    for run in runs(facts):
        newest, count = run[0], len(run)
        row = money_row(g, run) or feed_row(g, newest, scene.deck.orders)
        if isinstance(newest, CheckCompleted) and count > 1 and not newest.fast:  # of fast ones some are left out
            row = replace(row, said=f"{row.said}, {count} checks since {text.hour_minute(run[-1].at)}")
        yield row, count


def _strip(scene: Scene, columns: int, hidden: int) -> Line:
    deck, choice = scene.deck, scene.choice
    label, value = DIM.on(Role.RAISED), Paint(bg=Role.RAISED)
    left = title(scene, Panel.FEED, "drift feed")
    if choice.filter or choice.typing:
        typed = f"/{clean(choice.filter)}{'_' if choice.typing else ''}"
        left += [("  ", label), (f" {typed} ", badge(Role.SEL)), (f"  {hidden} hidden", WATCH.on(Role.RAISED))]
    more = "+" if deck.feed_gap else ""
    right: list[Span] = [
        *([("newest first   ", label)] if columns >= _WORDS_FROM else []),
        (f"{deck.today()}{more}", value),
        (" today ", label),
    ]
    return strip_line(scene, left, right, columns)


def fact_line(scene: Scene, row: FeedRow, columns: int, subject: int, *, first: bool = False, moment: str = "") -> Line:
    """Return one fact's line; `moment` stands in place of the time of day and of how long ago."""
    g = scene.glyphs
    worded = columns >= _WORDS_FROM
    alert = next((one for one in scene.deck.alerts.standing if one.id == row.about), None) if row.about else None
    waiting = next((one for one in reviews.pending(scene) if one.proposal.id == row.about), None) if row.about else None
    done = alerts.seen(scene, alert)
    barred = first and (waiting is not None or (alert is not None and done is Seen.NO and alerts.loud(alert)))
    if waiting is None and row.word == "PROPOSAL":
        row = replace(row, ink=DIM, body=DIM, strong=False)  # decided or over: it asks for nothing any more
    strong = row.strong and done is Seen.NO
    head: list[Span] = [
        (g.edge if barred else " ", EDGE),
        (f"{moment or text.hour_minute(row.at)} ", DIM),
        (f"{' ' if worded else ''}{row.shape} ", Paint(row.ink.fg, bold=True)),
        *([(f"{row.word:<{_WORD}}", row.ink)] if worded else []),
        (f"{row.subject:<{subject}}", Paint(row.body.fg, bold=strong)),
    ]
    mark = alerts.mark(g, done)
    ago = "" if moment else _ago(scene.feed_ms, row.at)
    wide = 0 if moment else _RIGHT  # a journal has no column of ages: its sentences go on to the edge
    right = (f"{f'{mark} ' if mark else ''}{ago}".rjust(wide) + " ", DIM)
    if waiting is not None:
        left = text.minutes(g, reviews.left(scene, waiting))
        right = (f"{left} left".rjust(wide) + " ", Paint(Role.ALERT_INK, bold=True))
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
