"""Owns the wording of config mistakes: collects them all, each as `file: key: reason`, and suggests what was meant.

Never prints a value longer than a few characters and never sees a secret (the guard took them out before). The
collected lines leave as one ConfigError.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from engine.domain.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)

_SHOWN = 24


def join_key(prefix: str, name: str) -> str:
    """Return the path of `name` below `prefix`: `venue`, `id` -> `venue.id`."""
    return f"{prefix}.{name}" if prefix else name


def shown(value: object) -> str:
    """Return `value` as a message may show it; long texts and tables only by their kind."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= _SHOWN and value.isprintable() else f"a text of {len(value)} characters"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value)[:_SHOWN]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean "x"?)`, or nothing where no known word is close."""
    close = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return f' (did you mean "{close[0]}"?)' if close else ""


class Problems:
    """The mistakes found so far in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[str] = []

    def add(self, key: str, reason: str, *, name: str = "") -> None:
        """Note one mistake at `key`; `name` is what a person calls the place, such as the basket's name."""
        place = f"{key} ({name})" if name else key
        line = f"{self._path}: {place}: {reason}" if place else f"{self._path}: {reason}"
        if line not in self._lines:
            self._lines.append(line)

    def merge(self, other: "Problems") -> None:
        """Take over the mistakes of another file."""
        self._lines += [line for line in other._lines if line not in self._lines]

    def __len__(self) -> int:
        return len(self._lines)

    def raise_any(self) -> None:
        """Raise one ConfigError with every mistake, where there is one."""
        if self._lines:
            count = "1 mistake" if len(self._lines) == 1 else f"{len(self._lines)} mistakes"
            raise ConfigError(f"{count} in the config {self._path}:", tuple(self._lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[Model]):
    """What could be read of a table: `broken` names the keys that were left out because of a mistake.

    Reading on without them finds the rest of the mistakes in the same run. `model` is None where nothing is left.
    """

    model: Model | None
    broken: frozenset[str] = frozenset()


def parse(
    model: type[Model],
    table: object,
    *,
    key: str,
    problems: Problems,
    elsewhere: Mapping[str, Sequence[str]] | None = None,
    name: str = "",
) -> Parsed[Model]:
    """Return `table` as `model` after noting every mistake in it.

    `elsewhere` maps a key's name to the tables it belongs to, for keys that stand in the wrong one.
    """
    if not isinstance(table, Mapping):
        problems.add(key, f"must be a table, not {shown(table)}", name=name)
        return Parsed(model=None)
    try:
        return Parsed(model=model.model_validate(dict(table)))
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False)
    broken = frozenset(str(item["loc"][0]) for item in mistakes)
    for item in mistakes:
        word = str(item["loc"][0])
        if item["type"] == "extra_forbidden":
            reason = unknown_key(word, tuple(model.model_fields), elsewhere or {})
        else:
            reason = "is missing; add it" if item["type"] == "missing" else str(item["msg"])
        problems.add(join_key(key, word), reason, name=name)
    try:
        rest = model.model_validate({word: value for word, value in table.items() if word not in broken})
    except ValidationError:  # a required key is among the broken ones: nothing to go on with
        return Parsed(model=None, broken=broken)
    return Parsed(model=rest, broken=broken)


def unknown_key(word: str, known: Sequence[str], elsewhere: Mapping[str, Sequence[str]]) -> str:
    """Return why `word` is refused: what was probably meant, or the table it belongs to."""
    if word in elsewhere:
        return f"is not known here; it belongs in {' or '.join(elsewhere[word])}"
    if suggestion := did_you_mean(word, known):
        return f"is not a known key{suggestion}"
    far = difflib.get_close_matches(word.lower(), sorted(elsewhere), n=1, cutoff=0.75)
    if far:
        return f'is not a known key (did you mean "{far[0]}" in {" or ".join(elsewhere[far[0]])}?)'
    return f"is not a known key; known are {', '.join(sorted(known))}"
