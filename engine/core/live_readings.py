"""Owns the live side of the readings: what the incremental states say at the last closed bar, for `signals_check`.

The twin of the lab's table, tested equal. Reads the states and changes none but the portfolio's own; never judges.
"""

from collections.abc import Callable, Mapping

import numpy as np

from engine.core.anchors import anchored
from engine.core.baskets import BasketTrack, DriftSnapshot, drift_snapshot
from engine.core.portfolio_track import PortfolioTrack
from engine.core.readings import BasketReading, Instant
from engine.core.regime_history import regime_samples, sample_rows
from engine.domain.config import Config, Estimator
from engine.domain.events import BaselineAnchored
from engine.domain.units import Asset, BasketName, Ms
from engine.market.correlation_state import CorrelationState
from engine.quant.arrays import Flags, Floats
from engine.quant.volatility import USUAL_BARS, usual_size, usual_size_history
from engine.signals.asset import asset_excess
from engine.signals.board import PORTFOLIO
from engine.signals.drift import basket_drift
from engine.signals.evidence import ReturnsOf
from engine.signals.regime import BREADTH_BARS, SAMPLE_MS, RegimeSample, sample_of
from engine.signals.volatility import NONE, Breakouts, breakouts


class LiveReader:
    """Readings of the last closed bar."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._assets = tuple(config.symbols)
        self.portfolio = PortfolioTrack(config) if len(config.baskets) > 1 else None

    def instant(
        self,
        correlation: CorrelationState,
        tracks: Mapping[BasketName, BasketTrack],
        at: Ms,
        *,
        anchors: Mapping[BasketName, BaselineAnchored],
        rolling: Floats | None = None,
        may_check: bool = True,
        late_ms: int = 0,
        missing: tuple[Asset, ...] = (),
    ) -> Instant:
        """Return the instant `at` on the newest bar of the states.

        `rolling` [N] are returns over the hour up to `at` where finer prices are known, NaN elsewhere: they are looked
        at inside the hour only. On a bar's close the bar itself counts.
        """
        as_of = correlation.as_of
        if as_of is None or as_of > at:
            raise ValueError(f"instant {at} needs bars closed by then, the newest closed at {as_of}")
        closing = as_of == at
        found = self.breakouts(correlation) if closing else None
        if not closing and rolling is not None:
            found = self.breakouts(correlation, rolling)
        return Instant(
            at=at,
            as_of=as_of,
            version=correlation.version,
            readings=lambda: self.readings(correlation, tracks, anchors),
            breakouts=found,
            rolling=not closing,
            sample=self.sample(correlation) if closing and at % SAMPLE_MS == 0 else None,
            may_check=may_check,
            late_ms=late_ms,
            missing=missing,
        )

    def readings(
        self,
        correlation: CorrelationState,
        tracks: Mapping[BasketName, BasketTrack],
        anchors: Mapping[BasketName, BaselineAnchored],
    ) -> tuple[BasketReading, ...]:
        """Return what the last bar says of every basket, the portfolio last."""
        snapshot = drift_snapshot(correlation, self._config.rules)
        found = [self._basket(track, snapshot, correlation, anchors) for track in tracks.values()]
        if self.portfolio is not None:
            found.append(self._portfolio(self.portfolio))
        return tuple(found)

    def breakouts(self, correlation: CorrelationState, rolling: Floats | None = None) -> Breakouts:
        """Return who broke out at the last bar, or in the hour that `rolling` [N] measures."""
        rows = correlation.returns(Estimator.PEARSON, USUAL_BARS + 1)
        if len(rows) == 0:
            return NONE
        mean, sd = usual_size(rows[:-1])
        hour = rows[-1] if rolling is None else rolling
        return breakouts(self._assets, hour, mean, sd, sigma=self._config.rules.vol_sigma)

    def sample(self, correlation: CorrelationState) -> RegimeSample:
        """Return the regime's sample of the last bar."""
        rows = correlation.returns(Estimator.PEARSON, USUAL_BARS + BREADTH_BARS)
        mean, sd = usual_size_history(rows)
        hot = np.abs(rows) > mean + self._config.rules.vol_sigma * sd
        today: Flags = np.any(hot[-BREADTH_BARS:], axis=0)
        now = correlation.now(Estimator.WINSORIZED).rho
        return sample_of(now, ~np.isnan(mean[-1]), today)

    def past_samples(self, correlation: CorrelationState) -> tuple[dict[int, RegimeSample], Floats]:
        """Return the samples of all bars that a state holds, by row, and their winsorized returns, for the warm-up."""
        rules, first_open = self._config.rules, correlation.first_open
        if first_open is None or correlation.as_of is None:
            return {}, np.empty((0, len(self._assets)))
        bars = (correlation.as_of - first_open) // rules.bar_ms
        raw, win = (correlation.returns(kind, bars) for kind in (Estimator.PEARSON, Estimator.WINSORIZED))
        mean, sd = usual_size_history(raw)
        samples = regime_samples(
            sample_rows(first_open, rules.bar_ms, bars),
            win,
            hot=np.abs(raw) > mean + rules.vol_sigma * sd,
            judged=~np.isnan(mean),
            halflife_bars=rules.now_halflife_ms / rules.bar_ms,
        )
        return samples, win

    def _basket(
        self,
        track: BasketTrack,
        snapshot: DriftSnapshot,
        correlation: CorrelationState,
        anchors: Mapping[BasketName, BaselineAnchored],
    ) -> BasketReading:
        anchor = anchors.get(track.basket.name)
        members = track.members(snapshot.used)
        if anchor is not None and self._config.rules.baseline == "anchored":
            snapshot = anchored(track, snapshot, anchor)
        return BasketReading(
            name=track.basket.name,
            assets=track.basket.assets,
            hedged=track.basket.hedged,
            drift=basket_drift(members, snapshot.raw, snapshot.win, shown=snapshot.shown),
            excess=asset_excess(members, snapshot.win),
            returns=_returns_of(correlation, lambda rows: rows[:, track.rows] * track.signs),
        )

    def _portfolio(self, track: PortfolioTrack) -> BasketReading:
        snapshot = drift_snapshot(track.correlation, self._config.rules)
        return BasketReading(
            name=PORTFOLIO,
            assets=(),
            hedged=False,
            drift=basket_drift(track.members(), snapshot.raw, snapshot.win, shown=snapshot.shown),
            excess=(),
            returns=_returns_of(track.correlation, lambda rows: rows),
        )


def _returns_of(correlation: CorrelationState, pick: Callable[[Floats], Floats]) -> ReturnsOf:
    """Return the way to the last returns behind a reading."""
    return lambda estimator, bars: pick(correlation.returns(estimator, bars))
