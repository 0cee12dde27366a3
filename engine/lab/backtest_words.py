"""Owns what a backtest says in plain sentences, also where it is not flattering. They stand above every table.

Words are made of findings; nothing is computed that the findings do not hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.domain.alerts import AlertKind, Direction
from engine.domain.events import AlertRaised, Event
from engine.lab.attribution import Attribution, Difference, attribution
from engine.lab.backtest import DRIFTDECK, TIMING, Backtest
from engine.lab.crash_episodes import CrashEpisode, crash_episodes
from engine.lab.rule_desk import Drafted
from engine.signals.board import PORTFOLIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggers:
    """Alerts of baskets by direction, and how many proposals of each kind followed (None: instants were listed)."""

    up: int
    down: int
    proposals: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is to be said about a backtest."""

    attribution: Attribution
    episodes: tuple[CrashEpisode, ...]
    triggers: Triggers | None
    words: tuple[str, ...]


def findings(found: Backtest, events: Iterable[Event] | None = None, drafted: Iterable[Drafted] = ()) -> Findings:
    """Return the findings; `events` and `drafted` are the replay's, None where a person listed the instants."""
    parts, episodes = attribution(found), crash_episodes(found)
    triggers = None if events is None else _triggers(events, drafted)
    words = (
        *_drawdown_words(found, parts),
        *_equal_words(found, parts),
        *_episode_words(episodes),
        _cost_words(found, parts),
        *([] if triggers is None else [_trigger_words(triggers)]),
        *_liquidation_words(found),
    )
    return Findings(attribution=parts, episodes=episodes, triggers=triggers, words=words)


def _triggers(events: Iterable[Event], drafted: Iterable[Drafted]) -> Triggers:
    raised = [e for e in events if isinstance(e, AlertRaised) and e.kind is AlertKind.BASKET and e.basket != PORTFOLIO]
    kinds: dict[str, int] = {}
    for each in drafted:
        kinds[each.proposal.kind.value] = kinds.get(each.proposal.kind.value, 0) + 1
    up = sum(event.direction is Direction.UP for event in raised)
    return Triggers(up=up, down=len(raised) - up, proposals=kinds)


def _drawdown_words(found: Backtest, parts: Attribution) -> list[str]:
    figures = found.figures
    own, standard = figures[DRIFTDECK], figures["standard"]
    said = [
        f"Largest drawdown: {own.max_drawdown:.1%}, against {standard.max_drawdown:.1%} of base weights bought "
        f"and held. Return: {own.total_return:+.1%} against {standard.total_return:+.1%}."
    ]
    if parts.total > 0.001:
        said.append(
            f"Of the {_points(parts.total)} less, {parts.exposure / parts.total:.0%} comes from holding less: it held "
            f"{own.avg_gross:.2f} of equity on average, and a constant book of that size has a drawdown of "
            f"{figures['exposure_matched'].max_drawdown:.1%}. Choosing when to hold less {_moves(parts.timing)} "
            f"(drawdown {figures[TIMING].max_drawdown:.1%}); shifting between assets {_moves(parts.tilt)}."
        )
    else:
        said.append("Its drawdown is not smaller than that of base weights bought and held.")
    return said


def _equal_words(found: Backtest, parts: Attribution) -> list[str]:
    own, other = found.figures[DRIFTDECK], found.figures["exposure_matched"]
    return [
        f"At the same average exposure: Sharpe {own.sharpe:+.2f} against {other.sharpe:+.2f}, {_verdict(parts.sharpe)}",
        f"  Drawdown {own.max_drawdown:.1%} against {other.max_drawdown:.1%}, {_verdict(parts.drawdown)}",
    ]


def _verdict(found: Difference) -> str:
    if np.isnan(found.low):
        return "too short a time to say more."
    span = f"95 % interval of the difference {found.low:+.2f} to {found.high:+.2f}"
    if found.covers_zero:
        return f"{span}: no edge can be shown."
    return f"{span}: {'better' if found.low > 0 else 'worse'} than luck explains."


def _episode_words(episodes: tuple[CrashEpisode, ...]) -> list[str]:
    if not episodes:
        return ["No fall of 15 % within a week happened, so nothing is known of how it behaves in one."]
    done = np.array([each.fall_done for each in episodes])
    saved = np.array([each.saved for each in episodes])
    cuts, held = int(np.count_nonzero(~np.isnan(done))), int(np.count_nonzero(~np.isnan(saved)))
    many = f"{len(episodes)} fall{'s' * (len(episodes) != 1)}"
    said = f"{many} of 15 % within a week; it held something in {held} and cut in {cuts} of them."
    if cuts:
        said += f" When half of a cut was made, {np.nanmedian(done):.0%} of the fall was done (median)."
    if held:
        word = "saved" if np.nanmean(saved) >= 0 else "cost"
        said += f" Against freezing its book at the top, trading {word} {abs(np.nanmean(saved)):.2%} of equity a fall."
    return [said]


def _cost_words(found: Backtest, parts: Attribution) -> str:
    return (
        f"Trading cost {parts.cost_year:.2%} of the starting money a year in {found.figures[DRIFTDECK].rebalances} "
        f"trades; a constant book of the same size, set right every Monday, {parts.cost_year_matched:.2%}."
    )


def _trigger_words(triggers: Triggers) -> str:
    made = ", ".join(f"{count} {kind}" for kind, count in sorted(triggers.proposals.items())) or "none"
    return f"Alerts of baskets: {triggers.up} for a rise of correlation, {triggers.down} for a fall. Proposals: {made}."


def _liquidation_words(found: Backtest) -> list[str]:
    counts = {name: found.figures[name].liquidations for name in (DRIFTDECK, "standard")}
    if not any(each.isolated or each.cross for each in counts.values()):
        return ["At the configured leverage no margin would have been gone at a close, neither its own nor standard's."]
    own, standard = counts[DRIFTDECK], counts["standard"]
    return [
        f"At the configured leverage margins would have been gone {own.isolated} times isolated and {own.cross} cross; "
        f"of the standard book {standard.isolated} and {standard.cross}. The curves do not contain that."
    ]


def _points(share: float) -> str:
    return f"{share * 100:.1f} points"


def _moves(share: float) -> str:
    """Return what a part does to the drawdown; a positive part makes it smaller."""
    if abs(share) < 0.0005:
        return "changes nothing"
    return f"takes off {_points(share)}" if share > 0 else f"gives back {_points(-share)}"
