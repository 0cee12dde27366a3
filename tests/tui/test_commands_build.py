"""`driftdeck build` as a person runs it: a ranking, its document, and a basket that goes into the config."""

import json
from pathlib import Path

import pytest

from engine.adapters.config_file import load_config
from engine.domain.units import HOUR_MS, Ms, iso
from support.books import START, correlated_closes
from support.command_line import driftdeck

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


def test_nothing_is_written_without_a_yes(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--size", "3", "--write", "found"))
    assert done.returncode == 1
    assert (desk / "config.toml").read_text() == CONFIG


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--size", "3-9"], "above five"),
        (["--size", "many"], "--size many"),
        (["--candidates", "AAA,XYZ"], "XYZ: not in the file"),
        (["--write", "mine", "--yes"], "has a basket mine already"),
        (["--size", "3", "--write", "found", "--pick", "99", "--yes"], "--pick 99"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(desk: Path, more: list[str], said: str) -> None:
    done = driftdeck(*arguments(desk, *more))
    assert done.returncode in (1, 2)
    assert said in done.stderr
