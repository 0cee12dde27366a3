"""The guided tour of a demo: its hints stand beside what they speak of, block no key, and come once."""

from pathlib import Path

import pytest

from support.cockpit_pilot import Rig, attached
from support.gallery import cascade
from tui.cockpit import arrange
from tui.cockpit.layout import Rect
from tui.cockpit.panels.tour import COLUMNS, HINTS, ROWS, rect

SIZES = [(80, 24), (120, 40), (200, 60)]


async def press(rig: Rig, *keys: str) -> None:
    """Press keys, each well after the last change of focus."""
    for key in keys:
        rig.later(10.0)
        await rig.press(key)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_hint_is_whole_on_the_screen_and_the_last_one_ends_it_for_good(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    seen = tmp_path / "tour.seen"
    async with attached(tmp_path, cascade(), size=size, tour_seen=seen) as rig:
        for step, hint in enumerate(HINTS):
            await rig.until(lambda at=step: f"{at + 1} of {len(HINTS)}" in rig.text)  # type: ignore[misc]
            words = " ".join(rig.text.split())
            assert all(word in words for word in hint.words.split()), hint.title
            assert "G " in rig.text
            assert {len(row) for row in rig.rows} == {size[0]}
            await press(rig, "G")
        await rig.until(lambda: "no more hints" not in rig.text)
        assert seen.exists()
    async with attached(tmp_path, cascade(), size=size, tour_seen=seen) as rig:
        assert "no more hints" not in rig.text
        await press(rig, "G")
        await rig.until(lambda: f"1 of {len(HINTS)}" in rig.text)


async def test_it_can_be_skipped_at_once_and_no_other_key_waits_for_it(tmp_path: Path) -> None:
    seen = tmp_path / "tour.seen"
    async with attached(tmp_path, cascade(), tour_seen=seen) as rig:
        await rig.until(lambda: "no more hints" in rig.text)
        await press(rig, "tab")
        assert rig.app.choice.selected == 1
        await press(rig, "a")
        await rig.until(lambda: "PROPOSAL" in rig.text and "no more hints" not in rig.text)
        await press(rig, "escape")
        await rig.until(lambda: "no more hints" in rig.text)
        await press(rig, "N")
        await rig.until(lambda: "no more hints" not in rig.text)
        assert seen.exists()


async def test_who_does_not_come_from_a_demo_is_not_guided_unless_asked(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        assert rig.app.choice.tour is None
        await press(rig, "G", "N")
        assert rig.app.choice.tour is None


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("step", range(len(HINTS)))
def test_a_hint_covers_neither_what_it_speaks_of_nor_the_keys_where_there_is_room(
    step: int, size: tuple[int, int]
) -> None:
    width, height = size
    panels = arrange.plan(width, height).panels
    place = rect(step, panels, width, height)
    about = next((panels[name] for name in HINTS[step].about if name in panels), None)
    assert about is not None
    assert place.x >= 0
    assert place.y >= 2
    assert place.x + place.width <= width
    assert place.y + place.height <= height - 1
    if size == (200, 60):
        assert not _overlap(place, about), (place, about)
    assert (place.width, place.height) == (COLUMNS, ROWS)


def _overlap(one: Rect, other: Rect) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height
