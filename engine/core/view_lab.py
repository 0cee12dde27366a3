"""Owns the sections `map` and `pair`: clusters of all assets and one pair in depth, read from the state.

Made when a screen asks, once per closed bar (the publisher keeps them); no signal reads them.
"""

import numpy as np

from engine.core.state import EngineState
from engine.domain.config import Estimator
from engine.domain.errors import RefusedError
from engine.domain.lab_views import Cluster, MapView, PairView, TreeEdge
from engine.domain.units import DAY_MS, HOUR_MS, Asset, Ms
from engine.domain.views import NAN
from engine.quant.arrays import Floats
from engine.quant.clusters import cluster_labels, cluster_order, spanning_tree
from engine.quant.correlation import fisher_difference
from engine.quant.rolling_pair import rolling_correlation

TOGETHER = 0.6  # the lower edge of the pair band: below it assets are no theme
SHOWN_DAYS, POINT_MS = 30, 4 * HOUR_MS


def map_view(state: EngineState) -> MapView:
    """Return all assets in cluster order; before the history is there in the order of the config."""
    days = max(state.config.rules.windows_days)
    if not state.ready:
        return MapView(as_of_ms=None, window_days=days, order=state.assets)
    at = np.flatnonzero(state.used)
    names = tuple(state.assets[row] for row in at)
    rho = state.correlation.window(days, Estimator.WINSORIZED).rho[np.ix_(at, at)]
    sigma = state.correlation.sigma_ann()[at]
    order = cluster_order(rho, names)
    labels = cluster_labels(rho, at_least=TOGETHER)
    groups = dict.fromkeys(labels[place] for place in order)
    members = [[place for place in order if labels[place] == label] for label in groups]
    apart = tuple(asset for row, asset in enumerate(state.assets) if not state.used[row])
    return MapView(
        as_of_ms=state.correlation.as_of,
        window_days=days,
        order=(*(names[place] for group in members for place in group), *apart),
        clusters=tuple(_cluster(names, rho, sigma, group) for group in members),
        tree=tuple(TreeEdge(first=names[a], second=names[b], rho=float(rho[a, b])) for a, b in spanning_tree(rho)),
    )


def _cluster(names: tuple[Asset, ...], rho: Floats, sigma: Floats, group: list[int]) -> Cluster:
    at = np.array(group, dtype=np.intp)
    inside = rho[np.ix_(at, at)]
    others = np.setdiff1d(np.arange(len(names), dtype=np.intp), at)
    mix = sigma[at] / len(group)
    calmest = min(group, key=lambda place: (np.nan_to_num(sigma[place], nan=np.inf), names[place]))
    return Cluster(
        assets=tuple(names[place] for place in group),
        rho_within=_mean(inside[np.triu_indices(len(group), 1)]),
        rho_outside=_mean(rho[np.ix_(at, others)].ravel()),
        vol_ann=float(np.sqrt(mix @ np.nan_to_num(inside, nan=0.0) @ mix)),
        calmest=names[calmest],
        calmest_vol=float(sigma[calmest]),
    )


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else NAN


def pair_view(state: EngineState, *, scope: str) -> PairView:
    """Return the pair that `scope` names, "ETH SOL". Raises RefusedError where it names no two watched assets."""
    words = scope.split()
    if len(words) != 2 or any(Asset(word) not in state.index for word in words) or words[0] == words[1]:
        raise RefusedError(f"no pair {scope!r}: name two watched assets, with a blank between them")
    first, second = (Asset(word) for word in words)
    a, b = state.index[first], state.index[second]
    if not state.ready:
        return PairView(first=first, second=second, step_ms=POINT_MS, end_ms=None, rolling={})
    correlation, watch = state.correlation, state.config.rules.watch_estimator
    now, base = correlation.now(watch), correlation.base(watch)
    pick = (np.array([now.rho[a, b]]), np.array([base.rho[a, b]]))
    regimes = state.calm_and_stress
    sigma = correlation.sigma_ann()
    both = _both(state, a, b)
    seen = np.flatnonzero(~np.isnan(both).any(axis=1))
    as_of = correlation.as_of
    since = (
        None if not len(seen) or as_of is None else Ms(as_of - (len(both) - int(seen[0])) * state.config.rules.bar_ms)
    )
    return PairView(
        first=first,
        second=second,
        step_ms=POINT_MS,
        end_ms=as_of,
        rolling=_rolling(state, both),
        now=float(pick[0][0]),
        base=float(pick[1][0]),
        shift=float(fisher_difference(*pick)[0]),
        calm=NAN if regimes is None else float(regimes.matrix(stress=False)[0][a, b]),
        stress=NAN if regimes is None else float(regimes.matrix(stress=True)[0][a, b]),
        n=int(base.counts[a, b]),
        since_ms=since,
        vol_first=float(sigma[a]),
        vol_second=float(sigma[b]),
    )


def _both(state: EngineState, a: int, b: int) -> Floats:
    """Return the returns of two assets over all that is held [T, 2]."""
    bars = state.config.history_ms // state.config.rules.bar_ms
    both: Floats = state.correlation.returns(Estimator.PEARSON, bars)[:, [a, b]]
    return both


def _rolling(state: EngineState, both: Floats) -> dict[str, tuple[float, ...]]:
    rules = state.config.rules
    step, day = POINT_MS // rules.bar_ms, DAY_MS // rules.bar_ms
    ends = np.arange(len(both), max(len(both) - SHOWN_DAYS * day, 0), -step, dtype=np.int64)[::-1]
    return {
        str(days): tuple(rolling_correlation(both[:, 0], both[:, 1], days * day, ends).tolist())
        for days in rules.windows_days
    }
