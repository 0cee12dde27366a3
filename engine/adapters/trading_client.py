"""Owns the building of the ccxt object that carries a key: another one than the data's, and a narrower one.

Every request is held against the hosts of its mode before it leaves, however ccxt came to its url; a request that
places an order must carry the client id in its own bytes, or it stays. Retries are off and redirects are not followed:
it is sent once, and where it was checked to go.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from engine.adapters.ccxt_client import TrustworthyAnswers, assemble, class_of
from engine.adapters.ccxt_modules import POLLING
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.no_redirects import NoRedirects
from engine.adapters.venue_keys import VenueKeys
from engine.adapters.venue_modes import check_request, switch_mode
from engine.adapters.venue_traits import Door, door_of
from engine.domain.config import VenueConfig
from engine.domain.errors import RefusedError

MUST_CARRY: ContextVar[str] = ContextVar("must_carry", default="")  # the client id of the order that is being sent


def build_trader(
    venue: VenueConfig,
    keys: VenueKeys,
    *,
    breaker: HostBreaker,
    monotonic: Callable[[], float],
    behind: tuple[type[Any], ...] = (),
    package: str = POLLING,
) -> Any:
    """Return a ccxt object with this key in the venue's mode. Raises RefusedError, ConfigError. Opens no socket.

    Classes of `behind` stand between the checks and ccxt.
    """
    door = door_of(venue)
    exchange = assemble(
        venue,
        (KeptInside, TrustworthyAnswers, NoRedirects, *behind, class_of(venue, package)),
        breaker=breaker,
        monotonic=monotonic,
        door=door,
        mode_of=venue,
    )
    switch_mode(exchange, venue, door)
    exchange.apiKey, exchange.secret, exchange.password = keys.key, keys.secret, keys.passphrase or None
    return exchange


class KeptInside:
    """Looks at every request of a ccxt object once more before it leaves. Names start with "_", as ccxt wants it."""

    def __init__(self, config: dict[str, Any], *, door: Door, mode_of: VenueConfig, **more: Any) -> None:
        self._door = door
        self._venue = mode_of
        parent: Any = super()
        parent.__init__(config, **more)

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """Send a request that stays inside its mode. Raises RefusedError for any other, which is not sent."""
        given = {str(name): str(value) for name, value in (headers or {}).items()}
        check_request(self._venue, self._door, url, given, signed=bool(given) and method != "GET")
        wanted = MUST_CARRY.get()
        if wanted and wanted not in f"{url} {body or ''}":
            raise RefusedError(f"{self._venue.id} was not sent an order that does not carry its client id")
        parent: Any = super()
        return await parent.fetch(url, method, headers, body)
