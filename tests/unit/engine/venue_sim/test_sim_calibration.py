"""What the scenarios look like to the rules of the product: own plain numpy, definitions of the alert rule.

The winsor limits, the lagged 30-day baseline and the exponentially weighted now-estimate are written out here again
on purpose: they must not lean on the code they will be used to judge.
"""

from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.domain.units import DAY_MS, HOUR_MS, Ms, parse_iso
from engine.venue_sim.catalog import CATALOG
from engine.venue_sim.scenario import Scenario, Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of

Array = NDArray[np.float64]

NAMES = [item.asset for item in CATALOG]
BASKETS = [
    ("ETH", "SOL", "AVAX", "NEAR"),
    ("UNI", "AAVE", "CRV", "LINK"),
    ("POL", "ARB", "OP"),
    ("XRP", "LTC", "XLM", "BCH"),
    ("SAND", "MANA", "AXS"),
    ("BTC", "ETH", "BNB", "ADA"),
]
EPOCH = parse_iso("2026-11-20T09:00:00Z")
SEEDS = (1, 2, 3, 7, 19)
START = 131 * 24 + 9 + 10  # in hours from the origin: ten hours after the market opened


@lru_cache(maxsize=16)
def returns(seed: int, scenario: str) -> Array:
    """Return hourly log returns [T, N] from the origin to two days after the scenario's start."""
    timeline = Timeline(origin_ms=origin_of(EPOCH)).then(Scenario(scenario), Ms(EPOCH + 10 * HOUR_MS))
    market = SimulatedMarket(seed=seed, epoch=EPOCH, timeline=timeline)
    now = Ms(EPOCH + 2 * DAY_MS)
    closes = [market.candles(name, HOUR_MS, Ms(0), Ms(now - HOUR_MS), now).close for name in NAMES]
    return np.diff(np.log(np.column_stack(closes)), axis=0)


def winsorized(r: Array) -> Array:
    """Clip each return once, at the limits of its own UTC day; row k of `r` is the hour k + 1 from the origin."""
    out = r.copy()
    for day in range(31, (len(r) + 1) // 24 + 1):
        first = day * 24 - 1
        past = r[first - 720 : first]
        middle = np.median(past, axis=0)
        reach = 3 * 1.4826 * np.median(np.abs(past - middle), axis=0)
        out[first : first + 24] = np.clip(r[first : first + 24], middle - reach, middle + reach)
    return out


def now_and_base(w: Array, closed: int) -> tuple[Array, Array]:
    """Return the two estimates with `closed` returns known."""
    past = w[closed - 720 : closed]
    weight = 0.5 ** (np.arange(720)[::-1] / 24.0)
    weight /= weight.sum()
    centered = past - weight @ past
    cov = (centered * weight[:, None]).T @ centered
    sd = np.sqrt(np.diag(cov))
    return cov / np.outer(sd, sd), corr(w[closed - 789 : closed - 69])


def corr(rows: Array) -> Array:
    return np.asarray(np.corrcoef(rows.T))


def pairs_of(basket: tuple[str, ...]) -> list[tuple[int, int]]:
    index = [NAMES.index(name) for name in basket]  # type: ignore[arg-type]
    return [(a, b) for k, a in enumerate(index) for b in index[k + 1 :]]


def baskets_above(w: Array, start: int, hours: tuple[int, ...]) -> int:
    """Return how many baskets had a pair risen by more than 0.15 at one of `hours` after `start`."""
    estimates = [now_and_base(w, start + hour) for hour in hours]
    return sum(
        any(now[a, b] - base[a, b] > 0.15 for now, base in estimates for a, b in pairs_of(basket)) for basket in BASKETS
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cascade_lifts_a_pair_of_most_baskets_within_eight_hours(seed: int) -> None:
    assert baskets_above(winsorized(returns(seed, "cascade")), START, (1, 2, 3, 4, 5, 6, 7, 8)) >= 4


def test_calm_rarely_lifts_several_baskets_at_once() -> None:
    clipped = [winsorized(returns(seed, "calm")) for seed in SEEDS]
    counts = [baskets_above(w, start, (4, 8)) for w in clipped for start in range(1600, 3100, 150)]
    assert np.mean(np.array(counts) >= 4) <= 0.1
    assert np.median(counts) <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_calm_pairs_inside_a_basket_sit_near_the_band_of_the_rules(seed: int) -> None:
    w = winsorized(returns(seed, "calm"))
    rho = corr(w[-24 * 60 :])
    for basket in BASKETS:
        mean = np.mean([rho[a, b] for a, b in pairs_of(basket)])
        assert 0.57 < mean < 0.78, basket
    assert abs(rho[NAMES.index(CATALOG[0].asset), -1]) < 0.4, "gold stays out of it"


@pytest.mark.parametrize("seed", SEEDS)
def test_calm_returns_have_plausible_size_and_fat_tails(seed: int) -> None:
    r = returns(seed, "calm")
    vol = r.std(axis=0, ddof=1)[:-1]
    assert np.all((vol > 0.004) & (vol < 0.012))
    kurtosis = np.mean((r - r.mean(axis=0)) ** 4, axis=0) / r.var(axis=0) ** 2
    assert np.median(kurtosis) > 3.8
    size = np.abs(r[:, :-1]).mean(axis=1)
    assert corr(np.column_stack((size[:-1], size[1:])))[0, 1] > 0.1, "volatility clusters"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cascade_falls_by_a_quarter_at_several_times_the_volatility_as_one_trade(seed: int) -> None:
    r = returns(seed, "cascade")
    crash = r[START : START + 18, :-1]
    assert 2.3 < crash[:12].std() / r[:START, :-1].std() < 7.0
    level = np.exp(np.cumsum(crash, axis=0)).mean(axis=1)
    assert 0.62 < level[11:].min() < 0.85
    rho = corr(crash)
    assert np.mean([rho[a, b] for basket in BASKETS for a, b in pairs_of(basket)]) > 0.93


def test_a_decoupled_asset_leaves_its_basket_and_the_others_stay() -> None:
    crash = returns(7, "decouple")[START:]
    rho = corr(crash)
    eth, sol, avax = (NAMES.index(name) for name in NAMES if name in ("ETH", "SOL", "AVAX"))
    assert abs(rho[eth, sol]) < 0.4
    assert rho[eth, avax] > 0.5
