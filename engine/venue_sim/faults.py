"""Owns what is broken until when: the kinds of faults, what each one can be told, and the board of those in force.

Durations are host seconds and end by themselves; where a fault touches prices it also knows the market time it began.
It breaks nothing: `faulty_market` (data), `faulty_door` (HTTP), `stream` (sockets) and `faulty_network` ask it.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.errors import RefusedError
from engine.domain.units import Asset, Ms

LONGEST_S = 86_400.0
_USUAL_S = 30.0
_NAME = re.compile(r"[A-Z0-9]{1,20}")
_MAY_BE_NEGATIVE = {"skew_s", "bps", "code"}


class FaultKind(StrEnum):
    """What can be broken."""

    SILENT_STREAM = "silent-stream"
    DELAYED_MESSAGES = "delayed-messages"
    DUPLICATE_CANDLES = "duplicate-candles"
    CORRECTED_CANDLE = "corrected-candle"
    HOLE = "hole"
    DELISTING = "delisting"
    RENAME = "rename"
    LISTING = "listing"
    CLOCK_JUMP = "clock-jump"
    DISCONNECT_STORM = "disconnect-storm"
    TOO_MANY_REQUESTS = "too-many-requests"
    BAN = "ban"
    SERVER_ERROR = "server-error"
    HTML_PAGE = "html-page"
    SLOW_ANSWERS = "slow-answers"
    REFUSED_CONNECTIONS = "refused-connections"
    RESTART = "restart"
    DROP_BEFORE = "drop-before"
    DROP_AFTER = "drop-after"
    TRUNCATED_BODY = "truncated-body"
    MAINTENANCE = "maintenance"
    DUPLICATE_REQUEST = "duplicate-request"
    PARTIAL_FILLS = "partial-fills"
    LATE_FILLS = "late-fills"
    FILL_AFTER_CANCEL = "fill-after-cancel"
    HIDDEN_ORDERS = "hidden-orders"
    SILENT_PRIVATE_STREAM = "silent-private-stream"


_AIMED: dict[str, float | str] = {"path": "", "count": 0.0}
# What each kind can be told, with what holds when it is not told. An empty asset means all of them; `path` is a part of
# the request's method and path ("POST /v5/order/create"), empty for all requests. `count` is after how many hits a
# fault is over, 0 for never; where `executed` is not 0 the venue does what it was asked and only the answer is broken.
# Hours and bars are of market time, everything in `_s` is host time, but for `skew_s`, which is added to the venue's
# clock.
PARAMETERS: Mapping[FaultKind, Mapping[str, float | str]] = {
    FaultKind.SILENT_STREAM: {"asset": ""},
    FaultKind.DELAYED_MESSAGES: {"delay_s": 3.0, "reorder": 1.0},
    FaultKind.DUPLICATE_CANDLES: {"asset": ""},
    FaultKind.CORRECTED_CANDLE: {"asset": "ETH", "bars_back": 1.0, "bps": 50.0},
    FaultKind.HOLE: {"asset": "", "hours_back": 0.0, "hours": 0.0},  # 0 hours: until the fault ends
    FaultKind.DELISTING: {"asset": "MKR", "notice_hours": 24.0},
    FaultKind.RENAME: {"asset": "MATIC", "to": "POL"},
    FaultKind.LISTING: {"asset": "NEW", "like": "SOL"},
    FaultKind.CLOCK_JUMP: {"skew_s": 120.0},
    FaultKind.DISCONNECT_STORM: {"every_s": 2.0},
    FaultKind.TOO_MANY_REQUESTS: _AIMED | {"retry_after_s": 5.0},
    FaultKind.BAN: _AIMED | {"retry_after_s": 0.0},  # 0: as the venue does, which may say nothing of it
    FaultKind.SERVER_ERROR: _AIMED | {"status": 503.0, "executed": 0.0},
    FaultKind.HTML_PAGE: _AIMED | {"executed": 0.0},
    FaultKind.SLOW_ANSWERS: _AIMED | {"delay_s": 3.0, "executed": 0.0},
    FaultKind.REFUSED_CONNECTIONS: {},
    FaultKind.RESTART: {},
    FaultKind.DROP_BEFORE: _AIMED,
    FaultKind.DROP_AFTER: _AIMED,
    FaultKind.TRUNCATED_BODY: _AIMED,
    FaultKind.MAINTENANCE: _AIMED | {"code": 0.0, "executed": 0.0},  # 0: the venue's usual code for it
    FaultKind.DUPLICATE_REQUEST: _AIMED,  # the venue gets it twice and answers the second one
    FaultKind.PARTIAL_FILLS: {"asset": "", "share": 0.5},
    FaultKind.LATE_FILLS: {"delay_s": 2.0},
    FaultKind.FILL_AFTER_CANCEL: {"delay_s": 0.5, "count": 0.0},
    FaultKind.HIDDEN_ORDERS: {"delay_s": 2.0},
    FaultKind.SILENT_PRIVATE_STREAM: {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is broken until host second `until`; `since_ms` is the market time it began."""

    number: int
    kind: FaultKind
    since_ms: Ms
    until: float
    told: Mapping[str, float | str]

    def figure(self, name: str) -> float:
        """Return a number it was told."""
        return float(self.told[name])

    def text(self, name: str) -> str:
        """Return a text it was told."""
        return str(self.told[name])

    def concerns(self, asset: Asset) -> bool:
        """Say whether it is about `asset`, by name or because it is about all."""
        return self.told["asset"] in ("", asset)


