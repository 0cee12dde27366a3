"""`driftdeck import csv`, `list`, `forget`: a price file fills what the exchange's history lacks; the seam is shown."""

import time
from pathlib import Path

import pytest

from engine.adapters.sqlite_bars import SqliteBars
from engine.domain.errors import ExitCode
from engine.domain.market import Bar
from engine.domain.units import HOUR_MS, Ms, floor_to, iso
from engine.runtime.lock import StateLock
from support.import_desk import ETH, SOL, ImportDesk, at
from support.trading_room import lines


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


def wide(hours: range, close: float = 100.0, assets: str = "ETH") -> str:
    count = assets.count(",") + 1
    rows = [",".join([iso(at(hour)), *[str(close + hour)] * count]) for hour in hours]
    return "\n".join([f"timestamp,{assets}", *rows]) + "\n"


def test_a_wide_file_fills_what_the_exchange_left_empty(desk: ImportDesk) -> None:
    desk.hold(range(3, 5), 104.0)
    (eth,) = desk.json("csv", str(desk.file(wide(range(6)))))["symbols"]
    assert (eth["asset"], eth["offered"], eth["taken"], eth["exchange_kept"]) == ("ETH", 6, 4, 2)
    assert (eth["first"], eth["last"], eth["bars"], eth["imported"]) == (iso(at(0)), iso(at(5)), 6, 4)
    assert (eth["sources"], eth["seams"]) == ({"csv:prices.csv": 4}, 2)
    assert eth["seam"] == {"before": iso(at(2)), "at": iso(at(3)), "hours": 1.0, "jump": pytest.approx(104 / 102 - 1)}
    assert eth["common"] == {"bars": 2, "difference": pytest.approx((103 / 104 - 1 + 0) / 2)}
    assert desk.held()[2:5] == [(2, 102.0, "csv:prices.csv"), (3, 104.0, ""), (4, 104.0, "")]


def test_a_long_export_of_an_exchange_is_read_too(desk: ImportDesk) -> None:
    text = "timestamp,symbol,open,high,low,close,volume,trades\n"
    text += f"{at(1)},ETHUSDT,1,1,1,101,5,9\n{at(0)},ETHUSDT,1,1,1,100,5,9\n{at(0)},SOLUSDT,1,1,1,20,5,9\n"
    said = desk.run("csv", str(desk.file(text)))
    assert said.code == ExitCode.DONE
    assert "warning: prices.csv: 1 row out of order: sorted" in said.err
    assert desk.held() == [(0, 100.0, "csv:prices.csv"), (1, 101.0, "csv:prices.csv")]
    assert desk.held(SOL) == [(0, 20.0, "csv:prices.csv")]


def test_what_an_engine_would_fetch_next_is_not_changed_by_an_import(desk: ImportDesk) -> None:
    desk.hold(range(2), 100.0)
    desk.run("csv", str(desk.file(wide(range(9)))))
    store = SqliteBars(desk.state / "bars.db")
    newest = store.last_open()
    store.append([Bar(symbol=ETH, open_ms=at(2), close=7.0, volume=1.0)])  # and then it comes
    store.close()
    assert newest == {ETH: at(1)}
    assert desk.held()[1:4] == [(1, 100.0, ""), (2, 7.0, ""), (3, 103.0, "csv:prices.csv")]


def test_the_table_shows_the_seam_and_warns_of_a_jump(desk: ImportDesk) -> None:
    desk.hold(range(3, 5), 110.0)
    said = desk.run("csv", str(desk.file(wide(range(3)))))
    assert said.code == ExitCode.DONE
    (row,) = [line for line in said.out.splitlines() if line.startswith("ETH")]
    assert row.split() == [
        *("ETH", "2026-01-01", "00:00", "2026-01-01", "04:00", "5", "3"),
        *("2026-01-01", "03:00", "+7.84%", "csv:prices.csv"),
    ]
    assert "warning: ETH: the price jumps +7.8% where imported bars meet" in said.err
    assert lines(said.err)[-1].startswith("3 of 3 bars were imported")


def test_a_gap_between_import_and_exchange_is_told_from_a_jump(desk: ImportDesk) -> None:
    desk.hold(range(9, 11), 130.0)
    said = desk.run("csv", str(desk.file(wide(range(3)))))
    assert "ETH: the price is +27.5% over the gap of 7 hours" in said.err
    assert "no return spans it" in said.err


def test_a_file_with_many_strangers_names_a_few(desk: ImportDesk) -> None:
    names = ",".join(["ETH", *(f"X{n}X" for n in range(11))])
    said = desk.run("csv", str(desk.file(wide(range(2), assets=names))))
    assert "left out: X0X, X1X, X2X, X3X, X4X, X5X, X6X, X7X and 3 more" in said.err


