"""Owns the panel of what asks for an answer: proposals, then alerts, then watches, each on a line, the worst first.

The feed tells what happened; this tells what stands now. Time left, age and subject never drop; pairs do, whole.
"""

from typing import NamedTuple

from tui.cockpit import alerts, reviews, text
from tui.cockpit.alerts import Seen
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import ALERT_INK, DIM, TEXT, Line, Paint, Role, Span, between, crop, width
from tui.cockpit.layout import Panel
from tui.cockpit.panels.basket_card import EDGE, strip_line
from tui.cockpit.panels.focus import title
from tui.cockpit.panels.sentences import alert_figures, proposal_parts, watch_words
from tui.cockpit.scene import Scene

_WORDS_FROM = 100
_WATCH = Paint(Role.WATCH, bold=True)
_PAIRS_MOST = 4
PROPOSAL = "PROPOSAL"


class _Row(NamedTuple):
    """One line; an urgent one has the bar at its side. `how_long` it stands, or what is left to decide in."""

    urgent: bool
    shape: str
    word: str
    ink: Paint
    subject: str
    says: list[Span]
    how_long: str


def waiting(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return strip and rows."""
    label = DIM.on(Role.RAISED)
    found = _rows(scene)
    room = rows - 1
    more = f"{len(found) - room + 1} more  " if len(found) > room else ""
    lines = [
        strip_line(scene, title(scene, Panel.WAITING, "waits for you"), [(f"{more}{_said(scene)} ", label)], columns)
    ]
    subject = max((len(row.subject) for row in found), default=0) + 2
    shown = found[: room - 1] if more else found
    lines += [_line(scene, row, columns, subject) for row in shown]
    if not found:
        lines.append(((f" {scene.glyphs.info} nothing: no proposal, no alert, no pair on watch", DIM),))
    return lines


def _said(scene: Scene) -> str:
    counts = (
        (len(reviews.pending(scene)), "to decide"),
        (sum(alerts.loud(alert) for alert in scene.deck.alerts.standing), "in alert"),
        (sum(bool(basket.watching) for basket in scene.books.baskets), "on watch"),
    )
    return "  ".join(f"{count} {word}" for count, word in counts if count) or "all quiet"


def _rows(scene: Scene) -> list[_Row]:
    return [*_proposals(scene), *_flags(scene), *_alerts(scene), *_watches(scene)]


def _proposals(scene: Scene) -> list[_Row]:
    g, found = scene.glyphs, []
    for view in reviews.pending(scene):
        said = [span for part in proposal_parts(scene, view) for span in part]
        left = f"{text.minutes(g, reviews.left(scene, view))} left"
        found.append(_Row(True, g.proposal, PROPOSAL, ALERT_INK, clean(view.proposal.basket), said, left))
    return found


def _flags(scene: Scene) -> list[_Row]:
    return [
        _Row(True, scene.glyphs.caution, "HEDGE", _WATCH, clean(basket.name), [(clean(basket.flag), TEXT)], "")
        for basket in scene.books.baskets
        if basket.flag
    ]


def _alerts(scene: Scene) -> list[_Row]:
    g, found = scene.glyphs, []
    standing = scene.deck.alerts.standing
    for alert in sorted(standing, key=lambda one: (not alerts.loud(one), alerts.seen(scene, one) is not Seen.NO)):
        done = alerts.seen(scene, alert)
        shape, word, ink = (g.alert, "ALERT", ALERT_INK) if alerts.loud(alert) else (g.watch, "WATCH", _WATCH)
        age = f"{alerts.mark(g, done)} {alerts.age(scene, alert)}".strip()
        urgent = alerts.loud(alert) and done is Seen.NO
        ink = ink if done is Seen.NO else Paint(ink.fg)
        found.append(_Row(urgent, shape, word, ink, alerts.subject(alert), alert_figures(scene, alert), age))
    return found


def _watches(scene: Scene) -> list[_Row]:
    spoken = {alert.basket for alert in scene.deck.alerts.standing}
    return [
        _Row(
            False, scene.glyphs.watch, "WATCH", _WATCH, clean(basket.name), watch_words(scene, basket, _PAIRS_MOST), ""
        )
        for basket in scene.books.baskets
        if basket.watching and basket.name not in spoken
    ]


def _line(scene: Scene, row: _Row, columns: int, subject: int) -> Line:
    g = scene.glyphs
    head: list[Span] = [
        (g.edge if row.urgent else " ", EDGE),
        (f" {row.shape} ", row.ink),
        *([(f"{row.word:<10}", row.ink)] if columns >= _WORDS_FROM else []),
        (f"{row.subject:<{subject}}", Paint(bold=row.urgent)),
    ]
    right: Span = (f" {row.how_long} ", ALERT_INK if row.word == PROPOSAL else DIM)
    room = columns - width(head) - len(right[0])
    said = [(row.says[0][0].lstrip(), row.says[0][1]), *row.says[1:]]
    while width(said) > room and len(said) > 1 and g.arrow in said[-1][0]:
        said.pop()  # pairs are dropped whole, from the right
    return between([*head, *crop(said, room, g.ellipsis)], [right], columns)
