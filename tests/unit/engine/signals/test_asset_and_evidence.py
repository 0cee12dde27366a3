"""An asset's excess is its pairs against the basket's; evidence holds the numbers a person would check by hand."""

from itertools import combinations

import numpy as np
import pytest

from engine.domain.alerts import Direction
from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import Asset, BasketName
from engine.quant.drift_statistics import residual_z, tail_weight
from engine.signals.asset import asset_excess, asset_words
from engine.signals.drift import DriftMatrices, Member, basket_drift, strongest
from engine.signals.evidence import EvidenceMaker
from support.quant_oracles import Floats, fat_returns

NAMES = tuple(Asset(name) for name in ("ETH", "SOL", "AVAX", "NEAR"))


def members(*signs: int, unused: int | None = None) -> tuple[Member, ...]:
    return tuple(
        Member(asset=name, index=k, sign=sign, used=k != unused)
        for k, (name, sign) in enumerate(zip(NAMES, signs, strict=False))
    )


def matrices(now: dict[tuple[int, int], float]) -> DriftMatrices:
    base = np.full((4, 4), 0.6) + 0.4 * np.eye(4)
    moved = base.copy()
    for (i, j), value in now.items():
        moved[i, j] = moved[j, i] = value
    return DriftMatrices(base=base, now=moved)


def test_the_asset_whose_pairs_fell_leaves_the_basket() -> None:
    found = asset_excess(members(1, 1, 1, 1), matrices({(0, 3): 0.1, (1, 3): 0.1, (2, 3): 0.1}))
    step = np.arctanh(0.1) - np.arctanh(0.6)
    assert found[3] == pytest.approx(step - step / 2)
    assert found[0] == pytest.approx(step / 3 - step / 2)
    assert sum(found) == pytest.approx(0.0, abs=1e-12)


def test_sides_enter_before_the_comparison() -> None:
    plain = asset_excess(members(1, 1, 1), matrices({(0, 1): 0.9}))
    turned = asset_excess(members(-1, 1, 1), matrices({(0, 1): 0.9}))
    step = np.arctanh(0.9) - np.arctanh(0.6)
    assert plain == pytest.approx((step / 2 - step / 3, step / 2 - step / 3, -step / 3))
    assert turned == pytest.approx((-step / 2 + step / 3, -step / 2 + step / 3, step / 3))


def test_an_asset_with_too_few_pairs_is_undefined_and_two_legs_have_no_excess() -> None:
    found = asset_excess(members(1, 1, 1, 1, unused=3), matrices({(0, 1): 0.9}))
    assert np.isnan(found[3])
    assert not np.isnan(found[:3]).any()
    assert asset_excess(members(1, 1), matrices({(0, 1): 0.9})) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_a_leaving_asset_reads_as_a_sentence() -> None:
    name = BasketName("layer-1")
    assert asset_words(NAMES[1], name, Direction.DOWN) == "SOL leaves layer-1"
    assert asset_words(NAMES[1], name, Direction.UP) == "SOL closes in on layer-1"


@pytest.fixture(scope="module")
def rows() -> Floats:
    found = fat_returns(np.random.default_rng(8), 900, 4)
    found[300:310, 1] = np.nan
    return found


def maker(rows: Floats, asked: list[Estimator]) -> EvidenceMaker:
    def last(estimator: Estimator, bars: int) -> Floats:
        asked.append(estimator)
        return rows[-bars:]

    return EvidenceMaker(RulesConfig(), last)


def test_the_evidence_of_a_basket_can_be_recomputed(rows: Floats) -> None:
    raw, win = matrices({(0, 1): 0.95, (0, 2): 0.9}), matrices({(0, 1): 0.8, (2, 3): 0.3})
    drift = basket_drift(members(1, 1, 1, 1), raw, win, shown=win)
    asked: list[Estimator] = []
    found = maker(rows, asked).of_basket(drift, "moving together")
    weights = tail_weight(rows[-789:-69])
    kappas = {(i, j): max(0.0, float(weights[i] + weights[j]) / 2) for i, j in combinations(range(4), 2)}
    spread = 1 / 69 + 1 / 717
    assert (found.words, found.shift, found.n) == ("moving together", drift.shift_raw, 720 - 10)
    assert found.delta == pytest.approx(drift.mean_rho_now - drift.mean_rho_base)
    assert found.z == pytest.approx(drift.shift / np.sqrt((1 + np.mean(list(kappas.values()))) * spread))
    assert [(move.first, move.second) for move in found.pairs] == [
        (m.first, m.second) for m in strongest(drift.moves)[:3]
    ]
    step = np.arctanh(0.3) - np.arctanh(0.6)
    assert found.pairs[0].z == pytest.approx(step / np.sqrt((1 + kappas[2, 3]) * spread))
    assert asked[0] is Estimator.PEARSON  # the shift came from raw returns, and so does its tail weight


def test_the_evidence_of_an_asset_shows_its_own_pairs_and_its_residual(rows: Floats) -> None:
    win = matrices({(0, 3): 0.1, (1, 3): 0.2, (2, 3): 0.3})
    drift = basket_drift(members(1, 1, 1, 1), win, win, shown=win)
    found = maker(rows, []).of_asset(drift, -0.3, 3, "NEAR leaves layer-1")
    assert {move.second for move in found.pairs} == {NAMES[3]}
    assert found.rho_now == pytest.approx(0.2)
    assert found.residual_z == residual_z(rows[-744:], 3)
    assert found.shift == -0.3
