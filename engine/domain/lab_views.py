"""Owns what the correlation lab sees: which assets belong together, and one pair in depth; NaN is undefined."""

from dataclasses import dataclass

from engine.domain.units import Asset, Ms

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Assets that move together: the mean of their pairs, and of their pairs with all others.

    `vol_ann` is of an equal mix of them, `calmest` the member with the least volatility and `calmest_vol` its own.
    """

    assets: tuple[Asset, ...]
    rho_within: float
    rho_outside: float
    vol_ann: float
    calmest: Asset
    calmest_vol: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEdge:
    """One of the strongest correlations that connect all assets."""

    first: Asset
    second: Asset
    rho: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MapView:
    """All assets in the order of their clusters over the longest window; assets that are not used come last."""

    as_of_ms: Ms | None
    window_days: int
    order: tuple[Asset, ...]
    clusters: tuple[Cluster, ...] = ()
    tree: tuple[TreeEdge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """One pair: its rolling correlations over the last days by window (oldest first), and where it stands.

    `shift` is now against base on the Fisher scale. `n` common bars of the baseline, `since_ms` the first common bar.
    """

    first: Asset
    second: Asset
    step_ms: int
    end_ms: Ms | None
    rolling: dict[str, tuple[float, ...]]
    now: float = NAN
    base: float = NAN
    shift: float = NAN
    calm: float = NAN
    stress: float = NAN
    n: int = 0
    since_ms: Ms | None = None
    vol_first: float = NAN
    vol_second: float = NAN
