"""Owns row 0: who we are, what is at stake, the venue's link, the cycle, the regime, equity and the engine's clock.

Drops from the least to the most needed (LOOK 2); mode badge, link shapes, age of the last message, cycle, regime and
clock stay. Never frozen grey: what is old here is in the stale role.
"""

import math

from engine.domain.market import LinkState
from engine.domain.views import HealthView
from tui.cockpit import text
from tui.cockpit.deck import Contact
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import Line, Paint, Role, Span, badge, between, width
from tui.cockpit.scene import Scene

ON = Role.RAISED
_TEXT, _BOLD, _DIM = Paint(bg=ON), Paint(bg=ON, bold=True), Paint(Role.DIM, ON)
_STALE, _WATCH = Paint(Role.STALE, ON), Paint(Role.WATCH, ON, bold=True)
_MODE_FILL = {"live": Role.LIVE}
LIVE_COLUMNS = 12
DROPS = (
    "why",
    "date",
    "label",
    "latency",
    "next",
    "regime_word",
    "equity_word",
    "name",
    "beat",
    "venue",
    "equity",
    "gap",
)


def status(scene: Scene, columns: int) -> Line:
    """Return the status line, exactly `columns` wide."""
    dropped: set[str] = set()
    for drop in (*DROPS, ""):
        left, right = _left(scene, dropped), _right(scene, dropped)
        if width(left) + width(right) + 2 <= columns:
            break
        dropped.add(drop)
    return between(left, right, columns, _TEXT)


def _left(scene: Scene, dropped: set[str]) -> list[Span]:
    health = scene.health
    live = health is not None and health.mode == "live"
    name = "DD" if "name" in dropped else "DRIFTDECK"
    brand = f" {name} ".ljust(LIVE_COLUMNS) if live and name != "DD" else f" {name} "
    spans: list[Span] = [(brand, badge(Role.LIVE) if live else _BOLD)]
    if health is None:
        return spans
    gap = "  " if "gap" in dropped else "   "
    spans += [(f" {health.mode.upper()} ", badge(_MODE_FILL.get(health.mode, Role.PAPER)))]
    spans += _market(scene, health, dropped)
    if health.halted:
        spans.append(
            (f" {scene.glyphs.caution} HALTED", Paint(Role.STALE if scene.frozen else Role.ALERT_INK, ON, True))
        )
    spans += [(gap if "venue" in dropped else f"{gap}{clean(health.venue)} ", _DIM)]
    spans += _link(scene, health, dropped)
    spans += [(gap, _DIM), *_cycle(scene, health, dropped)]
    regime = _regime(scene, health, dropped)
    return [*spans, (gap, _DIM), *regime] if regime else spans


def _market(scene: Scene, health: HealthView, dropped: set[str]) -> list[Span]:
    """Return the badge that names a market which is not the real one."""
    if health.market == "real":
        return []
    spans: list[Span] = [(f" {health.market.upper()} {text.speed(scene.glyphs, health.speed)} ", badge(Role.SIM))]
    if health.market_label and "label" not in dropped:
        spans.append((f" {clean(health.market_label)[:40]}", _DIM))
    return spans


def link_shapes(g: Glyphs, state: LinkState | None) -> str:
    """Return the link as three shapes; None is a line nobody hears from."""
    full = {LinkState.UP: 3, LinkState.DEGRADED: 1, LinkState.DOWN: 0, None: 0}[state]
    return g.link_off * (3 - full) + g.link_on * full


def _link(scene: Scene, health: HealthView, dropped: set[str]) -> list[Span]:
    g = scene.glyphs
    if scene.frozen:
        return [(link_shapes(g, None), _TEXT), (" engine gone", _STALE)]
    ink = Paint(Role.GAIN, ON) if health.link is LinkState.UP else _WATCH
    spans: list[Span] = [(link_shapes(g, health.link), ink)]
    if "latency" not in dropped and not math.isnan(health.latency_ms):
        spans.append((f" {health.latency_ms:.0f}ms", _TEXT))
    age = health.last_event_age_s + scene.now - _health_at(scene)
    shown = scene.ages.shown("status", health.link, age)
    old = age > health.stale_after_s
    spans.append((f" {g.stale if old else ''}{text.age(g, shown)}", _STALE if old else _TEXT))
    return spans


