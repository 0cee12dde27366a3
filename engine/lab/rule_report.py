"""Owns the rules in force as sentences: formula, setting, and how often each fired on this book (`rules --explain`).

The counts come from a replay of the book's own last days, so that nobody has to believe an average. Prints nothing.
"""

from dataclasses import dataclass

from engine.domain.alerts import AlertKind, Direction
from engine.domain.config import Config, RulesConfig
from engine.domain.events import AlertRaised, AlertWorsened, RegimeChanged, VolatilityBroadened, WatchRaised
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Ms
from engine.lab.replay import Replay
from engine.quant.ewma import effective_length
from engine.signals.alert import ASSET_EXIT, WORSENS_BY
from engine.signals.volatility import LEAST_ASSETS

EXPLAINED_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule: its name, what it says with the numbers in force, what it does, and how often it fired (None: unknown).

    `days` is how much history the count is made of.
    """

    rule: str
    formula: str
    does: str
    fired: int | None
    days: float


def explained_from(end: Ms) -> Ms:
    """Return where the replay of the last ninety days begins."""
    return Ms(end - EXPLAINED_DAYS * DAY_MS)


def rule_report(config: Config, run: Replay | None) -> tuple[RuleLine, ...]:
    """Return every rule in force, in the order of DESIGN 2; without a replay nothing is counted."""
    rules = config.rules
    counts = _counts(run) if run is not None else {}
    days = (run.end - run.begin) / DAY_MS if run is not None else 0.0
    return tuple(
        RuleLine(rule=name, formula=formula, does=does, fired=counts.get(name), days=days)
        for name, formula, does in (*_estimates(rules), *_signals(rules))
    )


def _estimates(rules: RulesConfig) -> tuple[tuple[str, str, str], ...]:
    halflife = rules.now_halflife_ms / rules.bar_ms
    lag = effective_length(halflife)
    slots = rules.baseline_days * DAY_MS // rules.bar_ms
    frozen = rules.baseline == "anchored"
    where = "as at the last rebalance" if frozen else f"over {slots} bars ending {lag} bars ago"
    return (
        ("base", f"rho_base = Pearson of log returns {where}; needs 2/3 of them", "what is usual"),
        ("now", f"rho_now = exponentially weighted Pearson, half-life {halflife:g} bars", "what is going on"),
        (
            "shift",
            "shift = s_r if s_r > |s_w| else s_w; s_x = mean over pairs of atanh(rho_now) - atanh(rho_base), "
            "r raw, w clipped to median +- 3 * 1.4826 * MAD of the 30 days before the bar's day, rho signed by side",
            "how far a basket moved",
        ),
    )


def _signals(rules: RulesConfig) -> tuple[tuple[str, str, str], ...]:
    hold, fast = rules.fast_hold_ms // HOUR_MS, rules.fast_check_every_ms // MINUTE_MS
    rings = rules.alert_on == "watch"
    leave = rules.alert_exit * rules.alert_shift
    confirmed = (
        f"abs(shift) > {rules.alert_shift:.2f} with one sign at 2 checks running, the second on a later bar; over "
        f"when sign * shift < {leave:.2f}; again each {WORSENS_BY:.2f}"
    )
    stated = "any pair on WATCH; over with the last one"
    return (
        (
            "WATCH",
            f"abs(rho_now - rho_base) > {rules.watch_delta:.2f} ({rules.watch_estimator.value}), cleared below "
            f"{rules.watch_clear:.2f}",
            "rings" if rings else "marks the pair, a grouped line in the feed, never rings",
        ),
        ("ALERT up", stated if rings else confirmed, "rings, drafts: the positions are moving together"),
        ("ALERT down", stated if rings else confirmed, "rings, drafts: the positions are coming apart"),
        (
            "ASSET",
            f"abs(mean dz(w) of the asset's pairs - the basket's) > {rules.asset_excess:.2f} at 2 checks, left below "
            f"{ASSET_EXIT * rules.asset_excess:.2f}",
            "a line in the feed",
        ),
        (
            "VOL",
            f"abs(r of the last hour) > mean + {rules.vol_sigma:g} sd of abs(r) over the 720 bars before it, in >= "
            f"{rules.fast_breadth:.0%} of the watched assets and {LEAST_ASSETS} of them",
            f"checks every {fast} min until {hold} h after the last; nothing loosens meanwhile because rho fell",
        ),
        ("VOL ALERT", f"the same in >= {rules.vol_alert_breadth:.0%} of them", "rings, drafts a reduction"),
        (
            "REGIME",
            "two states filtered from mean correlation, breadth of volatility and absorption ratio; learned each day "
            "from the 90 days before; stress from a probability of 0.8, calm from 0.2",
            "a line in the feed, a word in the status bar",
        ),
    )


def _counts(run: Replay) -> dict[str, int]:
    """Return how often each rule spoke; a worsening alert counts as another message."""
    counts = dict.fromkeys(("WATCH", "ALERT up", "ALERT down", "ASSET", "VOL", "VOL ALERT", "REGIME"), 0)
    names: dict[str, str] = {}
    for event in run.events:
        match event:
            case WatchRaised():
                counts["WATCH"] += len(event.pairs)
            case AlertRaised():
                names[event.id] = _name(event)
                counts[names[event.id]] += 1
            case AlertWorsened():
                counts[names[event.id]] += 1
            case VolatilityBroadened(started=True):
                counts["VOL"] += 1
            case RegimeChanged():
                counts["REGIME"] += 1
            case _:
                pass
    return counts


def _name(event: AlertRaised) -> str:
    if event.kind is AlertKind.VOL:
        return "VOL ALERT"
    if event.kind is AlertKind.ASSET:
        return "ASSET"
    return "ALERT up" if event.direction is Direction.UP else "ALERT down"
