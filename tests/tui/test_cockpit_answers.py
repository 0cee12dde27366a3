"""What a person does about alerts: asks, confirms with another key, is refused with a reason; detail, filter, help."""

import re
from pathlib import Path

import pytest

from engine.domain.commands import AcknowledgeAlert, SnoozeAlert
from engine.domain.events import AlertCleared
from engine.domain.units import HOUR_MS, MINUTE_MS
from engine.domain.views import Section
from support.cockpit_pilot import Rig, attached
from support.fake_alerts import alarm, ident
from support.fake_engine import FakeEngine
from support.fake_facts import opening, watches
from support.fake_scene import FakeScene
from tui.cockpit.theme import ColorSystem

SIZES = [(80, 24), (120, 40), (200, 60)]


def alarmed() -> FakeEngine:
    """Return an engine with alerts in layer-1 and defi."""
    scene = FakeScene(panic=0.9)
    engine = FakeEngine(scene)
    engine.add(*opening(scene), *watches(scene), *alarm(scene))
    return engine


async def ask(rig: Rig, *keys: str) -> None:
    """Press keys, each well after the last change of focus."""
    for key in keys:
        rig.later()
        await rig.press(key)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_o_asks_and_y_acknowledges_the_selected_baskets_alert(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, alarmed(), size=size) as rig:
        await ask(rig, "tab", "o")
        await rig.until(lambda: "◆ acknowledge defi" in rig.text)
        assert " Cancel esc " in rig.text
        assert " y  to acknowledge" in rig.text
        assert "PAPER" in next(row for row in rig.rows if "◆ acknowledge defi" in row)
        assert {len(row) for row in rig.rows} == {size[0]}
        assert rig.engine.acts == []
        await ask(rig, "y")
        await rig.until(lambda: "✓ defi acknowledged" in rig.rows[-1])
        assert rig.engine.acts == [AcknowledgeAlert(id=ident("defi"))]
        rig.announce()
        await rig.until(lambda: "seen by cockpit" in rig.text)


