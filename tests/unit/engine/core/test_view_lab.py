"""The sections of the correlation lab: the order of the clusters, the tree, and one pair against plain numpy."""

import numpy as np
import pytest

from engine.core.state import new_state
from engine.core.view_lab import POINT_MS, map_view, pair_view
from engine.domain.errors import RefusedError
from engine.domain.units import Asset
from engine.domain.views import Section
from engine.wire.codec import decode_view, encode_view
from support.books import long_basket, small_config
from support.sameness import same
from support.trading_moves import driver


def test_the_map_orders_all_assets_and_connects_them() -> None:
    d = driver(long_basket("one", "AAA", "BBB", "CCC"), long_basket("two", "DDD", "EEE"))
    shown = map_view(d.state)
    assert sorted(shown.order) == ["AAA", "BBB", "CCC", "DDD", "EEE"]
    assert [asset for cluster in shown.clusters for asset in cluster.assets] == list(shown.order)
    assert len(shown.tree) == 4
    assert all(0.4 < edge.rho < 1 for edge in shown.tree)
    assert shown.tree == tuple(sorted(shown.tree, key=lambda edge: -edge.rho))
    for cluster in shown.clusters:
        assert cluster.calmest in cluster.assets
        assert cluster.vol_ann <= max(d.state.correlation.sigma_ann()) + 1e-9
    assert same(decode_view(Section.MAP, encode_view(shown)), shown)


def test_a_pair_is_what_numpy_says_of_its_closes_at_every_window() -> None:
    d = driver(long_basket("one", "AAA", "BBB", "CCC"))
    shown = pair_view(d.state, scope="CCC AAA")
    returns = np.diff(np.log(d.closes), axis=0)
    for days, course in shown.rolling.items():
        rows = returns[-int(days) * 24 :]
        assert course[-1] == pytest.approx(np.corrcoef(rows[:, 2], rows[:, 0])[0, 1], abs=1e-9)
        assert len(course) == 30 * 24 * 3_600_000 // POINT_MS
    assert shown.shift == pytest.approx(np.arctanh(shown.now) - np.arctanh(shown.base), abs=1e-12)
    assert shown.vol_first != shown.vol_second
    assert shown.since_ms is not None
    assert shown.end_ms == d.state.correlation.as_of


@pytest.mark.parametrize("scope", ["", "AAA", "AAA AAA", "AAA ZZZ", "AAA BBB CCC"])
def test_what_is_no_pair_is_refused(scope: str) -> None:
    with pytest.raises(RefusedError, match="no pair"):
        pair_view(driver(long_basket("one", "AAA", "BBB")).state, scope=scope)


def test_before_the_history_there_is_an_order_and_nothing_else() -> None:
    state = new_state(small_config(long_basket("one", "AAA", "BBB")))
    assert map_view(state).order == (Asset("AAA"), Asset("BBB"))
    assert map_view(state).clusters == ()
    assert pair_view(state, scope="AAA BBB").rolling == {}
