"""Owns the account at a real venue as an engine uses it: keys read, admission first, then the broker behind its desk.

The only place where keys meet the engine; they go into the broker and nowhere else. What the venue refuses ends the
engine with its sentence; a venue that is silent is asked again by the desk.
"""

import logging
import os

from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.key_permissions import Access
from engine.adapters.paths import keys_file
from engine.adapters.venue_keys import read_keys
from engine.domain.config import Config
from engine.domain.ports import Broker, Clock
from engine.runtime.trading_side import Admit

log = logging.getLogger(__name__)


def open_account(config: Config, clock: Clock, breaker: HostBreaker) -> tuple[Broker, Admit]:
    """Return the broker of the config's venue and its admission. Raises RefusedError where keys or mode are wrong."""
    venue = config.venue
    keys = read_keys(venue.id, environ=os.environ, file=keys_file())
    broker = CcxtBroker(venue, keys, clock=clock, symbols=tuple(config.symbols.values()), breaker=breaker)

    async def admit() -> str:
        admission = await broker.admit()
        for note in admission.notes:
            log.info("account: %s", note)
        if admission.access is Access.TRADE:
            return ""
        return f"the key for {venue.id} only reads: nothing can be sent with it"

    return broker, admit
