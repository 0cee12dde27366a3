"""Imported prices meet the store: what a name means, which slots are filled, and how the seam is measured."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.price_import import Incoming, Target, holding_of, import_bars, targets_of
from engine.adapters.sqlite_bars import HeldBar, SqliteBars
from engine.domain.errors import ConfigError
from engine.domain.market import Bar
from engine.domain.units import HOUR_MS, Asset, Ms, Symbol

ETH, PEPE = Symbol("ETH/USDT:USDT"), Symbol("1000PEPE/USDT:USDT")
SYMBOLS = {Asset("ETH"): ETH, Asset("PEPE"): PEPE, Asset("SHIB"): Symbol("SHIB1000/USDT:USDT")}
LATE = Ms(10_000 * HOUR_MS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteBars]:
    found = SqliteBars(tmp_path / "bars.db")
    yield found
    found.close()


def bars(hours: Sequence[int], closes: Sequence[float], symbol: Symbol = ETH) -> list[Bar]:
    return [
        Bar(symbol=symbol, open_ms=Ms(hour * HOUR_MS), close=close, volume=1.0)
        for hour, close in zip(hours, closes, strict=True)
    ]


def incoming(hours: Sequence[int], closes: Sequence[float], target: Target | None = None) -> Incoming:
    return Incoming(
        target=target or Target(asset=Asset("ETH"), symbol=ETH),
        source="csv:a.csv",
        open_ms=np.array(hours, dtype=np.int64) * HOUR_MS,
        closes=np.array(closes, dtype=np.float64),
    )


def meant(*names: str, **named: str) -> dict[str, Target]:
    return targets_of(names, SYMBOLS, named)[0]


def test_assets_mean_themselves_and_strangers_are_told() -> None:
    found, strangers = targets_of(("ETH", "DOGE"), SYMBOLS, {})
    assert found == {"ETH": Target(asset=Asset("ETH"), symbol=ETH)}
    assert strangers == ("DOGE",)


def test_a_price_of_one_coin_is_brought_to_the_contract_of_a_thousand() -> None:
    assert meant("PEPE")["PEPE"].units == 1000.0
    assert meant("SHIB")["SHIB"].units == 1000.0
    assert meant("1000PEPE")["1000PEPE"] == Target(asset=Asset("PEPE"), symbol=PEPE)


def test_a_name_may_be_told_to_mean_an_asset_or_a_symbol() -> None:
    assert meant("weth", weth="ETH")["weth"].symbol == ETH
    assert meant("kilo", kilo="1000PEPE/USDT:USDT")["kilo"] == Target(asset=Asset("PEPE"), symbol=PEPE)
    assert meant("one", one="PEPE")["one"].units == 1000.0


def test_a_name_is_found_as_a_price_file_would_read_it() -> None:
    assert meant("WETH", WETHUSDT="ETH")["WETH"].symbol == ETH


def test_telling_what_is_not_there_or_twice_the_same_is_refused() -> None:
    with pytest.raises(ConfigError, match="no asset DOGE; it has ETH, PEPE, SHIB"):
        meant("X", X="DOGE")
    with pytest.raises(ConfigError, match="Y: there is no such name in what is imported; it has X"):
        meant("X", Y="ETH")
    with pytest.raises(ConfigError, match="ETH, X all mean ETH/USDT:USDT"):
        meant("ETH", "X", X="ETH")


def test_only_empty_slots_are_filled_and_the_rest_is_compared(store: SqliteBars) -> None:
    store.append(bars([5, 6, 7], [100.0, 101.0, 102.0]))
    filled = import_bars(
        store, incoming([3, 4, 5, 6, 9], [98.0, 99.0, 101.0, 103.02, 104.0]), step_ms=HOUR_MS, now_ms=LATE
    )
    assert (filled.offered, filled.taken, filled.common) == (5, 3, 2)
    assert filled.difference == pytest.approx(0.015)
    assert [bar.close for bar in store.load(ETH, since_ms=Ms(0))] == [98.0, 99.0, 100.0, 101.0, 102.0, 104.0]


def test_every_seam_is_known_and_the_largest_jump_is_the_one_that_is_shown(store: SqliteBars) -> None:
    store.append(bars([5, 6, 7], [100.0, 101.0, 102.0]))
    holding = import_bars(store, incoming([3, 4, 9], [98.0, 99.0, 107.1]), step_ms=HOUR_MS, now_ms=LATE).holding
    assert [(seam.before, seam.at) for seam in holding.seams] == [
        (4 * HOUR_MS, 5 * HOUR_MS),
        (7 * HOUR_MS, 9 * HOUR_MS),
    ]
    assert [seam.jump for seam in holding.seams] == pytest.approx([100 / 99 - 1, 0.05])
    assert holding.seam is not None
    assert (holding.seam.at, holding.seam.hours) == (9 * HOUR_MS, 2.0)
    assert (holding.first, holding.last, holding.bars, holding.imported) == (3 * HOUR_MS, 9 * HOUR_MS, 6, 3)
    assert holding.sources == (("csv:a.csv", 3),)


def test_a_bar_that_is_not_over_stays_out(store: SqliteBars) -> None:
    filled = import_bars(store, incoming([1, 2, 3], [1.0, 2.0, 3.0]), step_ms=HOUR_MS, now_ms=Ms(3 * HOUR_MS))
    assert (filled.offered, filled.taken, filled.unfinished) == (2, 2, 1)
    assert filled.holding.last == 2 * HOUR_MS


def test_contracts_of_a_thousand_are_stored_at_their_price(store: SqliteBars) -> None:
    target = Target(asset=Asset("PEPE"), symbol=PEPE, units=1000.0)
    import_bars(store, incoming([1], [0.00001], target), step_ms=HOUR_MS, now_ms=LATE)
    assert store.load(PEPE, since_ms=Ms(0))[0].close == pytest.approx(0.01)


def test_with_nothing_in_common_there_is_no_difference(store: SqliteBars) -> None:
    filled = import_bars(store, incoming([], []), step_ms=HOUR_MS, now_ms=LATE)
    assert math.isnan(filled.difference)
    assert (filled.holding.first, filled.holding.seam, filled.offered) == (None, None, 0)


@given(st.lists(st.sampled_from(["", "csv:a", "coingecko:b"]), max_size=30))
def test_there_is_a_seam_exactly_where_the_venue_and_an_import_are_neighbors(sources: list[str]) -> None:
    held = [
        HeldBar(bar=bar, source=source)
        for bar, source in zip(bars(range(len(sources)), [1.0 + n for n in range(len(sources))]), sources, strict=True)
    ]
    holding = holding_of(Asset("ETH"), ETH, held)
    told = "".join("x" if source else "." for source in sources)
    assert len(holding.seams) == told.count("x.") + told.count(".x")
    assert holding.imported == told.count("x")
