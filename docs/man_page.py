"""Owns the manual page: made from the command line itself, so that it cannot say anything else than --help does."""

import re
from typing import Any

import typer
from typer.core import TyperGroup

from engine import __version__
from tui.commands.main import app

FILES = (
    ("config.toml", "the config, in the platform's config folder or where --config or DRIFTDECK_CONFIG says"),
    ("notify.urls", "addresses of messages, beside the config, mode 0600"),
    ("keys.json", "encrypted keys of venues, beside the config, mode 0600"),
    ("themes/baskets, themes/colors", "themes of your own, beside the config"),
    ("journal.db, bars.db, engine.log, exports/", "in the state directory, mode 0700: --state or DRIFTDECK_STATE"),
)
ENVIRONMENT = (
    ("DRIFTDECK_CONFIG, DRIFTDECK_STATE", "the config file and the state directory"),
    ("DRIFTDECK_NOTIFY, DRIFTDECK_HEARTBEAT", "addresses of messages and of the heartbeat"),
    ("DRIFTDECK_<VENUE>_KEY, _SECRET, _PASSPHRASE", "a venue's key"),
    ("DRIFTDECK_KEYS_PASSPHRASE", "opens the encrypted file of keys"),
    ("DRIFTDECK_THEME, _RED_UP, _PRIVATE, _NOTICES", "how the cockpit looks, for every start"),
    ("NO_COLOR, COLORTERM, TERM, LC_CTYPE", "what the terminal can show"),
)
EXITS = (
    ("0", "done"),
    ("1", "refused, or a check failed"),
    ("2", "usage or config"),
    ("3", "no engine for this state directory"),
    ("4", "the venue did not answer"),
)


def man_page() -> str:
    """Return the page as troff."""
    root = typer.main.get_command(app)
    lines = [
        f'.TH DRIFTDECK 1 "" "driftdeck {__version__}" "User Commands"',
        ".SH NAME",
        r"driftdeck \- trade crypto baskets by how their pairs move together, in the terminal",
        ".SH SYNOPSIS",
        ".B driftdeck",
        r"\fICOMMAND\fR [\fIOPTIONS\fR]",
        ".SH DESCRIPTION",
        _text(root.help or ""),
        ".SH COMMANDS",
        *_commands(root, ("driftdeck",)),
    ]
    for title, rows in (("FILES", FILES), ("ENVIRONMENT", ENVIRONMENT), ("EXIT STATUS", EXITS)):
        lines.append(f".SH {title}")
        for name, words in rows:
            lines += [".TP", rf"\fB{_text(name)}\fR", _text(words)]
    return "\n".join(lines) + "\n"


def _commands(command: Any, names: tuple[str, ...]) -> list[str]:
    """Return a section per verb, those of a group under its name."""
    if isinstance(command, TyperGroup):
        return [
            line
            for name, each in sorted(command.commands.items())
            if not each.hidden
            for line in _commands(each, (*names, name))
        ]
    context = typer.Context(command, info_name=" ".join(names))
    usage = " ".join(piece.strip("{}") for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]")
    lines = [f".SS {_text(' '.join((*names, usage)).strip())}", _text(command.help or "")]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in parameter.opts:
            lines += [".TP", rf"\fB{_text(record[0].replace(' <str>', ''))}\fR", _text(record[1])]
    return lines


def _text(words: str) -> str:
    """Return words as troff reads them: one line, nothing in it a command."""
    plain = re.sub(r"\s+", " ", words).strip().replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{plain}" if plain[:1] in (".", "'") else plain
