"""What a trader starts from the cockpit: open, rebalance with a note, close, flatten, halt; how the books say so."""

import re
from pathlib import Path

import pytest

from engine.domain.commands import (
    ApproveProposals,
    CloseBasket,
    FlattenAccount,
    HaltTrading,
    OpenBasket,
    RebalanceBasket,
    ResumeTrading,
)
from engine.domain.facts import TradingHalted
from engine.domain.units import BasketName
from engine.domain.views import Section
from support.cockpit_pilot import Rig, attached
from support.fake_engine import MONEY, FakeEngine, propose
from support.fake_facts import opening
from support.fake_scene import FakeScene
from support.some_facts import ACTOR

SIZES = [(80, 24), (120, 40), (200, 60)]
LAYER_1 = BasketName("layer-1")


def holding(*, planned: bool = False) -> FakeEngine:
    """Return an engine in a calm market, with or without positions."""
    engine = FakeEngine(FakeScene(planned=planned))
    engine.add(*opening(engine.scene))
    return engine


async def ask(rig: Rig, *keys: str) -> None:
    """Press keys, each well after the last change of focus."""
    for key in keys:
        rig.later()
        await rig.press(key)


def tell(rig: Rig) -> None:
    """Announce that what is about money has moved."""
    rig.engine.touch(*MONEY)
    rig.announce()


async def test_a_flat_basket_is_opened_by_a_draft_that_is_then_reviewed(tmp_path: Path) -> None:
    async with attached(tmp_path, holding(planned=True)) as rig:
        await rig.until(lambda: "O open" in rig.rows[-1] and "r rebalance" not in rig.rows[-1])
        await ask(rig, "r", "C")
        await rig.until(lambda: "layer-1 is flat: O opens it" in rig.rows[-1])
        await ask(rig, "O")
        tell(rig)
        await rig.until(lambda: "▶ PROPOSAL  layer-1   open" in rig.text and "open 10.8k   cost $8.75" in rig.text)
        assert rig.engine.acts == [OpenBasket(basket=LAYER_1)]
        assert "reduce" not in rig.text


async def test_a_rebalance_needs_a_reason_which_becomes_the_proposals(tmp_path: Path) -> None:
    async with attached(tmp_path, holding()) as rig:
        await ask(rig, "O")
        await rig.until(lambda: "layer-1 is open already: r rebalances it" in rig.rows[-1])
        await ask(rig, "r")
        await rig.until(lambda: "Why now? The thesis changed: how?" in rig.text)
        await ask(rig, "enter")
        await rig.until(lambda: "a note is needed" in rig.rows[-1])
        assert rig.engine.acts == []
        rig.app.hands.paste("fees\nfell")
        await ask(rig, "enter")
        await rig.until(lambda: rig.engine.acts == [RebalanceBasket(basket=LAYER_1, note="feesfell")])
        tell(rig)
        await rig.until(lambda: "cause   feesfell" in rig.text)


async def test_closing_drafts_and_only_the_review_trades(tmp_path: Path) -> None:
    async with attached(tmp_path, holding()) as rig:
        await ask(rig, "tab", "C")
        tell(rig)
        await rig.until(lambda: "▶ PROPOSAL  defi   close" in rig.text and "close all   cost $7.00" in rig.text)
        assert rig.engine.acts == [CloseBasket(basket=BasketName("defi"))]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_flattening_is_one_review_of_all_baskets_and_one_approval(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, holding(), size=size) as rig:
        await ask(rig, "F")
        tell(rig)
        await rig.until(lambda: "▶ PROPOSAL  6 baskets" in rig.text)
        assert {len(row) for row in rig.rows} == {size[0]}
        for name in rig.engine.scene.legs:
            assert re.search(rf"{name} +close all +\d +[\d,]+ +[\d.]+k → 0", rig.text), name
        assert re.search(r"together +24 +51,8\d\d +51\.8k → 0 +\$42\.\d\d", rig.text)
        await ask(rig, "h", "d")
        await rig.until(lambda: "these are decided together" in rig.rows[-1])
        await ask(rig, "y")
        await rig.until(lambda: len(rig.engine.acts) == 2)
        first, second = rig.engine.acts
        assert first == FlattenAccount()
        assert isinstance(second, ApproveProposals)
        assert [one.id.rpartition(".")[0] for one in second.shown] == list(rig.engine.scene.legs)
        tell(rig)
        await rig.until(lambda: "▶ EXECUTION  6 baskets" in rig.text and "0 of 24 orders over" in rig.text)