async def test_z_and_y_snooze_for_four_hours_of_market_time(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await ask(rig, "z")
        await rig.until(lambda: "No ringing from this cause for 4 h of market time (until 07:41)." in rig.text)
        await ask(rig, "y")
        await rig.until(lambda: "layer-1 snoozed" in rig.rows[-1])
        assert rig.engine.acts == [SnoozeAlert(id=ident("layer-1"), for_ms=4 * HOUR_MS)]


@pytest.mark.parametrize("way_out", ["enter", "escape"])
async def test_enter_and_escape_cancel(tmp_path: Path, way_out: str) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await ask(rig, "z")
        await rig.until(lambda: "Cancel has the focus" in rig.text)
        await ask(rig, way_out)
        await rig.until(lambda: "Cancel has the focus" not in rig.text)
        await ask(rig, "y")
        assert rig.engine.acts == []
        assert "layer-1" in rig.rows[3]


async def test_the_opening_key_and_any_other_confirm_nothing(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await ask(rig, "o", "o", "z", "q", "a", "space", "tab")
        await rig.until(lambda: "◆ acknowledge layer-1" in rig.text)
        assert rig.engine.acts == []
        assert rig.app.is_running


async def test_a_key_within_300_ms_of_the_question_or_of_a_focus_change_is_not_heard(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        now = 1000.0
        rig.app.hands.clock = lambda: now
        await rig.press("z")
        now += 0.29
        await rig.press("y")
        assert "◆ snooze layer-1" in rig.text
        now += 5
        rig.app.hands.focus_changed()
        now += 0.2
        await rig.press("y")
        assert rig.engine.acts == []
        now += 0.11
        await rig.press("y")
        await rig.until(lambda: len(rig.engine.acts) == 1)


async def test_a_paste_never_decides(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        rig.later()
        rig.app.hands.paste("zy")
        await rig.press("z", "y")  # a paste without brackets: keys at once
        assert rig.engine.acts == []


@pytest.mark.parametrize("key", ["o", "z"])
async def test_read_only_refuses_and_says_so(tmp_path: Path, key: str) -> None:
    async with attached(tmp_path, alarmed(), read_only=True) as rig:
        assert "read-only" in rig.rows[-1]
        assert "snooze" not in rig.rows[-1]
        await ask(rig, key)
        await rig.until(lambda: "! read-only: attach without --read-only to do that" in rig.rows[-1])
        await ask(rig, "y")
        assert rig.engine.acts == []
        assert "Cancel" not in rig.text


async def test_the_engines_refusal_is_a_line_with_its_reason(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await ask(rig, "o")
        rig.engine.board.standing.clear()  # it ended meanwhile
        await ask(rig, "y")
        await rig.until(lambda: "! layer-1: no alert 'layer-1.20221108T0300' stands" in rig.rows[-1])
        assert len(rig.engine.acts) == 1


async def test_without_an_alert_the_keys_say_so_and_do_nothing(tmp_path: Path) -> None:
    async with attached(tmp_path, FakeEngine(FakeScene())) as rig:
        assert "snooze" not in rig.rows[-1]
        for key in ("o", "z", "enter"):
            await ask(rig, key)
            await rig.until(lambda: "no alert stands" in rig.rows[-1])
            rig.app.choice.notice = None
        assert rig.engine.acts == []


async def test_a_question_is_gone_when_the_engine_is_and_where_it_could_not_be_read(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await ask(rig, "o")
        await rig.pilot.resize_terminal(70, 20)
        await rig.until(lambda: rig.app.choice.asking is None)
        await rig.pilot.resize_terminal(120, 40)
        await rig.until(lambda: "◆ ALERT" in rig.text)
        await ask(rig, "o")
        await rig.until(lambda: "Cancel" in rig.text)
        await rig.server.stop()
        await rig.until(lambda: "ENGINE GONE" in rig.text)
        assert "Cancel" not in rig.text
        await ask(rig, "y")
        assert rig.engine.acts == []


@pytest.mark.parametrize("system", list(ColorSystem))
async def test_behind_a_question_everything_but_status_and_keys_is_veiled(tmp_path: Path, system: ColorSystem) -> None:
    async with attached(tmp_path, alarmed(), system=system) as rig:
        before = list(rig.app.shown())
        await ask(rig, "o")
        await rig.until(lambda: "Cancel" in rig.text)
        after = rig.app.shown()
        assert after[0].text == before[0].text
        first = next(segment for segment in after[1] if segment.text.strip())
        assert first.style is not None
        assert not first.style.reverse
        if system is ColorSystem.TRUE:
            assert first.style.bgcolor is not None
            assert first.style.bgcolor.name != "#ffb01f"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_enter_shows_the_evidence_and_two_courses_and_escape_leaves(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with attached(tmp_path, alarmed(), size=size) as rig:
        await rig.press("enter")
        await rig.until(lambda: "layer-1 shift" in rig.text and "+.40" in rig.text)
        assert {len(row) for row in rig.rows} == {size[0]}
        assert rig.rows[2].endswith("cockpit › layer-1 › alert ")
        assert rig.rows[3].startswith(" ◆ ALERT 12m  layer-1 ")
        assert rig.rows[3].endswith("since 2022-11-08 03:29   not seen yet ")
        for part in (
            r"says +moving together",
            r"means +threatens one-sided books, as this long-only one",
            r"mean ρ \.75→\.9\d  Δ [+]\.1\d   shift [+]\.5\d   z 3\.1   n 717",
            r"begins past \.40, ends under \.24",
            r"[−]\.40|[+]\.24",
        ):
            assert re.search(part, rig.text), part
        moves = rig.engine.scene.moves("layer-1")[:3]
        assert all(f"{move.first}·{move.second} " in rig.text for move in moves)
        assert sum("\u2801" <= char <= "\u28ff" for char in rig.text) > 60  # braille
        assert rig.text.count("now") >= 2
        await rig.press("escape")
        await rig.until(lambda: "drift feed" in rig.text)


async def test_tab_turns_to_the_next_alert_and_one_that_ends_says_how_long_it_stood(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await rig.press("enter", "tab")
        await rig.until(lambda: rig.rows[3].startswith(" ◆ ALERT 1m  defi"))
        await rig.until(lambda: "defi shift" in rig.text)
        now = rig.engine.scene.market_ms
        rig.engine.add(AlertCleared(at=now, id=ident("defi"), lasted_ms=MINUTE_MS, shift=0.1))
        rig.engine.touch(Section.ALERTS)
        rig.announce()
        await rig.until(lambda: rig.rows[3].startswith(" ✓ CLEAR  defi"))
        assert "over after 1 m" in rig.rows[3]
        await ask(rig, "o")
        await rig.until(lambda: "no alert stands" in rig.rows[-1])
        await rig.press("shift+tab")
        await rig.until(lambda: "layer-1" in rig.rows[3])


async def test_an_alert_can_be_answered_from_its_detail(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await ask(rig, "enter", "z", "y")
        await rig.until(lambda: len(rig.engine.acts) == 1)
        rig.announce()
        await rig.until(lambda: "snoozed until 07:41" in rig.rows[3])
        assert rig.engine.acts == [SnoozeAlert(id=ident("layer-1"), for_ms=4 * HOUR_MS)]


async def test_a_basket_without_an_alert_opens_the_most_urgent_one(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await rig.press("tab", "tab", "tab", "enter")
        await rig.until(lambda: " ◆ ALERT 12m  layer-1" in rig.rows[3])
        assert rig.app.scene().scope == "payments"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_filter_hides_rows_says_how_many_and_escape_clears(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, alarmed(), size=size) as rig:
        total = len(rig.app.deck.feed)
        await rig.press("slash", *"DEFI")
        await rig.until(lambda: "/DEFI_" in rig.text)
        top = next(y for y, row in enumerate(rig.rows) if row.startswith(" drift feed"))
        shown = [row for row in rig.rows[top + 1 : -1] if re.match(r"[ ▌]\d\d:\d\d", row)]
        assert shown
        assert all("defi" in row for row in shown)
        assert f"{total - len(shown)} hidden" in rig.rows[top]
        await rig.press("backspace", "backspace", "backspace", "backspace", *"vol")
        await rig.until(lambda: "/vol_" in rig.text and "1-h volatility" in rig.text)
        await rig.press("q")  # text, not quit
        await rig.until(lambda: "/volq_" in rig.text)
        assert "no fact holds this text" in rig.text
        await rig.press("backspace", "enter")
        await rig.until(lambda: "/vol " in rig.text and "basket" in rig.rows[-1])
        assert "esc back" in rig.rows[-1] or size[0] < 200
        await rig.press("escape")
        await rig.until(lambda: "/vol" not in rig.text)


async def test_the_help_of_a_low_terminal_has_pages(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed(), size=(80, 24)) as rig:
        await rig.press("question_mark")
        await rig.until(lambda: "page 1 of " in rig.rows[0] and "tab turns" in rig.rows[0])
        first, pages = rig.text, int(rig.rows[0].split("page 1 of ")[1].split()[0])
        await rig.press(*["tab"] * (pages - 1))
        await rig.until(lambda: f"page {pages} of {pages}" in rig.rows[0])
        assert "undefined" in rig.text
        assert rig.text != first
        await rig.press("tab", "escape")
        await rig.until(lambda: "layer-1" in rig.text)
