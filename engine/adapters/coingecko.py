"""Owns what CoinGecko's price history means: answers in, hourly closes out.

Its points are uneven, at times out of order, and sampled: each is snapped to the hour and never interpolated. Pure:
`coingecko_client` asks, `price_import` joins the closes to what the store holds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.errors import BadVenueAnswerError
from engine.domain.units import DAY_MS, HOUR_MS, Ms

NAME = "coingecko"
HOURLY_DAYS = 90  # one answer is hourly up to this span, daily above it
REACH_DAYS = 365  # what the free tier gives at all
COARSE_MS = 2 * HOUR_MS  # points further apart than this make no hourly bars
_DOLLARS = frozenset({"USD", "USDT", "USDC", "BUSD", "FDUSD", "TUSD", "DAI"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Prices as they were sampled: int64 `times` in ms, ascending and unique, float64 `prices`; both shape (N,).

    Counts what was mended on the way: points sorted, points of one time dropped (the last of each stays), and points
    without a price left out.
    """

    times: NDArray[np.int64]
    prices: NDArray[np.float64]
    out_of_order: int = 0
    duplicates: int = 0
    unreadable: int = 0

    @property
    def spacing_ms(self) -> float:
        """Return the median distance of two points, NaN where there are fewer than two."""
        return float(np.median(np.diff(self.times))) if len(self.times) > 1 else math.nan

    @property
    def coarse(self) -> bool:
        """Return True where the points lie too far apart for hourly bars: daily ones."""
        return self.spacing_ms > COARSE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyCloses:
    """Closes of the slots that open at `open_ms` (int64) [K], only those that have one.

    `age_ms` is how long before the end of its slot the median close was sampled; negative where it came after.
    """

    open_ms: NDArray[np.int64]
    closes: NDArray[np.float64]
    age_ms: float


def read_points(body: object, coin: str) -> Points:
    """Return the prices of a market_chart answer. Raises BadVenueAnswerError where it is none."""
    rows = body.get("prices") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) >= 2 for row in rows):
        raise BadVenueAnswerError(f"{NAME} answered for {coin} without a list of prices; try later")
    read = [(_number(row[0]), _number(row[1])) for row in rows]
    good = [(at, price) for at, price in read if math.isfinite(at) and math.isfinite(price) and price > 0]
    times = np.array([at for at, _ in good], dtype=np.float64).astype(np.int64)
    prices = np.array([price for _, price in good], dtype=np.float64)
    return _in_order(times, prices, unreadable=len(read) - len(good))


def joined(parts: Sequence[Points]) -> Points:
    """Return the points of several answers as one."""
    if not parts:
        return Points(times=np.empty(0, dtype=np.int64), prices=np.empty(0))
    whole = _in_order(np.concatenate([part.times for part in parts]), np.concatenate([part.prices for part in parts]))
    return Points(
        times=whole.times,
        prices=whole.prices,
        out_of_order=sum(part.out_of_order for part in parts),
        duplicates=sum(part.duplicates for part in parts),
        unreadable=sum(part.unreadable for part in parts),
    )


def hourly_closes(points: Points, *, now_ms: Ms, step_ms: int = HOUR_MS, grace_ms: int = 0) -> HourlyCloses:
    """Snap points to slots: a slot closes with its last point at or before its end, and is missing without one.

    A slot is (open, open + step], so that a point on the hour closes the hour before. With `grace_ms` a point up to
    that much after the end still belongs to the slot: the price of 14:02 closes the hour that ended at 14:00. Slots
    that have not ended by `now_ms`, grace included, are left out.
    """
    slots = (points.times - grace_ms - 1) // step_ms
    ended = (slots + 1) * step_ms + grace_ms <= now_ms
    slots, times, prices = slots[ended], points.times[ended], points.prices[ended]
    last = np.append(slots[1:] != slots[:-1], True)[: len(slots)]
    ages = (slots[last] + 1) * step_ms - times[last]
    return HourlyCloses(
        open_ms=slots[last] * step_ms,
        closes=prices[last],
        age_ms=float(np.median(ages)) if len(ages) else math.nan,
    )


def spans(*, days: int, now_ms: Ms) -> list[tuple[Ms, Ms]]:
    """Return the spans [first, last] that cover the last `days`, oldest first, each short enough for hourly points."""
    begins = range(now_ms - days * DAY_MS, now_ms, HOURLY_DAYS * DAY_MS)
    return [(Ms(first), Ms(min(first + HOURLY_DAYS * DAY_MS, now_ms) - 1)) for first in begins]


def currency_of(quote: str) -> str:
    """Return the currency to ask in for a venue's quote currency: stablecoins of the dollar are the dollar.

    >>> [currency_of(quote) for quote in ("USDT", "EUR")]
    ['usd', 'eur']
    """
    return "usd" if quote.upper() in _DOLLARS else quote.lower()


def complaint(body: object) -> str:
    """Return what an error answer says, on one line; "" where it says nothing."""
    for _ in range(4):
        if not isinstance(body, dict):
            break
        body = next((body[key] for key in ("error_message", "error", "message", "status") if body.get(key)), "")
    return " ".join(body.split())[:160] if isinstance(body, str) else ""


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def _in_order(times: NDArray[np.int64], prices: NDArray[np.float64], *, unreadable: int = 0) -> Points:
    """Return points ascending and unique, the last of each duplicate kept."""
    backwards = int(np.count_nonzero(times < np.maximum.accumulate(times))) if len(times) else 0
    order = np.argsort(times, kind="stable")
    times, prices = times[order], prices[order]
    kept = np.append(times[1:] != times[:-1], True)[: len(times)]
    return Points(
        times=times[kept],
        prices=prices[kept],
        out_of_order=backwards,
        duplicates=int(np.count_nonzero(~kept)),
        unreadable=unreadable,
    )
