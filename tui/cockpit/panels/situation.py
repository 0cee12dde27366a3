"""Owns row 1, the situation line, and the account line under it.

The situation line says the one most urgent thing as a sentence, with counts at the right: engine gone, not there yet,
history loading, facts not kept, link down, then what `sentences` finds, or all quiet.
"""

import math

from engine.domain.market import LinkState
from engine.domain.views import BasketState, HealthView
from tui.cockpit import alerts, crumbs, reviews, text
from tui.cockpit.deck import Contact
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import (
    ALERT_INK,
    BOLD,
    DIM,
    STALE,
    TEXT,
    Line,
    Paint,
    Role,
    Span,
    badge,
    between,
    crop,
    on,
    width,
)
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.panels.basket_card import is_partial
from tui.cockpit.panels.sentences import PAIR_GAP, urgent_sentence
from tui.cockpit.scene import Scene

_RECONCILE = "   'driftdeck reconcile' settles it"
_BOTH_FROM, _CRUMBS = 100, 46  # columns from which figures have all the room they need; what is kept below that
_WATCH_BOLD = Paint(Role.WATCH, bold=True)


def situation(scene: Scene, columns: int) -> Line:
    """Return the situation line, exactly `columns` wide."""
    if scene.frozen:
        return _frozen(scene, columns)
    counts = _counts(scene, short=columns < 100)
    return _ended(_sentence(scene, columns - width(counts) - 2), counts, columns, scene.glyphs)


def _ended(left: list[Span], right: list[Span], columns: int, g: Glyphs) -> Line:
    room = columns - width(right) - 2
    while width(left) > room and left[-1][0].startswith(PAIR_GAP) and g.arrow in left[-1][0]:
        left = left[:-1]  # pairs are dropped whole, from the right
    return between(crop(left, room, g.ellipsis), right, columns)


def _frozen(scene: Scene, columns: int) -> Line:
    engine = scene.deck.engine
    fill = badge(Role.STALE)
    at = f" at {text.clock(scene.deck.market_ms)}" if scene.deck.market_ms is not None else ""
    ago = text.spoken(scene.now - engine.last_heard)
    right = [("no engine heartbeat ", Paint(Role.INK, Role.STALE))]
    long = f" FROZEN{at}, {ago} ago. Every number below is old."
    short = f" FROZEN{at}, {ago} ago."
    left = long if len(long) + width(right) + 1 <= columns else short
    return between([(left, fill)], right if len(left) + width(right) < columns else (), columns, fill)


def _sentence(scene: Scene, room: int) -> list[Span]:
    health = scene.health
    if scene.deck.engine.state is not Contact.UP or health is None:
        return _waiting(scene)
    if not health.ready:
        return _loading(scene, health)
    trouble = _trouble(scene, health) or urgent_sentence(scene, room)
    if trouble:
        return trouble
    left = text.countdown(scene.glyphs, scene.to_check_ms)
    why = f"   {clean(health.cycle_why)}" if health.cycle_why else ""
    return [(f" {scene.glyphs.info} all quiet   next check {left}{why}", DIM)]


def _trouble(scene: Scene, health: HealthView) -> list[Span]:
    """Return what makes everything else on the screen less than it seems."""
    g = scene.glyphs
    if health.journal_trouble:
        return [(f" {g.caution} facts are not being kept: {clean(health.journal_trouble)}", ALERT_INK)]
    if health.halted:
        key: list[Span] = (
            [] if scene.read_only else [(f"   {key_of(Action.HALT)} ", Paint(Role.ACCENT, bold=True)), ("resumes", DIM)]
        )
        said = f" {g.caution} TRADING IS HALTED: no order leaves"
        return [(said, ALERT_INK), (f"   {clean(health.halted)}", TEXT), *key]
    if health.paused_host:
        left = text.countdown(g, max(1.0, health.paused_s) * 1000)
        asked = f", {health.paused_status}" if health.paused_status else ""
        said = f" {g.caution} {clean(health.paused_host)} paused {left}{asked}"
        return [(said, _WATCH_BOLD), ("   it asked for it: nothing is sent until then", TEXT)]
    if health.link is LinkState.DOWN:
        why = f"   {clean(health.link_why)}" if health.link_why else ""
        return [(f" {g.caution} link to {clean(health.venue)} is down", _WATCH_BOLD), (why, TEXT)]
    return _unsettled(scene, health)


