"""The lock and the theme key: what changes the engine is off and says so, and colors turn without a restart."""

import os
from importlib.resources import files
from pathlib import Path

import pytest

from support.cockpit_pilot import Rig, attached
from support.fake_alerts import alarm
from support.fake_engine import FakeEngine
from support.fake_facts import opening
from support.fake_scene import FakeScene
from tui.cockpit.ink import Role


def alarmed() -> FakeEngine:
    """Return an engine with alerts."""
    scene = FakeScene(panic=0.9)
    engine = FakeEngine(scene)
    engine.add(*opening(scene), *alarm(scene))
    return engine


async def press(rig: Rig, *keys: str) -> None:
    """Press keys, each well after the last change of focus and after the notice before went away."""
    for key in keys:
        rig.later(10.0)
        await rig.press(key)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
async def test_a_locked_cockpit_asks_nothing_and_says_how_to_unlock(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, alarmed(), size=size) as rig:
        await press(rig, "L")
        await rig.until(lambda: "L unlocks" in rig.rows[-1])
        for key in ("o", "z", "r", "C", "F", "H"):
            await press(rig, key)
            assert "locked: nothing that changes the engine counts; L unlocks" in rig.rows[-1], key
            assert "Cancel" not in rig.text
        assert rig.engine.acts == []
        await press(rig, "L", "o")
        await rig.until(lambda: "acknowledge layer-1" in rig.text)


async def test_a_lock_that_falls_while_a_question_stands_keeps_it_from_being_confirmed(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await press(rig, "o")
        await rig.until(lambda: "acknowledge layer-1" in rig.text)
        rig.app.choice.locked = True
        await press(rig, "y")
        assert rig.engine.acts == []


async def test_an_own_theme_is_put_on_when_it_is_saved_and_a_bad_one_changes_nothing(tmp_path: Path) -> None:
    graphite = (files("themes") / "colors" / "graphite.toml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(graphite, encoding="utf-8")
    async with attached(tmp_path, alarmed(), theme="mine", colors=tmp_path) as rig:
        mine.write_text(graphite.replace("#0b0d11", "#102030"), encoding="utf-8")
        os.utime(mine, (1, 1))
        await rig.until(lambda: "theme mine read again" in rig.rows[-1])
        assert rig.app.scene().theme.value(Role.BG) == "#102030"
        mine.write_text(graphite.replace("#0b0d11", "black"), encoding="utf-8")
        os.utime(mine, (2, 2))
        await rig.until(lambda: "mine.toml: roles.bg must be a color" in rig.rows[-1])
        assert rig.app.scene().theme.value(Role.BG) == "#102030"
