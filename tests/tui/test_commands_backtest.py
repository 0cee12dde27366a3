"""`driftdeck backtest` as a person runs it: a price file, a config and a list of instants in, a document out."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from engine.adapters.config_file import load_config
from engine.adapters.sqlite_bars import FILE_NAME, SqliteBars
from engine.domain.market import Bar
from engine.domain.units import HOUR_MS, Ms, iso
from support.books import START
from support.command_line import driftdeck
from support.markets import switching_closes

CONFIG = """
[sizing]
rho = "7d"
estimator = "pearson"
[[basket]]
name = "layer-1"
thesis = "they move together"
share = 1.0
assets = [{asset = "AAA"}, {asset = "BBB"}, {asset = "CCC"}]
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    closes = switching_closes(5, 600, 3)
    rows = [f"{iso(Ms(START + k * HOUR_MS))},{','.join(map(repr, row.tolist()))}" for k, row in enumerate(closes)]
    (tmp_path / "prices.csv").write_text("\n".join(["timestamp,AAA,BBB,CCC", *rows]) + "\n")
    (tmp_path / "config.toml").write_text(CONFIG)
    at = [iso(Ms(START + hour * HOUR_MS)) for hour in (300, 400)]
    (tmp_path / "times.txt").write_text("# approved\n" + "\n".join(at) + "\n\n")
    return tmp_path


def arguments(desk: Path, *more: str) -> list[str]:
    return ["backtest", "--prices", str(desk / "prices.csv"), "--config", str(desk / "config.toml"), *more]


def test_listed_instants_give_the_whole_document(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--decisions", str(desk / "times.txt"), "--json"))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["from"], found["bars"]) == (iso(Ms(START + 300 * HOUR_MS)), 300)
    assert list(found["strategies"])[:3] == ["driftdeck", "standard", "weekly"]
    assert {len(curve) for curve in found["equity"].values()} == {301}
    assert found["equity"]["driftdeck"][0] == 50_000.0
    assert [fill["filled_at"] for fill in found["fills"]] == [iso(Ms(START + hour * HOUR_MS)) for hour in (301, 401)]
    assert np.isclose(found["strategies"]["driftdeck"]["return"], found["equity"]["driftdeck"][-1] / 50_000 - 1)


def test_the_bars_that_an_engine_stored_do_as_well_as_a_file(desk: Path) -> None:
    (desk / "state").mkdir()
    where = ["--config", str(desk / "config.toml"), "--state", str(desk / "state")]
    listed = ["--decisions", str(desk / "times.txt"), "--json"]
    empty = driftdeck("backtest", *where, *listed)
    assert (empty.returncode, "give --prices FILE" in empty.stderr) == (2, True)
    store = SqliteBars(desk / "state" / FILE_NAME)
    config = load_config(desk / "config.toml").config
    closes = switching_closes(5, 600, 3).tolist()
    for column, symbol in enumerate(config.symbols.values()):
        opens = ((Ms(START + k * HOUR_MS), row[column]) for k, row in enumerate(closes))
        store.append([Bar(symbol=symbol, open_ms=at, close=close, volume=1.0) for at, close in opens])
    store.close()
    stored, file = driftdeck("backtest", *where, *listed), driftdeck(*arguments(desk, *listed))
    assert stored.returncode == 0, stored.stderr
    assert stored.stdout == file.stdout


def test_a_person_gets_a_table_and_what_its_rows_mean(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--decisions", str(desk / "times.txt")))
    assert done.returncode == 0, done.stderr
    assert "exposure_matched" in done.stdout
    assert "base weights at the same average gross" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize(
    ("text", "said"),
    [("2024-01-01\nsoon\n", "line 2: 'soon' is no ISO 8601 time"), ("# nothing\n", "lists no instant")],
)
def test_a_bad_list_is_one_clear_sentence(desk: Path, text: str, said: str) -> None:
    (desk / "times.txt").write_text(text)
    done = driftdeck(*arguments(desk, "--decisions", str(desk / "times.txt"), "--json"))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_without_history_the_rules_refuse_in_one_sentence(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--json"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "ninety days of history" in done.stderr


def test_funding_is_read_and_a_bad_rate_named(desk: Path) -> None:
    rates = "\n".join(f"{iso(Ms(START + hour * HOUR_MS))},0.001" for hour in range(304, 600, 8))
    (desk / "funding.csv").write_text(f"timestamp,AAA\n{rates}\n")
    more = ("--decisions", str(desk / "times.txt"), "--funding", str(desk / "funding.csv"), "--json")
    paid, free = driftdeck(*arguments(desk, *more)), driftdeck(*arguments(desk, *more[:2], "--json"))
    found = [json.loads(done.stdout)["strategies"]["standard"]["return"] for done in (paid, free)]
    assert found[0] < found[1]
    (desk / "funding.csv").write_text("timestamp,AAA\n2023-12-01T00:00:00Z,12\n")
    bad = driftdeck(*arguments(desk, *more))
    assert (bad.returncode, bad.stdout) == (2, "")
    assert 'line 2, column "AAA"' in bad.stderr


def test_the_page_is_one_file_that_needs_no_network(desk: Path) -> None:
    pytest.importorskip("plotly", reason="the extra `report` is not installed: no page to try")
    page = desk / "report.html"
    done = driftdeck(*arguments(desk, "--decisions", str(desk / "times.txt"), "--html", str(page)))
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert "Largest drawdown" in text
    assert "exposure_matched" in text
    assert not re.search(r"<script[^>]+src=|<link|@import", text)


def test_a_page_that_cannot_be_written_is_one_clear_sentence(desk: Path) -> None:
    pytest.importorskip("plotly", reason="the extra `report` is not installed: no page to try")
    done = driftdeck(*arguments(desk, "--decisions", str(desk / "times.txt"), "--html", str(desk / "no" / "x.html")))
    assert done.returncode == 1
    assert "choose another --html file" in done.stderr
