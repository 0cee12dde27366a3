"""The palette: every action by name, run exactly as its key would, and the reason where it cannot be."""

from pathlib import Path

import pytest
from typer.main import get_command

from engine.domain.commands import HaltTrading
from support.cockpit_pilot import Rig, attached
from support.gallery import cascade
from tui.cockpit import palette
from tui.cockpit.choice import Page, Palette
from tui.cockpit.key_names import Action, Context
from tui.cockpit.keys import KEYS, Key
from tui.commands.main import app

# What changes the engine has a twin on the command line; what only looks or types needs none.
TWINS = {
    Action.ACKNOWLEDGE: "ack",
    Action.SNOOZE: "snooze",
    Action.APPROVE: "approve",
    Action.HOLD: "hold",
    Action.LATER: "snooze",
    Action.DROP_LEG: "edit",
    Action.SCALE: "edit",
    Action.REBALANCE: "rebalance",
    Action.OPEN: "open",
    Action.CLOSE: "close",
    Action.FLATTEN: "flatten",
    Action.HALT: "halt",
    Action.WRITE: "build",
}
ANSWERS = (Action.CONFIRM, Action.NOTE_KEEP)  # the second key of one of these


DANGEROUS = tuple(row for row in KEYS if row.danger and row.action not in ANSWERS)


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


async def test_read_only_and_elsewhere_are_said_and_a_paste_only_types(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), read_only=True) as rig:
        await typed(rig, "flatten")
        assert "read-only" in rig.text
        await rig.press("enter")
        assert "flatten: not here (read-only)" in rig.rows[-1]
        await rig.press("escape", "colon")
        rig.app.hands.paste("approve\n")
        await rig.press("enter")
        assert "approve: not here (in the review of a proposal)" in rig.rows[-1]
        assert rig.engine.acts == []


async def test_every_action_of_the_table_is_in_the_palette(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        found = palette.entries(rig.app.scene(), Palette(beneath=Context.COCKPIT))
        own = {row.action for row in KEYS if row.contexts[0] is Context.PALETTE} | {Action.PALETTE}
        assert {entry.row.action for entry in found} == {row.action for row in KEYS} - own
        here = {entry.row.action for entry in found if not entry.reason}
        counting = {row.action for row in KEYS if Context.COCKPIT in row.contexts} - own
        assert here == counting - {Action.FAULTS}  # no drill runs here
        does = set(rig.app.hands._does)
        assert does == {row.action for row in KEYS}


@pytest.mark.parametrize("row", DANGEROUS, ids=lambda row: str(row.action))
def test_whatever_changes_the_engine_can_be_done_from_the_command_line(row: Key) -> None:
    commands = getattr(get_command(app), "commands")  # noqa: B009 - a click group, typed by typer as a command
    assert TWINS[row.action] in commands
