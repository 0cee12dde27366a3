"""Owns the most urgent thing of the market as a sentence: PROPOSAL, ALERT, an asset leaving its basket, WATCH.

Amber means "act" and appears for the first two only; an alert somebody has dealt with keeps its words and loses its
fill. The situation line shows it.
"""

import math

from engine.domain.alerts import AlertKind
from engine.domain.trade_views import ProposalView
from engine.domain.views import AlertView, BasketState, BasketView
from tui.cockpit import alerts, reviews, text
from tui.cockpit.alerts import Seen
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, TEXT, Paint, Role, Span, badge, width
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.panels.feed_words import move_text, plural
from tui.cockpit.scene import Scene

PAIR_GAP = "  "  # before each pair, which are spans of their own: what has no room is dropped whole
_WATCH_BOLD = Paint(Role.WATCH, bold=True)


def urgent_sentence(scene: Scene, room: int) -> list[Span]:
    """Return the sentence, empty where nothing asks for attention; of a proposal what fits into `room`, whole."""
    waiting = next(iter(reviews.pending(scene)), None)
    if waiting is not None:
        return proposal_sentence(scene, waiting, room)
    flagged = next((basket for basket in scene.books.baskets if basket.flag), None)
    if flagged is not None:
        return [(f" {scene.glyphs.caution} {clean(flagged.name)}", _WATCH_BOLD), (f"  {clean(flagged.flag)}", TEXT)]
    proposals, alerting, watching = (
        [basket for basket in scene.books.baskets if basket.state is state]
        for state in (BasketState.PROPOSAL, BasketState.ALERT, BasketState.WATCH)
    )
    alert = alerts.most_urgent(scene)
    if not proposals and alert is not None and (alerts.loud(alert) or not alerting):
        return alert_sentence(scene, alert)
    found = proposals or alerting or watching
    return _of_basket(scene, max(found, key=_size)) if found else []


def proposal_sentence(scene: Scene, waiting: ProposalView, room: int) -> list[Span]:
    """Return what waits for a decision: what it does, its cost, what the stress loss becomes, the time left."""
    g, name = scene.glyphs, clean(waiting.proposal.basket)
    parts: list[list[Span]] = [
        *proposal_parts(scene, waiting),
        [("  left ", DIM), (text.countdown(g, reviews.left(scene, waiting) * 1000), BOLD)],
        [(f"  {key_of(Action.REVIEW)} ", Paint(Role.ACCENT, bold=True)), ("opens it", DIM)],
    ]
    for head in (f" {g.proposal} PROPOSAL {name} ", f" {g.proposal} {name} "):
        spans: list[Span] = [(head, badge(Role.ALERT))]
        kept = 0
        for part in parts:
            if width([*spans, *part]) > room:
                break
            spans += part
            kept += 1
        if kept >= len(parts) - 1:
            break
    return spans


def proposal_parts(scene: Scene, waiting: ProposalView) -> list[list[Span]]:
    """Return what a proposal does, its cost and its effect on the stress loss, as parts that are shown whole or not."""
    g, made = scene.glyphs, waiting.proposal
    return [
        [(f" {reviews.headline(g, made)}", BOLD)],
        [("  cost ", DIM), (text.dollars(g, float(made.cost)), BOLD)],
        [("  loss at .95 ", DIM), (reviews.stress(g, made), BOLD)],
    ]


def _size(basket: BasketView) -> float:
    moved = basket.drift_max.delta if basket.drift_max is not None else math.nan
    size = basket.shift if basket.state is not BasketState.WATCH else moved
    return 0.0 if math.isnan(size) else abs(size)


def _of_basket(scene: Scene, basket: BasketView) -> list[Span]:
    g, name = scene.glyphs, clean(basket.name)
    if basket.state is BasketState.WATCH:
        return [(f" {g.watch} {name}", _WATCH_BOLD), ("  ", TEXT), *watch_words(scene, basket, 2)]
    shape, word = (g.proposal, "proposal") if basket.state is BasketState.PROPOSAL else (g.alert, "alert")
    way = "moving together" if basket.shift > 0 else "coming apart"
    mean = f"{text.rho(g, basket.mean_rho_base)}{g.arrow}{text.rho(g, basket.mean_rho_now)}"
    return [
        (f" {shape} {name} ", badge(Role.ALERT)),
        (f" {word}  {way}", TEXT),
        (f"   mean {g.rho} ", DIM),
        (mean, BOLD),
        ("  shift ", DIM),
        (text.delta(g, basket.shift), ALERT_INK),
    ]


def watch_words(scene: Scene, basket: BasketView, most: int) -> list[Span]:
    """Return how many pairs of a basket are past the limit, and `most` of them."""
    g, health, count = scene.glyphs, scene.health, len(basket.watching)
    limit = text.rho(g, health.watch_delta if health else math.nan)
    watching = {frozenset(pair) for pair in basket.watching}
    moved = [move for move in basket.pairs if frozenset((move.first, move.second)) in watching]
    moves = [(f"   {move_text(g, move)}", TEXT) for move in moved[:most]]
    return [(f"{count} pair{plural(count)} past {limit}", TEXT), *moves]


def alert_sentence(scene: Scene, alert: AlertView) -> list[Span]:
    """Return an alert as a sentence with the numbers of now; without the fill once somebody has dealt with it."""
    g = scene.glyphs
    done = alerts.seen(scene, alert)
    shape = g.alert if alerts.loud(alert) else g.watch
    ink = badge(Role.ALERT) if alerts.loud(alert) and done is Seen.NO else BOLD
    head: list[Span] = [(f" {shape}", ink if done is Seen.NO else ALERT_INK), (f" {alerts.subject(alert)} ", ink)]
    if not alerts.loud(alert):
        head = [(f" {shape} {alerts.subject(alert)} ", _WATCH_BOLD)]
    if done is not Seen.NO:
        head.append((f"{alerts.mark(g, done)} {done} ", DIM))
    return [*head, (" ", TEXT), *alert_figures(scene, alert)]


def alert_figures(scene: Scene, alert: AlertView) -> list[Span]:
    """Return what an alert says and the numbers of now; each pair is a span of its own."""
    g, found = scene.glyphs, alert.evidence
    said: Span = (alerts.words(alert), TEXT)
    if alert.kind is AlertKind.VOL:
        peak = "" if math.isnan(found.peak_sigma) else f"   at most {found.peak_sigma:.1f}{g.sigma}"
        return [said, (peak, DIM)]
    basket = scene.deck.basket(alert.basket) if alert.basket and alert.kind is AlertKind.BASKET else None
    base, now, shift, pairs = found.rho_base, found.rho_now, found.shift, found.pairs
    if basket is not None and not math.isnan(basket.shift):
        base, now, shift = basket.mean_rho_base, basket.mean_rho_now, basket.shift
        pairs = basket.pairs or pairs
    return [
        said,
        (f"  mean {g.rho} ", DIM),
        (f"{text.rho(g, base)}{g.arrow}{text.rho(g, now)}", BOLD),
        ("  shift " if alert.kind is AlertKind.BASKET else "  excess ", DIM),
        (text.delta(g, shift), ALERT_INK),
        *((f"{PAIR_GAP}{move_text(g, move)}", TEXT) for move in pairs[:3]),
    ]
