"""Owns the ranking of candidate baskets: which assets belong together in calm, and what stress does to them.

A basket should move together enough to be one idea and not so much that it is one bet: pairs between 0.6 and 0.9 in
calm periods, now and over the last year. Reads a map of candidates; writes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.domain.units import Asset
from engine.lab.candidates import BAND, CandidateMap, in_band
from engine.lab.hedge_leg import HEDGE_WEIGHT, HedgeLeg, Shape, hedge_leg
from engine.quant.arrays import Floats
from engine.quant.portfolio_risk import risk_figures

MOST_CANDIDATES = 40  # beyond it the search is pruned: C(60, 5) is five million baskets
SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedBasket:
    """One candidate basket; shares are fractions of its pairs, correlations are means over them.

    `share_calm` counts pairs whose calm correlation lies in the band, `share_year` averages their weekly looks;
    `hidden_leverage` is that of equal weights, now and at the correlations of stress; `overlap` names a basket of the
    config that shares the most assets. `hedge` stands against the assets, None for a plain basket.
    """

    assets: tuple[Asset, ...]
    places: tuple[int, ...]
    score: float
    share_calm: float
    share_year: float
    mean_calm: float
    mean_stress: float
    hidden_leverage: float
    hidden_leverage_stress: float
    overlap: str
    hedge: HedgeLeg | None = None

    def weights(self, shape: Shape) -> dict[Asset, float]:
        """Return signed weights: equal ones, half of the money in the hedge leg where there is one."""
        part = shape.sign * ((1 - HEDGE_WEIGHT) if self.hedge else 1.0) / len(self.assets)
        own = dict.fromkeys(self.assets, part)
        return own if self.hedge is None else {**own, self.hedge.asset: -shape.sign * HEDGE_WEIGHT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The best baskets first; `pruned` assets were left out of the search, `outside` ones fit no basket and why."""

    baskets: tuple[RankedBasket, ...]
    pruned: tuple[Asset, ...]
    outside: tuple[tuple[Asset, str], ...]


def rank_baskets(
    found: CandidateMap,
    *,
    sizes: Sequence[int],
    existing: Iterable[tuple[str, tuple[Asset, ...]]] = (),
    count: int = SHOWN,
    shape: Shape = Shape.LONG,
    notional: float = 1.0,
) -> Ranking:
    """Return the best baskets of the sizes asked for, unlike each other.

    Score: half the share of pairs inside the band in calm, half over the year; equal ones by the smaller rise of
    correlation in stress. A basket that shares all but one asset with a better one is left out. Where the shape has a
    hedge leg it comes on top of the size, and a basket that nothing follows is left out.
    """
    usable = np.array(found.usable, dtype=np.intp)
    fit = _fit(found, usable)
    kept = usable[np.argsort(-fit, kind="stable")[:MOST_CANDIDATES]] if len(usable) > MOST_CANDIDATES else usable
    kept = np.sort(kept)
    scored = [_scored(found, kept, size) for size in sizes if size <= len(kept)]
    order = sorted(
        (
            (score, -rise, tuple(row))
            for rows, scores, rises in scored
            for row, score, rise in _best(rows, scores, rises)
        ),
        key=lambda each: (-each[0], -each[1], each[2]),
    )
    chosen: list[RankedBasket] = []
    for score, _, places in order:
        if len(chosen) == count:
            break
        if any(len(set(places) & set(better.places)) >= min(len(places), len(better.places)) - 1 for better in chosen):
            continue
        hedge = None if shape is Shape.LONG else hedge_leg(found, places, shape, notional=notional)
        if hedge is not None or shape is Shape.LONG:
            chosen.append(_basket(found, places, score, existing, hedge))
    return Ranking(
        baskets=tuple(chosen),
        pruned=tuple(found.assets[k] for k in usable if k not in set(kept.tolist())),
        outside=tuple(
            (found.assets[k], _outside(found, int(k), usable)) for k, each in zip(usable, fit, strict=True) if each <= 0
        ),
    )


def _fit(found: CandidateMap, usable: NDArray[np.intp]) -> Floats:
    """Return how many partners each usable asset has inside the band, now and over the year."""
    part = np.ix_(usable, usable)
    now = in_band(found.calm[part]).sum(axis=1)
    year = np.nansum(np.where(np.eye(len(usable), dtype=np.bool_), 0.0, found.share_year[part]), axis=1)
    result: Floats = now + year
    return result


def _scored(found: CandidateMap, kept: NDArray[np.intp], size: int) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Return every basket [M, size] of the kept assets with its score [M] and rise of correlation in stress [M]."""
    rows = kept[np.array(list(combinations(range(len(kept)), size)), dtype=np.intp)]
    inside = in_band(found.calm).astype(np.float64)
    year, rise = np.nan_to_num(found.share_year), np.nan_to_num(found.rise)
    pairs = list(combinations(range(size), 2))
    total, risen = np.zeros(len(rows)), np.zeros(len(rows))
    for one, other in pairs:
        first, second = rows[:, one], rows[:, other]
        total += (inside[first, second] + year[first, second]) / 2
        risen += rise[first, second]
    return rows, total / len(pairs), risen / len(pairs)


def _best(rows: NDArray[np.intp], scores: Floats, rises: Floats) -> list[tuple[list[int], float, float]]:
    """Return the few hundred best: enough to find unlike ones among."""
    order = np.lexsort((rises, -scores))[:2_000]
    return [(rows[k].tolist(), float(scores[k]), float(rises[k])) for k in order]


def _basket(
    found: CandidateMap,
    places: tuple[int, ...],
    score: float,
    existing: Iterable[tuple[str, tuple[Asset, ...]]],
    hedge: HedgeLeg | None,
) -> RankedBasket:
    grid = np.ix_(places, places)
    upper = np.triu_indices(len(places), 1)
    calm, stress = found.calm[grid][upper], found.stress[grid][upper]
    assets = tuple(found.assets[k] for k in places)
    return RankedBasket(
        assets=assets,
        places=places,
        score=score,
        share_calm=float(in_band(calm).mean()),
        share_year=_mean(found.share_year[grid][upper]),
        mean_calm=_mean(calm),
        mean_stress=_mean(stress),
        hidden_leverage=_hidden(found, places, found.rho[30]),
        hidden_leverage_stress=_hidden(found, places, found.stress),
        overlap=_overlap(assets, existing),
        hedge=hedge,
    )


def _hidden(found: CandidateMap, places: tuple[int, ...], rho: Floats) -> float:
    weights = np.full(len(places), 1 / len(places))
    grid = rho[np.ix_(places, places)].copy()
    np.fill_diagonal(grid, 1.0)
    return risk_figures(weights, found.sigma[list(places)], grid, 1.0).hidden_leverage


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _overlap(assets: tuple[Asset, ...], existing: Iterable[tuple[str, tuple[Asset, ...]]]) -> str:
    shared = [(len(set(assets) & set(others)), name) for name, others in existing]
    count, name = max(shared, default=(0, ""))
    return f"{name} ({count} of {len(assets)})" if count else ""


def _middle(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _outside(found: CandidateMap, place: int, usable: NDArray[np.intp]) -> str:
    others = [k for k in usable.tolist() if k != place]
    middle = _middle(found.calm[place, others])
    if np.isnan(middle):
        return "its correlation in calm is not known: no calm is told from stress in these bars"
    low, high = BAND
    side = "below" if middle < low else "above" if middle > high else "outside"
    return f"no pair of it is between {low} and {high} in calm: {middle:.2f} with the others, {side} the band"
