"""`driftdeck walkforward` as a person runs it: a grid in, a verdict in words out, mistakes before anything runs."""

import json
from pathlib import Path

import pytest

from engine.domain.units import HOUR_MS, Ms, iso
from support.books import START
from support.command_line import driftdeck
from support.markets import switching_closes

CONFIG = '[[basket]]\nname = "one"\nshare = 1.0\nassets = [{asset = "AAA"}, {asset = "BBB"}]\n'


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    closes = switching_closes(5, 2400, 2)
    rows = [f"{iso(Ms(START + k * HOUR_MS))},{','.join(map(repr, row.tolist()))}" for k, row in enumerate(closes)]
    (tmp_path / "prices.csv").write_text("\n".join(["timestamp,AAA,BBB", *rows]) + "\n")
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "grid.toml").write_text('[grid]\n"rules.restore_at" = [0.1, 0.3]\n[split]\ntrain_days=3\ntest_days=2\n')
    return tmp_path


def arguments(desk: Path, *more: str) -> list[str]:
    files = ("--prices", "prices.csv", "--config", "config.toml", "--sweep", "grid.toml")
    return ["walkforward", *(str(desk / each) if each.count(".") else each for each in files), "--workers", "1", *more]


def test_a_grid_becomes_rows_in_its_order_and_a_verdict(desk: Path) -> None:
    done = driftdeck(*arguments(desk, "--results", str(desk / "rows.jsonl"), "--json"))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [row["values"] for row in found["rows"]] == [{"rules.restore_at": 0.1}, {"rules.restore_at": 0.3}]
    assert "train and test periods" in found["words"][0]
    assert len((desk / "rows.jsonl").read_text().splitlines()) == 2


def test_a_setting_that_is_not_allowed_is_refused_before_anything_runs(desk: Path) -> None:
    (desk / "grid.toml").write_text('[grid]\n"rules.alert_shift" = [0.4, 40]\n')
    done = driftdeck(*arguments(desk, "--json"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("driftdeck: 1 mistake in the config [rules.alert_shift = 40]:")
