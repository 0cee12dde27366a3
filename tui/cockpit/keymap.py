"""Owns the trader's own keys: a file `keys.toml` that gives actions other keys, judged whole before anything starts.

`review = "A"` or `review = ["A", "pageup"]`. What is refused: an action that is not there, a key that terminals do not
send alike, two actions on one key in one place, and a slip-of-the-finger key for what changes the engine.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from textual.keys import _character_to_key

from engine.domain.errors import ConfigError
from tui.cockpit.key_names import Action, Context
from tui.cockpit.key_row import Key
from tui.cockpit.keys import KEYS, put_on

SLIPS = ("enter", "escape", "space", "tab", "shift+tab", "backspace")  # one hits these without looking
NAMED = (*SLIPS, "up", "down", "left", "right", "pageup", "pagedown")
CONFIRMS = "y"  # in every question: whatever opened it must be another key
ANSWERS = (Action.CONFIRM, Action.CANCEL, Action.APPROVE, Action.CLOSE_REVIEW)
FIXED = (*ANSWERS, Action.QUIT, Action.LEAVE)  # answers, the way out
TYPED = (Context.NOTE, Context.FILTER, Context.PALETTE, Context.WORDS)  # letters are text there
EXAMPLE = 'write for instance review = "A"'


def wear(path: Path) -> None:
    """Put the keys of a file on, where there is one. Raises ConfigError with every mistake."""
    if path.exists():
        put_on(own_keys(path))


def own_keys(path: Path) -> tuple[Key, ...]:
    """Return the table with the keys of a file. Raises ConfigError with every mistake."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as keys ({error}); {EXAMPLE}") from None
    problems: list[str] = []
    wanted: dict[Action, tuple[str, ...]] = {}
    for name, value in told.items():
        keys = _keys(name, value, problems)
        if keys is not None:
            wanted[Action(name)] = keys
    table = tuple(_with(row, wanted) for row in KEYS)
    problems += _clashes(table, wanted)
    if problems:
        raise ConfigError(f"{path}: these keys cannot be used:", tuple(f"{path}: {line}" for line in problems))
    return table


def _keys(name: str, value: object, problems: list[str]) -> tuple[str, ...] | None:
    if name not in set(Action):
        problems.append(f"{name}: there is no such action; 'driftdeck keys --json' names them")
        return None
    action = Action(name)
    if action in FIXED or any(place in TYPED for row in KEYS if row.action is action for place in row.contexts):
        problems.append(f"{name}: its keys are fixed")
        return None
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        problems.append(f"{name}: {EXAMPLE}, or a list of keys")
        return None
    keys = tuple(_character_to_key(word) if len(word) == 1 else word for word in words)
    bad = [word for word, key in zip(words, keys, strict=True) if not _possible(word, key)]
    if bad:
        said = ", ".join(bad)
        problems.append(f"{name}: {said} cannot be a key: take a letter, a digit, a sign, or one of {', '.join(NAMED)}")
        return None
    danger = _danger(action, keys)
    if danger:
        problems.append(f"{name} {danger}")
    return None if danger else keys


def _danger(action: Action, keys: tuple[str, ...]) -> str:
    """Return why these keys would let a slip decide, empty where they would not."""
    if CONFIRMS in keys:
        return f"cannot have {CONFIRMS}: it answers every question and opens none; take another key"
    if any(row.danger for row in KEYS if row.action is action) and set(keys) & set(SLIPS):
        return f"changes the engine: {', '.join(SLIPS)} are hit without looking; take a letter"
    return ""


def _possible(word: str, key: str) -> bool:
    """Return whether every terminal sends this key: no Alt, no function keys, no ctrl and shift together."""
    return key in NAMED or (len(word) == 1 and word.isascii() and word.isprintable())


def _with(row: Key, wanted: Mapping[Action, tuple[str, ...]]) -> Key:
    keys = wanted.get(row.action)
    if keys is None:
        return row
    signs = {_character_to_key(sign): sign for sign in "?/:;,.-=+!@#*'"}
    return replace(row, keys=keys, label=signs.get(keys[0], keys[0]))


def _clashes(table: tuple[Key, ...], wanted: Mapping[Action, tuple[str, ...]]) -> list[str]:
    found: dict[str, None] = {}
    for context in Context:
        taken: dict[str, Action] = {}
        for row in table:
            if context not in row.contexts:
                continue
            for key in row.keys:
                other = taken.setdefault(key, row.action)
                if other is not row.action and {other, row.action} & wanted.keys():
                    found[f"{key}: both {other} and {row.action} ({context}); give one of them another key"] = None
    return list(found)
