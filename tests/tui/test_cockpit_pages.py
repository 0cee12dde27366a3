"""The blotter and the journal: positions and who shares them, orders, fills, equity; facts in words, filtered."""

import re
from pathlib import Path

import pytest

from engine.domain.proposal import ProposalKind
from support.cockpit_pilot import Rig, attached
from support.fake_engine import MONEY, FakeEngine
from support.fake_exchange import FakeExchange
from support.fake_facts import opening
from support.fake_scene import FakeScene
from support.lab_answers import program
from support.some_facts import ACTOR
from tui.cockpit.choice import Page

SIZES = [(80, 24), (120, 40), (200, 60)]


def traded() -> FakeEngine:
    """Return an engine that has closed defi and is closing scaling."""
    engine = FakeEngine(FakeScene(stale=frozenset()))
    engine.add(*opening(engine.scene))
    for name in ("defi", "scaling"):
        drafted = engine.desk.drafter.draft(name, ProposalKind.CLOSE, 0.0)
        engine.add(drafted)
        engine.add(*engine.desk.approved(drafted.proposal, ACTOR))
        for _ in range(4 if name == "defi" else 1):
            engine.execute()
    return engine


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_blotter_shows_positions_orders_fills_and_the_equity_curve(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with attached(tmp_path, traded(), size=size) as rig:
        await rig.press("b")
        await rig.until(lambda: "positions   2 open of 7 orders   5 fills" in rig.text)
        assert {len(row) for row in rig.rows} == {size[0]}
        assert re.search(r"equity +[▁▂▃▄▅▆ ]{20,} +50,\d{3} [▲▼]", rig.text)
        assert re.search(r"ETH +long +1\.434\d* +3,051\.6 +3,012\.4 +4,320 +▼−56", rig.text)
        assert ("layer-1 0.717" in rig.text) is (size[0] > 80)
        seen = rig.text
        for _ in range(8):
            await rig.press("j")
            seen += rig.text
        for part in (
            r"BNB +short +2\.56",
            r"\d\d:\d\d +ARB +sell +7,96\d +0 .*· open +scaling",
            r"\d\d:\d\d +UNI +sell +371\.5 +371\.5 .*✓ filled +defi",
            r"\d\d:\d\d +UNI +sell +371\.5 +5\.81\d\d +2,1\d\d +1\.19 +defi",
        ):
            assert re.search(part, seen), part
        await rig.press("escape")
        await rig.until(lambda: "blotter   " not in rig.rows[3] and "drift feed" in rig.text)


async def test_scrolling_back_takes_as_many_keys_as_the_way_there(tmp_path: Path) -> None:
    async with attached(tmp_path, traded(), size=(80, 24)) as rig:
        await rig.press("b")
        await rig.until(lambda: "open of 7 orders" in rig.text)
        await rig.press(*["j"] * 30)
        end = rig.app.choice.scrolled
        assert 0 < end < 60
        await rig.press(*["k"] * (end // 5 + 1))
        assert rig.app.choice.scrolled == 0


async def test_an_empty_blotter_says_so(tmp_path: Path) -> None:
    async with attached(tmp_path, FakeEngine(FakeScene(planned=True))) as rig:
        await rig.press("b")
        await rig.until(lambda: "nothing is held" in rig.text)
        assert "no orders yet" in rig.text
        assert "no fills yet" in rig.text


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_journal_is_every_fact_in_words_and_the_filter_counts_there(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with attached(tmp_path, traded(), size=size) as rig:
        total = len(rig.app.deck.feed)
        await rig.press("l")
        await rig.until(lambda: f"of {total}   esc back" in rig.text)
        assert {len(row) for row in rig.rows} == {size[0]}
        assert rig.rows[2].endswith("cockpit › journal ")
        assert rig.rows[3].startswith(" journal")
        assert re.search(r"11-08 03:41:07 .*approved by mira on /dev/pts/3", rig.text)
        cut = [row for row in rig.rows[4:-1] if "…" in row]
        assert all(row.rstrip().endswith("…") and len(row.rstrip()) >= size[0] - 2 for row in cut), "to the edge"
        assert cut or size[0] > 80
        await rig.press("slash", *"uni", "enter")
        await rig.until(lambda: f"{total - 2} hidden" in rig.text)
        assert "sell 371.5 UNI about to be sent" in rig.text
        assert "sell 371.5 UNI at 5.8133, fee $1.19" in rig.text
        assert "no older fact holds this text here; older facts: driftdeck journal" in rig.text
        await rig.press("slash", "escape", "l")
        await rig.until(lambda: "drift feed" in rig.text and "hidden  " not in rig.text.split("drift feed")[1][:80])


async def test_the_pages_lead_to_each_other_and_to_the_review(tmp_path: Path) -> None:
    async with attached(tmp_path, traded()) as rig:
        await press_and_see(rig, "b", " blotter")
        await press_and_see(rig, "l", " journal")
        await press_and_see(rig, "b", " blotter")
        rig.engine.add(rig.engine.desk.drafter.draft("gaming", ProposalKind.CLOSE, 0.0))
        rig.engine.touch(*MONEY)
        rig.announce()
        await rig.until(lambda: "a review" in rig.rows[-1])
        await rig.press("a")
        await rig.until(lambda: "▶ PROPOSAL  gaming   close" in rig.text)


PAGE_KEYS = {
    Page.BLOTTER: "b",
    Page.JOURNAL: "l",
    Page.STRESS: "s",
    Page.BUILDER: "u",
    Page.BACKTEST: "g",
    Page.HEALTH: "i",
    Page.MAP: "m",
    Page.FAULTS: "D",
}


async def test_every_page_opens_from_every_page_by_one_key_and_esc_leads_to_the_cockpit(tmp_path: Path) -> None:
    assert set(PAGE_KEYS) == set(Page) - {Page.COCKPIT}
    async with attached(tmp_path, traded(), program=program(tmp_path), faults=FakeExchange()) as rig:
        for start, first in PAGE_KEYS.items():
            for page, key in PAGE_KEYS.items():
                if page is not start:
                    await rig.press(first)
                    assert rig.app.choice.page is start
                    await rig.press(key)
                    assert rig.app.choice.page is page, f"{key} on {start}"
                    await rig.press("escape")
                    assert rig.app.choice.page is Page.COCKPIT


async def test_esc_comes_out_of_a_filter_and_of_a_list_before_it_leaves_the_page(tmp_path: Path) -> None:
    async with attached(tmp_path, traded(), program=program(tmp_path)) as rig:
        await rig.press("l", "slash", *"uni", "enter")
        await rig.until(lambda: "hidden" in rig.rows[3])
        await rig.press("escape")
        await rig.until(lambda: rig.rows[3].startswith(" journal") and "hidden" not in rig.rows[3])
        await rig.press("escape")
        await rig.until(lambda: "drift feed" in rig.text)
        await rig.press("u", "c")
        await rig.until(lambda: "whose assets are the candidates?" in rig.text)
        await rig.press("escape")
        await rig.until(lambda: rig.rows[3].startswith(" basket builder") and "whose assets" not in rig.text)
        await rig.press("escape")
        await rig.until(lambda: "drift feed" in rig.text)


async def press_and_see(rig: Rig, key: str, head: str) -> None:
    """Press a key and wait for the page it leads to."""
    await rig.press(key)
    await rig.until(lambda: rig.rows[3].startswith(head))