def _unsettled(scene: Scene, health: HealthView) -> list[Span]:
    """Return what the venue and the books do not agree on, the worst first."""
    g = scene.glyphs
    if health.unknown:
        orders = "1 order" if health.unknown == 1 else f"{health.unknown} orders"
        return [(f" {g.caution} {orders} of UNKNOWN outcome", ALERT_INK), ("   being looked up at the venue", TEXT)]
    if health.frozen:
        names = " ".join(clean(asset) for asset in health.frozen[:6])
        return [(f" {g.caution} FROZEN: venue and books differ on {names}", ALERT_INK), (_RECONCILE, TEXT)]
    if health.broker_why:
        return [(f" {g.caution} no order leaves", _WATCH_BOLD), (f"   {clean(health.broker_why)}", TEXT)]
    if health.balance_gap:
        gap = text.money_full(g, health.balance_gap)
        return [(f" {g.caution} the venue's balance differs by {gap}", _WATCH_BOLD), (_RECONCILE, TEXT)]
    return []


def _waiting(scene: Scene) -> list[Span]:
    engine = scene.deck.engine
    if scene.backstage:
        return [(f" {scene.glyphs.info} ", DIM), (clean(scene.backstage), TEXT)]
    if engine.why:
        again = engine.retry_at - scene.now
        soon = "" if math.isnan(again) else f"   attempt {engine.attempt}, next in {max(0.0, again):.0f} s"
        return [(f" {scene.glyphs.caution} {clean(engine.why)}", _WATCH_BOLD), (soon, DIM)]
    return [(f" {scene.glyphs.info} connecting to the engine", DIM)]


def _loading(scene: Scene, health: HealthView) -> list[Span]:
    g = scene.glyphs
    if health.wanted <= 0:
        return [(f" {g.info} waiting for the first answer from {clean(health.venue)}", DIM)]
    share = min(1.0, health.loaded / health.wanted)
    done = int(share * 20)
    return [
        (f" {g.info} loading history  ", DIM),
        (g.weight * done, TEXT),
        (g.track * (20 - done), Paint(Role.LINE)),
        (f"  {share * 100:.0f}%", BOLD),
        (f"   {_loaded(health)}", DIM),
    ]


def _loaded(health: HealthView) -> str:
    if not health.assets_wanted:
        return f"{health.loaded:,} of {health.wanted:,} bars"
    left = "" if math.isnan(health.load_left_s) else f", ~{text.spoken(health.load_left_s)} left"
    return f"{health.assets_loaded} of {health.assets_wanted} assets{left}"


def _counts(scene: Scene, *, short: bool) -> list[Span]:
    g = scene.glyphs
    baskets = scene.books.baskets
    standing = scene.deck.alerts.standing
    waiting = len(reviews.pending(scene))
    alerting = {basket.name for basket in baskets if basket.state is BasketState.ALERT}
    alerting |= {alert.basket for alert in standing if alerts.loud(alert) and alert.basket}
    others = sum(alerts.loud(alert) and alert.basket not in alerting for alert in standing)
    leaving = {alert.basket for alert in standing if not alerts.loud(alert)}
    watches = sum(bool(basket.watching) or basket.name in leaving for basket in baskets)
    total = len(alerting) + others
    stale = len({asset for basket in baskets for asset in scene.stale_assets(basket)})
    spans: list[Span] = []
    for count, shape, word, ink in (
        (waiting if waiting > 1 else 0, g.proposal, " proposals", ALERT_INK),
        (total, g.alert, " alert" + "s" * (total != 1), ALERT_INK),
        (watches, g.watch, " watch", _WATCH_BOLD),
        (stale, g.stale, " stale", STALE),
    ):
        if not count:
            continue
        spans.append((f"{'  ' if spans else ''}{shape}" + ("" if short else " "), ink))
        spans.append((f"{count}", Paint(ink.fg, bold=True)))
        if not short:
            spans.append((word, DIM))
    return [*spans, *_volatility(scene, lead="  " if spans else "", short=short), (" ", TEXT)]


