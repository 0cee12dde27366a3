"""`driftdeck stress` as a person runs it: a price file and a config in, CONTRACT's document out."""

import json
import re
from pathlib import Path

import pytest

from engine.adapters.config_file import load_config
from engine.adapters.sqlite_bars import FILE_NAME, SqliteBars
from engine.domain.market import Bar
from engine.domain.units import HOUR_MS, Ms, iso
from support.books import START
from support.command_line import driftdeck
from support.markets import switching_closes
from support.shared_material import REPOSITORY, shared

CONFIG = """
[[basket]]
name = "longs"
thesis = "they move together"
notional = 12_000
assets = [{asset = "AAA"}, {asset = "BBB"}]
[[basket]]
name = "hedged"
thesis = "one against the other"
notional = 6_000
assets = [{asset = "AAA"}, {asset = "CCC", side = "short"}]
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    closes = switching_closes(5, 1_500, 3)
    rows = [f"{iso(Ms(START + k * HOUR_MS))},{','.join(map(repr, row.tolist()))}" for k, row in enumerate(closes)]
    (tmp_path / "prices.csv").write_text("\n".join(["timestamp,AAA,BBB,CCC", *rows]) + "\n")
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def arguments(desk: Path, *more: str) -> list[str]:
    return ["stress", "--prices", str(desk / "prices.csv"), "--config", str(desk / "config.toml"), *more]


def test_the_document_has_the_account_each_basket_and_each_scenario(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--shock", "AAA=-8%", "--rho", "0.95", "--rho", "0.9", "--json"))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["portfolio"]["gross"], found["portfolio"]["net"]) == (18_000.0, 12_000.0)
    assert [book["basket"] for book in found["baskets"]] == ["longs", "hedged"]
    names = [scenario["name"] for scenario in found["baskets"][0]["scenarios"]]
    assert names == ["rho_0.95", "rho_0.9", "hedge_break", "shock:AAA=-8%"]
    assert found["baskets"][0]["scenarios"][0]["es95_1d"] > found["baskets"][0]["es95_1d"]


def test_one_basket_can_be_asked_for_and_a_person_gets_a_table(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--basket", "hedged"))
    assert done.returncode == 0, done.stderr
    assert "hedged" in done.stdout
    assert "longs" not in done.stdout
    assert "account" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--rho", "1.5"], "--rho 1.5: take a correlation from -1 to 1"),
        (["--shock", "BTC"], "--shock BTC: write it as BTC=-8%"),
        (["--shock", "XYZ=-8%"], "--shock XYZ: the prices have no column for it"),
        (["--basket", "nope"], "--basket nope: there is no such basket"),
        (["--at", "soon"], "--at soon"),
        (["--lab-of", "nope"], "--lab-of nope: there is no such basket; there are account, longs, hedged"),
        (["--leverage", "0"], "--leverage 0: take a number above 0"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(desk: Path, more: list[str], said: str) -> None:
    done = driftdeck(*arguments(desk, *more))
    assert done.returncode == 2
    assert said in done.stderr


def test_without_prices_and_without_an_engine_the_command_says_so(desk: Path) -> None:
    done = driftdeck("stress", "--config", str(desk / "config.toml"), "--state", str(desk / "state"))
    assert done.returncode == 3
    assert "no engine" in done.stderr


def test_the_lab_says_who_is_liquidated_first_and_how_likely_it_is(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--lab", "--leverage", "10", "--shock", "AAA=-20%", "--json"))
    assert done.returncode == 0, done.stderr
    account, longs, hedged = json.loads(done.stdout)["lab"]
    assert (account["basket"], longs["basket"], longs["collateral"]) == (None, "longs", 1_200.0)
    (cascade,) = longs["cascades"]
    assert "AAA" in [each["asset"] for each in cascade["isolated"]["liquidated"]]
    assert set(longs["odds"]) == {"independent", "today", "rho_0.95", "rho_0.95_sigma_1.5"}
    assert set(hedged["odds"]) == {*longs["odds"], "hedge_break"}
    assert set(longs["odds"]["today"]) == {"1", "7", "30"}


def test_the_lab_of_one_book_alone_takes_the_level_that_was_asked_for(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--lab-of", "longs", "--rho", "0.8", "--leverage", "10", "--json"))
    assert done.returncode == 0, done.stderr
    (book,) = json.loads(done.stdout)["lab"]
    assert book["basket"] == "longs"
    assert set(book["odds"]) == {"independent", "today", "rho_0.8", "rho_0.8_sigma_1.5"}
    legs = {leg["asset"]: leg for leg in book["legs"]}
    assert legs["AAA"]["liquidation_distance"] == pytest.approx(0.1 - 0.01, abs=0.002)
    assert book["unstored"] == ["LUNA", "FTX", "August 2024"]


def stored(desk: Path, *, but: str = "") -> list[str]:
    """Store bars as an engine would, of all assets or all but one; return the options that lead there."""
    config = load_config(desk / "config.toml").config
    (desk / "state").mkdir()
    store = SqliteBars(desk / "state" / FILE_NAME)
    closes = switching_closes(5, 2_600, 3)
    for column, (asset, symbol) in enumerate(config.symbols.items()):
        opens = [Ms(START + k * HOUR_MS) for k in range(len(closes))]
        rows = zip(opens, closes[:, column].tolist(), strict=True)
        if asset != but:
            store.append([Bar(symbol=symbol, open_ms=at, close=close, volume=1.0) for at, close in rows])
    store.close()
    return ["--config", str(desk / "config.toml"), "--state", str(desk / "state")]


def test_an_undefined_figure_says_whose_prices_are_missing(desk: Path) -> None:
    done = driftdeck("stress", *stored(desk, but="AAA"), "--base")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "warning: too few prices of AAA in the last 30 days: figures that need them are a dash"
    ]


def test_what_the_config_would_hold_is_stressed_on_the_stored_bars_where_no_engine_holds_anything(desk: Path) -> None:
    where = stored(desk)
    base, sized = (json.loads(driftdeck("stress", *where, word, "--json").stdout) for word in ("--base", "--sized"))
    assert base["portfolio"]["gross"] == 18_000.0
    assert 0 < sized["portfolio"]["gross"] < 18_000.0


def test_without_the_lab_the_document_is_what_it_was(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--json"))
    assert set(json.loads(done.stdout)) == {"at", "portfolio", "baskets"}


def test_the_worked_example_of_the_docs_is_what_the_command_prints(tmp_path: Path) -> None:
    prices = shared("data", "hourly_close_2021_2024.csv.gz")
    text = (REPOSITORY / "docs" / "stress.md").read_text(encoding="utf-8")
    config = tmp_path / "night.toml"
    config.write_text(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8")
    quoted = re.findall(r"```console\n\$ driftdeck (.*?)\n(.*?)```", text, re.DOTALL)
    assert len(quoted) == 3
    for command, output in quoted:
        words = command.replace("night.toml", str(config)).replace("prices.csv.gz", str(prices)).split()
        done = driftdeck(*words)
        assert done.returncode == 0, done.stderr
        said = done.stdout.splitlines()
        start = next(k for k, line in enumerate(said) if line.startswith("overnight:"))
        assert [line.rstrip() for line in said[start:]] == [line.rstrip() for line in output.splitlines()]
