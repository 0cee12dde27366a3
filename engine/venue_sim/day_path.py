"""Owns the path of one market day: log prices at every minute, the extremes between them, and ticks inside a minute.

It turns the factor model's returns into a path that candles can be cut from: a minute's high and low are the extremes
of a Brownian bridge (exact law), and the ticks inside the minute stay within them. Levels are relative logs; the
simulation adds each asset's offset and rounds to its price step.
"""

from dataclasses import dataclass

import numpy as np

from engine.domain.units import DAY_MS, MINUTE_MS, SECOND_MS, Ms
from engine.venue_sim.factor_model import Day
from engine.venue_sim.prices import FloatArray

_EXTREMES, _TICKS = 0xE87E, 0x71C5


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPath:
    """Log levels [1441, N] (row k = at minute k of the day), highs and lows [1440, N], sd [1440, N]."""

    day: Ms
    levels: FloatArray
    highs: FloatArray
    lows: FloatArray
    sigma: FloatArray
    turnover: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class HourRows:
    """The hours of a day: log levels [25, N] (row h = at hour h), highs, lows and quote turnover [24, N]."""

    levels: FloatArray
    highs: FloatArray
    lows: FloatArray
    turnover: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The unfinished minute so far: log last, high and low, each [N], and the share of the minute that is over."""

    last: FloatArray
    high: FloatArray
    low: FloatArray
    share: float


def walk(day: Day, start: FloatArray, *, seed: int, at: Ms) -> DayPath:
    """Return the path of the day that begins at `at` with log levels `start`."""
    levels = np.empty((len(day.returns) + 1, len(start)))
    levels[0] = start
    np.cumsum(day.returns, axis=0, out=levels[1:])
    levels[1:] += start
    rng = np.random.default_rng([seed, _EXTREMES, at // DAY_MS])
    a, b = levels[:-1], levels[1:]
    middle, square = (a + b) / 2.0, (a - b) ** 2
    twice = 2.0 * day.sigma**2
    up = np.sqrt(square + twice * rng.standard_exponential(a.shape, dtype=np.float32)) / 2.0
    down = np.sqrt(square + twice * rng.standard_exponential(a.shape, dtype=np.float32)) / 2.0
    return DayPath(
        day=at,
        levels=levels,
        highs=np.maximum(middle + up, np.maximum(a, b)),
        lows=np.minimum(middle - down, np.minimum(a, b)),
        sigma=day.sigma,
        turnover=day.turnover,
    )


def hours_of(path: DayPath) -> HourRows:
    """Return the day's hours, copied so that the minutes can be let go."""
    return HourRows(
        levels=path.levels[::60].copy(),
        highs=path.highs.reshape(24, 60, -1).max(axis=1),
        lows=path.lows.reshape(24, 60, -1).min(axis=1),
        turnover=path.turnover,
    )


def part_of_minute(path: DayPath, now: Ms, *, seed: int) -> Part:
    """Return the minute of `path` that holds `now`, up to the last whole second; later seconds only widen it."""
    minute, inside = divmod(now - path.day, MINUTE_MS)
    second = inside // SECOND_MS
    a, b = path.levels[minute], path.levels[minute + 1]
    rng = np.random.default_rng([seed, _TICKS, now // MINUTE_MS])
    steps = rng.standard_normal((60, len(a))) * (path.sigma[minute] / np.sqrt(60.0))
    wander = np.vstack((np.zeros(len(a)), np.cumsum(steps, axis=0)))
    clock = (np.arange(61) / 60.0)[:, None]
    ticks = a + clock * (b - a) + wander - clock * wander[-1]
    so_far = np.clip(ticks[: second + 1], path.lows[minute], path.highs[minute])
    return Part(last=so_far[-1], high=so_far.max(axis=0), low=so_far.min(axis=0), share=second / 60.0)
