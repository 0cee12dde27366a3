"""Owns the evidence of an alert: the few numbers and words that a person needs to believe it or not.

Made only when something speaks, from the returns behind the estimates. Never decides. Results travel inside events.
"""

import math
from collections.abc import Callable
from itertools import combinations

import msgspec
import numpy as np

from engine.domain.alerts import Evidence, PairMove
from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import DAY_MS
from engine.quant.arrays import Floats
from engine.quant.correlation import fisher_difference
from engine.quant.drift_statistics import LAST_DAY_BARS, RESIDUAL_BARS, fisher_z, pair_kappa, residual_z, tail_weight
from engine.quant.ewma import effective_length
from engine.signals.drift import BasketDrift, strongest

STRONGEST = 3

ReturnsOf = Callable[[Estimator, int], Floats]  # (estimator, bars) -> the basket's last returns [<= bars, n], by side


class EvidenceMaker:
    """Makes the evidence of one basket at one bar; what it measures is kept for the pairs that follow.

    Without `measured` what has to be made from returns (z, common bars, the residual) is left undefined.
    """

    def __init__(self, rules: RulesConfig, returns: ReturnsOf, *, measured: bool = True) -> None:
        self._measured = measured
        halflife = rules.now_halflife_ms / rules.bar_ms
        self._lag = effective_length(halflife)
        self._base_bars = rules.baseline_days * (DAY_MS // rules.bar_ms)
        self._shown = rules.watch_estimator
        self._returns = returns
        self._kappas: dict[Estimator, Floats] = {}

    def moves(self, pairs: tuple[PairMove, ...], order: tuple[PairMove, ...]) -> tuple[PairMove, ...]:
        """Return `pairs`, each with its z; `order` are all the basket's moves in the order of the legs."""
        if not self._measured:
            return pairs
        kappas = self._pair_kappas(self._shown)
        place = {(move.first, move.second): k for k, move in enumerate(order)}
        return tuple(
            msgspec.structs.replace(move, z=self._z(_dz(move), float(kappas[place[move.first, move.second]])))
            for move in pairs
        )

    def of_basket(self, drift: BasketDrift, words: str) -> Evidence:
        """Return the evidence of a basket's shift."""
        shown = Estimator.PEARSON if drift.shift == drift.shift_raw else Estimator.WINSORIZED
        return Evidence(
            words=words,
            shift=drift.shift,
            rho_base=drift.mean_rho_base,
            rho_now=drift.mean_rho_now,
            delta=drift.mean_rho_now - drift.mean_rho_base,
            z=self._z(drift.shift, _mean(self._pair_kappas(shown).tolist())) if self._measured else math.nan,
            n=self._common_bars(drift) if self._measured else 0,
            pairs=self.moves(strongest(drift.moves)[:STRONGEST], drift.moves),
        )

    def of_asset(self, drift: BasketDrift, excess: float, column: int, words: str) -> Evidence:
        """Return the evidence of one leg's excess: its own pairs, and its residual return."""
        legs = _legs(drift)
        own = tuple(move for move in drift.moves if legs[column] in (move.first, move.second))
        known = strongest(own)
        base, now = (_mean([getattr(move, side) for move in known]) for side in ("rho_base", "rho_now"))
        if not self._measured:
            return Evidence(words=words, shift=excess, rho_base=base, rho_now=now, pairs=known[:STRONGEST])
        rows = self._returns(Estimator.PEARSON, RESIDUAL_BARS + LAST_DAY_BARS)
        kappas = self._pair_kappas(Estimator.WINSORIZED).tolist()
        tails = [kappa for kappa, move in zip(kappas, drift.moves, strict=True) if move in own]
        return Evidence(
            words=words,
            shift=excess,
            rho_base=base,
            rho_now=now,
            delta=now - base,
            z=self._z(excess, _mean(tails)),
            n=self._common_bars(drift),
            pairs=self.moves(known[:STRONGEST], drift.moves),
            residual_z=residual_z(rows, column),
        )

    def _z(self, difference: float, kappa: float) -> float:
        return float(fisher_z(np.array(difference), np.array(kappa), self._lag, self._base_bars))

    def _base_rows(self, estimator: Estimator) -> Floats:
        rows = self._returns(estimator, self._base_bars + self._lag)
        return rows[: max(len(rows) - self._lag, 0)]

    def _pair_kappas(self, estimator: Estimator) -> Floats:
        """Return kappa of every pair in the order of the moves."""
        found = self._kappas.get(estimator)
        if found is None:
            weights = tail_weight(self._base_rows(estimator))
            first, second = np.triu_indices(len(weights), 1)
            found = self._kappas[estimator] = pair_kappa(weights[first], weights[second])
        return found

    def _common_bars(self, drift: BasketDrift) -> int:
        """Return the fewest common bars in the baseline of a defined pair; 0 where none is defined."""
        present = ~np.isnan(self._base_rows(Estimator.PEARSON))
        pairs = combinations(range(present.shape[1]), 2)
        counts = [
            int(np.count_nonzero(present[:, i] & present[:, j]))
            for (i, j), move in zip(pairs, drift.moves, strict=True)
            if not math.isnan(move.delta)
        ]
        return min(counts, default=0)


def _dz(move: PairMove) -> float:
    return float(fisher_difference(np.array(move.rho_now), np.array(move.rho_base)))


def _legs(drift: BasketDrift) -> list[str]:
    """Return the names of the legs in order: the first pair's first, then every second of its row."""
    first = drift.moves[0].first
    return [first, *(move.second for move in drift.moves if move.first == first)]


def _mean(values: list[float]) -> float:
    """Return the mean of the values that are defined, NaN without any."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
