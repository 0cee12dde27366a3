"""Replay on real prices: the reference month, dead and young coins, a depeg, an outage; skipped without the data."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.config import Config, RulesConfig
from engine.domain.events import AlertRaised, WatchRaised
from engine.domain.units import HOUR_MS, parse_iso
from engine.lab.replay import Replay, replay
from engine.lab.replay_output import series
from engine.lab.scores import score
from support.books import long_basket, small_config
from support.markets import Floats
from support.shared_material import shared

REFERENCE = small_config(
    long_basket("L1", "ETH", "SOL", "AVAX", "NEAR"),
    long_basket("DEFI", "UNI", "AAVE", "CRV", "LINK"),
    long_basket("PAY", "XRP", "LTC", "XLM", "BCH"),
)
SEPTEMBER = parse_iso("2023-09-01T00:00:00Z"), parse_iso("2023-09-30T23:00:00Z")


@cache
def prices() -> PriceTable:
    return read_prices(shared("data", "hourly_close_2021_2024.csv.gz"))


def with_column(table: PriceTable, name: str, closes: Floats) -> PriceTable:
    """Return the table with one more asset, or another one of that name."""
    kept = [k for k, asset in enumerate(table.assets) if asset != name]
    columns = np.column_stack([table.closes[:, kept], closes])
    return replace(table, assets=(*(table.assets[k] for k in kept), name), closes=columns)


def column(table: PriceTable, name: str) -> Floats:
    return table.closes[:, table.assets.index(name)].copy()


def row_of(table: PriceTable, text: str) -> int:
    """Return the row of the bar that opens at this instant."""
    return int((parse_iso(text) - table.open_ms[0]) // HOUR_MS)


def row_in(found: Replay, text: str) -> int:
    """Return the replay's row of the bar that opens at this instant."""
    return int((parse_iso(text) - found.table.first_open) // HOUR_MS)


def run(table: PriceTable, begin: str, end: str, *baskets: Sequence[str], config: Config | None = None) -> Replay:
    book = config or small_config(*(long_basket(f"b{k}", *assets) for k, assets in enumerate(baskets)))
    return replay(book, table, begin=parse_iso(begin), end=parse_iso(end))


def alerts(found: Replay, basket: str = "b0", *, since: str = "2000-01-01", until: str = "2100-01-01") -> list[str]:
    span = range(parse_iso(since), parse_iso(until))
    return [e.id for e in found.events if isinstance(e, AlertRaised) and e.basket == basket and e.at in span]


@pytest.mark.parametrize(("check_hours", "state"), [(4, "state_4h_x2"), (1, "state_1h_x2")])
def test_the_series_equals_the_reference_month(check_hours: int, state: str) -> None:
    reference = pd.read_csv(shared("reference", "signals", "baskets_calm_2023-09.csv.gz"))
    rules = RulesConfig(check_every_ms=check_hours * HOUR_MS, fast_breadth=2.0)  # the reference has no fast cycle
    found = replay(replace(REFERENCE, rules=rules), prices(), begin=SEPTEMBER[0], end=SEPTEMBER[1])
    header, *rows = series(found)
    mine = pd.DataFrame(rows, columns=list(header))
    mine["check_utc"] = mine["at"].str.replace(":00Z", "Z")
    both = mine.merge(reference[reference[state].notna()], on=["check_utc", "basket"], suffixes=("", "_ref"))
    assert len(both) == len(mine) == 3 * 720 // check_hours
    for name in ("shift_raw", "shift_win", "shift"):
        np.testing.assert_allclose(both[name].astype(float), both[f"{name}_ref"], rtol=0, atol=1e-6)
    assert both["state"].astype(int).tolist() == both[state].astype(int).tolist()


def test_the_adaptive_cadence_sees_what_the_hourly_reference_sees_while_it_is_fast() -> None:
    reference = pd.read_csv(shared("reference", "signals", "baskets_calm_2023-09.csv.gz"))
    hourly = reference.set_index(["check_utc", "basket"])["shift"]
    found = replay(REFERENCE, prices(), begin=SEPTEMBER[0], end=SEPTEMBER[1])
    compared = 0
    for at, basket, _, _, shift, *_ in list(series(found))[1:]:
        if at.endswith("00:00Z"):
            assert float(shift) == pytest.approx(hourly[at.replace(":00Z", "Z"), basket], abs=1e-6)
            compared += 1
    assert compared > 540


def test_a_coin_that_collapsed_and_was_taken_down_raises_no_alert_when_it_goes_dark() -> None:
    """FTT: its own crash in November 2022 is real; what came after, without bars, must stay silent."""
    table = prices()
    closes = column(table, "FTT")
    last = row_of(table, "2022-11-15T00:00:00Z")
    closes[last:] = np.nan
    gone = run(
        with_column(table, "FTT", closes), "2022-10-01", "2023-06-01", ("ETH", "BNB", "FTT"), ("ETH", "BNB", "SOL")
    )
    basket = gone.table.baskets[0]
    dark = slice(row_in(gone, "2022-11-15T20:00:00Z"), gone.table.rows)
    assert np.isnan(basket.now[dark][:, 1:]).all()  # every pair of FTT is undefined within a day
    assert np.isnan(basket.shift[dark]).all()  # one pair of three is too few: no data, said as such
    assert alerts(gone, since="2022-11-16") == []
    assert {c.states[0] for c in gone.checks if c.at > parse_iso("2022-11-16")} <= {gone.checks[-1].states[0]}


def test_a_basket_goes_on_without_a_dead_leg_where_enough_pairs_live() -> None:
    table = prices()
    found = run(
        table, "2022-04-01", "2022-09-01", ("ETH", "SOL", "AVAX", "NEAR", "LUNC_old"), ("ETH", "SOL", "AVAX", "NEAR")
    )
    with_luna, without = found.table.baskets
    later = slice(row_in(found, "2022-05-15T00:00:00Z"), row_in(found, "2022-08-31T00:00:00Z"))
    np.testing.assert_allclose(with_luna.shift[later], without.shift[later], atol=1e-12)
    assert alerts(found, "b0", since="2022-05-15") == [
        ident.replace("b1", "b0") for ident in alerts(found, "b1", since="2022-05-15")
    ]


def test_a_coin_listed_twenty_days_ago_is_left_out_and_alarms_nobody() -> None:
    table = prices()
    closes = column(table, "LINK")
    listed = row_of(table, "2023-07-01T00:00:00Z")
    closes[:listed] = np.nan
    closes[listed:] *= np.exp(np.cumsum(np.random.default_rng(0).normal(size=len(closes) - listed) * 0.02))
    young = with_column(table, "NEW", closes)
    found = run(young, "2023-07-01", "2023-07-21", ("ETH", "SOL", "AVAX", "NEW"), ("ETH", "SOL", "AVAX"))
    first = row_in(found, "2023-07-01T00:00:00Z")
    rows = slice(first, first + 20 * 24)
    np.testing.assert_allclose(found.table.baskets[0].shift[rows], found.table.baskets[1].shift[rows], atol=1e-12)
    assert not found.table.used[rows, found.table.assets.index("NEW")].any()
    watched = [move for e in found.events if isinstance(e, WatchRaised) for move in e.pairs]
    assert not [move for move in watched if "NEW" in (move.first, move.second)]


def test_a_stablecoin_that_loses_its_peg_breaks_out_alone_and_moves_no_basket() -> None:
    table = prices()
    rng = np.random.default_rng(1)
    peg = 1 + 2e-5 * rng.normal(size=len(table.open_ms))
    fall = row_of(table, "2023-06-20T00:00:00Z")
    peg[fall : fall + 30] = np.linspace(0.97, 0.88, 30)
    found = run(
        with_column(table, "USDX", peg),
        "2023-06-01",
        "2023-07-15",
        ("ETH", "SOL", "AVAX", "USDX"),
        ("ETH", "SOL", "AVAX"),
    )
    around = slice(row_in(found, "2023-06-20T00:00:00Z"), row_in(found, "2023-06-23T00:00:00Z"))
    assert found.table.hot[around, found.table.assets.index("USDX")].any()  # visible for what it is
    assert alerts(found, "b0", since="2023-06-20", until="2023-06-27") == alerts(
        found, "b1", since="2023-06-20", until="2023-06-27"
    )


def test_an_outage_of_all_symbols_for_six_hours_says_nothing() -> None:
    table = prices()
    start = row_of(table, "2023-08-05T09:00:00Z")
    closes = table.closes.copy()
    closes[start : start + 6] = np.nan
    baskets = ("ETH", "SOL", "AVAX", "NEAR"), ("UNI", "AAVE", "CRV", "LINK")
    broken = run(replace(table, closes=closes), "2023-08-01", "2023-08-12", *baskets)
    sound = run(table, "2023-08-01", "2023-08-12", *baskets)
    for name in ("b0", "b1"):
        assert [i.split(".")[1] for i in alerts(broken, name)] == [i.split(".")[1] for i in alerts(sound, name)]
    first = row_in(broken, "2023-08-05T09:00:00Z")
    assert [c for c in broken.checks if first < c.row < first + 6]
    assert broken.table.missing_at(first) == broken.table.assets


def test_the_score_table_is_met_on_the_training_years() -> None:
    found = {what: measured for what, measured, _ in score(prices())}
    assert found["events (falls of 15 %)"] == "21"
    assert float(found["calm ALERTs per basket-month, all"]) <= 1.3
    assert float(found["calm ALERTs per basket-month, worst"]) <= 1.9
    assert found["VOL breadth >= 20 %: events seen"] == "20 of 21"
    assert found["first basket ALERT up: events"] == "21 of 21"
    assert found["FTX: VOL / ALERT from t0, h"] == "-19 / -18"
    assert found["LUNA: VOL / ALERT from t0, h"] == "-5 / +10"
