"""Owns one basket over a whole history: the columns of numbers that every check of a replay reads one row of.

Made in batch from returns, by the definitions of the drift room. Never judges; the table hands rows to the core.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.core.readings import BasketReading
from engine.domain.config import Estimator, RulesConfig
from engine.domain.events import PairMove
from engine.domain.units import Asset, BasketName
from engine.quant.arrays import Flags, Floats
from engine.quant.correlation import fisher_difference
from engine.quant.pair_history import PairHistory
from engine.signals.drift import BasketDrift
from engine.signals.evidence import ReturnsOf

Both = dict[Estimator, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketColumns:
    """Row t is the history with bar t closed: shifts and means [T], excess [T, n], pairs' base and now [T, P]."""

    name: BasketName
    assets: tuple[Asset, ...]
    hedged: bool
    pairs: tuple[tuple[Asset, Asset], ...]
    shift_raw: Floats
    shift_win: Floats
    shift: Floats
    mean_base: Floats
    mean_now: Floats
    base: Floats
    now: Floats
    excess: Floats
    returns: Both  # [T, n], signed by side

    def reading(self, row: int) -> BasketReading:
        """Return what bar `row` says of the basket."""
        base, now = self.base[row].tolist(), self.now[row].tolist()
        drift = BasketDrift(
            shift_raw=self.shift_raw.item(row),
            shift_win=self.shift_win.item(row),
            shift=self.shift.item(row),
            mean_rho_base=self.mean_base.item(row),
            mean_rho_now=self.mean_now.item(row),
            moves=tuple(
                [
                    PairMove(first=first, second=second, rho_base=b, rho_now=n, delta=n - b)
                    for (first, second), b, n in zip(self.pairs, base, now, strict=True)
                ]
            ),
        )
        return BasketReading(
            name=self.name,
            assets=self.assets if self.excess.shape[1] else (),
            hedged=self.hedged,
            drift=drift,
            excess=tuple(self.excess[row].tolist()),
            returns=self._returns_at(row),
        )

    def _returns_at(self, row: int) -> ReturnsOf:
        def last(estimator: Estimator, bars: int) -> Floats:
            return self.returns[estimator][max(row + 1 - bars, 0) : row + 1]

        return last


def basket_columns(
    name: BasketName,
    assets: tuple[Asset, ...],
    signs: Floats,
    returns: Both,
    estimates: Mapping[Estimator, PairHistory],
    used: Flags,
    rules: RulesConfig,
    *,
    anchor: int | None = None,
    with_excess: bool = True,
) -> BasketColumns:
    """Return the columns of one basket from its legs' returns [T, n] and its pairs' estimates, both unsigned, and from
    where each leg is `used` [T, n]; pairs are in the order of the legs.

    From row `anchor` on the baseline stays what it was there. Source: CALIBRATION, "Definitions".
    """
    first, second = np.triu_indices(len(assets), 1)
    side = (signs[first] * signs[second])[:, None]
    kept = (used[:, first] & used[:, second]).T
    found = {kind: _signed(each, side, kept, anchor) for kind, each in estimates.items()}
    moved = {kind: fisher_difference(now, base) for kind, (base, now) in found.items()}
    raw, win = (_mean_if_half(moved[kind]) for kind in (Estimator.PEARSON, Estimator.WINSORIZED))
    undefined = np.isnan(raw) | np.isnan(win)
    shift = np.where(undefined, np.nan, np.where(raw > np.abs(win), raw, win))
    base, now = found[rules.watch_estimator]
    excess = _excess(moved[Estimator.WINSORIZED], len(assets)) if with_excess else np.empty((len(raw), 0))
    return BasketColumns(
        name=name,
        assets=assets,
        hedged=len(set(signs.tolist())) > 1,
        pairs=tuple((assets[i], assets[j]) for i, j in zip(first, second, strict=True)),
        shift_raw=raw,
        shift_win=win,
        shift=shift,
        mean_base=_mean_if_half(base),
        mean_now=_mean_if_half(now),
        base=np.ascontiguousarray(base.T),
        now=np.ascontiguousarray(now.T),
        excess=excess,
        returns={kind: rows * signs for kind, rows in returns.items()},
    )


def _signed(found: PairHistory, side: Floats, kept: Flags, anchor: int | None) -> tuple[Floats, Floats]:
    base, now = (np.where(kept, side * part, np.nan) for part in (found.base, found.now))
    if anchor is not None:
        base[:, anchor:] = base[:, anchor][:, None]
    return base, now


def _mean_if_half(values: Floats) -> Floats:
    """Return the mean over the defined of P values [P, T] -> [T]; NaN with fewer than half of them, or none."""
    present = ~np.isnan(values)
    count = present.sum(axis=0)
    enough = (count > 0) & (2 * count >= len(values))
    total = np.where(present, values, 0.0).sum(axis=0)
    return np.where(enough, total / np.where(enough, count, 1), np.nan)


def _excess(moved: Floats, legs: int) -> Floats:
    """Return each leg's mean move minus the basket's, [T, n]."""
    first, second = np.triu_indices(legs, 1)
    whole = _mean_if_half(moved)
    return np.array([_mean_if_half(moved[(first == k) | (second == k)]) - whole for k in range(legs)]).T.copy()
