"""The replay of a price file: real bars bit for bit, closes held, gaps and unlisted assets left out."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Asset, Ms, parse_iso
from engine.venue_sim.bybit_bodies import price_text
from engine.venue_sim.replay import ReplayMarket, read_price_file

FIRST = parse_iso("2022-11-01T00:00:00Z")
HOURS = 24 * 40
LATE, GONE, GAPPY = 500, 400, 600  # AVAX lists late, FTT ends, SOL has two holes


def closes() -> NDArray[np.float64]:
    rng = np.random.default_rng(1)
    path = np.exp(np.cumsum(0.01 * rng.standard_t(4, (HOURS, 4)), axis=0)) * [1500.0, 30.0, 15.0, 25.0]
    path[:, 0] = np.round(path[:, 0], 2)
    path[:LATE, 2] = np.nan
    path[GONE:, 3] = np.nan
    path[GAPPY : GAPPY + 3, 1] = np.nan
    path[GAPPY + 50, 1] = np.nan
    return path


CLOSES = closes()
ETH, SOL, AVAX, FTT = (Asset(name) for name in ("ETH", "SOL", "AVAX", "FTT"))


def write(path: Path, **changes: object) -> Path:
    arrays: dict[str, object] = {
        "open_ms": FIRST + HOUR_MS * np.arange(HOURS, dtype=np.int64),
        "assets": np.array(["ETH", "SOL", "AVAX", "FTT"]),
        "closes": CLOSES,
    }
    arrays.update(changes)
    kept = {name: np.asarray(value) for name, value in arrays.items() if value is not None}
    np.savez(path, allow_pickle=False, **kept)
    return path


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> ReplayMarket:
    return ReplayMarket(read_price_file(write(tmp_path_factory.mktemp("replay") / "week.npz")))


def at(hour: float) -> Ms:
    return Ms(FIRST + int(hour * HOUR_MS))


def names(market: ReplayMarket, now: Ms) -> list[str]:
    return [item.asset for item in market.listings(now)]


def test_closed_bars_come_back_bit_for_bit_and_as_exact_text(market: ReplayMarket) -> None:
    candles = market.candles(SOL, HOUR_MS, FIRST, at(HOURS), at(HOURS))
    real = np.flatnonzero(~np.isnan(CLOSES[:, 1]))
    assert np.array_equal(candles.open_ms, FIRST + real * HOUR_MS)
    assert np.array_equal(candles.close, CLOSES[real, 1])
    decimals = market.listings(at(HOURS - 1))[1].decimals
    assert [float(price_text(price, decimals)) for price in candles.close.tolist()] == candles.close.tolist()


def test_a_close_is_held_until_the_next_bar_closes(market: ReplayMarket) -> None:
    for minute in (0, 1, 59):
        now = Ms(at(700) + minute * MINUTE_MS)
        ticker = market.tickers(now)[0]
        open_candle = market.candles(ETH, HOUR_MS, at(700), at(700), now)
        assert ticker.last == CLOSES[699, 0] == open_candle.close[0] == open_candle.open[0]
        assert (open_candle.high[0], open_candle.low[0]) == (ticker.last, ticker.last)
    assert market.tickers(at(701))[0].last == CLOSES[700, 0]


def test_a_closed_candle_spans_from_the_close_before_it(market: ReplayMarket) -> None:
    candles = market.candles(ETH, HOUR_MS, at(100), at(110), at(200))
    assert np.array_equal(candles.open, CLOSES[99:110, 0])
    assert np.array_equal(candles.high, np.maximum(candles.open, candles.close))
    assert np.array_equal(candles.low, np.minimum(candles.open, candles.close))


def test_nothing_of_the_future_is_told(market: ReplayMarket) -> None:
    now = Ms(at(300) + 1)
    candles = market.candles(ETH, HOUR_MS, FIRST, at(HOURS), now)
    assert candles.open_ms[-1] == at(300)
    assert candles.close[-1] == CLOSES[299, 0]
    assert market.tickers(now)[0].high_24h == CLOSES[275:300, 0].max()


def test_assets_without_bars_are_not_listed(market: ReplayMarket) -> None:
    assert names(market, at(0)) == []
    assert names(market, at(300)) == ["ETH", "SOL", "FTT"]
    assert names(market, at(LATE + 1)) == ["ETH", "SOL", "AVAX"]
    assert names(market, at(GONE + 23)) == ["ETH", "SOL", "FTT"]
    assert names(market, at(GONE + 24)) == ["ETH", "SOL"]
    assert [item.listing.asset for item in market.tickers(at(300))] == ["ETH", "SOL", "FTT"]


def test_a_gap_stays_a_gap_and_its_open_candle_is_not_shown(market: ReplayMarket) -> None:
    now = Ms(at(GAPPY + 1) + 5 * MINUTE_MS)
    assert market.candles(SOL, HOUR_MS, at(GAPPY - 1), at(GAPPY + 9), now).open_ms.tolist() == [at(GAPPY - 1)]
    assert market.tickers(now)[1].last == CLOSES[GAPPY - 1, 1]


def test_the_first_candle_of_a_new_listing_has_no_open_candle_before_its_close(market: ReplayMarket) -> None:
    assert not len(market.candles(AVAX, HOUR_MS, at(LATE), at(LATE), Ms(at(LATE) + 1)).open_ms)
    first = market.candles(AVAX, HOUR_MS, at(LATE), at(LATE), at(LATE + 1))
    assert first.close.tolist() == first.open.tolist() == [CLOSES[LATE, 2]]


def test_days_are_merged_from_real_bars_and_minutes_are_not_invented(market: ReplayMarket) -> None:
    days = market.candles(ETH, DAY_MS, FIRST, at(48), at(200))
    assert days.close.tolist() == [CLOSES[23, 0], CLOSES[47, 0], CLOSES[71, 0]]
    assert not len(market.candles(ETH, 15 * MINUTE_MS, FIRST, at(48), at(200)).open_ms)


def test_missing_rows_of_the_file_become_gaps(tmp_path: Path) -> None:
    keep = np.delete(np.arange(HOURS), [10, 11])
    path = write(tmp_path / "holes.npz", open_ms=FIRST + HOUR_MS * keep, closes=CLOSES[keep])
    candles = ReplayMarket(read_price_file(path)).candles(ETH, HOUR_MS, at(9), at(12), at(50))
    assert candles.open_ms.tolist() == [at(9), at(12)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"closes": None}, "lacks an array"),
        ({"closes": CLOSES[:-1]}, "do not fit together"),
        ({"closes": -CLOSES}, "must be positive"),
        ({"open_ms": FIRST + MINUTE_MS * np.arange(HOURS, dtype=np.int64)}, "whole UTC hours"),
        ({"open_ms": np.full(HOURS, FIRST, dtype=np.int64)}, "rise strictly"),
        ({"assets": np.array(["ETH", "ETH", "SOL", "BTC"])}, "distinct names"),
        ({"assets": np.array(["ETH", {}, "SOL", "BTC"], dtype=object)}, "cannot be read"),
    ],
)
def test_a_bad_file_is_refused_with_one_sentence(tmp_path: Path, changes: dict[str, object], reason: str) -> None:
    path = tmp_path / "bad.npz"
    arrays: dict[str, object] = {
        "open_ms": FIRST + HOUR_MS * np.arange(HOURS, dtype=np.int64),
        "assets": np.array(["ETH", "SOL", "AVAX", "FTT"]),
        "closes": CLOSES,
    }
    arrays.update(changes)
    np.savez(path, allow_pickle=True, **{k: np.asarray(v) for k, v in arrays.items() if v is not None})
    with pytest.raises(ConfigError, match=reason) as caught:
        read_price_file(path)
    assert "\n" not in str(caught.value)


def test_names_of_old_coins_are_fine(tmp_path: Path) -> None:
    path = write(tmp_path / "old.npz", assets=np.array(["ETH", "LUNC_old", "1000PEPE", "FTT"]))
    assert read_price_file(path).assets[1] == "LUNC_old"


def test_a_file_that_is_no_npz_or_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("timestamp,ETH\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_price_file(tmp_path / "text.npz")
    with pytest.raises(ConfigError, match="does not exist"):
        read_price_file(tmp_path / "none.npz")
