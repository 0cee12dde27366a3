"""Owns when checks are due: every `period` on the UTC grid of the market clock, a shorter one while VOL is on.

Never reads a clock and never runs a check: the core asks which instants are due and runs each on the bars closed by it.
"""

from engine.domain.config import RulesConfig
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


def is_due(at: Ms, rules: RulesConfig, *, fast: bool) -> bool:
    """Return True where `at` lies on the grid of checks: 15 minutes while volatility is on, else 4 hours."""
    return at % rules.check_every_ms == 0 or (fast and at % rules.fast_check_every_ms == 0)


def next_check(after: Ms, rules: RulesConfig, fast_until: Ms | None) -> Ms:
    """Return the next check later than `after`, as far as is known now: the fast cycle holds to before `fast_until`."""
    slow = next_instant(after, rules.check_every_ms)
    quick = next_instant(after, rules.fast_check_every_ms)
    return quick if fast_until is not None and quick < fast_until else slow


def missed_check(last_check: Ms | None, now: Ms, rules: RulesConfig, fast_until: Ms | None) -> Ms | None:
    """Return the one check to make up at start: the latest that was due since `last_check`; None where none was.

    However many were missed, one is made up: it reads all bars closed by then, and is marked late by its age. With
    the fast cycle still on, its last instant counts.
    """
    latest = floor_to(now, rules.check_every_ms)
    if fast_until is not None:
        latest = max(latest, floor_to(min(now, Ms(fast_until - 1)), rules.fast_check_every_ms))
    if last_check is None or latest > last_check:
        return latest
    return None
