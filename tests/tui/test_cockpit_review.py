"""A proposal is judged and decided in the cockpit: pinned numbers, another key that confirms, reasons where not."""

import dataclasses
import re
from pathlib import Path

import pytest

from engine.domain.commands import ApproveProposals, EditProposal, HoldProposal, Shown, SnoozeProposal
from engine.domain.facts import TradingHalted
from engine.domain.proposal import ProposalState
from engine.domain.units import HOUR_MS, Asset, BasketName
from engine.domain.views import BasketState
from support.cockpit_pilot import Rig, attached
from support.fake_alerts import alarm
from support.fake_engine import MONEY, FakeEngine, propose
from support.fake_facts import opening, watches
from support.fake_scene import FakeScene
from support.some_facts import ACTOR
from tui.cockpit.theme import ColorSystem

SIZES = [(80, 24), (120, 40), (200, 60)]


def proposing() -> FakeEngine:
    """Return an engine with alerts in layer-1 and defi, and a proposal for layer-1."""
    scene = FakeScene(panic=0.9)
    engine = FakeEngine(scene)
    engine.add(*opening(scene), *watches(scene), *alarm(scene))
    propose(engine)
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


def shown(engine: FakeEngine, ident: str = "layer-1.1") -> Shown:
    """Return a proposal of the engine as a decision names it."""
    proposal = next(view.proposal for view in engine.desk.views.values() if view.proposal.id == ident)
    return Shown(id=proposal.id, hash=proposal.hash)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_review_says_what_is_cut_what_it_costs_and_what_the_stress_loss_becomes(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with attached(tmp_path, proposing(), size=size) as rig:
        await ask(rig, "a")
        await rig.until(lambda: "▶ PROPOSAL  layer-1" in rig.text)
        assert {len(row) for row in rig.rows} == {size[0]}
        strip = next(row for row in rig.rows if "▶ PROPOSAL  layer-1" in row)
        assert " PAPER " in strip
        assert " SIM " in strip
        for part in (
            r"cut gross 65 %   cost \$5\.69   loss at ρ \.95 1\.4k→4\d\d +\d\d:\d\d left",
            r"ETH +reduce sell +0\.466 +3,012\.4 +1,404 +\.18 → \.06 +0\.77",
            r"cost \$5\.69  8\.1 bps  12 % of a year's cost +7,02\d +3\.86",
            r"loss at ρ \.95 +1\.4k +→ +4\d\d +▼ −65% +6\.6k +→ +5\.7k +▼ −14%",
            r"hidden leverage +1\.84× +→ +1\.91× +▲ \+4% +2\.93× +→ +2\.71×",
            r" Cancel esc  .* press  y  to approve 5 orders",
        ):
            assert re.search(part, rig.text), part
        if size[0] > 80:
            assert re.search(r"factor of the base +\.90 +→ +\.3[12] +equal risk +\.44", rig.text)
            assert "carry a day" in rig.text
        assert rig.engine.acts == []


async def test_what_80x24_cannot_hold_stands_whole_on_the_next_page(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing(), size=(80, 24)) as rig:
        await ask(rig, "a")
        await rig.until(lambda: "page 1 of 2   n turns" in rig.text)
        first = rig.text
        await ask(rig, "n")
        await rig.until(lambda: "page 2 of 2   n turns" in rig.text)
        for name in ("nearest liquidation", "effective bets", "carry a day", "factor of the base"):
            assert name not in first
            assert name in rig.text
        assert "cut gross 65 %" in rig.text
        assert "press  y  to approve" in rig.text


async def test_another_key_approves_exactly_the_numbers_on_the_screen_and_the_legs_fill_below(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a", "a", "enter", "a", "y")
        await rig.until(lambda: len(rig.engine.acts) == 1)
        assert rig.engine.acts == [ApproveProposals(shown=(shown(rig.engine),))]
        tell(rig)
        await rig.until(lambda: "▶ EXECUTION  layer-1" in rig.text and "0 of 5 orders over" in rig.text)
        rig.engine.execute()
        rig.engine.execute()
        rig.announce()
        await rig.until(lambda: "2 of 5 orders over" in rig.text)
        assert re.search(r"ETH +sell +0\.466 +0\.466 +3,012\.4 +3,012\.0 +\+1\.2 +✓ filled", rig.text)
        assert re.search(r"APT +sell +575\.2 +0 +2\.4410 +– +– +· open", rig.text)
        for _ in range(3):
            rig.engine.execute()
        rig.announce()
        await rig.until(lambda: "done   5 of 5 orders over" in rig.text)
        await ask(rig, "escape")
        await rig.until(lambda: "Close esc" not in rig.text and "executed   layer-1.1" in rig.text)
        assert "gross  3.8k" in rig.text
        assert "5 fills, $7,02" in rig.text


@pytest.mark.parametrize("way_out", ["enter", "escape"])
async def test_enter_and_escape_decide_nothing(tmp_path: Path, way_out: str) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a")
        await rig.until(lambda: "Cancel esc" in rig.text)
        await ask(rig, way_out)
        await rig.until(lambda: "Cancel esc" not in rig.text)
        await ask(rig, "y", "h", "d", "5")
        assert rig.engine.acts == []


async def test_keys_in_the_moment_of_opening_and_pastes_decide_nothing(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing()) as rig:
        at = 100.0
        rig.app.hands.clock = lambda: at
        await rig.press("a", "y", "h", "z")
        at += 0.29
        await rig.press("y")
        assert rig.app.choice.note is None
        rig.app.hands.paste("y\ny")
        at += 0.29
        await rig.press("y")
        assert rig.engine.acts == []
        at += 0.02
        await rig.press("y")
        await rig.until(lambda: len(rig.engine.acts) == 1)


async def test_a_newer_quote_never_swaps_the_numbers_under_the_hand(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a")
        await rig.until(lambda: "cut gross 65 %" in rig.text)
        rig.engine.add(rig.engine.desk.requote(shown(rig.engine).id))
        tell(rig)
        await rig.until(lambda: "! re-quoted: prices moved; a shows the new numbers" in rig.text)
        assert "cut gross 65 %   cost $5.69" in rig.text
        assert "y is off" in rig.text
        await ask(rig, "y")
        assert rig.engine.acts == []
        await ask(rig, "a")
        await rig.until(lambda: "cut gross 69 %" in rig.text and "layer-1.2" in rig.text)
        await ask(rig, "y")
        await rig.until(lambda: rig.engine.acts == [ApproveProposals(shown=(shown(rig.engine, "layer-1.2"),))])


async def test_prices_that_moved_are_quoted_anew_by_one_key_and_still_need_the_other(tmp_path: Path) -> None:
    engine = proposing()
    engine.desk.refusals[shown(engine).id] = "ETH is at 3,100, outside of 2,990 to 3,020 that the proposal allows"
    async with attached(tmp_path, engine) as rig:
        await ask(rig, "a")
        await rig.until(lambda: "a asks for fresh numbers" in rig.text)
        assert "y is off" in rig.text
        await ask(rig, "a")
        await rig.until(lambda: rig.engine.acts == [EditProposal(id=shown(rig.engine, "layer-1.1").id)])
        tell(rig)
        await rig.until(lambda: "layer-1.2" in rig.text and "y is off" not in rig.text)
        await ask(rig, "y")
        await rig.until(lambda: rig.engine.acts[1:] == [ApproveProposals(shown=(shown(rig.engine, "layer-1.2"),))])


async def test_a_refused_approval_says_why_and_a_shows_the_fresh_quote(tmp_path: Path) -> None:
    engine = proposing()
    engine.desk.stale = "ETH price left its band"
    async with attached(tmp_path, engine) as rig:
        await ask(rig, "a", "y")
        tell(rig)
        await rig.until(lambda: "! refused: ETH price left its band; layer-1.2 has the prices of now" in rig.text)
        await rig.until(lambda: "a shows the new numbers" in rig.text)
        assert "cut gross 65 %   cost $5.69" in rig.text
        await ask(rig, "a")
        await rig.until(lambda: "refused" not in rig.text and "press  y  to approve" in rig.text)


async def test_why_a_proposal_cannot_be_approved_stands_in_place_of_the_key(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a")
        rig.engine.desk.refusals[shown(rig.engine).id] = "ETH price is 42 s old"
        tell(rig)
        await rig.until(lambda: "! ETH price is 42 s old" in rig.text and "y is off" in rig.text)
        rig.engine.desk.refusals.clear()
        rig.engine.add(TradingHalted(at=rig.engine.scene.market_ms, note="lunch", actor=ACTOR))
        tell(rig)
        await rig.until(lambda: "! trading is halted: lunch" in rig.text)
        assert "! HALTED" in rig.rows[0]
        await ask(rig, "y")
        assert rig.engine.acts == []


async def test_read_only_may_look_and_is_told_why_it_cannot_decide(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing(), read_only=True) as rig:
        await ask(rig, "a")
        await rig.until(lambda: "! read-only: attach without --read-only to decide" in rig.text)
        assert "hold" not in rig.text.split("Cancel esc")[1]
        await ask(rig, "y", "h", "z", "d", "5")
        assert rig.engine.acts == []


async def test_what_somebody_else_decided_is_said(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a")
        ident = shown(rig.engine).id
        view = rig.engine.desk.views[ident]
        rig.engine.desk.views[ident] = dataclasses.replace(view, state=ProposalState.HELD, decided_by="mira")
        tell(rig)
        await rig.until(lambda: "! held by mira" in rig.text)


@pytest.mark.parametrize(("note", "typed"), [("", ()), ("not today", "not today")])
async def test_hold_asks_for_a_note_that_may_be_empty(tmp_path: Path, note: str, typed: tuple[str, ...] | str) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a", "h")
        await rig.until(lambda: "◆ hold layer-1" in rig.text)
        await rig.press(*("space" if char == " " else char for char in typed), "x", "backspace")
        await ask(rig, "enter")
        await rig.until(lambda: rig.engine.acts == [HoldProposal(id=shown(rig.engine).id, note=note)])
        tell(rig)
        await rig.until(lambda: "✓ layer-1 held" in rig.rows[-1] and "Cancel esc" not in rig.text)


async def test_escape_drops_the_note_and_the_review_is_still_there(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a", "h", "q", "y")
        await rig.until(lambda: " qy_" in rig.text)
        await ask(rig, "escape")
        await rig.until(lambda: "press  y  to approve" in rig.text)
        assert rig.engine.acts == []


async def test_z_snoozes_for_four_hours_and_closes(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a", "z")
        await rig.until(lambda: rig.engine.acts == [SnoozeProposal(id=shown(rig.engine).id, for_ms=4 * HOUR_MS)])
        await rig.until(lambda: "✓ layer-1 snoozed for 4 h" in rig.rows[-1])


async def test_dropping_a_leg_and_scaling_draft_a_new_proposal_that_still_needs_its_own_key(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a", "tab", "tab")
        await rig.until(lambda: "▌AVAX" in rig.text and "drop AVAX" in rig.text)
        await ask(rig, "d")
        tell(rig)
        await rig.until(lambda: "layer-1.2" in rig.text and "to approve 4 orders" in rig.text)
        await ask(rig, "5")
        tell(rig)
        await rig.until(lambda: "layer-1.3" in rig.text)
        assert rig.engine.acts == [
            EditProposal(id=shown(rig.engine, "layer-1.1").id, drop=(Asset("AVAX"),)),
            EditProposal(id=shown(rig.engine, "layer-1.2").id, scale=0.5),
        ]
        assert rig.engine.desk.views[shown(rig.engine, "layer-1.3").id].state is ProposalState.PENDING


async def test_a_review_outlives_a_lost_engine_but_decides_nothing_meanwhile(tmp_path: Path) -> None:
    async with attached(tmp_path, proposing()) as rig:
        await ask(rig, "a")
        await rig.until(lambda: "press  y  to approve" in rig.text)
        await rig.server.stop()
        await rig.until(lambda: "ENGINE GONE" in rig.text)
        await ask(rig, "y")
        assert rig.engine.acts == []
        assert "to approve" not in rig.text


async def test_a_basket_without_a_proposal_opens_the_most_urgent_one_and_none_says_so(tmp_path: Path) -> None:
    engine = proposing()
    async with attached(tmp_path, engine) as rig:
        await ask(rig, "tab", "tab", "a")
        await rig.until(lambda: "▶ PROPOSAL  layer-1" in rig.text)
        await ask(rig, "escape")
        engine.desk.views.clear()
        engine.scene.states[BasketName("layer-1")] = BasketState.OK
        tell(rig)
        await rig.until(lambda: "a review" not in rig.rows[-1])
        await ask(rig, "a")
        await rig.until(lambda: "no proposal waits" in rig.rows[-1])


@pytest.mark.parametrize("system", list(ColorSystem))
async def test_the_review_is_readable_in_every_color_system(tmp_path: Path, system: ColorSystem) -> None:
    async with attached(tmp_path, proposing(), system=system) as rig:
        await ask(rig, "a")
        await rig.until(lambda: "press  y  to approve 5 orders" in rig.text)
        assert {len(row) for row in rig.rows} == {120}
