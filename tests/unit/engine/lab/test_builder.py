"""Which baskets are proposed and why others are not: known answers from markets that were made for them."""

import time

import numpy as np
import pytest

from engine.adapters.price_file import PriceTable
from engine.domain.units import DAY_MS, HOUR_MS, Asset, Ms
from engine.lab.basket_cost import Trading, basket_cost, without_thin
from engine.lab.builder import MOST_CANDIDATES, rank_baskets
from engine.lab.candidates import candidate_map
from engine.lab.hedge_leg import Shape
from engine.quant.arrays import Floats
from support.books import START, correlated_closes

SLOTS = 500 * 24
FIRST = START - START % DAY_MS - SLOTS * HOUR_MS


def table(closes: Floats, names: tuple[str, ...]) -> PriceTable:
    opens = np.arange(FIRST, FIRST + len(closes) * HOUR_MS, HOUR_MS, dtype=np.int64)
    return PriceTable(open_ms=opens, assets=tuple(Asset(name) for name in names), closes=closes, bar_ms=HOUR_MS)


def two_worlds() -> PriceTable:
    """Return three assets at .75, two loners, one that is too young, one that died, one that is halted."""
    friends = correlated_closes(1, SLOTS, 3, rho=0.75)
    loners = [correlated_closes(seed, SLOTS, 1) for seed in (2, 3)]
    young, dead, halted = (correlated_closes(seed, SLOTS, 1) for seed in (4, 5, 6))
    young[: -60 * 24] = np.nan
    dead[-100 * 24 :] = np.nan
    halted[-40:] = halted[-41]
    closes = np.hstack([friends, *loners, young, dead, halted])
    return table(closes, ("AAA", "BBB", "CCC", "LONE", "ALSO", "YOUNG", "DEAD", "HALT"))


def test_those_that_move_together_in_the_band_are_the_first_basket() -> None:
    prices = two_worlds()
    found = candidate_map(prices, prices.assets, at=None)
    ranking = rank_baskets(found, sizes=(3,))
    best = ranking.baskets[0]
    assert set(best.assets) == {"AAA", "BBB", "CCC"}
    assert best.share_calm == 1.0
    assert best.share_year == pytest.approx(1.0, abs=0.05)
    assert best.mean_calm == pytest.approx(0.75, abs=0.05)
    assert best.hidden_leverage == pytest.approx(np.sqrt(1 + 2 * 0.75), abs=0.05)


def test_every_refusal_has_its_reason() -> None:
    prices = two_worlds()
    found = candidate_map(prices, prices.assets, at=None)
    why = dict(zip(found.assets, found.refused, strict=True))
    assert why[Asset("YOUNG")] == "60 days of history, 90 are needed"
    assert why[Asset("DEAD")].startswith("no bar for 100 days")
    assert "not moved for a day" in why[Asset("HALT")]
    assert why[Asset("AAA")] == ""
    outside = dict(rank_baskets(found, sizes=(3,)).outside)
    assert set(outside) == {"LONE", "ALSO"}
    assert "below the band" in outside[Asset("LONE")]


def test_what_comes_after_the_instant_is_not_seen() -> None:
    prices = two_worlds()
    at = Ms(int(prices.open_ms[-1]) + HOUR_MS - 20 * DAY_MS)
    early = candidate_map(prices, prices.assets[:3], at=at)
    cut = prices.closes[: -20 * 24].copy()
    alone = candidate_map(table(cut, prices.assets), prices.assets[:3], at=None)
    assert np.array_equal(early.rho[30], alone.rho[30])
    assert np.array_equal(early.calm, alone.calm, equal_nan=True)


def test_baskets_that_are_nearly_the_same_stand_there_once() -> None:
    closes = correlated_closes(1, SLOTS, 6, rho=0.75)
    names = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
    prices = table(closes, names)
    found = candidate_map(prices, prices.assets, at=None)
    ranking = rank_baskets(found, sizes=(3, 4), existing=[("mine", (Asset("AAA"), Asset("BBB")))])
    chosen = [set(basket.assets) for basket in ranking.baskets]
    near = [len(a & b) >= min(len(a), len(b)) - 1 for k, a in enumerate(chosen) for b in chosen[k + 1 :]]
    assert chosen
    assert not any(near)
    assert any(basket.overlap.startswith("mine") for basket in ranking.baskets)


