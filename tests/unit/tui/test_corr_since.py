"""`corr --json` says since when each asset has bars, beside how many returns each pair has."""

import json
from pathlib import Path

import pytest

from tui.commands.corr import corr


def test_corr_json_says_since_when_each_asset_has_bars(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{hour * 3600},{100 + hour % 7},{200 + hour % 5 if hour >= 30 else ''}" for hour in range(80)]
    prices = tmp_path / "prices.csv"
    prices.write_text("\n".join(["timestamp,ETH,NEW", *rows]), encoding="utf-8")
    corr(prices, assets="", windows="2", at="", bar="1h", method="pearson", as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["since"] == {"ETH": "1970-01-01T00:00:00Z", "NEW": "1970-01-02T06:00:00Z"}
    assert said["windows"]["2"]["n"][0][1] == 48
