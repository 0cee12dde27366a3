"""A backtest at listed instants is, number for number, what plain numpy makes of the same rule."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.adapters.price_file import read_prices
from engine.domain.basket import Side
from engine.domain.config import AccountConfig, Config, Estimator, SizingConfig
from engine.domain.errors import ConfigError
from engine.domain.units import HOUR_MS, Ms, parse_iso
from engine.lab.backtest import Backtest, backtest_decisions
from engine.lab.backtest_output import backtest_document
from engine.lab.backtest_words import findings
from engine.lab.price_path import price_path
from support.books import START, basket, long_basket, small_config
from support.markets import switching_closes, table_of
from support.plain_backtest import Floats, one_minus_rho_weights, plain_backtest
from support.shared_material import shared

NAMES = ("AAA", "BBB", "CCC", "DDD")
SIZING = SizingConfig(rho="7d", estimator=Estimator.PEARSON)
ROWS = (300, 301, 420, 700, 951)


def config_of(*names: str, share: float = 1.0, side: Side = Side.LONG) -> Config:
    book = replace(basket("one", dict.fromkeys(names, side)), share=share)
    return replace(small_config(book), sizing=SIZING)


@cache
def closes() -> Floats:
    return switching_closes(11, 1000, 4, together={600: 90})


def at(row: int) -> Ms:
    """Return when row `row` closed."""
    return Ms(START + (row + 1) * HOUR_MS)


@cache
def ours(share: float = 1.0, side: Side = Side.LONG) -> Backtest:
    path = price_path(config_of(*NAMES, share=share, side=side), table_of(closes(), *NAMES), begin=at(300), end=None)
    return backtest_decisions(path, [at(row) for row in ROWS])


@pytest.mark.parametrize("factor", [1.0, 3.0, -1.0])
def test_weights_and_equity_are_those_of_plain_numpy(factor: float) -> None:
    found = ours(abs(factor), Side.LONG if factor > 0 else Side.SHORT)
    wanted = {row: factor * one_minus_rho_weights(closes(), row) for row in ROWS}
    oracle = plain_backtest(closes(), wanted, first=300, last=999, money=50_000.0, bps=7.5)
    fills = backtest_document(found, findings(found))["fills"]
    assert isinstance(fills, list)
    weights = np.array([[fill["weights"]["one"][name] for name in NAMES] for fill in fills])
    assert np.abs(weights - np.array(list(wanted.values()))).max() < 1e-12
    assert np.abs(found.runs["driftdeck"].equity / oracle.equity - 1).max() < 1e-10


def test_figures_follow_their_stated_formulas() -> None:
    figures = ours().figures["driftdeck"]
    wanted = {row: one_minus_rho_weights(closes(), row) for row in ROWS}
    oracle = plain_backtest(closes(), wanted, first=300, last=999, money=50_000.0, bps=7.5)
    equity = oracle.equity[1:]
    hourly, daily = np.diff(equity) / equity[:-1], np.diff(equity[::24]) / equity[::24][:-1]
    assert figures.total_return == pytest.approx(equity[-1] / 50_000 - 1, rel=1e-10)
    assert figures.max_drawdown == pytest.approx(max(1 - e / equity[: k + 1].max() for k, e in enumerate(equity)))
    assert figures.vol_ann == pytest.approx(hourly.std() * np.sqrt(24 * 365.25))
    assert figures.sharpe == pytest.approx(daily.mean() / daily.std() * np.sqrt(365.25))
    assert figures.cost == pytest.approx(oracle.cost)
    assert figures.avg_gross == pytest.approx(oracle.gross[1:].mean())
    assert figures.rebalances == len(ROWS)


def test_the_matched_books_have_the_gross_and_the_volatility_of_the_strategy() -> None:
    figures = ours().figures
    assert figures["exposure_matched"].avg_gross == pytest.approx(figures["driftdeck"].avg_gross, rel=1e-8)
    assert figures["vol_matched"].vol_ann == pytest.approx(figures["driftdeck"].vol_ann, rel=1e-8)
    assert figures["renormalised"].avg_gross == pytest.approx(1.0, abs=0.02)
    assert figures["standard"].rebalances == 1


def test_a_leg_without_a_bar_waits_and_is_valued_at_its_last_close() -> None:
    holed = closes().copy()
    holed[701, 0] = np.nan
    path = price_path(config_of(*NAMES), table_of(holed, *NAMES), begin=at(300), end=None)
    run = backtest_decisions(path, [at(row) for row in ROWS]).runs["driftdeck"]
    before, after = run.quantities[700 - 300], run.quantities[701 - 300]
    assert after[0] == before[0]
    assert (after[1:] != before[1:]).all()
    assert np.isfinite(run.equity).all()


def test_baskets_that_trade_an_asset_at_once_pay_for_the_net_of_it() -> None:
    names = ("AAA", "BBB")
    sides = {"AAA": Side.LONG, "BBB": Side.SHORT}
    mirrored = {"AAA": Side.SHORT, "BBB": Side.LONG}
    config = replace(small_config(basket("one", sides), basket("two", mirrored)), sizing=SIZING)
    path = price_path(config, table_of(closes()[:, :2], *names), begin=at(300), end=None)
    run = backtest_decisions(path, [at(300)]).runs["driftdeck"]
    assert np.abs(run.quantities[-1]).min() > 0
    assert run.fills[0].cost == pytest.approx(0.0, abs=1e-9)


def test_money_and_costs_come_from_the_config() -> None:
    config = replace(config_of(*NAMES), account=AccountConfig(fee_bps=0.0, slippage_bps=0.0))
    path = price_path(config, table_of(closes(), *NAMES), begin=at(300), end=None)
    assert {figures.cost for figures in backtest_decisions(path, [at(300)]).figures.values()} == {0.0}


def test_instants_that_cannot_be_traded_are_refused_or_named() -> None:
    path = price_path(config_of(*NAMES), table_of(closes(), *NAMES), begin=at(300), end=None)
    with pytest.raises(ConfigError, match="none of the 1 decisions"):
        backtest_decisions(path, [at(999)])
    assert "1 of 2 decisions" in backtest_decisions(path, [at(300), at(999)]).warnings[0]


def test_a_span_outside_the_file_is_refused() -> None:
    with pytest.raises(ConfigError, match="does not fit the price file"):
        price_path(config_of(*NAMES), table_of(closes(), *NAMES), begin=at(2000), end=None)


@pytest.mark.parametrize(
    ("name", "strategy", "share"),
    [
        ("c_one_minus_rho_given_times", "driftdeck", 1.0),
        ("c_given_times_3x", "driftdeck", 3.0),
        ("a_buy_hold", "standard", 1.0),
        ("b_weekly_equal", "weekly", 1.0),
        ("d_one_minus_rho_renormalised_given_times", "renormalised", 1.0),
    ],
)
def test_the_shared_reference_is_met(name: str, strategy: str, share: float) -> None:
    """The reference keys its rows by open time and counts turnover against equity."""
    folder = shared("reference", "backtest")
    reference = json.loads((folder / f"synthetic_{name}.json").read_text())
    times = json.loads((folder / "synthetic_c_one_minus_rho_given_times.json").read_text())["fills"]
    instants = [Ms(parse_iso(fill["decision_bar"]) + HOUR_MS) for fill in times]
    book = replace(long_basket("one", "A", "B", "C", "D"), share=share)
    config = replace(small_config(book), sizing=SIZING)
    path = price_path(config, read_prices(folder / "synthetic_prices.csv"), begin=instants[0], end=None)
    found = backtest_decisions(path, instants)
    run, figures, said = found.runs[strategy], found.figures[strategy], reference["summary"]
    for moment, equity in reference["equity_weekly"].items():
        row = path.row_closed_by(Ms(parse_iso(moment) + HOUR_MS))
        assert run.equity[row - path.start] == pytest.approx(equity, rel=1e-10)
    assert (figures.max_drawdown, figures.vol_ann, figures.sharpe, figures.avg_gross, figures.cost) == pytest.approx(
        (said["max_drawdown"], said["vol_annual_hourly"], said["sharpe_daily"], said["avg_gross"], said["cost"])
    )


def test_books_beside_a_fixed_notional_keep_their_leverage_while_they_lose() -> None:
    falling = closes() * np.exp(-0.004 * np.arange(len(closes())))[:, None]  # 98 % of everything is lost
    fixed = replace(long_basket("one", *NAMES), notional=small_config().account.equity)
    config = replace(small_config(fixed), sizing=SIZING)
    path = price_path(config, table_of(falling, *NAMES), begin=at(300), end=None)
    found = backtest_decisions(path, [at(row) for row in ROWS])
    assert all(run.equity.min() > 0 for name, run in found.runs.items() if name != "driftdeck")
    held, matched = (found.figures[name].avg_gross for name in ("driftdeck", "exposure_matched"))
    assert matched == pytest.approx(held, rel=1e-9)
    assert found.figures["weekly"].avg_gross == pytest.approx(1.0, abs=0.05)
