"""The lab pages on a cockpit without a terminal: what they ask the command line, what they show, and when they stop."""

import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from support.cockpit_pilot import Rig, attached
from support.fake_engine import FakeEngine
from support.fake_scene import FakeScene
from support.lab_answers import calls, program
from tui.cockpit.choice import Page

SIZES = [(80, 24), (120, 40), (200, 60)]


@asynccontextmanager
async def labs(folder: Path, size: tuple[int, int] = (120, 40), *, read_only: bool = False) -> AsyncIterator[Rig]:
    """Attach a cockpit whose lab pages ask the stand-in."""
    async with attached(
        folder, FakeEngine(FakeScene()), size=size, program=program(folder), read_only=read_only
    ) as rig:
        yield rig


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_stress_lab_shows_every_book_every_scenario_and_who_goes_first(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with labs(tmp_path, size) as rig:
        await rig.press("s")
        await rig.until(lambda: "any liquidation" in rig.text)
        assert {len(row) for row in rig.rows} == {size[0]}
        assert re.search(r"account +123,456 .*1\.53× .* – +9,876 .* 1,463 +926", rig.text)
        assert re.search(r"majors-hedged +370,368 .* 29,628 .* 4,389 +−112", rig.text)
        assert (" −98,765 " in rig.text) is (size[0] > 80)
        assert re.search(r"first to go +SOL 9\.4% +ETH 15\.2%", rig.text)
        assert re.search(r"BTC −8% +isolated +loss 1,200 +liquidates SOL at 84%", rig.text)
        assert re.search(r"today +40\.9% +40\.9% +40\.9% +0 +0 +0", rig.text)
        seen = rig.text
        await rig.press("n")
        assert "LUNA" in seen + rig.text
        assert "FTX: not in the stored bars" in seen + rig.text
    asked = calls(tmp_path)
    assert asked[0] == "stress --json --rho 0.95 --shock BTC=-8%"
    assert asked[1] == f"{asked[0]} --lab-of account"


async def test_a_slider_asks_again_once_after_a_pause_and_the_next_book_asks_for_its_odds_only(tmp_path: Path) -> None:
    async with labs(tmp_path) as rig:
        await rig.press("s")
        await rig.until(lambda: "any liquidation" in rig.text)
        await rig.press("2", "d", "d", "d", "3", "i", "i", "i", "m")
        await rig.until(lambda: "BTC −15%" in rig.rows[8] and not rig.app.labs.jobs.running)
        await rig.press("tab")
        await rig.until(lambda: "layer-1" in rig.app.labs.books)
        new = "stress --json --rho 0.95 --leverage 3 --base --shock BTC=-15%"
        assert calls(tmp_path)[2:] == [new, f"{new} --lab-of account", f"{new} --lab-of layer-1"]


async def test_leaving_the_page_ends_what_is_made_and_coming_back_begins_it_anew(tmp_path: Path) -> None:
    slow = (sys.executable, "-c", "import time; time.sleep(60)")
    async with attached(tmp_path, FakeEngine(FakeScene()), program=slow) as rig:
        for _ in range(2):
            await rig.press("s")
            await rig.until(lambda: re.search(r"making scenarios . \d+ s", rig.text) is not None)
            await rig.press("escape")
            assert not rig.app.labs.job(Page.STRESS).running
        await rig.until(lambda: not rig.app.labs.jobs.work)


async def test_a_command_that_fails_says_its_sentence_on_the_page(tmp_path: Path) -> None:
    async with attached(tmp_path, FakeEngine(FakeScene()), program=(*program(tmp_path), "wrong")) as rig:
        await rig.press("s")
        await rig.until(lambda: "! no verb wrong: take another" in rig.text)
