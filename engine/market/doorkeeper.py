"""Owns the door for candles: which raw candle becomes one of our closed bars, and why another does not.

Judges by timestamps against market time, never by a clock of its own; never fetches and never fills a gap, it names
the slots that were skipped. Bars that pass go to the store and to the bar grid, reasons to the feed.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.market import Bar, Candle
from engine.domain.units import Ms, Symbol, iso

REMEMBERED_SLOTS = 72  # how far back a candle can still fill a hole or correct a bar


class Admission(StrEnum):
    """How a candle got in."""

    NEW = "new"  # newer than everything of its symbol
    LATE = "late"  # fills a hole that newer bars left behind
    CORRECTED = "corrected"  # another close for a bar that is already in


class Rejection(StrEnum):
    """Why a candle stays out."""

    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out of order"
    UNFINISHED = "unfinished"
    NON_NUMERIC = "non-numeric"
    NON_POSITIVE = "non-positive"
    OFF_GRID = "off-grid"

    @property
    def harmless(self) -> bool:
        """Return True for what every poll brings: bars that are known, the candle that is still open."""
        return self in (Rejection.DUPLICATE, Rejection.UNFINISHED)


_BECAUSE = {
    Rejection.DUPLICATE: "is known already",
    Rejection.OUT_OF_ORDER: "came after newer ones, too late to fill a hole",
    Rejection.UNFINISHED: "is not closed yet",
    Rejection.NON_NUMERIC: "holds a value that is no finite number",
    Rejection.NON_POSITIVE: "holds a price that is not positive, or a negative volume",
    Rejection.OFF_GRID: "does not open on the grid of bars",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgment on one candle: a bar and how it got in, or a reason with one sentence.

    `missing` are the slots between the symbol's newest bar and this one (a gap: reported, not rejected).
    """

    bar: Bar | None = None
    admission: Admission | None = None
    rejection: Rejection | None = None
    why: str = ""
    missing: tuple[Ms, ...] = ()


class Doorkeeper:
    """Judges the candles of many symbols; remembers each symbol's last closes to tell a repeat from a correction."""

    def __init__(self, bar_ms: int) -> None:
        self._bar_ms = bar_ms
        self._known: dict[Symbol, dict[Ms, float]] = {}
        self._newest: dict[Symbol, Ms] = {}

    def remember(self, bars: Iterable[Bar]) -> None:
        """Take in bars that passed earlier (from the store), so that a restart judges as before."""
        for bar in bars:
            self._note(bar)

    def newest(self, symbol: Symbol) -> Ms | None:
        """Return the open time of the newest bar of `symbol`."""
        return self._newest.get(symbol)

    def judge(self, candle: Candle, market_ms: Ms) -> Verdict:
        """Return the verdict on `candle` at market time `market_ms`, and remember the bar that passed."""
        rejection = self._reason(candle, market_ms)
        if rejection is not None:
            why = f"{candle.symbol} candle of {iso(candle.open_ms)} {_BECAUSE[rejection]}"
            return Verdict(rejection=rejection, why=why)
        newest = self._newest.get(candle.symbol)
        known = self._known.get(candle.symbol, {}).get(candle.open_ms)
        missing: tuple[Ms, ...] = ()
        if newest is None or candle.open_ms > newest:
            admission = Admission.NEW
            if newest is not None:
                missing = tuple(Ms(at) for at in range(newest + self._bar_ms, candle.open_ms, self._bar_ms))
        else:
            admission = Admission.LATE if known is None else Admission.CORRECTED
        bar = Bar(symbol=candle.symbol, open_ms=candle.open_ms, close=candle.close, volume=candle.volume)
        self._note(bar)
        return Verdict(bar=bar, admission=admission, missing=missing)

    def _reason(self, candle: Candle, market_ms: Ms) -> Rejection | None:
        """Return why `candle` stays out, or None where it may pass."""
        reason: Rejection | None = None
        if not all(_is_number(value) for value in (candle.open, candle.high, candle.low, candle.close, candle.volume)):
            reason = Rejection.NON_NUMERIC
        elif min(candle.open, candle.high, candle.low, candle.close) <= 0 or candle.volume < 0:
            reason = Rejection.NON_POSITIVE
        elif candle.open_ms % self._bar_ms:
            reason = Rejection.OFF_GRID
        elif candle.open_ms + self._bar_ms > market_ms:
            reason = Rejection.UNFINISHED
        elif candle.open_ms <= self._newest.get(candle.symbol, -1):
            known = self._known[candle.symbol].get(candle.open_ms)
            if known == candle.close:
                reason = Rejection.DUPLICATE
            elif known is None and candle.open_ms < self._horizon(candle.symbol):
                reason = Rejection.OUT_OF_ORDER
        return reason

    def _horizon(self, symbol: Symbol) -> Ms:
        """Return the oldest open time at which a hole can still be filled: nothing is known of the time before."""
        return Ms(max(self._newest[symbol] - (REMEMBERED_SLOTS - 1) * self._bar_ms, min(self._known[symbol])))

    def _note(self, bar: Bar) -> None:
        """Remember a bar and forget those beyond the horizon."""
        known = self._known.setdefault(bar.symbol, {})
        known[bar.open_ms] = bar.close
        if bar.open_ms > self._newest.get(bar.symbol, -1):
            self._newest[bar.symbol] = bar.open_ms
            if len(known) > 2 * REMEMBERED_SLOTS:
                horizon = bar.open_ms - (REMEMBERED_SLOTS - 1) * self._bar_ms
                for old in [at for at in known if at < horizon]:
                    del known[old]


def _is_number(value: object) -> bool:
    """Return True for a finite number; a venue's JSON can bring None or text where a float is promised."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
