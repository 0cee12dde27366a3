"""The fault menu of a drill: what can be broken, what is, and that it is there in a drill and nowhere else."""

from pathlib import Path

import pytest

from engine.domain.errors import NoEngineError, RefusedError
from support.cockpit_pilot import Rig, attached
from support.fake_engine import FakeEngine
from support.fake_exchange import FakeExchange
from support.fake_scene import FakeScene
from support.gallery import cascade
from tui.cockpit.choice import Page
from tui.cockpit.drill import DURATIONS_S, Broken
from tui.cockpit.drill_hands import READ_ONLY
from tui.commands.drill_faults import FAULTS

BOTH = pytest.mark.parametrize("size", [(80, 24), (120, 40)])


async def opened(rig: Rig) -> None:
    await rig.press("D")
    await rig.until(lambda: rig.app.choice.page is Page.FAULTS and "what breaks" in rig.text)


def row_of(rig: Rig, kind: str) -> str:
    return next(row for row in rig.rows if row[1:].lstrip("! ").startswith(f"{kind} "))


@BOTH
async def test_a_fault_is_chosen_with_its_time_broken_counted_and_mended(tmp_path: Path, size: tuple[int, int]) -> None:
    exchange = FakeExchange()
    async with attached(tmp_path, cascade(), size=size, faults=exchange) as rig:
        await opened(rig)
        assert "nothing is broken" in rig.text
        assert "looks the order up until its absence is proven" in rig.text
        await rig.press("j", "e", "e", "d", "enter")
        await rig.until(lambda: "1 in force" in rig.text)
        assert exchange.asked == [("drop-after", 60)]
        assert "drop-after for 60 s: an order is taken and the answer is lost" in rig.text
        shown = row_of(rig, "drop-after").split()
        assert shown[0] == "!"
        assert shown[-2] in ("1:00", "0:59", "0:58", "0:57")
        assert shown[-1] == "3"
        assert "looks the order up and finds it" in rig.text
        await rig.press("c")
        await rig.until(lambda: "nothing is broken" in rig.text)
        assert exchange.mended == 1
        await rig.press("escape")
        assert rig.app.choice.page is Page.COCKPIT


async def test_what_is_broken_stands_in_the_last_row_of_every_other_page(tmp_path: Path) -> None:
    exchange = FakeExchange()
    async with attached(tmp_path, cascade(), faults=exchange) as rig:
        await opened(rig)
        await rig.press("enter")
        await rig.until(lambda: "1 in force" in rig.text)
        await rig.press("b")
        rig.app.choice.notice = None
        await rig.until(lambda: "broken: drop-before 0:" in rig.rows[-1])
        exchange.now.append(Broken(kind="ban", left_s=300.0))
        await rig.until(lambda: "broken: 2 faults" in rig.rows[-1])


@BOTH
async def test_every_fault_can_be_marked_and_its_row_is_seen(tmp_path: Path, size: tuple[int, int]) -> None:
    exchange = FakeExchange()
    async with attached(tmp_path, cascade(), size=size, faults=exchange) as rig:
        await opened(rig)
        for fault in FAULTS:
            assert fault.does in row_of(rig, fault.kind), fault.kind
            assert fault.sees.split()[0] in rig.text
            await rig.press("tab")
        assert rig.app.choice.fault == len(FAULTS)
        await rig.press("shift+tab", *("e",) * len(DURATIONS_S), "enter")
        await rig.until(lambda: bool(exchange.asked))
        assert exchange.asked == [(FAULTS[-1].kind, DURATIONS_S[-1])]


async def test_outside_a_drill_the_key_says_why_it_is_off_and_is_not_offered(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        assert " D drill" not in rig.rows[-1]
        await rig.press("D")
        await rig.until(lambda: "only in a drill: 'driftdeck demo --live-drill' runs one" in rig.rows[-1])
        assert rig.app.choice.page is Page.COCKPIT
        rig.later()
        await rig.press("colon", *"faults")
        assert any("only in a drill" in row for row in rig.rows)


async def test_a_market_that_is_real_is_never_asked_whatever_stands_behind_the_key(tmp_path: Path) -> None:
    exchange = FakeExchange()
    async with attached(tmp_path, FakeEngine(FakeScene(market="real")), faults=exchange) as rig:
        await rig.press("D")
        await rig.until(lambda: "this market is real" in rig.rows[-1])
        rig.app.choice.page = Page.FAULTS  # as if the market had become another one while the page stood there
        await rig.press("enter", "c")
        await rig.until(lambda: "this market is real" in rig.rows[-1])
        assert (exchange.asked, exchange.mended, exchange.looked) == ([], 0, 0)


async def test_who_only_looks_sees_the_faults_and_breaks_nothing(tmp_path: Path) -> None:
    exchange = FakeExchange(now=[Broken(kind="ban", left_s=100.0)])
    async with attached(tmp_path, cascade(), faults=exchange, read_only=True) as rig:
        await opened(rig)
        await rig.until(lambda: "1 in force" in rig.text)
        await rig.press("enter")
        assert READ_ONLY in rig.rows[-1]
        await rig.press("c")
        assert (exchange.asked, exchange.mended) == ([], 0)


@pytest.mark.parametrize("error", [NoEngineError("the exchange does not answer"), RefusedError("MKR is not listed")])
async def test_what_the_exchange_refuses_is_said_in_its_words(tmp_path: Path, error: Exception) -> None:
    exchange = FakeExchange()
    async with attached(tmp_path, cascade(), faults=exchange) as rig:
        await opened(rig)
        exchange.fails = error
        await rig.press("enter")
        await rig.until(lambda: str(error) in rig.rows[-1])
        assert exchange.asked == []
        exchange.fails = None
        await rig.press("c")
        await rig.until(lambda: "every fault is over" in rig.rows[-1])
