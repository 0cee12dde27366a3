"""The key table walked: every action is done once by its key and once by its name on a running cockpit."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click import Command
from typer.main import get_command

from support.cockpit_pilot import Rig, attached
from support.fake_exchange import FakeExchange
from support.key_walk import WALKS, Behind, Other, Stand, Walk
from support.lab_answers import program
from tui.cockpit import palette
from tui.cockpit.choice import Page, Palette
from tui.cockpit.key_names import PLACES, Action, Context
from tui.cockpit.key_row import Key
from tui.cockpit.keys import KEYS, label
from tui.cockpit.twins import TWINS
from tui.commands.main import app

ROWS = {row.action: row for row in KEYS}
OPENS = {*ROWS[Action.PALETTE].contexts, Context.HELP}  # where the palette can be opened, or leads to
ITSELF = [row for row in KEYS if row.action is Action.PALETTE or Context.PALETTE in row.contexts[:1]]
BY_NAME = [row for row in KEYS if row not in ITSELF and OPENS & set(row.contexts)]
TYPED = [row for row in KEYS if row not in ITSELF and not OPENS & set(row.contexts)]


def named(row: Key) -> str:
    return str(row.action)


@asynccontextmanager
async def standing(folder: Path, walk: Walk) -> AsyncIterator[Stand]:
    """Attach a cockpit as the walk of an action needs it."""
    exchange, behind, seen = FakeExchange(), Behind(), folder / "seen"
    seen.touch()
    async with attached(
        folder,
        walk.engine(),
        size=walk.size,
        program=program(folder),
        state=folder,
        tour_seen=seen,
        basket_themes=("defi", "gaming"),
        faults=exchange,
        backstage=behind,
    ) as rig:
        yield Stand(rig, folder, exchange, behind)


async def pressed(rig: Rig, keys: str) -> None:
    """Press keys one by one, each well after the last change of focus, and let what they began be made."""
    for key in keys.split():
        rig.later()
        await rig.press(key)
        await rig.until(lambda: not rig.app.labs.jobs.running and not rig.app.drill.work)


async def chosen(rig: Rig, row: Key) -> None:
    """Open the palette, type the name of an action and mark it."""
    words = ["space" if char == " " else char for char in row.action.replace("_", " ")]
    rig.later()
    await rig.press("colon", *words)
    for _ in palette.entries(rig.app.scene(), Palette()):
        if marked(rig) is row.action:
            break
        await rig.press("tab")
    assert marked(rig) is row.action
    shown = f" {label(row, rig.app.looks.glyphs):<10}{row.short:<14}"
    assert any(shown in line for line in rig.rows), f"not with its key: {shown!r}\n{rig.text}"
    rig.later()


def marked(rig: Rig) -> Action | None:
    """Return the action that is marked in the palette."""
    scene = rig.app.scene()
    assert scene.choice.palette is not None
    found = palette.marked(scene, scene.choice.palette)
    return found.row.action if found is not None else None


async def became(stand: Stand, walk: Walk, before: object) -> None:
    """Wait until the action has had its effect."""
    if walk.becomes is Other:
        await stand.rig.until(lambda: walk.look(stand) != before)
    else:
        await stand.rig.until(lambda: walk.look(stand) == walk.becomes)


def test_every_action_of_the_table_has_its_walk() -> None:
    assert set(WALKS) == set(ROWS) == set(Action)
    assert len(KEYS) == len(ROWS), "one row an action"


@pytest.mark.parametrize("row", KEYS, ids=named)
async def test_every_action_is_done_by_its_key(tmp_path: Path, row: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = WALKS[row.action]
    async with standing(tmp_path, walk) as stand:
        rig = stand.rig
        if walk.gone:
            monkeypatch.setattr("tui.cockpit.bridge.backoff", lambda _: 3600.0)  # only a key brings it back
            await rig.server.stop()
            await rig.until(lambda: rig.app.deck.frozen)
            await rig.server.start()
        await pressed(rig, walk.to)
        assert rig.app.hands.context() in row.contexts
        await rig.until(lambda: bool(walk.ready(stand)))
        before = walk.look(stand)
        assert before != walk.becomes
        await pressed(rig, f"{row.keys[0]} {walk.then}")
        await became(stand, walk, before)


@pytest.mark.parametrize("row", BY_NAME, ids=named)
async def test_every_action_is_done_by_its_name(tmp_path: Path, row: Key) -> None:
    walk = WALKS[row.action]
    async with standing(tmp_path, walk) as stand:
        rig = stand.rig
        await pressed(rig, walk.to if walk.starts is None else walk.starts)
        await rig.until(lambda: bool(walk.ready(stand)))
        before = walk.look(stand)
        assert before != walk.becomes
        await chosen(rig, row)
        await pressed(rig, f"enter {walk.then if walk.named is None else walk.named}")
        await became(stand, walk, before)


async def test_what_counts_only_while_something_is_typed_or_asked_is_named_with_its_key_and_says_so(
    tmp_path: Path,
) -> None:
    assert {row.action for row in TYPED} >= {Action.CONFIRM, Action.CANCEL, Action.NOTE_KEEP, Action.RETRY}
    async with standing(tmp_path, Walk(look=lambda _: None)) as stand:
        for row in TYPED:
            await chosen(stand.rig, row)
            await stand.rig.press("enter")
            assert f"{row.short}: only {PLACES[row.contexts[0]]}" in stand.rig.rows[-1]
            assert marked(stand.rig) is row.action
            await stand.rig.press("escape")
        assert stand.rig.engine.acts == []


@pytest.mark.parametrize(("action", "words"), [(a, w) for a, ws in TWINS.items() for w in ws], ids=str)
def test_what_the_command_line_does_too_is_a_command_with_these_options(action: Action, words: str) -> None:
    verb, *options = words.split()
    commands: Mapping[str, Command] = getattr(get_command(app), "commands")  # noqa: B009 - typer types its group as one command
    assert verb in commands
    known = {name for option in commands[verb].params for name in option.opts}
    assert set(options) <= known, f"{action}: {words}"


def test_whatever_changes_the_engine_and_every_page_has_its_command() -> None:
    answers = {Action.CONFIRM, Action.NOTE_KEEP}  # the second key of one of these
    changes = {row.action for row in KEYS if row.danger} - answers
    pages = {Action(page.value) for page in Page if page is not Page.COCKPIT}
    assert changes | pages <= set(TWINS)
