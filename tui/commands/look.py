"""Owns `driftdeck keys` and `driftdeck themes`: the key table in print, and the color themes in their own colors."""

import os
import sys
from typing import Literal

from rich.console import Console
from rich.text import Text

from engine.adapters.paths import user_colors_dir, user_keys_file
from engine.domain.errors import ConfigError
from tui.cockpit import theme
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.ink import Heat, Paint, Ramp, Role
from tui.cockpit.key_names import Context
from tui.cockpit.key_row import Key
from tui.cockpit.keymap import wear
from tui.cockpit.keys import label, rows, table
from tui.cockpit.theme_shelf import ThemeShelf
from tui.cockpit.twins import commands
from tui.commands.output import print_json

SHOWN_RHO = (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9)
SHOWN_DELTA = (-0.4, -0.2, 0.0, 0.2, 0.4)
SHOWN_ROLES = (Role.TEXT, Role.DIM, Role.ACCENT, Role.GAIN, Role.LOSS, Role.WATCH, Role.ALERT_INK, Role.STALE)


def keys(*, as_json: bool) -> None:
    """Print the key table, the trader's own keys in it, a block per context. Raises ConfigError."""
    wear(user_keys_file())
    if as_json:
        print_json([key_document(row) for row in table()])
        return
    print(*key_lines(), sep="\n")


def key_document(row: Key) -> dict[str, object]:
    """Return one row of the table for programs."""
    return {
        "keys": list(row.keys),
        "action": row.action,
        "help": row.help,
        "contexts": list(row.contexts),
        "danger": row.danger,
        "commands": list(commands(row.action)),
    }


def key_lines() -> list[str]:
    """Return the table for a person; `!` marks what changes the engine."""
    lines: list[str] = []
    for context in Context:
        lines += [context.upper(), *(_key_line(row) for row in rows(context)), ""]
    return [
        *lines,
        "! changes the engine: off in --read-only, and deaf for a moment after a page opens",
        "[...] the command of driftdeck that does it without a cockpit",
    ]


def _key_line(row: Key) -> str:
    twins = f"   [{', '.join(commands(row.action))}]" if commands(row.action) else ""
    return f"  {label(row, UNICODE):<9} {'!' if row.danger else ' '} {row.short:<16}{row.help}{twins}"


def key_page() -> str:
    """Return docs/keys.md's generated part: the table in Markdown."""
    lines: list[str] = []
    for context in Context:
        lines += [f"## {str(context).capitalize()}", "", "| key | does | command line | |", "| --- | --- | --- | --- |"]
        lines += [_table_row(row) for row in rows(context)]
        lines.append("")
    return "\n".join(lines)


def _table_row(row: Key) -> str:
    twins = ", ".join(f"`{words}`" for words in commands(row.action))
    return f"| `{' '.join(row.keys)}` | {row.help} | {twins} | {'changes the engine' * row.danger} |"


def themes(*, as_json: bool) -> None:
    """List the color themes, each in its own colors as this terminal can show them."""
    system = theme.system_of(os.environ) if sys.stdout.isatty() else theme.ColorSystem.MONO
    shelf = ThemeShelf(user_colors_dir(), system)
    if as_json:
        print_json([_theme_document(shelf, name) for name in shelf.names()])
        return
    console = Console(color_system=_RICH[system], highlight=False)
    for name in shelf.names():
        try:
            console.print(_preview(shelf.load(name)))
        except ConfigError as error:
            console.print(Text(str(error)))
    console.print(Text(f"this terminal shows {_SAYS[system]}; --theme NAME chooses one"))


def _theme_document(shelf: ThemeShelf, name: str) -> dict[str, object]:
    try:
        return {"name": name, "dark": shelf.load(name).dark, "error": None}
    except ConfigError as error:
        return {"name": name, "dark": None, "error": str(error)}


_RICH: dict[theme.ColorSystem, Literal["standard", "256", "truecolor"] | None] = {
    theme.ColorSystem.TRUE: "truecolor",
    theme.ColorSystem.X256: "256",
    theme.ColorSystem.X16: "standard",
    theme.ColorSystem.MONO: None,
}
_SAYS = {
    theme.ColorSystem.TRUE: "true color",
    theme.ColorSystem.X256: "256 colors",
    theme.ColorSystem.X16: "16 colors",
    theme.ColorSystem.MONO: "no colors",
}


def _preview(shown: theme.Theme) -> Text:
    text = Text(f"{shown.name:<16}")
    for role in SHOWN_ROLES:
        text.append(f" {role.lower().replace('_ink', '')} ", shown.style(Paint(role)))
    text.append("\n" + " " * (4 if shown.flat else 16))  # marks beside the numbers need the room
    for ramp, values in ((Ramp.RHO, SHOWN_RHO), (Ramp.DELTA, SHOWN_DELTA)):
        for value in values:
            level = shown.level(ramp, value)
            glyph = shown.glyph(ramp, level)
            text.append(f"{glyph}{value:+.1f} ", shown.style(Heat(ramp, level)))
        text.append("  ")
    return text
