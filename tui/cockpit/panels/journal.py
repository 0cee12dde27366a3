"""Owns the journal page: every fact this cockpit has heard, in words, newest first, unfolded, filtered.

It holds what came since the engine's log begins or the last two thousand; older facts are the command's
(`driftdeck journal`), and the page says so. Layout of a row is the feed's.
"""

from engine.domain.events import Event
from tui.cockpit import text
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import BOLD, DIM, WATCH, Line, Paint, Role, Span, badge, crop
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.feed import fact_line, subject_width
from tui.cockpit.panels.feed_rows import feed_row
from tui.cockpit.panels.feed_words import FeedRow
from tui.cockpit.scene import Scene

OLDER = "older facts: driftdeck journal"


def journal(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the page: its strip, one row a fact, and at the end where older ones are."""
    found = _found(scene)
    room = rows - 1
    first = min(scene.choice.scrolled, past(scene, rows))
    shown = [_words(scene, event) for event in found[first : first + room]]
    lines = [_strip(scene, columns, len(found), first + 1, first + len(shown))]
    subject = subject_width(shown, columns)
    for event, row in zip(found[first : first + room], shown, strict=True):
        lines.append(
            fact_line(scene, row, columns, subject, moment=f"{text.date(event.at)[5:]} {text.clock(event.at)[:8]}")
        )
    if len(lines) <= room:
        said = OLDER if not scene.choice.filter else f"no older fact holds this text here; {OLDER}"
        lines.append(crop([(f" {said}", DIM)], columns, scene.glyphs.ellipsis))
    return [*lines, *([()] * (rows - len(lines)))]


def past(scene: Scene, rows: int) -> int:
    """Return how far the page can be scrolled: to the line that says where older facts are."""
    return max(0, len(_found(scene)) + 1 - (rows - 1))


def _found(scene: Scene) -> list[Event]:
    wanted = scene.choice.filter.strip()
    newest_first = list(reversed(scene.deck.feed))
    return [event for event in newest_first if not wanted or _words(scene, event).holds(wanted)]


def _words(scene: Scene, event: Event) -> FeedRow:
    return feed_row(scene.glyphs, event, scene.deck.orders)


def _strip(scene: Scene, columns: int, count: int, first: int, last: int) -> Line:
    choice, label = scene.choice, DIM.on(Role.RAISED)
    left: list[Span] = [(" journal", BOLD.on(Role.RAISED))]
    if choice.filter or choice.typing:
        typed = f"/{clean(choice.filter)}{'_' if choice.typing else ''}"
        hidden = len(scene.deck.feed) - count
        left += [("  ", label), (f" {typed} ", badge(Role.SEL)), (f"  {hidden} hidden", WATCH.on(Role.RAISED))]
    shown = f"{first}{scene.glyphs.dash}{last} of {count}" if count else "nothing yet"
    right: list[Span] = [("newest first   ", label), (shown, Paint(bg=Role.RAISED)), ("   esc back ", label)]
    return strip_line(scene, left, right if columns >= 100 else right[1:], columns)
