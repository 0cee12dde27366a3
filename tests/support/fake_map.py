"""Owns the correlation lab of a FakeScene: clusters are its themes, a pair's course bends into what it is now."""

import math
from itertools import pairwise

from engine.domain.lab_views import Cluster, MapView, PairView, TreeEdge
from engine.domain.units import DAY_MS, HOUR_MS, Asset, Ms
from engine.domain.views import MatrixKind
from support.fake_scene import FakeScene

POINTS = 180


def fake_map(scene: FakeScene) -> MapView:
    """Return the map: one cluster per basket, each asset in the first that holds it."""
    groups: list[list[Asset]] = []
    seen: set[Asset] = set()
    for legs in scene.legs.values():
        group = [asset for leg, _ in legs if (asset := Asset(leg.lstrip("-"))) not in seen]
        seen.update(group)
        groups += [group] if group else []
    order = tuple(asset for group in groups for asset in group)
    tree = [TreeEdge(first=a, second=b, rho=scene.rho(a, b, MatrixKind.NOW)) for a, b in pairwise(order)]
    return MapView(
        as_of_ms=scene.market_ms,
        window_days=90,
        order=order,
        clusters=tuple(_cluster(group) for group in groups),
        tree=tuple(tree),
    )


def _cluster(group: list[Asset]) -> Cluster:
    return Cluster(
        assets=tuple(group), rho_within=0.78, rho_outside=0.41, vol_ann=0.61, calmest=group[0], calmest_vol=0.52
    )


def fake_pair(scene: FakeScene, scope: str) -> PairView:
    """Return one pair."""
    first, second = (Asset(word) for word in scope.split())
    base, now = (scene.rho(first, second, kind) for kind in (MatrixKind.BASE, MatrixKind.NOW))
    bend = [base + (now - base) * max(0.0, (at - POINTS + 30) / 30) for at in range(POINTS)]
    return PairView(
        first=first,
        second=second,
        step_ms=4 * HOUR_MS,
        end_ms=scene.market_ms,
        rolling={
            days: tuple(value + 0.02 * math.sin(at / slow) for at, value in enumerate(bend))
            for days, slow in (("30", 9), ("60", 17), ("90", 29))
        },
        now=now,
        base=base,
        shift=math.atanh(min(now, 0.99)) - math.atanh(min(base, 0.99)),
        calm=base,
        stress=now,
        n=720,
        since_ms=Ms(scene.market_ms - 121 * DAY_MS),
        vol_first=0.62,
        vol_second=0.81,
    )