def _health_at(scene: Scene) -> float:
    age = scene.deck.health_age(scene.now)
    return scene.now if math.isnan(age) else scene.now - age


def _cycle(scene: Scene, health: HealthView, dropped: set[str]) -> list[Span]:
    g = scene.glyphs
    every = text.every(health.check_every_ms)
    if scene.frozen:
        word = [("FAST ", Paint(Role.STALE, ON, bold=True))] if health.fast else [("every ", _DIM)]
        ahead: list[Span] = [] if "next" in dropped else [(" next ", _DIM), (g.dash, _TEXT)]
        return [*word, (every, _STALE), *ahead]
    spans: list[Span] = [("FAST " if health.fast else "every ", _WATCH if health.fast else _DIM), (every, _TEXT)]
    if "next" not in dropped and scene.tick_ms is not None and health.ready:
        spans += [(" next ", _DIM), (text.countdown(g, scene.to_check_ms), _TEXT)]
    if health.fast and health.cycle_why and "why" not in dropped:
        spans.append((f" {clean(health.cycle_why)[:48]}", _DIM))
    return spans


def _regime(scene: Scene, health: HealthView, dropped: set[str]) -> list[Span]:
    g = scene.glyphs
    word: list[Span] = [] if "regime_word" in dropped else [("regime ", _DIM)]
    if not health.regime:  # a dash without its word would say nothing
        return [*word, (g.dash, _DIM)] if word else []
    ink = _STALE if scene.frozen else _WATCH if health.regime == "stress" else _TEXT
    spans: list[Span] = [*word, (clean(health.regime).upper(), Paint(ink.fg, ON, bold=True))]
    if not math.isnan(health.regime_probability):
        old = g.stale if scene.frozen else ""
        spans.append((f" {old}{text.rho(g, health.regime_probability)}", _STALE if scene.frozen else _TEXT))
    return spans


def _right(scene: Scene, dropped: set[str]) -> list[Span]:
    g = scene.glyphs
    spans: list[Span] = []
    if scene.health is not None and "equity" not in dropped:
        equity = _equity(scene, scene.health, dropped)
        spans += [*equity, ("   ", _DIM)] if equity else []
    ink = _STALE if scene.frozen else _TEXT
    if scene.tick_ms is not None:
        if "date" not in dropped:
            spans.append((f"{text.date(scene.tick_ms)} ", _STALE if scene.frozen else _DIM))
        spans.append((text.clock(scene.tick_ms), ink))
    if "beat" not in dropped:
        alive = scene.deck.engine.state is Contact.UP
        on_beat = Paint(Role.GAIN, ON, bold=True) if scene.deck.beat % 2 else Paint(Role.FAINT, ON)
        spans.append((f" {g.beat if alive else g.gone}", on_beat if alive else _STALE))
    spans.append((" ", _TEXT))
    return spans


def _equity(scene: Scene, health: HealthView, dropped: set[str]) -> list[Span]:
    g = scene.glyphs
    word: list[Span] = [] if "equity_word" in dropped else [("equity ", _DIM)]
    if math.isnan(health.equity):
        return [*word, (g.dash, _DIM)] if word else []
    old = g.stale if scene.frozen or health.equity_partial else ""
    spans = [
        *word,
        (old + text.money_full(g, health.equity), Paint(Role.STALE if scene.frozen else Role.TEXT, ON, True)),
    ]
    began = health.equity - health.pnl_day
    day = text.change(g, health.pnl_day / began) if began > 0 else g.dash
    if day != g.dash:
        role = Role.GAIN if day.startswith(g.up) else Role.LOSS if day.startswith(g.down) else Role.TEXT
        spans.append((f" {day}", Paint(Role.STALE if scene.frozen else role, ON)))
    return spans
