"""Real money is asked for twice: by the config and on the command line; one alone starts nothing."""

from pathlib import Path

import pytest

from engine.domain.config import Mode
from engine.domain.errors import RefusedError
from engine.runtime.bootstrap import load_settings

BASKET = """
[[basket]]
name = "layer-1"
thesis = "x"
notional = 12_000
assets = [{asset = "ETH"}, {asset = "SOL"}]
"""


def config(tmp_path: Path, mode: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f'[venue]\nmode = "{mode}"\n{BASKET}')
    return path


@pytest.mark.parametrize(
    ("mode", "live", "said"),
    [("live", False, "with --live"), ("paper", True, 'mode = "live" there too'), ("demo", True, 'mode = "live" there')],
)
def test_one_of_both_is_refused(tmp_path: Path, mode: str, live: bool, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        load_settings(config(tmp_path, mode), live=live)


@pytest.mark.parametrize(("mode", "live"), [("live", True), ("paper", False), ("demo", False), ("testnet", False)])
def test_both_or_practice_is_taken(tmp_path: Path, mode: str, live: bool) -> None:
    assert load_settings(config(tmp_path, mode), live=live).venue.mode is Mode(mode)
