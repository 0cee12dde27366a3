"""Owns a venue that misbehaves at random, in memory and in virtual time: `MarketData` and `MarketStream` on one market.

Closes are a fixed path; what is lost, late, doubled, out of order, silent or corrected is drawn from a seed, hour by
hour. Nothing passes by itself: its time is the host second it is asked at, times its speed.
"""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np

from engine.domain.errors import VenueUnreachableError
from engine.domain.market import Candle, Instrument, Quote
from engine.domain.units import HOUR_MS, Ms, Symbol
from support.books import correlated_closes
from support.fake_market_data import instrument_of

LOST, LOST_FOR_ALL, LATE, CORRECTED, SILENT, MUTE = 0.01, 0.005, 0.03, 0.02, 0.03, 0.05  # shares of hours
LATE_S, SILENT_S, MUTE_S = (2.0, 45.0), (2.0, 60.0), (5.0, 40.0)
DOUBLED, SHUFFLED = 0.2, 0.2  # shares of stream messages


class SoakVenue:
    """A market from `first` on; faults begin with the hour after `start`, and end at host second `calm_from`."""

    def __init__(
        self, symbols: Sequence[Symbol], *, first: Ms, start: Ms, hours: int, speed: float, host: Callable[[], float]
    ) -> None:
        self.symbols = tuple(symbols)
        self.calm_from = float("inf")
        self.happened = dict.fromkeys(("lost", "late", "corrected", "silent", "mute", "doubled", "shuffled"), 0)
        self._column = {symbol: column for column, symbol in enumerate(symbols)}
        self._first, self._start, self._speed, self._host = first, start, speed, host
        self._rng = np.random.default_rng(11)
        slots = (start - first) // HOUR_MS + hours + 2
        self._closes = correlated_closes(5, slots, len(symbols)).round(4)
        self._before = self._closes.copy()  # what a corrected close was until `_corrected_at`
        shape = self._closes.shape
        self._shown_at = np.full(shape, -np.inf)  # host seconds
        self._corrected_at = np.full(shape, -np.inf)
        self._silent: list[tuple[float, float]] = []
        self._mute: list[tuple[float, float]] = []
        for slot in range((start - first) // HOUR_MS, slots):
            self._spoil(slot)

    def now(self) -> Ms:
        """Return the venue's time."""
        return Ms(self._start + int(self._host() * self._speed * 1000))

    def closes(self, symbol: Symbol) -> dict[Ms, float]:
        """Return every close as it is at last, by open time; a lost bar has none."""
        path = self._closes[:, self._column[symbol]]
        return {
            Ms(self._first + slot * HOUR_MS): float(close) for slot, close in enumerate(path) if not math.isnan(close)
        }

    def _spoil(self, slot: int) -> None:
        rng, width = self._rng, len(self.symbols)
        closes_s = (self._first + (slot + 1) * HOUR_MS - self._start) / 1000 / self._speed
        hour_s = HOUR_MS / 1000 / self._speed
        lost = (rng.random(width) < LOST) | (rng.random() < LOST_FOR_ALL)
        late = (rng.random(width) < LATE) & ~lost
        corrected = (rng.random(width) < CORRECTED) & ~lost
        self._shown_at[slot, late] = closes_s + rng.uniform(*LATE_S, size=late.sum())
        self._before[slot, corrected] *= 1 + rng.normal(0, 0.002, size=corrected.sum())
        self._corrected_at[slot, corrected] = closes_s + rng.uniform(0.0, 0.9 * hour_s, size=corrected.sum())
        self._closes[slot, lost] = np.nan
        for name, flags in (("lost", lost), ("late", late), ("corrected", corrected)):
            self.happened[name] += int(flags.sum())
        for name, share, lengths, stretches in (
            ("silent", SILENT, SILENT_S, self._silent),
            ("mute", MUTE, MUTE_S, self._mute),
        ):
            if rng.random() < share:
                begin = closes_s + rng.uniform(-0.5, 0.5) * hour_s
                stretches.append((begin, begin + rng.uniform(*lengths)))
                self.happened[name] += 1

    def _within(self, stretches: list[tuple[float, float]]) -> bool:
        host = self._host()
        while stretches and stretches[0][1] < host - 60:
            stretches.pop(0)
        return host < self.calm_from and any(begin <= host < end for begin, end in stretches)

    def _answer(self) -> None:
        if self._within(self._silent):
            raise VenueUnreachableError("the venue does not answer")

    def _close(self, slot: int, column: int) -> float:
        host = self._host()
        if host < min(self._shown_at[slot, column], self.calm_from):
            return float("nan")
        known = self._before if host < min(self._corrected_at[slot, column], self.calm_from) else self._closes
        return float(known[slot, column])

    def rows(self, symbol: Symbol, since_ms: Ms, limit: int) -> list[Candle]:
        """Return the candles that are there now, the unfinished one last."""
        first = max(0, -(-(since_ms - self._first) // HOUR_MS))
        last = min((self.now() - self._first) // HOUR_MS, len(self._closes) - 1)
        column = self._column[symbol]
        found = ((slot, self._close(slot, column)) for slot in range(first, min(last + 1, first + limit)))
        return [
            Candle(
                symbol=symbol,
                open_ms=Ms(self._first + slot * HOUR_MS),
                open=close,
                high=close,
                low=close,
                close=close,
                volume=1.0,
            )
            for slot, close in found
            if not math.isnan(close)
        ]

    async def instruments(self, symbols: Sequence[Symbol]) -> dict[Symbol, Instrument]:
        """Return an instrument per listed symbol."""
        self._answer()
        return {symbol: instrument_of(symbol) for symbol in symbols if symbol in self._column}

    async def server_time(self) -> tuple[Ms, float]:
        """Return the venue's time."""
        self._answer()
        return self.now(), 1.0

    async def quotes(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """Return a quote of each listed symbol that has a price."""
        self._answer()
        return [quote for symbol in symbols if symbol in self._column for quote in self.quoted(symbol)]

    def quoted(self, symbol: Symbol) -> list[Quote]:
        """Return the quote of now, none in an hour that is lost."""
        slot = min((self.now() - self._first) // HOUR_MS, len(self._closes) - 1)
        last = float(self._closes[slot, self._column[symbol]])
        if math.isnan(last):
            return []
        price = Decimal(str(last))
        return [
            Quote(
                symbol=symbol,
                last=price,
                bid=price * Decimal("0.9999"),
                ask=price * Decimal("1.0001"),
                change_24h=None,
                event_ms=self.now(),
                received=self._host(),
            )
        ]

    async def candles(self, symbol: Symbol, *, since_ms: Ms, limit: int) -> list[Candle]:
        """Return the candles that are there now."""
        self._answer()
        return self.rows(symbol, since_ms, limit)

    async def close(self) -> None:
        """Have nothing to release."""

    def mute(self) -> bool:
        """Return True while the streams say nothing."""
        return self._within(self._mute) or self._within(self._silent)

    def mix(self, candles: list[Candle]) -> list[Candle]:
        """Double some messages and put some out of order."""
        if self._host() < self.calm_from and self._rng.random() < DOUBLED:
            self.happened["doubled"] += 1
            candles = candles + candles
        if self._host() < self.calm_from and self._rng.random() < SHUFFLED:
            self.happened["shuffled"] += 1
            candles = [candles[at] for at in self._rng.permutation(len(candles))]
        return candles
