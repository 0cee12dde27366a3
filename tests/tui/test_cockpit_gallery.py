"""Every screen at every size: rows are exactly as wide as the terminal, and each screen shows what it is for."""

from pathlib import Path

import pytest

from support.cockpit_pilot import attached
from support.gallery import SCREENS, SIZES, cascade, drill_of, show
from support.lab_answers import program

SAYS = {
    "cockpit": "layer-1",
    "baskets-wide": "layer-1",
    "waiting-first": "waits for you",
    "zoom": "strongest pairs",
    "themes": "color themes",
    "all-assets": "all assets",
    "review": "to approve",
    "alert": "layer-1",
    "question": "cancel",
    "blotter": "orders",
    "journal": "journal",
    "map": "correlation of all",
    "network": "strongest ties",
    "stress": "any liquidation",
    "builder": "pairs within",
    "backtest": "Largest drawdown",
    "health": "newest first",
    "faults": "1 in force",
    "palette": "elsewhere",
    "help": "acknowledge the alert",
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_every_screen_fits_every_size(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    async with attached(tmp_path, cascade(), size=size, program=program(tmp_path), faults=drill_of(name)) as rig:
        await show(rig, SCREENS[name])
        strips = rig.app.shown()
        assert [strip.cell_length for strip in strips] == [size[0]] * size[1]
        assert SAYS[name] in rig.text, rig.text
