"""The way from the cockpit to where the trader is: in the same row on every page, one level for each escape."""

from pathlib import Path

import pytest

from engine.domain.commands import FlattenAccount
from support.cockpit_pilot import Rig, attached
from support.fake_engine import MONEY
from support.gallery import cascade
from support.lab_answers import program
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.panels.situation import where

SIZES = [(80, 24), (120, 40), (200, 60)]


def way(rig: Rig) -> str:
    """Return the end of the third row, where the way stands."""
    return rig.rows[2].rstrip().split("  ")[-1].strip()


async def goes(rig: Rig, keys: str, *levels: str) -> None:
    """Press keys and find the levels where they stand, or their end where the room is short."""
    for key in keys.split():
        rig.later()
        await rig.press(key)
    whole = " › ".join(levels)
    await rig.until(lambda: way(rig) == whole or (way(rig)[:4] == "… › " and whole.endswith(way(rig)[4:])))


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_each_level_is_one_that_escape_comes_out_of(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, cascade(), size=size, program=program(tmp_path)) as rig:
        await goes(rig, "", "cockpit", "layer-1")
        figures = rig.rows[2].split("cockpit")[0].rstrip()
        assert figures.startswith(" account  gross ~51.8k  net +38.9k")
        await goes(rig, "tab", "cockpit", "defi")
        await goes(rig, "shift+tab enter", "cockpit", "layer-1", "alert")
        await goes(rig, "escape a", "cockpit", "layer-1", "proposal 1")
        await goes(rig, "escape x", "cockpit", "all assets")
        await goes(rig, "x f", "cockpit", "layer-1", "baskets")
        await goes(rig, "escape l slash u n i enter", "cockpit", "journal", "/uni")
        await goes(rig, "a", "cockpit", "journal", "/uni", "proposal 1")
        await goes(rig, "h", "cockpit", "journal", "/uni", "proposal 1", "question")
        assert rig.rows[2].startswith(figures)
        await goes(rig, "escape", "cockpit", "journal", "/uni", "proposal 1")
        await goes(rig, "escape", "cockpit", "journal", "/uni")
        await goes(rig, "escape", "cockpit", "journal")
        await goes(rig, "u c", "cockpit", "basket builder", "candidates")
        await goes(rig, "escape", "cockpit", "basket builder")
        await goes(rig, "escape", "cockpit", "layer-1")


@pytest.mark.parametrize("columns", [100, 104, 112, 120])
async def test_a_figure_is_left_out_before_the_last_level_is_cut(tmp_path: Path, columns: int) -> None:
    async with attached(tmp_path, cascade(), size=(columns, 40), program=program(tmp_path)) as rig:
        for key, page in (("m", "correlation lab"), ("u", "basket builder"), ("l", "journal")):
            rig.later()
            await rig.press(key)
            await rig.until(lambda page=page: rig.rows[2].rstrip().endswith(f"› {page}"))  # type: ignore[misc]


async def test_what_is_decided_together_is_counted(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        rig.later()
        await rig.press("F")
        await rig.until(lambda: FlattenAccount() in rig.engine.acts)
        rig.engine.touch(*MONEY)
        rig.announce()
        await goes(rig, "", "cockpit", "6 proposals")


async def test_where_there_is_no_room_the_first_levels_go_and_no_figure_does(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), size=(104, 40)) as rig:
        await rig.until(lambda: "loss at ρ .95 4.0k" in rig.rows[2])
        assert way(rig) == "… › layer-1"
        await rig.press("l")
        await rig.until(lambda: way(rig) == "… › journal")
        assert "loss at ρ .95 4.0k" in rig.rows[2]


@pytest.mark.parametrize("room", range(12, 40))
def test_the_mark_of_what_was_left_out_stands_only_where_it_has_room(room: int) -> None:
    said = "".join(words for words, _ in where(UNICODE, ("cockpit", "correlation lab"), room))
    assert len(said) <= room + 1
    assert said.rstrip() in ("cockpit › correlation lab", "… › correlation lab", "correlation lab"[:room].rstrip())
