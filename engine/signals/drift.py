"""Owns the drift of one basket: the move of each pair against its baseline, and the basket's shift.

Reads matrices of closed bars, signs them by side (rho_eff), never keeps state: watch and the alert rule do. Results go
to watch, to the feed and to the basket's view.
"""

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.domain.events import PairMove
from engine.domain.units import Asset
from engine.quant.arrays import Floats
from engine.quant.correlation import fisher_difference, mean_if_half, pairs_of, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One leg of a basket as the signals need it: its row in the matrices, its sign, and whether it counts."""

    asset: Asset
    index: int
    sign: int
    used: bool = True


class BasketDrift(msgspec.Struct, frozen=True, kw_only=True):
    """What one instant says about one basket; NaN where undefined.

    `shift_raw`, `shift_win` and `shift` are s_r, s_w and shift of CALIBRATION; the means are of winsorized or raw
    rho_eff, whichever estimator was asked for, and so are `moves` (one per pair, in the order of the legs).
    """

    shift_raw: float
    shift_win: float
    shift: float
    mean_rho_base: float
    mean_rho_now: float
    moves: tuple[PairMove, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftMatrices:
    """Baseline and now of one estimator over all watched assets, [N, N] unsigned, NaN where undefined."""

    base: Floats
    now: Floats


def basket_drift(
    members: tuple[Member, ...], raw: DriftMatrices, win: DriftMatrices, *, shown: DriftMatrices
) -> BasketDrift:
    """Return the drift of the basket of `members`; `shown` (raw or win) is the estimator of means and pair moves.

    Raises ValueError for fewer than two members. Source: CALIBRATION, "Definitions".
    """
    if len(members) < 2:
        raise ValueError("a basket needs at least two assets to have a correlation")
    shift_raw = _mean_difference(members, raw)
    shift_win = _mean_difference(members, win)
    base, now = rho_eff(shown.base, members), rho_eff(shown.now, members)
    return BasketDrift(
        shift_raw=shift_raw,
        shift_win=shift_win,
        shift=shift_of(shift_raw, shift_win),
        mean_rho_base=mean_if_half(pairs_of(base)),
        mean_rho_now=mean_if_half(pairs_of(now)),
        moves=_moves(members, base, now),
    )


def shift_of(shift_raw: float, shift_win: float) -> float:
    """Return s_r where s_r > |s_w|, else s_w; NaN where either is undefined.

    A single hour in which all fall together is information, a single wild hour of one coin is not: raw returns may
    only signal upward (CALIBRATION).

    >>> shift_of(0.5, 0.2), shift_of(-0.5, 0.2), shift_of(0.3, -0.4)
    (0.5, 0.2, -0.4)
    """
    if np.isnan(shift_raw) or np.isnan(shift_win):
        return float("nan")
    return shift_raw if shift_raw > abs(shift_win) else shift_win


def rho_eff(rho: Floats, members: tuple[Member, ...]) -> Floats:
    """Return the basket's matrix [n, n] signed by side; cells of a member that is not used are NaN."""
    rows: NDArray[np.int64] = np.array([member.index for member in members], dtype=np.int64)
    signs = np.array([member.sign if member.used else np.nan for member in members])
    return signed(rho[np.ix_(rows, rows)], signs)


def strongest(moves: tuple[PairMove, ...]) -> tuple[PairMove, ...]:
    """Return the defined moves, the largest absolute delta first."""
    defined = [move for move in moves if not np.isnan(move.delta)]
    return tuple(sorted(defined, key=lambda move: -abs(move.delta)))


def _mean_difference(members: tuple[Member, ...], matrices: DriftMatrices) -> float:
    """Return s_x: the mean Fisher difference of the basket's pairs; NaN with fewer than half of them defined."""
    base, now = rho_eff(matrices.base, members), rho_eff(matrices.now, members)
    return mean_if_half(fisher_difference(pairs_of(now), pairs_of(base)))


def _moves(members: tuple[Member, ...], base: Floats, now: Floats) -> tuple[PairMove, ...]:
    """Return one move per pair, in the order of the legs."""
    first, second = np.triu_indices(len(members), 1)
    return tuple(
        PairMove(
            first=members[i].asset,
            second=members[j].asset,
            rho_base=float(base[i, j]),
            rho_now=float(now[i, j]),
            delta=float(now[i, j] - base[i, j]),
        )
        for i, j in zip(first, second, strict=True)
    )