async def test_halting_is_asked_first_and_said_on_every_page_until_resumed(tmp_path: Path) -> None:
    async with attached(tmp_path, holding()) as rig:
        await ask(rig, "H")
        await rig.until(lambda: "◆ halt trading" in rig.text and "press  y  to halt" in rig.text)
        assert rig.engine.acts == []
        await ask(rig, "y")
        tell(rig)
        await rig.until(lambda: "! HALTED" in rig.rows[0] and "TRADING IS HALTED: no order leaves" in rig.rows[1])
        for key in ("b", "l"):
            await ask(rig, key)
            await rig.until(lambda: "! HALTED" in rig.rows[0] and "esc back" in rig.rows[3])
        await ask(rig, "H", "y")
        await rig.until(lambda: rig.engine.acts == [HaltTrading(), ResumeTrading()])
        tell(rig)
        await rig.until(lambda: "HALTED" not in rig.rows[0])


async def test_a_halt_is_amber_never_red_and_survives_the_narrowest_status_line(tmp_path: Path) -> None:
    engine = holding()
    engine.add(TradingHalted(at=engine.scene.market_ms, note="venue acts up", actor=ACTOR))
    async with attached(tmp_path, engine, size=(80, 24)) as rig:
        await rig.until(lambda: "! HALTED" in rig.rows[0])
        ink = next(segment for segment in rig.app.shown()[0] if "HALTED" in segment.text).style
        assert ink is not None
        assert ink.color is not None
        assert ink.color.name == "#ffb01f"


async def test_read_only_keys_draft_nothing(tmp_path: Path) -> None:
    async with attached(tmp_path, holding(), read_only=True) as rig:
        for key in ("r", "C", "F", "H", "O"):
            await ask(rig, key)
            await rig.until(lambda: "read-only: attach without --read-only to do that" in rig.rows[-1])
        assert rig.engine.acts == []


async def test_a_refused_draft_says_why(tmp_path: Path) -> None:
    async with attached(tmp_path, holding()) as rig:
        rig.engine.desk.closed = "SOL has no price"
        await ask(rig, "C")
        await rig.until(lambda: "! layer-1: SOL has no price" in rig.rows[-1])


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_waiting_proposal_is_the_sentence_on_row_one_and_the_strip_of_its_card(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    engine = holding()
    engine.scene.panic = 0.9
    propose(engine)
    async with attached(tmp_path, engine, size=size) as rig:
        assert rig.rows[1].startswith(" ▶ ")
        assert "layer-1  cut gross 65 %" in rig.rows[1]
        assert ("a opens it" in rig.rows[1]) is (size[0] > 80)
        assert "…" not in rig.rows[1]
        if size[0] > 80:
            strip = next(row for row in rig.rows if "▶ PROPOSAL 29m" in row or "▶ PROPOSAL 30m" in row)
            assert strip[1:].startswith("layer-1 long ▼−258")  # the first cell marks the focus
        assert re.search(r"▶ (PROPOSAL  )? *layer-1 +cut gross 65 %, cost \$5\.69, loss at", rig.text)
        assert re.search(r"(29|30)m left", rig.text)


async def test_a_hedge_left_off_neutral_is_said_with_what_mends_it(tmp_path: Path) -> None:
    engine = holding()
    engine.scene.flags["majors-hedged"] = "hedge off neutral by 12 %: sell 0.3 BNB mends it"
    async with attached(tmp_path, engine) as rig:
        assert rig.rows[1].startswith(" ! majors-hedged  hedge off neutral by 12 %: sell 0.3 BNB mends it")
        assert "! hedge off neutral by 12 %: sell 0…" in rig.text
        engine.scene.flags.clear()
        engine.touch(Section.BOOKS)
        rig.announce()
        await rig.until(lambda: "neutral" not in rig.text)


async def test_profit_and_loss_carry_sign_and_arrow_on_cards_list_and_book(tmp_path: Path) -> None:
    async with attached(tmp_path, holding(), size=(200, 60)) as rig:
        assert "layer-1 long ▲+43" in rig.text
        book = next(row for row in rig.rows if " all " in row and "51.8k" in row)
        assert "▲+207" in book
    (tmp_path / "small").mkdir()
    async with attached(tmp_path / "small", holding(), size=(80, 24)) as rig:
        assert re.search(r"· defi +8\.6k +▲\+35 +[+−]\.\d\d", rig.text)
        assert re.search(r" total +~51\.8k +▲\+207", rig.text)