def test_a_jump_of_two_percent_is_no_reason_to_warn(desk: ImportDesk) -> None:
    desk.hold(range(3, 5), 104.0)
    said = desk.run("csv", str(desk.file(wide(range(3)))))
    assert "jumps" not in said.err
    assert "+1.96%" in said.out


def test_a_source_that_does_not_fit_the_exchange_is_said(desk: ImportDesk) -> None:
    desk.hold(range(9), 50.0)
    said = desk.run("csv", str(desk.file(wide(range(9)))))
    assert "over 9 common hours csv:prices.csv differs from the exchange by +108.0% (median)" in said.err
    assert lines(said.err)[-1].endswith("; for 9 the exchange's own stand")


def test_a_column_of_another_name_is_mapped_and_strangers_are_left_out(desk: ImportDesk) -> None:
    file = desk.file(wide(range(2), assets="WETH,DOGE"))
    refused = desk.run("csv", str(file))
    assert refused.code == ExitCode.USAGE
    assert "none of which the config has (ETH, SOL)" in refused.err
    document = desk.json("csv", str(file), "--asset-map", "WETH=ETH/USDT:USDT")
    assert [one["asset"] for one in document["symbols"]] == ["ETH"]
    assert document["warnings"] == ["prices.csv: not in the config and left out: DOGE"]


@pytest.mark.parametrize(
    ("mapped", "said"),
    [
        ("ETH", "--asset-map ETH: write A=SYMBOL"),
        ("X=ETH", "X: there is no such name"),
        ("ETH=DOGE", "the config has no asset DOGE; it has ETH, SOL"),
    ],
)
def test_a_wrong_map_is_a_usage_error(desk: ImportDesk, mapped: str, said: str) -> None:
    found = desk.run("csv", str(desk.file(wide(range(2)))), "--asset-map", mapped)
    assert found.code == ExitCode.USAGE
    assert said in found.err
    assert not (desk.state / "bars.db").exists()


def test_a_bad_cell_is_named_by_line_and_column_and_nothing_is_stored(desk: ImportDesk) -> None:
    said = desk.run("csv", str(desk.file("timestamp,ETH\n2026-01-01T00:00:00Z,1\n2026-01-01T01:00:00Z,-2\n")))
    assert said.code == ExitCode.USAGE
    assert 'line 3, column "ETH": -2 is not a positive price' in said.err
    assert not (desk.state / "bars.db").exists()


def test_an_engine_that_runs_holds_the_store(desk: ImportDesk) -> None:
    desk.hold(range(2), 100.0)
    file = desk.file(wide(range(9)))
    with StateLock(desk.state, since="now", config=desk.config):
        said = desk.run("csv", str(file))
        forgotten = desk.run("forget", "ETH")
        listed = desk.run("list")
    assert (said.code, forgotten.code, listed.code) == (ExitCode.REFUSED, ExitCode.REFUSED, ExitCode.DONE)
    (line,) = lines(said.err)
    assert "works on the bars of" in line
    assert "driftdeck stop" in line
    assert len(desk.held()) == 2


def test_a_store_of_another_market_is_refused(desk: ImportDesk) -> None:
    desk.hold(range(2), 100.0)
    desk.configure('quote = "USDC"')
    said = desk.run("csv", str(desk.file(wide(range(9)))))
    assert said.code == ExitCode.REFUSED
    assert 'holds bars of "bybit:swap:USDT"' in said.err


def test_the_list_shows_every_asset_and_forgetting_takes_an_import_back(desk: ImportDesk) -> None:
    assert desk.run("list").code == ExitCode.NO_ENGINE
    desk.hold(range(3, 5), 150.0)
    desk.run("csv", str(desk.file(wide(range(3)))))
    eth, sol = desk.json("list")["symbols"]
    assert (eth["imported"], eth["bars"], eth["seam"]["at"]) == (3, 5, iso(at(3)))
    assert (sol["bars"], sol["first"], sol["seam"]) == (0, None, None)
    assert "warning: ETH: the price jumps" in desk.run("list").err
    assert desk.json("forget", "ETH")["forgotten"] == {"ETH": 3}
    assert desk.held() == [(3, 150.0, ""), (4, 150.0, "")]
    assert desk.run("forget", "DOGE").code == ExitCode.USAGE


def test_bars_that_are_not_over_stay_out(desk: ImportDesk) -> None:
    this_hour = floor_to(Ms(time.time_ns() // 1_000_000), HOUR_MS)
    rows = [f"{iso(Ms(this_hour + hour * HOUR_MS))},{100 + hour}" for hour in range(-3, 2)]
    document = desk.json("csv", str(desk.file("\n".join(["timestamp,ETH", *rows]))))
    assert document["symbols"][0]["taken"] == 3
    assert document["warnings"] == ["ETH: 2 bars are not over yet and stayed out"]
