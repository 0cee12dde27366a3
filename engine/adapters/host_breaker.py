"""Owns the pauses that hosts ask for: after a 403, 418, 429 or a Retry-After nothing is sent there until it is due.

Bans are per address, not per object (FACTS 4), so everything that talks to venues shares one `HostBreaker`. It never
sends, retries or sleeps: it raises at once and the caller decides. Adapters ask `check` before every request.
"""

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from engine.adapters.request_budget import RequestBudget
from engine.domain.errors import VenueUnreachableError
from engine.domain.market import HostPause

LONGEST_PAUSE_S = 3 * 24 * 3600.0  # Binance's longest ban; a larger Retry-After is nonsense
# What each status means where the venue does not say how long: Bybit lifts its 403 after ten minutes, Binance counts
# weights by the minute and bans (418) for at least two.
DEFAULT_PAUSE_S = {403: 600.0, 418: 120.0, 429: 60.0}


def pause_asked_for(status: int, headers: Mapping[str, str]) -> float:
    """Return the seconds of silence that an answer asks for, 0.0 where it asks for none."""
    named = {name.lower(): value for name, value in headers.items()}
    retry_after = _retry_after_s(named.get("retry-after", ""), named.get("date", ""))
    if retry_after is None or status < 400:
        return DEFAULT_PAUSE_S.get(status, 0.0)
    return min(max(retry_after, 1.0), LONGEST_PAUSE_S)


class HostBreaker:
    """Remembers until when each host wants to be left alone, in host monotonic seconds.

    `budget` spaces the requests of all who share this object.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.budget = RequestBudget(monotonic)
        self._monotonic = monotonic
        self._due: dict[str, float] = {}
        self._status: dict[str, int] = {}

    def pause(self, host: str, seconds: float, *, status: int = 0) -> None:
        """Stop requests to `host` for `seconds`; a running pause is never shortened. `status` is what it answered."""
        due = self._monotonic() + seconds
        if due >= self._due.get(host, 0.0):
            self._due[host], self._status[host] = due, status

    def pauses(self) -> tuple[HostPause, ...]:
        """Return the pauses that are running, the longest first."""
        running = [host for host in tuple(self._due) if self.remaining(host) > 0.0]
        found = (HostPause(host=host, until=self._due[host], status=self._status[host]) for host in running)
        return tuple(sorted(found, key=lambda pause: -pause.until))

    def remaining(self, host: str) -> float:
        """Return the seconds until `host` may be asked again, 0.0 where it may be asked now."""
        due = self._due.get(host)
        if due is None:
            return 0.0
        left = due - self._monotonic()
        if left <= 0.0:
            del self._due[host]
            return 0.0
        return left

    def check(self, host: str, venue: str) -> None:
        """Raise VenueUnreachableError while `host` is paused."""
        left = self.remaining(host)
        if left > 0.0:
            raise VenueUnreachableError(f"{venue} asked for a pause: {left:.0f} s left; nothing is sent until then")


def _retry_after_s(value: str, date: str) -> float | None:
    """Read Retry-After, which is seconds or an HTTP date; a date counts from the answer's own Date header."""
    try:
        return float(int(value))
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(value) - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return None