def _volatility(scene: Scene, *, lead: str, short: bool) -> list[Span]:
    """Return how many assets are past their usual hour, while that stands."""
    g, broad = scene.glyphs, scene.deck.volatility
    if broad is None:
        return []
    count = f"{len(broad.assets)}/{broad.judged}"
    return [(f"{lead}{g.vol}{'' if short else ' '}", TEXT), (count, BOLD), ("" if short else f" past 3{g.sigma}", DIM)]


def account(scene: Scene, columns: int, *, page: str = "") -> Line:
    """Return the account line; `page` says which baskets of many the cards show.

    At its end stands where the trader is: what has no room there is left out from the cockpit on, figures never are.
    """
    g, portfolio = scene.glyphs, scene.books.portfolio
    flat = all(basket.planned for basket in scene.books.baskets)
    partial = any(is_partial(scene, basket) for basket in scene.books.baskets)
    gross = (g.stale if partial else "") + text.money(g, portfolio.gross)
    figures: list[tuple[str, str, Paint]] = [
        ("gross", gross, STALE if partial else DIM),
        ("net", text.money(g, portfolio.net, signed=True), DIM),
        ("vol", text.decimals(g, portfolio.vol_ann), DIM),
        ("hidden", text.factor(g, portfolio.hidden_leverage), DIM),
        ("bets", g.dash if math.isnan(portfolio.effective_bets) else f"{portfolio.effective_bets:.1f}", DIM),
        (f"loss at {g.rho} .95", text.money(g, portfolio.es95_1d_rho95), DIM),
    ]
    spans: list[Span] = [(" account flat" if flat else " account", DIM)]
    moved = alerts.of_basket(scene, alerts.PORTFOLIO)
    if moved is not None:
        mark = alerts.mark(g, alerts.seen(scene, moved))
        spans.append((f"  {g.alert} ALERT {alerts.age(scene, moved)} {mark}".rstrip(), ALERT_INK))
    levels = crumbs.path(scene)
    last = len(levels[-1]) + len(f"{g.ellipsis} {g.into} ") * (len(levels) > 1) + 3  # never cut for a figure
    room = columns - len(page) - last if columns >= _BOTH_FROM else columns - _CRUMBS
    for label, value, ink in figures:
        if width(spans) + len(label) + len(value) + 3 > room:
            break
        spans += [(f"  {label} ", DIM), (value, ink)]
    right: list[Span] = [(f"{page}   ", DIM)] if page else []
    right += where(g, levels, columns - width(spans) - width(right) - 3)
    return on(between(spans, right, columns), Role.BG)


def where(g: Glyphs, levels: tuple[str, ...], room: int) -> list[Span]:
    """Return the levels with the last one bright, and a space; the first ones make room."""
    step = f" {g.into} "
    shown = levels
    while len(shown) > 1 and len(step.join(shown)) + (0 if shown is levels else len(step) + 1) > room:
        shown = shown[1:]
    before = "".join(f"{level}{step}" for level in shown[:-1])
    lead = "" if shown == levels else f"{g.ellipsis}{step}"
    if len(lead) + len(before) + len(shown[-1]) > room:  # where not even the last level leaves room for the mark
        lead = ""
    return [(f"{lead}{before}", DIM), (f"{shown[-1][: max(0, room)]} ", TEXT)]
