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
    names = ("defi", "gaming")
    engine, stand_in = FakeEngine(FakeScene()), program(folder)
    async with attached(folder, engine, size=size, program=stand_in, read_only=read_only, basket_themes=names) as rig:
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
        await rig.press("2", "d", "d", "d", "3", "e", "e", "e", "v")
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


async def test_older_figures_never_stand_under_the_name_of_prices_that_could_not_be_read(tmp_path: Path) -> None:
    async with labs(tmp_path) as rig:
        for page, sign in (("g", "Largest drawdown"), ("u", "why 1")):
            await rig.press(page)
            await rig.until(lambda sign=sign: sign in rig.text)  # type: ignore[misc]
            await rig.press("f", *"missing.csv", "enter")
            await rig.until(lambda: "! there is no price file at missing.csv" in rig.text)
            assert sign not in rig.text


async def test_a_command_that_fails_says_its_sentence_on_the_page(tmp_path: Path) -> None:
    async with attached(tmp_path, FakeEngine(FakeScene()), program=(*program(tmp_path), "wrong")) as rig:
        await rig.press("s")
        await rig.until(lambda: "! no verb wrong: take another" in rig.text)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_builder_ranks_gives_reasons_and_says_who_is_left_out(tmp_path: Path, size: tuple[int, int]) -> None:
    async with labs(tmp_path, size) as rig:
        await rig.press("u")
        await rig.until(lambda: "why 1" in rig.text)
        await rig.press("j")
        assert {len(row) for row in rig.rows} == {size[0]}
        assert re.search(r"2 ETH SOL AVAX +100\.0% .*97\.6% +\.69 +\.61 +1\.52×", rig.text)
        assert "why 2" in rig.text
        assert "UNI trades least, 135M" in rig.text
        seen = rig.text
        for _ in range(2):
            await rig.press("n")
            seen += rig.text
        assert 'name = "new-basket"' in seen
        assert re.search(r"FTT +no bar for 100 days", seen)
        await rig.press("v")
        await rig.until(lambda: "against it short LINK" in rig.text)
        assert re.search(r"1 UNI AAVE +LINK +\.71 +\+\.12 .* 660", rig.text)
    assert calls(tmp_path)[-1] == "build --json --shape neutral --notional 12000"


async def test_candidates_come_from_a_theme_or_are_typed(tmp_path: Path) -> None:
    async with labs(tmp_path) as rig:
        await rig.press("u", "c")
        await rig.until(lambda: "theme gaming" in rig.text)
        await rig.press("j", "j", "enter")
        await rig.until(lambda: "theme gaming" in rig.text and "why 1" in rig.text)
        await rig.press("slash", *"ETH, SOL", "enter")
        await rig.until(lambda: "basket builder   ETH,SOL" in rig.text and not rig.app.labs.jobs.running)
        asked = [call.partition(" --json ")[2].partition(" --shape")[0] for call in calls(tmp_path)]
        assert asked[-2:] == ["--theme gaming", "--candidates ETH,SOL"]


async def test_a_basket_is_written_after_its_name_and_another_key_and_only_the_one_on_the_screen(
    tmp_path: Path,
) -> None:
    async with labs(tmp_path) as rig:
        await rig.press("u")
        await rig.until(lambda: "why 1" in rig.text)
        rig.later()
        await rig.press("j", "W", *"mine", "enter")
        await rig.until(lambda: "write mine" in rig.text and "This demo's own one" in rig.text)
        await rig.press("enter")
        assert not any("--write" in call for call in calls(tmp_path))
        rig.later()
        await rig.press("W", *"mine", "enter")
        rig.later()
        await rig.press("y")
        await rig.until(lambda: "✓ mine is in the config; a restart of the engine takes it up" in rig.text)
        wanted = "--at 2026-11-27T05:00:00Z --write mine --pick 2 --expect ETH,SOL,AVAX --yes"
        assert calls(tmp_path)[-1].endswith(wanted)


async def test_a_read_only_cockpit_ranks_and_never_writes(tmp_path: Path) -> None:
    async with labs(tmp_path, read_only=True) as rig:
        await rig.press("u", "slash", *"ETH,SOL", "enter")
        await rig.until(lambda: "basket builder   ETH,SOL" in rig.text and "why 1" in rig.text)
        rig.later()
        await rig.press("W")
        assert rig.app.choice.note is None
        assert "read-only" in rig.text


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_backtest_says_first_what_it_means_then_shows_strategies_curves_and_falls(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with labs(tmp_path, size) as rig:
        await rig.press("g")
        await rig.until(lambda: "Largest drawdown: 34.8%" in rig.rows[4])
        seen = rig.text
        for _ in range(4):
            assert {len(row) for row in rig.rows} == {size[0]}
            await rig.press("n")
            seen += rig.text
        assert re.search(r"exposure_matched +▼−32\.6% +34\.8% .*−2\.00 +\.20", seen)
        assert len(re.findall("[\u2801-\u28ff]", seen)) > 50
        assert re.search(r"2022-05-05 00:00 +2022-05-12 06:00 +31\.0% +50\.0%", seen)
        assert re.search(r"2022-03-01 05:00 +4,321 +3 +49,000", seen)
        assert (seen.count(" drawdown  ") > 0) and ("━ driftdeck" in seen)
        await rig.press("f", *"past.csv", "enter")
        await rig.until(lambda: "backtest   past.csv" in rig.text and not rig.app.labs.jobs.running)
    assert calls(tmp_path) == ["backtest --json", "backtest --json --prices past.csv"]


async def test_private_mode_hides_every_amount_on_the_lab_pages(tmp_path: Path) -> None:
    async with labs(tmp_path, (200, 60)) as rig:
        await rig.press("p", "s")
        await rig.until(lambda: "any liquidation" in rig.text)
        seen = rig.text
        await rig.press("u")
        await rig.until(lambda: "why 1" in rig.text)
        seen += rig.text
        await rig.press("g")
        await rig.until(lambda: "Largest drawdown" in rig.text)
        seen += rig.text
        assert not re.search(r"123,456|9,876|12,000|12000|1,200|135M|4,321|49,000", seen)
