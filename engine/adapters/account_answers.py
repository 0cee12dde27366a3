"""Owns the reading of what a venue says of an account: exact numbers, times and names, or one sentence why not.

Answers are validated, never trusted: a field that is missing or no number ends the reading. Knows no venue.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.adapters.ccxt_mapping import venue_ms
from engine.domain.errors import BadVenueAnswerError
from engine.domain.units import Ms

Row = Mapping[str, Any]
_CODE = re.compile(r'"(?:retCode|ret_code|code)"\s*:\s*"?(-?\d+)')


def rows_of(answer: object, *path: str) -> list[Row]:
    """Return the list that stands at `path` of an answer. Raises BadVenueAnswerError."""
    found = answer
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, Sequence) or isinstance(found, str) or not all(isinstance(row, Mapping) for row in found):
        raise BadVenueAnswerError(f"the venue answered without its list of {path[-1] if path else 'rows'}; try later")
    return list(found)


def exact(row: Row, name: str) -> Decimal:
    """Return a number exactly. Raises BadVenueAnswerError."""
    value = row.get(name)
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("nan")
        if number.is_finite():
            return number
    raise BadVenueAnswerError(f"the venue said {value!r} where a number was due ({name}); try later")


def maybe(row: Row, name: str) -> Decimal | None:
    """Return a number above zero, None where the venue says nothing, or zero."""
    value = row.get(name)
    if value in (None, "", "0", 0):
        return None
    number = exact(row, name)
    return number if number > 0 else None


def instant(row: Row, name: str) -> Ms:
    """Return a time of the venue. Raises BadVenueAnswerError."""
    value = row.get(name)
    at = venue_ms(int(value)) if isinstance(value, str) and value.isdigit() else venue_ms(value)
    if at is None:
        raise BadVenueAnswerError(f"the venue said {value!r} where a time was due ({name}); try later")
    return at


def said(row: Row, name: str) -> str:
    """Return a text, empty where the venue says none."""
    value = row.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def code_of(text: str) -> str:
    """Return the venue's own error code in an exception's text, empty where it says none."""
    found = _CODE.search(text)
    return found.group(1) if found else ""