class FaultBoard:
    """The faults in force."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._faults: list[Fault] = []
        self._number = 0
        self._hits: dict[int, int] = {}

    def begin(self, order: Mapping[str, object], now: Ms, listed: Collection[Asset]) -> Fault:
        """Begin what `order` says; raises RefusedError with one sentence."""
        kind = _kind(order.get("kind"))
        told = dict(PARAMETERS[kind])
        for name in order.keys() - {"kind", "duration_s"}:
            if name not in told:
                takes = ", ".join(("duration_s", *told))
                raise RefusedError(f"the fault {kind} takes {takes}; not {name!r}")
            told[name] = _value(name, order[name], told[name])
        _check_assets(kind, told, listed)
        duration = float(_value("duration_s", order.get("duration_s", _USUAL_S), _USUAL_S))
        if not 0.0 < duration <= LONGEST_S:
            raise RefusedError(f"duration_s is above 0 and at most {LONGEST_S:.0f}")
        self._number += 1
        fault = Fault(number=self._number, kind=kind, since_ms=now, until=self._monotonic() + duration, told=told)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """End all of them."""
        self._faults.clear()

    def active(self, *kinds: FaultKind) -> list[Fault]:
        """Return those of `kinds` in force now, oldest first."""
        if not self._faults:
            return []
        at = self._monotonic()
        self._faults = [fault for fault in self._faults if fault.until > at]
        return [fault for fault in self._faults if fault.kind in kinds]

    def use(self, fault: Fault) -> None:
        """Count a hit of a fault; one that was told a count is over after so many."""
        self._hits[fault.number] = self._hits.get(fault.number, 0) + 1
        if fault.told.get("count") and self._hits[fault.number] >= fault.figure("count"):
            self._faults.remove(fault)

    def skew_ms(self) -> int:
        """Return how far the venue's clock is off."""
        return sum(int(fault.figure("skew_s") * 1000.0) for fault in self.active(FaultKind.CLOCK_JUMP))

    def state(self) -> list[dict[str, object]]:
        """Return what GET /state shows of them."""
        at = self._monotonic()
        found: list[dict[str, object]] = []
        for fault in self.active(*FaultKind):
            left, hits = round(fault.until - at, 3), self._hits.get(fault.number, 0)
            row: dict[str, object] = {"kind": fault.kind.value, "since_ms": fault.since_ms, "left_s": left}
            found.append(row | {"hits": hits} | dict(fault.told))
        return found


def _kind(given: object) -> FaultKind:
    try:
        return FaultKind(str(given))
    except ValueError:
        raise RefusedError(f"a fault's kind is one of {', '.join(FaultKind)}") from None


def _value(name: str, given: object, usual: float | str) -> float | str:
    """Return `given` as what `usual` is."""
    if isinstance(usual, str):
        if not isinstance(given, str):
            raise RefusedError(f"{name} is a text")
        return given
    if not isinstance(given, int | float) or not math.isfinite(given):
        raise RefusedError(f"{name} is a number")
    if given < 0 and name not in _MAY_BE_NEGATIVE:
        raise RefusedError(f"{name} is not negative")
    if name == "status" and not 400 <= given <= 599:
        raise RefusedError("status is an HTTP status from 400 to 599")
    return float(given)


def _check_assets(kind: FaultKind, told: Mapping[str, float | str], listed: Collection[Asset]) -> None:
    """Refuse names that mean nothing: what must be listed and is not, and a new name that is taken or is none."""
    asset, needs_one = told.get("asset", ""), PARAMETERS[kind].get("asset", "") != ""
    if not asset and needs_one:
        raise RefusedError(f"the fault {kind} needs the name of an asset")
    if kind is FaultKind.LISTING and (asset in listed or not _NAME.fullmatch(str(asset))):
        raise RefusedError(f"a new listing needs a name in capitals that is not listed yet; not {asset!r}")
    wanted = told["like"] if kind is FaultKind.LISTING else asset
    if wanted and wanted not in listed:
        raise RefusedError(f"{wanted!r} is not listed")
    if not _NAME.fullmatch(str(told.get("to", "POL"))):
        raise RefusedError(f"{told['to']!r} is not a name: capitals and digits")