def test_sixty_candidates_are_pruned_and_ranked_in_time() -> None:
    closes = correlated_closes(1, 200 * 24, 60, rho=0.7)
    prices = table(closes, tuple(f"A{k:02}" for k in range(60)))
    began = time.monotonic()
    found = candidate_map(prices, prices.assets, at=None)
    ranking = rank_baskets(found, sizes=(3, 4, 5))
    took = time.monotonic() - began
    assert len(ranking.pruned) == 60 - MOST_CANDIDATES
    assert len(ranking.baskets) > 0
    print(f"60 candidates in {took:.1f} s")  # noqa: T201 - the budget is 10 s on a quiet machine


def hedged_world() -> PriceTable:
    """Return two assets of a basket, one that moves 1.25 times their mean with little noise, and a loose follower."""
    pair = np.diff(np.log(correlated_closes(1, SLOTS, 2, rho=0.75)), axis=0, prepend=np.log(100.0))
    noise = np.random.default_rng(9).normal(0.0, 0.001, size=(SLOTS, 2))
    mean = pair.mean(axis=1)
    close = np.exp(np.cumsum(1.25 * mean + noise[:, 0]))
    loose = np.exp(np.cumsum(mean + 8 * noise[:, 1]))
    both = np.exp(np.cumsum(pair, axis=0))
    return table(np.column_stack([both, close, loose]), ("AAA", "BBB", "CLOSE", "LOOSE"))


def test_the_hedge_leg_is_the_one_that_follows_most_steadily_and_its_residual_beta_is_what_is_left() -> None:
    prices = hedged_world()
    found = candidate_map(prices, prices.assets, at=None)
    ranking = rank_baskets(found, sizes=(2,), shape=Shape.NEUTRAL, notional=10_000.0)
    basket = next(each for each in ranking.baskets if set(each.assets) == {"AAA", "BBB"})
    hedge = basket.hedge
    assert hedge is not None
    assert hedge.asset == "CLOSE"
    assert hedge.correlation > 0.95
    assert hedge.beta == pytest.approx(1 / 1.25, abs=0.03)
    assert hedge.residual_beta == pytest.approx(hedge.beta - 1)
    assert basket.weights(Shape.NEUTRAL) == {"AAA": 0.25, "BBB": 0.25, "CLOSE": -0.5}
    assert hedge.hedge_break > 2 * hedge.es95_1d


def test_a_short_basket_has_the_same_leg_on_the_other_side() -> None:
    prices = hedged_world()
    found = candidate_map(prices, prices.assets, at=None)
    long, short = (
        next(b for b in rank_baskets(found, sizes=(2,), shape=shape).baskets if set(b.assets) == {"AAA", "BBB"})
        for shape in (Shape.NEUTRAL, Shape.SHORT)
    )
    assert long.hedge == short.hedge
    assert short.weights(Shape.SHORT) == {asset: -weight for asset, weight in long.weights(Shape.NEUTRAL).items()}


def test_a_market_that_cannot_carry_the_leg_is_refused_as_too_thin_and_an_unknown_one_is_not() -> None:
    prices = two_worlds()
    found = candidate_map(prices, prices.assets[:3], at=None)
    volumes = {Asset("AAA"): 1_000_000.0, Asset("BBB"): 50_000.0}
    trading = Trading(notional=12_000.0, fee_bps=5.5, slippage_bps=2.0, volumes=volumes)
    why = dict(zip(found.assets, without_thin(found, trading, largest=3).refused, strict=True))
    assert why[Asset("BBB")] == "too thin: a leg of 4,000 is above 1% of its median day, 50,000"
    assert why[Asset("AAA")] == why[Asset("CCC")] == ""
    cost = basket_cost({Asset("AAA"): 0.5, Asset("CCC"): -0.5}, trading)
    assert (cost.cost, cost.bps) == pytest.approx((9.0, 7.5))
    assert cost.thinnest == "AAA"
    assert cost.share == pytest.approx(0.006)


def test_calm_is_the_markets_and_does_not_depend_on_who_else_is_a_candidate() -> None:
    prices = two_worlds()
    all_of_them, two = (candidate_map(prices, names, at=None) for names in (prices.assets, prices.assets[:2]))
    assert 0.6 < two.calm[0, 1] < 0.9
    assert np.allclose(two.calm, all_of_them.calm[:2, :2], rtol=0, atol=1e-12)
    assert np.allclose(two.stress, all_of_them.stress[:2, :2], rtol=0, atol=1e-12, equal_nan=True)
