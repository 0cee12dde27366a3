"""Owns the grid of check instants: every `period` on the UTC grid of the market clock.

Never reads a clock and never runs a check: the core asks which instants are due and runs each on the bars closed by it.
"""

from engine.domain.units import Ms, floor_to


def due_instants(last_check: Ms | None, now: Ms, period_ms: int) -> tuple[Ms, ...]:
    """Return the grid instants in (last_check, now], oldest first; without a last check only the latest one.

    >>> due_instants(Ms(10), Ms(31), 10)
    (20, 30)
    """
    latest = floor_to(now, period_ms)
    if last_check is None:
        return (latest,)
    first = floor_to(last_check, period_ms) + period_ms
    return tuple(Ms(at) for at in range(first, latest + 1, period_ms))


def next_instant(after: Ms, period_ms: int) -> Ms:
    """Return the first grid instant later than `after`."""
    return Ms(floor_to(after, period_ms) + period_ms)
