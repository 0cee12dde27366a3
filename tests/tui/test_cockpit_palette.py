"""The palette: every action by name, run exactly as its key would, and the reason where it cannot be."""

from pathlib import Path

from engine.domain.commands import ApproveProposals, HaltTrading, Shown
from engine.domain.views import Section
from support.cockpit_pilot import Rig, attached
from support.fake_alerts import alarm
from support.fake_engine import MONEY, FakeEngine, propose
from support.fake_scene import FakeScene
from support.gallery import cascade
from tui.cockpit import palette
from tui.cockpit.choice import Page, Palette
from tui.cockpit.key_names import Action, Context
from tui.cockpit.keys import KEYS


def asked(rig: Rig) -> bool:
    return rig.app.choice.note is not None or rig.app.choice.asking is not None


async def typed(rig: Rig, text: str) -> None:
    rig.later()
    await rig.press("colon")
    for char in text:
        await rig.press("space" if char == " " else char)
    rig.later()


async def test_an_action_is_found_by_its_words_and_run(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await typed(rig, "blott")
        assert "orders, fills, positions" in rig.text
        await rig.press("enter")
        assert rig.app.choice.palette is None
        assert rig.app.choice.page is Page.BLOTTER


async def test_what_is_dangerous_still_asks_and_is_deaf_right_after(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        now = rig.app.hands.clock()
        rig.app.hands.clock = lambda: now
        await rig.press("colon", "h", "a", "l", "t", "enter")
        assert not asked(rig)
        await typed(rig, "halt")
        await rig.press("enter")
        assert asked(rig)
        assert not [act for act in rig.engine.acts if isinstance(act, HaltTrading)]


async def test_read_only_is_said_and_a_paste_only_types(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), read_only=True) as rig:
        await typed(rig, "flatten")
        assert "read-only" in rig.text
        await rig.press("enter")
        assert "flatten: read-only" in rig.rows[-1]
        await rig.press("escape", "colon")
        rig.app.hands.paste("approve\n")
        await rig.press("enter")
        assert "approve: read-only" in rig.rows[-1]
        assert rig.app.choice.review is None
        assert rig.engine.acts == []


async def test_a_locked_cockpit_decides_nothing_by_name_either(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("a", "L")
        await typed(rig, "hold")
        await rig.press("enter")
        assert "hold: locked: L unlocks" in rig.rows[-1]
        await rig.press("escape")
        await typed(rig, "lock")
        await rig.press("enter")
        await typed(rig, "hold")
        await rig.press("enter")
        assert asked(rig)


async def test_every_action_of_the_table_is_in_the_palette(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        found = palette.entries(rig.app.scene(), Palette())
        own = {row.action for row in KEYS if row.contexts[0] is Context.PALETTE} | {Action.PALETTE}
        assert {entry.row.action for entry in found} == {row.action for row in KEYS} - own
        here = {entry.row.action for entry in found if entry.here}
        assert here == {row.action for row in KEYS if Context.COCKPIT in row.contexts} - own
        does = set(rig.app.hands._does)
        assert does == {row.action for row in KEYS}


async def test_what_counts_on_another_page_is_gone_to_and_done_there(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await typed(rig, "network")
        assert "→ correlation lab" in rig.text
        await rig.press("enter")
        await rig.until(lambda: "strongest ties" in rig.text)
        await typed(rig, "other estimator")
        await rig.press("enter")
        assert rig.app.choice.page is Page.COCKPIT
        assert rig.app.choice.estimator == "pearson"


async def test_a_decision_is_gone_to_and_left_to_its_own_key_once_the_numbers_are_seen(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("l")
        await typed(rig, "hold")
        assert "→ review" in rig.text
        now = rig.app.hands.clock()
        rig.app.hands.clock = lambda: now
        await rig.press("enter")
        await rig.until(lambda: "▶ PROPOSAL  layer-1" in rig.text)
        assert not asked(rig)
        assert "h hold: it counts here" in rig.rows[-1]
        await rig.press("h")
        assert not asked(rig), "deaf: the review has just come to the front"
        rig.later()
        await rig.press("h")
        assert asked(rig)
        assert rig.engine.acts == []


async def test_without_a_proposal_the_palette_says_that_none_waits(tmp_path: Path) -> None:
    async with attached(tmp_path, FakeEngine(FakeScene())) as rig:
        await typed(rig, "approve")
        await rig.press("enter")
        assert "approve: no proposal waits" in rig.rows[-1]
        assert rig.app.choice.palette is not None


async def test_approving_by_name_asks_and_only_the_other_key_approves_the_pinned_numbers(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("a")
        await typed(rig, "approve")
        now = rig.app.hands.clock()
        rig.app.hands.clock = lambda: now
        await rig.press("enter")
        await rig.until(lambda: "approve layer-1 layer-1.1" in rig.text)
        assert "Exactly the 5 orders of the review" in rig.text
        await rig.press("y")
        assert rig.engine.acts == [], "deaf: the question has just come to the front"
        await rig.press("enter")
        await rig.until(lambda: "▶ PROPOSAL  layer-1" in rig.text)
        await typed(rig, "approve")
        await rig.press("enter")
        rig.later()
        await rig.press("enter")
        assert rig.engine.acts == [], "enter cancels"
        await typed(rig, "approve")
        await rig.press("enter")
        rig.later()
        pinned = rig.app.choice.review.pinned[0] if rig.app.choice.review is not None else None
        await rig.press("y")
        await rig.until(lambda: len(rig.engine.acts) == 1)
        assert pinned is not None
        assert rig.engine.acts == [ApproveProposals(shown=(Shown(id=pinned.id, hash=pinned.hash),))]


async def test_a_barrier_that_falls_while_it_is_asked_keeps_the_approval_in(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("a")
        await typed(rig, "approve")
        await rig.press("enter")
        ident = next(iter(rig.engine.desk.views))
        rig.engine.desk.refusals[ident] = "ETH price is 42 s old"
        rig.engine.touch(*MONEY)
        rig.announce()
        await rig.until(lambda: "42 s old" in str(rig.app.deck.proposals.pending[0].refusal))
        rig.later()
        await rig.press("y")
        await rig.until(lambda: "! ETH price is 42 s old" in rig.text)
        assert rig.engine.acts == []
        await typed(rig, "approve")
        assert "ETH price is 42 s old" in next(row for row in rig.rows if "approve exactly" in row)
        await rig.press("enter")
        assert "approve: ETH price is 42 s old" in rig.rows[-1]
        assert not asked(rig)


async def test_news_never_move_another_action_under_the_mark(tmp_path: Path) -> None:
    engine = FakeEngine(FakeScene(panic=0.9))
    async with attached(tmp_path, engine) as rig:
        await typed(rig, "")
        before = [entry.row.action for entry in palette.entries(rig.app.scene(), Palette())]
        engine.add(*alarm(engine.scene))
        propose(engine)
        engine.touch(Section.ALERTS, *MONEY)
        rig.announce()
        await rig.until(lambda: bool(rig.app.deck.proposals.pending) and bool(rig.app.deck.alerts.standing))
        assert [entry.row.action for entry in palette.entries(rig.app.scene(), Palette())] == before


async def test_what_is_typed_or_asked_has_no_way_and_says_when_it_counts(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await typed(rig, "note keep")
        await rig.press("enter")
        assert "keep: only while a note is typed" in rig.rows[-1]
        assert rig.app.choice.palette is not None


async def test_a_cockpit_that_leaves_is_painted_no_more(tmp_path: Path) -> None:
    """Quitting by name closes the palette, and the plan changes after Textual has stopped to take widgets."""
    async with attached(tmp_path, FakeEngine(FakeScene())) as rig:
        await rig.press("colon")
        assert rig.app._cockpit.replan() is False
        rig.app.exit()
        rig.app.choice.palette = None
        rig.app._cockpit.paint()
        assert rig.app._cockpit.replan() is True, "the moment in which widgets would have been asked for"
