"""The docs are true: links resolve, commands, targets and config examples are what the program takes."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from engine.adapters.config_file import load_config
from tui.commands.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDED = (
    "README.md",
    "guide.md",
    "runbook.md",
    "remote.md",
    "live.md",
    "notify.md",
    "builder.md",
    "lab.md",
    "stress.md",
)
BASKET = '[[basket]]\nname = "any"\nnotional = 1_000\nassets = ["ETH", "SOL"]\n'


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_of(page: Path) -> str:
    """Return what a page says in code: its fenced blocks and the spans in its sentences."""
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
    spans = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return "\n".join([*fenced, *(" ".join(span.split()) for span in spans)])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_their_options_exist(page: Path) -> None:
    commands = getattr(get_command(app), "commands")  # noqa: B009 - a click group, typed by typer as a command
    named = re.findall(r"(?:^|[\s/(])driftdeck ([a-z][a-z-]+)([^\n#|;&]*)", code_of(page), re.MULTILINE)
    assert named or page.name not in COMMANDED
    for verb, rest in named:
        assert verb in commands, f"driftdeck {verb}"
        below = getattr(commands[verb], "commands", {})  # the verbs of `driftdeck import`
        words = re.findall(r"^ ([a-z-]+)", rest)
        assert not below or not words or words[0] in below, f"driftdeck {verb}{rest}"
        known = {option for command in (commands[verb], *below.values()) for p in command.params for option in p.opts}
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in known, f"driftdeck {verb} {option}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_targets_exist(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:^|[\s(])make ([a-z-]+)", code_of(page), re.MULTILINE)
    assert [name for name in named if name not in targets] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_config_that_is_shown_is_taken(page: Path, tmp_path: Path) -> None:
    for number, shown in enumerate(re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)):
        if "[grid]" in shown:  # a sweep of the lab, no config
            continue
        place = tmp_path / f"{number}.toml"
        named = re.search(r'baskets = \["([^"]+)"\]', shown)  # of another part of the same config
        basket = BASKET.replace("any", named[1]) if named else BASKET
        place.write_text(shown if "[[basket]]" in shown else f"{shown}\n{basket}", encoding="utf-8")
        assert load_config(place).config.baskets
