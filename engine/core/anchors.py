"""Owns frozen baselines: the matrices of a basket at its last rebalance, as an event and back.

With `baseline = "anchored"` a basket is judged against them instead of the rolling baseline; before its first
rebalance it is judged as usual. Never decides when to freeze.
"""

import numpy as np

from engine.core.baskets import BasketTrack, DriftSnapshot
from engine.domain.events import BaselineAnchored
from engine.domain.units import Ms
from engine.quant.arrays import Floats
from engine.quant.correlation import pairs_of
from engine.signals.drift import DriftMatrices


def anchor_of(track: BasketTrack, snapshot: DriftSnapshot, at: Ms) -> BaselineAnchored:
    """Return the fact that the baseline of a basket is frozen as it stands now."""
    cells = np.ix_(track.rows, track.rows)
    return BaselineAnchored(
        at=at,
        basket=track.basket.name,
        assets=track.basket.assets,
        raw=tuple(pairs_of(snapshot.raw.base[cells]).tolist()),
        win=tuple(pairs_of(snapshot.win.base[cells]).tolist()),
    )


def anchored(track: BasketTrack, snapshot: DriftSnapshot, anchor: BaselineAnchored) -> DriftSnapshot:
    """Return the snapshot with the basket's baseline replaced; unchanged where its legs are not those of the anchor."""
    if anchor.assets != track.basket.assets:
        return snapshot
    raw = DriftMatrices(base=_with_pairs(snapshot.raw.base, track, anchor.raw), now=snapshot.raw.now)
    win = DriftMatrices(base=_with_pairs(snapshot.win.base, track, anchor.win), now=snapshot.win.now)
    shown = raw if snapshot.shown is snapshot.raw else win
    return DriftSnapshot(raw=raw, win=win, shown=shown, used=snapshot.used)


def _with_pairs(base: Floats, track: BasketTrack, pairs: tuple[float, ...]) -> Floats:
    result = base.copy()
    first, second = np.triu_indices(len(track.rows), 1)
    result[track.rows[first], track.rows[second]] = pairs
    result[track.rows[second], track.rows[first]] = pairs
    return result
