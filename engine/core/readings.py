"""Owns what one closed bar says to the signals, whoever made it: the live state, or a table of prices in the lab.

Plain values; never judges. `signals_check` reads them, so live and replay run the same code on the same numbers.
"""

from collections.abc import Callable, Sequence

import msgspec

from engine.domain.events import BasketCheck
from engine.domain.units import Asset, BasketName, Ms
from engine.signals.drift import BasketDrift
from engine.signals.evidence import ReturnsOf
from engine.signals.regime import RegimeSample
from engine.signals.volatility import Breakouts


class BasketReading(msgspec.Struct, frozen=True, kw_only=True):
    """One basket at one bar: its drift, each leg's excess (none for the portfolio), and the returns behind them.

    `excess` follows `assets`; both are empty for the portfolio, whose pairs are baskets.
    """

    name: BasketName
    assets: tuple[Asset, ...]
    hedged: bool
    drift: BasketDrift
    excess: tuple[float, ...]
    returns: ReturnsOf


class Instant(msgspec.Struct, frozen=True, kw_only=True):
    """One instant of the market clock: a bar has closed, or the fast cycle looks again inside the hour.

    `as_of` is the close of the newest bar and `version` changes whenever a reading may. `breakouts` is None where
    nothing new is known, `sample` where the regime takes none. `readings` are made only where a check is due; a
    finished check stands for a basket that is known to have nothing to say. `may_check` is False for the instants that
    a made-up check passes over.
    """

    at: Ms
    as_of: Ms
    version: int
    readings: Callable[[], Sequence[BasketReading | BasketCheck]]
    breakouts: Breakouts | None = None
    rolling: bool = False
    sample: RegimeSample | None = None
    may_check: bool = True
    late_ms: int = 0
    missing: tuple[Asset, ...] = ()
