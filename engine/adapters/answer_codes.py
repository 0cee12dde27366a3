"""Owns what the code of an error body asks for, where ccxt and the HTTP status do not say it: a pause, or to try later.

Codes are those of the venues' own documentation, for what comes with a 200 or a 400 and means trouble at the venue, not
a wrong question. Pure; `ccxt_client` acts on it. A code that is not in the tables is left to ccxt.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.adapters.host_breaker import LONGEST_PAUSE_S
from engine.domain.units import Ms

RATE_LIMIT_PAUSE_S = 5.0  # after "too many visits" inside a 200: the longest window that venues count over
_TOO_MANY: Mapping[str, frozenset[int]] = {
    "binance": frozenset({-1003, -1015, -1034}),
    "bybit": frozenset({429, 10006, 10018, 10429}),
}
# Disconnected, unexpected response, timeout, busy, shutting down, restarting: none of them is an answer.
_BUSY: Mapping[str, frozenset[int]] = {
    "binance": frozenset({-1000, -1001, -1006, -1007, -1008, -1016}),
    "bybit": frozenset({10000, 10016, 10019, 170007, 177002, 180000, 500001, 3400214}),
}
_NOT_SERVED: Mapping[str, frozenset[int]] = {"bybit": frozenset({10009, 10024})}
_COUNTRY = 451
_UNTIL = re.compile(r"banned until (\d{13})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """What an error body asks for: seconds of silence, or none; and the sentence about it."""

    pause_s: float = 0.0
    sentence: str


def asked_for(venue: str, status: int, response: Any, answered_ms: Ms | None) -> Asks | None:
    """Return what the body of an answer asks for, None where it is left to ccxt."""
    code, said = _code(response), _said(response)
    if status == _COUNTRY or code in _NOT_SERVED.get(venue, ()):
        return Asks(sentence=f"{venue} does not serve this address or its country ({said or f'HTTP {status}'})")
    if code in _TOO_MANY.get(venue, ()):
        pause = max(RATE_LIMIT_PAUSE_S, ban_s(said, answered_ms))
        why = f"{venue} asked for a pause ({said or code}); nothing is sent to it for {pause:.0f} s"
        return Asks(pause_s=pause, sentence=why)
    if code in _BUSY.get(venue, ()):
        return Asks(sentence=f"{venue} is busy or restarting and gave no answer ({said or code}); try later")
    return None


def ban_s(said: str, answered_ms: Ms | None) -> float:
    """Return the seconds until the end of a ban that a message names, 0.0 where it names none."""
    until = _UNTIL.search(said)
    if until is None or answered_ms is None:
        return 0.0
    return min(max(0.0, (int(until.group(1)) - answered_ms) / 1000), LONGEST_PAUSE_S)


def _code(response: Any) -> int | None:
    code = response.get("retCode", response.get("code")) if isinstance(response, Mapping) else None
    try:
        return int(code) if isinstance(code, int | str) and not isinstance(code, bool) else None
    except ValueError:
        return None


def _said(response: Any) -> str:
    text = (response.get("retMsg") or response.get("msg")) if isinstance(response, Mapping) else None
    return " ".join(text.split())[:160] if isinstance(text, str) else ""
