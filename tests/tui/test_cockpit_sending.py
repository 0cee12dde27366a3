"""How what is painted leaves: in the same moment, without a frame timer in between."""

import math
import random
from pathlib import Path

import pyte
import pytest
from textual._compositor import CompositorUpdate

from engine.domain.units import MINUTE_MS, Ms
from support.cockpit_pilot import attached
from support.fake_engine import FakeEngine, step
from support.fake_scene import FakeScene
from tui.cockpit.screens.cockpit import CockpitScreen


async def test_what_is_painted_is_on_its_way_to_the_terminal_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with attached(tmp_path, FakeEngine(FakeScene())) as rig:
        screen = rig.app.screen
        assert isinstance(screen, CockpitScreen)
        sent: list[object] = []
        monkeypatch.setattr(rig.app, "_display", lambda _, update: sent.append(update))
        rig.app.deck.market_ms = Ms((rig.app.deck.market_ms or 0) + MINUTE_MS)
        rig.app._tick = (-math.inf, None)
        screen.paint()
        assert len([update for update in sent if update is not None]) == 1, "no frame of Textual was waited for"
        assert not screen._dirty_widgets


@pytest.mark.parametrize("seed", range(4))
async def test_a_terminal_that_got_every_update_shows_what_stands_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Whatever is opened, closed, zoomed or resized while prices move: updates are cut to what changed, and no more."""
    keys = ("tab", "c", "f", "d", "b", "escape", "colon", "m", "i", "s", "w", "e", "v", "l", "slash", "down")
    chance = random.Random(seed)
    async with attached(tmp_path, FakeEngine(FakeScene())) as rig:
        terminal = pyte.Screen(120, 40)
        stream = pyte.Stream(terminal)

        def display(_: object, update: object) -> None:
            if isinstance(update, CompositorUpdate):
                stream.feed(update.render_segments(rig.app.console))

        monkeypatch.setattr(rig.app, "_display", display)
        for number in range(30):
            if number % 10 == 0:
                columns, rows = chance.choice([(120, 40), (80, 24), (160, 45)])
                terminal.resize(rows, columns)
                await rig.pilot.resize_terminal(columns, rows)
            step(rig.engine)
            rig.announce()
            await rig.press(chance.choice(keys))
            await rig.until(lambda: not rig.app.screen._dirty_widgets)
            assert [row.rstrip() for row in terminal.display] == [row.rstrip() for row in rig.rows], number
