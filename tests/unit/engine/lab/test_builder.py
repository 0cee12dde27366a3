"""Which baskets are proposed and why others are not: known answers from markets that were made for them."""

import time

import numpy as np
import pytest

from engine.adapters.price_file import PriceTable
from engine.domain.units import DAY_MS, HOUR_MS, Asset, Ms
from engine.lab.builder import MOST_CANDIDATES, rank_baskets
from engine.lab.candidates import candidate_map
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
