"""Owns what is told of bars: refused, corrected, joined from a former market. A part of `events.Event`."""

import msgspec

from engine.domain.units import Asset, Ms


class CandlesRejected(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The door-keeper refused candles of one symbol; `why` names the first reason."""

    at: Ms
    asset: Asset
    count: int
    why: str


class BarsCorrected(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Closed bars arrived late or were corrected by the venue, and the state was brought up to them."""

    at: Ms
    asset: Asset
    count: int


class HistoryJoined(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Bars under an asset's former market were joined in front of its own, up to the bar that opens at `seam`.

    `jump` is how far the close moved over the seam, as a share. Where nothing was joined `bars` is 0 and `why` is said.
    """

    at: Ms
    asset: Asset
    formerly: str
    bars: int
    seam: Ms
    jump: float
    why: str = ""
