"""Owns the confirmed rule: when a signed number past a limit speaks, speaks again, and is over.

Used for a basket's shift and for an asset's excess. Pure: a standing and a value in, a standing and a turn out; the
board and the core keep standings and make events of turns. Never reads prices.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.domain.alerts import Direction
from engine.domain.config import RulesConfig
from engine.domain.units import Ms

WORSENS_BY = 0.10
ASSET_EXIT = 0.60  # of the limit on the excess: 0.15 of 0.25


class Turn(StrEnum):
    """What one check changed."""

    NONE = "none"
    RAISED = "raised"
    WORSENED = "worsened"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Entered above `enter` in size, left when sign * value falls below `leave`, repeated each `worsens_by`."""

    enter: float
    leave: float
    worsens_by: float = math.inf

    def __post_init__(self) -> None:
        if not 0 <= self.leave <= self.enter:
            raise ValueError(f"an alert entered at {self.enter} cannot be left at {self.leave}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one rule stands: `sign` of the open alert (0: none), the size last `said`, and what it leans to.

    `leaning` is the sign that the last check found past the limit, first seen on the bar closed at `leaning_bar`.
    """

    sign: int = 0
    said: float = 0.0
    leaning: int = 0
    leaning_bar: Ms | None = None


IDLE = Standing()


def basket_limits(rules: RulesConfig) -> Limits:
    """Return the limits on a basket's shift."""
    leave = rules.alert_exit * rules.alert_shift
    return Limits(enter=rules.alert_shift, leave=leave, worsens_by=WORSENS_BY)


def asset_limits(rules: RulesConfig) -> Limits:
    """Return the limits on an asset's excess over its basket."""
    return Limits(enter=rules.asset_excess, leave=ASSET_EXIT * rules.asset_excess)


def judge(standing: Standing, limits: Limits, value: float, bar: Ms) -> tuple[Standing, Turn]:
    """Take in the value that one check found on the bars closed by `bar`.

    Enters past the limit with one sign at two checks running, the second on a later bar. An undefined value holds
    everything and says nothing. Source: CALIBRATION, "Levels".
    """
    if math.isnan(value) or (standing is IDLE and abs(value) <= limits.enter):
        return standing, Turn.NONE
    lean = sign_of(value) if abs(value) > limits.enter else 0
    same = lean != 0 and lean == standing.leaning
    leant = lean_to(standing, lean, bar)
    if standing.sign == 0:
        confirmed = same and standing.leaning_bar is not None and bar > standing.leaning_bar
        return (replace(leant, sign=lean, said=abs(value)), Turn.RAISED) if confirmed else (leant, Turn.NONE)
    size = standing.sign * value
    if size < limits.leave:
        return replace(leant, sign=0, said=0.0), Turn.CLEARED
    if size >= standing.said + limits.worsens_by:
        return replace(leant, said=size), Turn.WORSENED
    return leant, Turn.NONE


def lean_to(standing: Standing, lean: int, bar: Ms) -> Standing:
    """Return the standing that leans to `lean`, since this bar or since it first did."""
    if lean == standing.leaning:
        return standing
    return replace(standing, leaning=lean, leaning_bar=bar if lean else None)


def sign_of(value: float) -> int:
    """Return +1 or -1; 0 is neither."""
    return (value > 0) - (value < 0)


def direction_of(sign: float) -> Direction:
    """Return the direction of a sign that is not 0."""
    return Direction.UP if sign > 0 else Direction.DOWN


def words_for(direction: Direction) -> str:
    """Return what the positions do: rho_eff counts a short leg the other way round."""
    return "moving together" if direction is Direction.UP else "coming apart"


def threat_of(direction: Direction, *, hedged: bool) -> str:
    """Return what a shift in rho_eff means for a book: more of it is always less diversification."""
    if direction is Direction.UP:
        return "the hedge is weakening" if hedged else "threatens a long-only book"
    return "the hedge is tightening" if hedged else "the book diversifies more than it was sized for"
