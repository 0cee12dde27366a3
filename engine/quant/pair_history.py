"""Owns the batch form of the drift's two estimates: baseline and now of a few pairs, at every bar of a history.

The same definitions as comoments and ewma, for the lab: whole columns at once, nothing incremental, tested equal.
Column t describes the history with bar t closed. Never clips returns and never signs them: the caller does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Flags, Floats
from engine.quant.comoments import required
from engine.quant.ewma import MEMORY_BARS, decay, effective_length
from engine.quant.moments import correlation, moments_of
from engine.quant.rolling import fading_sums, rolling_sums

_NEEDED = 2.0 / 3.0
_STRETCH = 1024  # bars
_CANCELED = 1e-6  # a variance below this share of the mean square is measured again by two passes

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairHistory:
    """Correlations of P pairs [P, T], NaN where undefined: over the last `base_slots` rows, and exponentially weighted.

    The drift's baseline is the window of `lag` rows ago.
    """

    window: Floats
    now: Floats
    lag: int

    @property
    def base(self) -> Floats:
        """Return the baseline: the window before the now-estimate, NaN where there was none yet."""
        base = np.full_like(self.window, np.nan)
        base[:, self.lag :] = self.window[:, : max(self.window.shape[1] - self.lag, 0)]
        return base

    def of(self, pairs: Rows) -> "PairHistory":
        """Return these of the pairs."""
        return PairHistory(window=self.window[pairs], now=self.now[pairs], lag=self.lag)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Products:
    """What is summed, each distinct row once [M + 2 S + P, T], and where it is found.

    A single is one asset over the common rows of a pair. Without gaps it is the same for all its pairs, so that five
    assets need 21 rows instead of 60. The rows are the counts of the M different sets of common rows, x and x^2 of the
    S singles, x y of the pairs; `common` [S] says which count is a single's, `left` and `right` [P] a pair's singles.
    """

    rows: Floats
    common: Rows
    left: Rows
    right: Rows


def pair_history(returns: Floats, first: Rows, second: Rows, *, halflife_bars: float, base_slots: int) -> PairHistory:
    """Return window and now of the pairs (first[p], second[p]) after every row of `returns` [T, N]; NaN = no return.

    The window is Pearson over `base_slots` rows with 2/3 of them present; now is exponentially weighted over all rows
    so far, with 2/3 of the limit of the weight present, and the baseline lags by its effective length.
    NaN rule: as `CoMoments.window` and `CoMoments.now`. Source: CALIBRATION, "Definitions".
    """
    products = _products(returns, first, second)
    window, doubtful = _correlation(products, rolling_sums(products.rows, base_slots), required(base_slots))
    for pair, column in np.argwhere(doubtful) if doubtful.any() else ():
        rows = slice(max(column + 1 - base_slots, 0), column + 1)
        exact = moments_of(returns[rows][:, [first[pair], second[pair]]])
        window[pair, column] = correlation(exact, required(base_slots))[0, 1]
    fade = decay(halflife_bars)
    now, _ = _correlation(products, fading_sums(products.rows, fade), _NEEDED / (1 - fade))
    flat = flat_runs(returns).T
    for pair, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        now[pair, flat[i] | flat[j]] = np.nan
    return PairHistory(window=window, now=now, lag=effective_length(halflife_bars))


def flat_runs(returns: Floats) -> Flags:
    """Return where the last `MEMORY_BARS` returns of a column of [T, N] that exist are all equal, [T, N]."""
    result = np.zeros(returns.shape, dtype=np.bool_)
    for column in range(returns.shape[1]):
        at = np.flatnonzero(~np.isnan(returns[:, column]))
        if len(at) < MEMORY_BARS:
            continue
        values = returns[at, column]
        differs = values[1:] != values[:-1]
        if np.count_nonzero(differs) > len(at) - MEMORY_BARS:
            continue  # fewer equal neighbors in all than one flat run has
        place = np.arange(len(at))
        begin = np.maximum.accumulate(np.where(np.append(True, differs), place, 0))
        newest = np.full(len(returns), -1)
        newest[at] = place
        newest = np.maximum.accumulate(newest)
        flat = place - begin + 1 >= MEMORY_BARS
        result[:, column] = (newest >= 0) & flat[newest]
    return result


def _products(returns: Floats, first: Rows, second: Rows) -> _Products:
    values = np.ascontiguousarray(returns.T)
    present = ~np.isnan(values)
    masks: dict[bytes, int] = {}
    both: list[Flags] = []
    singles: dict[tuple[int, int], int] = {}
    sides: list[tuple[int, int]] = []
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        together = present[i] & present[j]
        mask = masks.setdefault(np.packbits(together).tobytes(), len(masks))
        if mask == len(both):
            both.append(together)
        sides.append((singles.setdefault((i, mask), len(singles)), singles.setdefault((j, mask), len(singles))))
    counts, count = len(both), len(singles)
    rows = np.empty((counts + 2 * count + len(sides), len(returns)))
    x, xx, xy = np.split(rows[counts:], (count, 2 * count))
    for at, each in enumerate(both):
        rows[at] = each
    for at, (who, mask) in enumerate(singles):
        x[at] = np.where(both[mask], values[who], 0.0)
    np.square(x, out=xx)
    for at, (left, right) in enumerate(sides):
        np.multiply(x[left], x[right], out=xy[at])
    pairs = np.array(sides, dtype=np.intp).reshape(-1, 2)
    common = np.array([mask for _, mask in singles], dtype=np.intp)
    return _Products(rows=rows, common=common, left=pairs[:, 0], right=pairs[:, 1])


def _correlation(products: _Products, sums: Floats, needed: float) -> tuple[Floats, Flags]:
    """Return Pearson from the sums of the products, and where a variance was mostly canceled away; a stretch at a time.

    A dozen arrays of a stretch stay in the processor's cache, those of a whole history would not.
    """
    shape = len(products.left), sums.shape[1]
    rho, doubtful = np.empty(shape), np.zeros(shape, dtype=np.bool_)
    for begin in range(0, shape[1], _STRETCH):
        part = slice(begin, begin + _STRETCH)
        _stretch(products, sums[:, part], needed, rho[:, part], doubtful[:, part])
    return rho, doubtful


def _stretch(products: _Products, sums: Floats, needed: float, rho: Floats, doubtful: Flags) -> None:
    """Write one stretch of both."""
    count, left, right = len(products.common), products.left, products.right
    counts = len(sums) - 2 * count - len(left)
    mass = np.where(sums[:counts] >= max(needed, 2), sums[:counts], np.nan)[products.common]
    x, xx, xy = np.split(sums[counts:], (count, 2 * count))
    variance = xx - x**2 / mass
    lost = (xx > 0) & (variance <= _CANCELED * xx)
    if lost.any():
        doubtful[:] = (lost[left] & (xx > 0)[right]) | (lost[right] & (xx > 0)[left])
    variance[~(variance > 0)] = np.nan
    scale = np.sqrt(variance[left] * variance[right])
    np.divide(xy - x[left] * x[right] / mass[left], scale, out=rho)
    np.clip(rho, -1.0, 1.0, out=rho)
