"""The docs are true: links resolve, commands exist, the picture is there."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from tui.commands.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


COMMANDED = ("README.md", "guide.md", "runbook.md", "remote.md", "live.md")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [p for p in PAGES if p.name in COMMANDED], ids=name_of)
def test_commands_and_their_options_exist(page: Path) -> None:
    commands = getattr(get_command(app), "commands")  # noqa: B009 - a click group, typed by typer as a command
    named = re.findall(r"driftdeck ([a-z]+)((?: +[^`\n#]*)?)", page.read_text(encoding="utf-8"))
    used = [(verb, option) for verb, rest in named for option in re.findall(r"--[a-z-]+", rest)]
    assert {verb for verb, _ in named if verb in ("demo", "run", "init", "check", "status")}
    for verb, option in used:
        below = getattr(commands[verb], "commands", {})  # the verbs of `driftdeck import`
        known = [p for command in (commands[verb], *below.values()) for p in command.params]
        assert option in {o for p in known for o in p.opts}, f"driftdeck {verb} {option}"
