"""Owns how single config values are read: durations, money, fractions, choices, names; each refusal says what to write.

Nothing is coerced: a number in quotes is a mistake, not a number. The annotated types here are the fields of
`config_model`.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from engine.adapters.config_problems import did_you_mean, shown
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

Choice = TypeVar("Choice", bound=StrEnum)

_UNITS = {"s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_DURATION = re.compile(r"(\d{1,9})([smhd])")


def refusal(reason: str) -> PydanticCustomError:
    """Return the error that a validator raises; braces in `reason` stay what they are."""
    return PydanticCustomError("refused", "{reason}", {"reason": reason})


def duration_text(ms: int) -> str:
    """Return `ms` as the config writes it: 14400000 -> "4h"."""
    for unit in ("h", "m"):
        if ms % _UNITS[unit] == 0 and ms:
            return f"{ms // _UNITS[unit]}{unit}"
    return f"{ms // SECOND_MS}s"


def duration(*, at_least: int, at_most: int) -> BeforeValidator:
    """Return a validator for texts such as "15m" that gives milliseconds within the limits."""

    def read(value: object) -> int:
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise refusal(f'must be a duration such as "5s", "15m" or "4h", not {shown(value)}')
        ms = int(match[1]) * _UNITS[match[2]]
        if not at_least <= ms <= at_most:
            low, high = duration_text(at_least), duration_text(at_most)
            raise refusal(f'must be between "{low}" and "{high}", not {shown(value)}')
        return ms

    return BeforeValidator(read)


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        hint = " (without quotes)" if isinstance(value, str) and re.fullmatch(r"[-+\d._]+", value) else ""
        raise refusal(f"must be a number{hint}, not {shown(value)}")
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        raise refusal(f"must be a finite number, not {shown(value)}")
    return number


def _within(
    number: Decimal, above: float | None, at_least: float | None, below: float | None, at_most: float | None
) -> None:
    """Raise where `number` leaves its limits; the message names the whole range."""
    ok = (
        (above is None or number > Decimal(str(above)))
        and (at_least is None or number >= Decimal(str(at_least)))
        and (below is None or number < Decimal(str(below)))
        and (at_most is None or number <= Decimal(str(at_most)))
    )
    if not ok:
        limits = {"above": above, "at least": at_least, "below": below, "at most": at_most}
        text = " and ".join(f"{word} {limit:g}" for word, limit in limits.items() if limit is not None)
        raise refusal(f"must be {text}, not {shown(number)}")


def number(
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
) -> BeforeValidator:
    """Return a validator for a plain number within limits."""

    def read(value: object) -> float:
        found = _decimal(value)
        _within(found, above, at_least, below, at_most)
        return float(found)

    return BeforeValidator(read)


def money(*, above: float | None = None, at_least: float | None = None, at_most: float = 1e12) -> BeforeValidator:
    """Return a validator for an exact amount of money."""

    def read(value: object) -> Decimal:
        found = _decimal(value)
        _within(found, above, at_least, None, at_most)
        return found

    return BeforeValidator(read)


def whole(*, at_least: int, at_most: int) -> BeforeValidator:
    """Return a validator for a whole number within limits."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise refusal(f"must be a whole number, not {shown(value)}")
        _within(Decimal(value), None, at_least, None, at_most)
        return value

    return BeforeValidator(read)


def flag() -> BeforeValidator:
    """Return a validator for true or false."""

    def read(value: object) -> bool:
        if not isinstance(value, bool):
            raise refusal(f"must be true or false (without quotes), not {shown(value)}")
        return value

    return BeforeValidator(read)


def text(*, longest: int = 200) -> BeforeValidator:
    """Return a validator for free text without control characters (they could repaint a terminal)."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise refusal(f"must be a text in quotes, not {shown(value)}")
        if not value.isprintable():
            raise refusal("must not hold line breaks or control characters; write one line")
        if len(value) > longest:
            raise refusal(f"must be at most {longest} characters, not {len(value)}")
        return value

    return BeforeValidator(read)


def word(pattern: str, meaning: str) -> BeforeValidator:
    """Return a validator for a text of a given form; `meaning` says that form in words."""
    form = re.compile(pattern)

    def read(value: object) -> str:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise refusal(f"must be {meaning}, not {shown(value)}")
        return value

    return BeforeValidator(read)


def choice(*options: Choice) -> Callable[[object], Choice]:
    """Return a reader for one of `options`, for use in a BeforeValidator."""
    by_text = {str(option): option for option in options}

    def read(value: object) -> Choice:
        if not isinstance(value, str) or value not in by_text:
            suggestion = did_you_mean(value, by_text) if isinstance(value, str) else ""
            known = ", ".join(f'"{name}"' for name in by_text)
            raise refusal(f"must be one of {known}, not {shown(value)}{suggestion}")
        return by_text[value]

    return read


def option(*options: str) -> BeforeValidator:
    """Return a validator for one of a few plain words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in options:
            suggestion = did_you_mean(value, options) if isinstance(value, str) else ""
            known = ", ".join(f'"{name}"' for name in options)
            raise refusal(f"must be one of {known}, not {shown(value)}{suggestion}")
        return value

    return BeforeValidator(read)
