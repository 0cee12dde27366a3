"""Owns the limits on requests per address: Bybit's number in five seconds, and Binance's weight in a minute.

Beyond Bybit's 600 comes a ban (HTTP 403) of ten minutes. They count on host time that is passed in and refuse by saying
so; the server answers with the 403 or the 429.
"""

from collections import deque

LIMIT = 600
WINDOW_S = 5.0
BAN_S = 600.0


class Throttle:
    """A sliding window over the requests of one address (everybody here is loopback)."""

    def __init__(self, *, limit: int = LIMIT, window_s: float = WINDOW_S, ban_s: float = BAN_S) -> None:
        self._limit = limit
        self._window_s = window_s
        self._ban_s = ban_s
        self._seen: deque[float] = deque()
        self._banned_until = float("-inf")

    @property
    def limit(self) -> int:
        """Requests per window."""
        return self._limit

    def take(self, at: float) -> int | None:
        """Count a request at host time `at`; return how many are left, or None when the address is banned."""
        if at < self._banned_until:
            return None
        while self._seen and self._seen[0] <= at - self._window_s:
            self._seen.popleft()
        if len(self._seen) >= self._limit:
            self._banned_until = at + self._ban_s
            self._seen.clear()
            return None
        self._seen.append(at)
        return self._limit - len(self._seen)


class MinuteWeight:
    """Binance's limit: the weight of the requests of a minute, after which it answers 429 until the next one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._minute = -1
        self._used = 0

    def take(self, weight: int, at: float) -> int | None:
        """Count a request at host time `at`; return what the minute has used, or None when it is used up."""
        if int(at // 60.0) != self._minute:
            self._minute, self._used = int(at // 60.0), 0
        if self._used + weight > self._limit:
            return None
        self._used += weight
        return self._used
