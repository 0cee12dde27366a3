"""`driftdeck build` as a person runs it: a ranking, its document, and a basket that goes into the config."""

import json
import re
from pathlib import Path

import pytest

from engine.adapters.config_file import load_config
from engine.adapters.sqlite_bars import FILE_NAME, SqliteBars
from engine.domain.market import Bar
from engine.domain.units import HOUR_MS, Ms, iso
from support.books import START, correlated_closes
from support.command_line import driftdeck
from support.shared_material import REPOSITORY, shared

CONFIG = """# my own words
[[basket]]
name = "mine"  # keep this
thesis = "x"
notional = 12_000
assets = [{asset = "AAA"}, {asset = "BBB"}]
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    closes = correlated_closes(5, 150 * 24, 4, rho=0.75)
    rows = [f"{iso(Ms(START + k * HOUR_MS))},{','.join(map(repr, row.tolist()))}" for k, row in enumerate(closes)]
    (tmp_path / "prices.csv").write_text("\n".join(["timestamp,AAA,BBB,CCC,DDD", *rows]) + "\n")
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def arguments(desk: Path, *more: str) -> list[str]:
    return ["build", "--prices", str(desk / "prices.csv"), "--config", str(desk / "config.toml"), *more]


def test_the_document_has_every_pair_with_all_its_windows(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--size", "3", "--json"))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    basket = found["baskets"][0]
    assert len(basket["pairs"]) == 3
    assert list(basket["pairs"][0]["rho"]) == ["30", "60", "90"]
    assert {"calm", "stress", "in_band", "share_year"} <= set(basket["pairs"][0])
    assert [each["asset"] for each in found["candidates"]] == ["AAA", "BBB", "CCC", "DDD"]


def test_a_basket_goes_into_the_config_and_the_comments_stay(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--size", "3", "--write", "found", "--yes"))
    assert done.returncode == 0, done.stderr
    text = (desk / "config.toml").read_text()
    assert "# my own words" in text
    assert "# keep this" in text
    names = [basket.name for basket in load_config(desk / "config.toml").config.baskets]
    assert names == ["mine", "found"]


def test_a_hedged_basket_shows_its_leg_and_goes_into_the_config_neutral(desk: Path) -> None:
    more = ["--size", "3", "--shape", "neutral", "--notional", "8000", "--write", "flat", "--yes"]
    done = driftdeck(*arguments(desk, *more, "--json"))
    assert done.returncode == 0, done.stderr
    best = json.loads(done.stdout)["baskets"][0]
    assert {"correlation", "residual_beta", "hedge_break"} <= set(best["hedge"])
    assert (best["cost"], best["median_daily_volume"]) == (6.0, None)
    assert 'side = "short", weight = 0.5' in best["toml"]
    flat = load_config(desk / "config.toml").config.baskets[-1]
    assert sum(leg.side.sign * leg.weight for leg in flat.legs) == pytest.approx(0.0)
    assert [leg.asset for leg in flat.legs] == [*best["assets"], best["hedge"]["asset"]]


def test_without_prices_the_bars_and_volumes_that_an_engine_stored_are_ranked(desk: Path) -> None:
    config = load_config(desk / "config.toml").config
    (desk / "state").mkdir()
    store = SqliteBars(desk / "state" / FILE_NAME)
    for column, symbol in enumerate(config.symbols.values()):
        closes = correlated_closes(5, 150 * 24, 4, rho=0.75)[:, column].tolist()
        opens = [Ms(START + k * HOUR_MS) for k in range(len(closes))]
        traded = zip(opens, closes, strict=True)
        store.append([Bar(symbol=symbol, open_ms=at, close=close, volume=1e6 / close) for at, close in traded])
    store.close()
    where = ["--config", str(desk / "config.toml"), "--state", str(desk / "state")]
    done = driftdeck("build", *where, "--size", "2", "--theme", "layer-1", "--candidates", "AAA,BBB", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["baskets"][0]["assets"] == ["AAA", "BBB"]
    assert found["candidates"][0]["median_daily_volume"] == pytest.approx(24e6)
    assert {"asset": "SOL", "why": "no price of it here: import its history, or give a file"} in found["refused"]


def test_nothing_is_written_without_a_yes(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--size", "3", "--write", "found"))
    assert done.returncode == 1
    assert (desk / "config.toml").read_text() == CONFIG


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--size", "3-9"], "above five"),
        (["--size", "many"], "--size many"),
        (["--shape", "sideways"], "--shape sideways: there are long, short, neutral"),
        (["--notional", "0"], "--notional 0: take an amount of money above 0"),
        (["--candidates", "AAA,XYZ"], "XYZ: not in the file"),
        (["--write", "mine", "--yes"], "has a basket mine already"),
        (["--size", "3", "--write", "found", "--pick", "99", "--yes"], "--pick 99"),
        (["--size", "3", "--write", "found", "--expect", "AAA,XYZ", "--yes"], "not AAA,XYZ: rank again and choose"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(desk: Path, more: list[str], said: str) -> None:
    done = driftdeck(*arguments(desk, *more))
    assert done.returncode in (1, 2)
    assert said in done.stderr


def test_the_example_of_the_docs_is_what_the_command_prints() -> None:
    prices = shared("data", "hourly_close_2021_2024.csv.gz")
    text = (REPOSITORY / "docs" / "builder.md").read_text(encoding="utf-8")
    ((command, output),) = re.findall(r"```console\n\$ driftdeck (.*?)\n(.*?)```", text, re.DOTALL)
    done = driftdeck(*command.replace("prices.csv.gz", str(prices)).split())
    assert done.returncode == 0, done.stderr
    said = [line.rstrip() for line in done.stdout.splitlines()]
    assert [line for line in output.splitlines() if line.rstrip() not in said] == []
