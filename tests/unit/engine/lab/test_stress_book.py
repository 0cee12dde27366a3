"""The stress of a book against closed forms: one correlation, equal volatilities, and the signs that matter."""

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.domain.basket import Side
from engine.domain.units import Asset, BasketName, Ms
from engine.lab.stress_book import Shock, StressMarket, base_positions, stress_baskets
from engine.quant.portfolio_risk import ES95_GAUSS
from support.books import basket, long_basket, small_config

ASSETS = ("AAA", "BBB", "CCC", "DDD")
SIGMA, RHO = 0.8, 0.6


def market(rho: float = RHO) -> StressMarket:
    matrix = np.full((4, 4), rho)
    np.fill_diagonal(matrix, 1.0)
    slopes = np.array([1.0, 1.5, 2.0, 0.5])
    assets = tuple(Asset(name) for name in ASSETS)
    return StressMarket(at=Ms(0), assets=assets, sigma=np.full(4, SIGMA), rho=matrix, betas={Asset("BTC"): slopes})


def test_equal_legs_have_the_closed_form_now_and_at_every_level() -> None:
    config = small_config(long_basket("longs", *ASSETS))
    _, book = stress_baskets(config, market(), base_positions(config), equity=50_000.0, levels=(0.95, 0.8), shocks=())
    vol = SIGMA * math.sqrt((1 + 3 * RHO) / 4)
    assert book.figures.vol_ann == pytest.approx(vol, abs=1e-12)
    assert book.figures.hidden_leverage == pytest.approx(math.sqrt(1 + 3 * RHO), abs=1e-12)
    for level, scenario in zip((0.95, 0.8), book.scenarios, strict=False):
        assert scenario.name == f"rho_{level:g}"
        assert scenario.figures.vol_ann == pytest.approx(SIGMA * math.sqrt((1 + 3 * level) / 4), abs=1e-12)
        es = ES95_GAUSS * scenario.figures.vol_ann / math.sqrt(365) * 12_000
        assert scenario.figures.es95_1d == pytest.approx(es, rel=1e-12)
        assert scenario.wild.es95_1d == pytest.approx(1.5 * es, rel=1e-12)


def test_a_hedge_gains_when_correlation_goes_to_one_and_loses_when_it_breaks() -> None:
    hedged = basket("hedged", {"AAA": Side.LONG, "BBB": Side.LONG, "CCC": Side.SHORT, "DDD": Side.SHORT})
    config = small_config(hedged)
    _, book = stress_baskets(config, market(), base_positions(config), equity=50_000.0, levels=(0.95,), shocks=())
    together, broken = book.scenarios
    assert together.figures.es95_1d < book.figures.es95_1d < broken.figures.es95_1d
    assert (book.net, book.gross) == (0.0, 12_000.0)


def test_a_shock_travels_by_betas_and_a_gain_is_a_negative_loss() -> None:
    config = small_config(long_basket("longs", *ASSETS), basket("short", {"AAA": Side.SHORT, "BBB": Side.SHORT}))
    shock = Shock(asset=Asset("BTC"), move=-0.08)
    account, longs, short = stress_baskets(
        config, market(), base_positions(config), equity=50_000.0, levels=(), shocks=(shock,)
    )
    (_, lost), (_, won) = longs.losses[0], short.losses[0]
    assert lost == pytest.approx(3_000 * (1 + 1.5 + 2 + 0.5) * 0.08)
    assert won == pytest.approx(-6_000 * 2.5 * 0.08)
    assert account.losses[0][1] == pytest.approx(lost + won)
    assert (account.gross, account.net) == (24_000.0, 0.0)


def test_what_is_undefined_of_a_position_makes_its_book_undefined_and_no_other() -> None:
    config = small_config(long_basket("longs", "AAA", "BBB"), long_basket("others", "CCC", "DDD"))
    blind = market()
    blind.rho[0, 1] = blind.rho[1, 0] = np.nan
    account, longs, others = stress_baskets(
        config, blind, base_positions(config), equity=50_000.0, levels=(0.95,), shocks=()
    )
    assert math.isnan(account.figures.vol_ann)
    assert math.isnan(longs.scenarios[0].figures.vol_ann)
    assert not math.isnan(others.figures.vol_ann)


def test_more_leverage_brings_the_liquidation_nearer() -> None:
    single = long_basket("longs", "AAA", "BBB")
    near, far = (
        stress_baskets(config, market(), base_positions(config), equity=1.0, levels=(), shocks=())[1]
        for config in (small_config(replace(single, leverage=10.0)), small_config(replace(single, leverage=3.0)))
    )
    assert near.worst_liquidation_distance < far.worst_liquidation_distance
    assert near.worst_liquidation_distance == pytest.approx(1 - (1 - 0.1) / (1 - 0.01))
    assert near.basket == BasketName("longs")
