"""How what is painted leaves: in the same moment, without a frame timer in between."""

import math
from pathlib import Path

import pytest

from engine.domain.units import MINUTE_MS, Ms
from support.cockpit_pilot import attached
from support.fake_engine import FakeEngine
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
