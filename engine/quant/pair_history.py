"""Owns the batch form of the drift's two estimates: baseline and now of a few pairs, at every bar of a history.

The same definitions as comoments and ewma, for the lab: whole columns at once, nothing incremental, tested equal.
Column t describes the history with bar t closed. Never clips returns and never signs them: the caller does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Counts, Flags, Floats
from engine.quant.comoments import required
from engine.quant.ewma import MEMORY_BARS, decay, effective_length
from engine.quant.moments import correlation, moments_of
from engine.quant.rolling import fading_sums, lagged, rolling_sums

_NEEDED = 2.0 / 3.0
_STRETCH = 1024  # bars
_CANCELED = 1e-6  # a variance below this share of the mean square is measured again by two passes

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairHistory:
    """Correlations of P pairs [P, T], NaN where undefined; `counts` are common returns in the baseline."""

    base: Floats
    now: Floats
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Products:
    """What is summed, each distinct row once [R, T], and where each pair finds its own: rows, x, y, x^2, y^2, xy.

    Without gaps a pair's x are simply its asset's, so that five assets need 21 rows instead of 60.
    """

    rows: Floats
    n: Rows
    x: Rows
    y: Rows
    xx: Rows
    yy: Rows
    xy: Rows


def pair_history(returns: Floats, first: Rows, second: Rows, *, halflife_bars: float, base_slots: int) -> PairHistory:
    """Return base and now of the pairs (first[p], second[p]) after every row of `returns` [T, N]; NaN = no return.

    The baseline is Pearson over `base_slots` rows, lagged by the effective length of the now-estimate, with 2/3 of
    them present; now is exponentially weighted over all rows so far, with 2/3 of the limit of the weight present.
    NaN rule: as `CoMoments.window` and `CoMoments.now`. Source: CALIBRATION, "Definitions".
    """
    products = _products(returns, first, second)
    lag = effective_length(halflife_bars)
    window = rolling_sums(products.rows, base_slots)
    ending, doubtful = _correlation(products, window, required(base_slots))
    for pair, column in np.argwhere(doubtful) if doubtful.any() else ():
        rows = slice(max(column + 1 - base_slots, 0), column + 1)
        exact = moments_of(returns[rows][:, [first[pair], second[pair]]])
        ending[pair, column] = correlation(exact, required(base_slots))[0, 1]
    base = lagged(ending, lag)
    base[:, :lag] = np.nan
    fading = fading_sums(products.rows, decay(halflife_bars))
    now, _ = _correlation(products, fading, _NEEDED / (1 - decay(halflife_bars)))
    moving = ~flat_runs(returns).T
    return PairHistory(
        base=base,
        now=np.where(moving[first] & moving[second], now, np.nan),
        counts=lagged(np.rint(window[products.n]), lag).astype(np.int64),
    )


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
    present = ~np.isnan(returns.T)
    rows: list[Floats] = []
    place: dict[tuple[str, int, bytes], int] = {}

    def put(what: str, who: int, mask: bytes, values: Callable[[], Floats]) -> int:
        at = place.setdefault((what, who, mask), len(rows))
        if at == len(rows):
            rows.append(values())
        return at

    def masked(column: int, both: Flags) -> Callable[[], Floats]:
        return lambda: np.where(both, returns[:, column], 0.0)

    found: list[tuple[int, ...]] = []
    for pair, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        both = present[i] & present[j]
        mask = np.packbits(both).tobytes()
        x, y = put("x", i, mask, masked(i, both)), put("x", j, mask, masked(j, both))
        xx, yy = (put("xx", who, mask, partial(np.square, rows[at])) for who, at in ((i, x), (j, y)))
        xy = put("xy", pair, mask, partial(np.multiply, rows[x], rows[y]))
        found.append((put("n", 0, mask, partial(both.astype, np.float64)), x, y, xx, yy, xy))
    n, x_at, y_at, xx_at, yy_at, xy_at = np.array(found, dtype=np.intp).T
    return _Products(rows=np.array(rows), n=n, x=x_at, y=y_at, xx=xx_at, yy=yy_at, xy=xy_at)


def _correlation(products: _Products, sums: Floats, needed: float) -> tuple[Floats, Flags]:
    """Return Pearson from the sums of the products, and where a variance was mostly canceled away; a stretch at a time.

    A dozen arrays of a stretch stay in the processor's cache, those of a whole history would not.
    """
    shape = len(products.n), sums.shape[1]
    rho, doubtful = np.empty(shape), np.empty(shape, dtype=np.bool_)
    for begin in range(0, shape[1], _STRETCH):
        part = slice(begin, begin + _STRETCH)
        rho[:, part], doubtful[:, part] = _stretch(products, sums[:, part], needed)
    return rho, doubtful


def _stretch(products: _Products, sums: Floats, needed: float) -> tuple[Floats, Flags]:
    mass, x, y = sums[products.n], sums[products.x], sums[products.y]
    enough = mass >= max(needed, 2)
    count = np.where(enough, mass, np.nan)
    xx, yy = sums[products.xx], sums[products.yy]
    var_x, var_y = xx - x**2 / count, yy - y**2 / count
    doubtful = enough & (xx > 0) & (yy > 0) & ((var_x <= _CANCELED * xx) | (var_y <= _CANCELED * yy))
    scale = np.sqrt(np.where((var_x > 0) & (var_y > 0), var_x * var_y, np.nan))
    rho = (sums[products.xy] - x * y / count) / scale
    return np.minimum(np.maximum(rho, -1.0), 1.0), doubtful
