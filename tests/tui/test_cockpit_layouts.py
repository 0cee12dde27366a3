"""Layouts, focus and zoom, and trying themes on: what stands where, that nothing is clipped, and what is remembered."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from support.cockpit_pilot import Rig, attached
from support.gallery import cascade
from tui.cockpit import theme as themes
from tui.cockpit.ink import Paint, Ramp, Role
from tui.cockpit.keys import KEYS
from tui.cockpit.layout import Panel, Preset
from tui.cockpit.memory import FILE, Kept, Memory
from tui.cockpit.theme import ColorSystem

SIZES = ((80, 24), (120, 40), (200, 60))
GRAPHITE = (files("themes") / "colors" / "graphite.toml").read_text(encoding="utf-8")
AMOUNT = re.compile(r"[▲▼][−+][\d,.]+…")  # a number that was cut off


async def press(rig: Rig, *keys: str) -> None:
    for key in keys:
        rig.later()
        await rig.press(key)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_c_turns_the_layouts_and_every_one_shows_whole_numbers(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, cascade(), size=size) as rig:
        before = rig.rows[2:-1]
        for wanted in (Preset.BASKETS, Preset.ALERTS, Preset.BALANCED):
            await press(rig, "c")
            assert rig.app.choice.preset is wanted
            assert "drift feed" in rig.text
            assert "layer-1" in rig.text
            assert ("waits for you" in rig.text) is (wanted is Preset.ALERTS)
            assert not AMOUNT.search(rig.text)
            assert all(len(row) == size[0] for row in rig.rows)
        steady = [re.sub(r"[~ ]*[\d.]+[sm]\b", "", row) for row in before]
        assert [re.sub(r"[~ ]*[\d.]+[sm]\b", "", row) for row in rig.rows[2:-1]] == steady


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_f_gives_the_screen_to_the_panel_in_focus_and_takes_it_back(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with attached(tmp_path, cascade(), size=size) as rig:
        await press(rig, "f")
        assert "drift feed" not in rig.text
        assert "strongest pairs" not in rig.text
        seen = []
        for panel in (*tuple(Panel)[1:], Panel.BASKETS):
            await press(rig, "d")
            assert rig.app.choice.focus is panel
            assert not AMOUNT.search(rig.text)
            seen.append("\n".join(rig.rows[3:-1]))
        assert len(set(seen)) == len(Panel)
        await press(rig, "escape")
        assert not rig.app.choice.zoomed
        assert "drift feed" in rig.text


async def test_the_focus_goes_round_what_is_shown_and_its_title_says_so(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        assert "»layer-1" in rig.text  # the selected basket, which is amber
        assert "»correlation" not in rig.text
        await press(rig, "d")
        assert "»correlation" in rig.text
        await press(rig, "d")
        assert "»drift feed" in rig.text
        await press(rig, "d")
        assert rig.app.choice.focus is Panel.BASKETS
        assert "»drift feed" not in rig.text


async def test_a_panel_that_another_layout_hides_does_not_keep_the_focus(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        rig.app.choice.focus = Panel.CHART  # from a larger terminal
        await press(rig, "f")
        assert rig.app.choice.focus is Panel.BASKETS


async def test_what_waits_stands_worst_first_with_what_is_left_and_since_when(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await press(rig, "c", "c")
        rows = [row for row in rig.rows if re.search(r"(PROPOSAL|ALERT|WATCH)  ", row)]
        words = [re.search(r"PROPOSAL|ALERT|WATCH", row)[0] for row in rows[:7]]  # type: ignore[index]
        assert words == ["PROPOSAL", "ALERT", "ALERT", "WATCH", "WATCH", "WATCH", "WATCH"]
        assert rows[0].rstrip().endswith("m left")
        assert re.search(r" \d+m $", rows[1])


async def test_layout_focus_and_zoom_are_there_at_the_next_start(tmp_path: Path) -> None:
    memory = tmp_path / FILE
    async with attached(tmp_path, cascade(), memory=memory) as rig:
        await press(rig, "c", "d", "f")
    assert json.loads(memory.read_text()) == {"theme": "", "preset": "baskets", "focus": "correlation", "zoomed": True}
    assert memory.stat().st_mode & 0o777 == 0o600
    async with attached(tmp_path, cascade(), memory=memory) as rig:
        assert "strongest pairs" in rig.text
        await press(rig, "f")
        assert rig.app.choice.preset is Preset.BASKETS


@pytest.mark.parametrize("said", ["", "{", '{"preset": "sideways"}', '{"zoomed": 1}'])
def test_a_file_that_cannot_be_read_is_as_if_nothing_was_kept(tmp_path: Path, said: str) -> None:
    (tmp_path / FILE).write_text(said)
    assert Memory(tmp_path / FILE).kept == Kept()


def test_a_file_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    memory = Memory(tmp_path / "file" / FILE)
    memory.keep(Kept(theme="daylight"))
    assert memory.kept.theme == "daylight"


def on_screen(rig: Rig, name: str) -> bool:
    shown = themes.load(name, ColorSystem.X256)
    grounds = {segment.style.bgcolor for row in rig.app.shown() for segment in row if segment.style}
    return all(shown.style(Paint(bg=role)).bgcolor in grounds for role in (Role.PANEL, Role.BG, Role.RAISED))


async def test_every_theme_is_tried_on_at_once_and_escape_gives_the_old_one_back(tmp_path: Path) -> None:
    memory = tmp_path / FILE
    async with attached(tmp_path, cascade(), system=ColorSystem.X256, memory=memory) as rig:
        for turn in range(len(themes.names())):
            await press(rig, "tab" if turn else "t")
            name = rig.app.looks.theme.name
            assert on_screen(rig, name)
            assert f"✓ {name}" in rig.text
        assert rig.app.looks.theme.name == "graphite"
        await press(rig, "k", "escape")
        assert rig.app.looks.theme.name == "graphite"
        assert on_screen(rig, "graphite")
        assert "color themes" not in rig.text
        assert not memory.exists()


async def test_a_theme_that_was_kept_is_worn_at_the_next_start_unless_another_is_asked_for(tmp_path: Path) -> None:
    memory = tmp_path / FILE
    async with attached(tmp_path, cascade(), memory=memory) as rig:
        await press(rig, "t", "enter")
        kept = rig.app.looks.theme.name
        assert kept != "graphite"
    async with attached(tmp_path, cascade(), memory=memory, theme="") as rig:
        assert rig.app.looks.theme.name == kept
    async with attached(tmp_path, cascade(), memory=memory, theme="daylight") as rig:
        assert rig.app.looks.theme.name == "daylight"


async def test_a_broken_file_is_listed_with_the_reason_and_cannot_be_kept(tmp_path: Path) -> None:
    colors = tmp_path / "colors"
    colors.mkdir()
    (colors / "mine.toml").write_text(GRAPHITE)
    (colors / "torn.toml").write_text(GRAPHITE.replace("#0b0d11", "blue"))
    async with attached(tmp_path, cascade(), colors=colors, memory=tmp_path / FILE) as rig:
        await press(rig, "t", "k", "k")  # before the first comes the last: the trader's own
        while rig.app.choice.trying is not None and rig.app.choice.trying.names[rig.app.choice.trying.at] != "torn":
            await press(rig, "k")
        assert re.search(r"torn +broken", rig.text)
        assert re.search(r"mine +yours", rig.text)
        assert "must be a color" in rig.text
        worn = rig.app.looks.theme.name
        await press(rig, "enter")
        assert "color themes" in rig.text
        assert worn == rig.app.looks.theme.name
        (colors / "torn.toml").write_text(GRAPHITE)
        await press(rig, "k", "j", "enter")
        assert rig.app.looks.theme.name == "torn"
        assert "theme torn, here and at the next start" in rig.rows[-1]


async def test_a_kept_theme_whose_file_is_gone_gives_way_with_a_word(tmp_path: Path) -> None:
    Memory(tmp_path / FILE).keep(Kept(theme="gone"))
    async with attached(tmp_path, cascade(), memory=tmp_path / FILE, theme="") as rig:
        assert rig.app.looks.theme.name == "graphite"
        assert "no color theme 'gone'" in rig.rows[-1]


async def test_the_picker_veils_nothing_and_makes_dangerous_keys_deaf(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await press(rig, "t")
        assert not rig.app.scene().veiled
        await press(rig, "O", "C", "y")
        assert rig.app.choice.trying is not None
        await rig.press("escape", "o")  # at once: the key was meant for something else
        assert rig.app.choice.asking is None
        assert rig.engine.acts == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("keys", [(), ("t",), ("x",), ("a",), ("m",), ("c",), ("c", "c"), ("d", "f")])
async def test_ascii_means_ascii_on_every_screen_without_color(
    tmp_path: Path, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    async with attached(tmp_path, cascade(), size=size, system=ColorSystem.MONO, ascii_only=True) as rig:
        await press(rig, *keys)
        await rig.pilot.pause(0.2)
        assert sorted({char for char in rig.text if ord(char) > 126}) == []


async def test_a_selected_basket_is_told_from_one_with_a_proposal_without_color(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), size=(80, 24), system=ColorSystem.MONO) as rig:
        assert rig.rows[4].startswith("»▶ layer-1")
        await press(rig, "tab")
        assert rig.rows[4].startswith(" ▶ layer-1")


@pytest.mark.parametrize("name", themes.names())
def test_sixteen_colors_tell_every_state_apart_and_keep_text_off_its_own_ground(name: str) -> None:
    worn = themes.load(name, ColorSystem.X16)
    light = not worn.dark
    pale, deep = {7, 10, 11, 14, 15}, {0, 4, 8}  # as text: lost on a white ground, lost on a black one
    texts = (Role.DIM, Role.ACCENT, Role.GAIN, Role.LOSS, Role.STALE, Role.WATCH, Role.ALERT_INK)
    assert not {worn.value(role) for role in texts} & (pale if light else deep)
    assert worn.value(Role.GAIN) != worn.value(Role.LOSS)
    for ramp in Ramp:
        cells = [worn.heat(ramp, level) for level in range(-3, 4)]
        assert len({cell for cell in cells if cell[0] != "default"}) == 4
        assert not {fg for bg, fg in cells if bg == "default"} & (pale if light else deep)


async def test_a_wide_terminal_has_the_help_in_two_columns_and_every_row_of_it(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), size=(200, 60)) as rig:
        await press(rig, "question_mark")
        text = rig.text
        pages = int(re.search(r"page 1 of (\d)", text)[1])  # type: ignore[index]
        for _ in range(1, pages):
            await press(rig, "tab")
            text += rig.text
        assert pages == 2
        assert all(row.help in text for row in KEYS)
