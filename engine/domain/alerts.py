"""Owns the words of an alert: its kind, its direction, and the evidence that every one carries.

Plain values that cross the wire inside events. Never decides anything: the signals room makes them, the board keeps
them, the feed and the detail view show them.
"""

from enum import StrEnum

import msgspec

from engine.domain.units import Asset

NAN = float("nan")


class AlertKind(StrEnum):
    """What an alert is about; the regime speaks through its own event."""

    BASKET = "basket"
    ASSET = "asset"
    VOL = "vol"


class Direction(StrEnum):
    """Which way a shift goes: up, the positions move together; down, they come apart."""

    UP = "up"
    DOWN = "down"

    @property
    def sign(self) -> int:
        """Return +1 for up, -1 for down."""
        return 1 if self is Direction.UP else -1


class PairMove(msgspec.Struct, frozen=True, kw_only=True):
    """One pair with its correlation then and now (signed by side: rho_eff); `delta` = now - base.

    `z` is the move in standard errors (CALIBRATION), NaN where nobody asked for it.
    """

    first: Asset
    second: Asset
    rho_base: float
    rho_now: float
    delta: float
    z: float = NAN


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why an alert spoke; NaN where undefined or not of its kind.

    `shift` is the basket's shift, an asset's excess, or a breadth; `n` the fewest common bars in a pair's baseline;
    `pairs` the three that moved most. `residual_z` (ASSET) is the largest residual return of the last day in sd.
    """

    words: str
    shift: float
    rho_base: float = NAN
    rho_now: float = NAN
    delta: float = NAN
    z: float = NAN
    n: int = 0
    pairs: tuple[PairMove, ...] = ()
    residual_z: float = NAN
    assets: tuple[Asset, ...] = ()
    peak_sigma: float = NAN


class Regime(StrEnum):
    """The market as a whole; empty until enough history is known."""

    UNKNOWN = ""
    CALM = "calm"
    STRESS = "stress"
