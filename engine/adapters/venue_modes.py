"""Owns the switch of a ccxt object to a mode and the proof that it dials that mode's hosts and no other.

ccxt's switches fail in several ways and leave the object pointing at live money (FACTS 4). So whatever they say, every
url that could be dialed is held against the allow-list afterwards, and `check_request` holds each request against it
again. Never sends anything. The trading client calls both.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from engine.adapters.venue_traits import Door
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import RefusedError

_STREAMS = "ws"  # where ccxt.pro keeps the urls of its streams


def switch_mode(exchange: Any, venue: VenueConfig, door: Door) -> None:
    """Point a fresh ccxt object at the mode of `venue` and check where it would dial. Raises RefusedError."""
    from ccxt.base.errors import BaseError

    try:
        if venue.mode is Mode.TESTNET:
            exchange.set_sandbox_mode(True)
        elif venue.mode is Mode.DEMO:
            exchange.enable_demo_trading(True)
    except (BaseError, TypeError, KeyError) as error:  # each venue fails in its own way
        raise RefusedError(
            f"venue.mode: {venue.id} cannot be switched to {venue.mode} ({type(error).__name__}); use paper"
        ) from error
    hosts = set(dialed_hosts(exchange))
    if not hosts or hosts - door.hosts:
        named = ", ".join(sorted(hosts - door.hosts)) or "no host at all"
        raise RefusedError(f"venue.mode: {venue.id} in {venue.mode} would dial {named}; nothing is sent")


def dialed_hosts(exchange: Any) -> Iterator[str]:
    """Yield the host of every url that ccxt may use for requests; its streams are checked where they are dialed."""
    return _hosts(exchange, exchange.urls["api"])


def check_request(venue: VenueConfig, door: Door, url: str, headers: Mapping[str, str], *, signed: bool) -> None:
    """Raise RefusedError where a request would leave the mode."""
    parts = urlsplit(url)
    if parts.scheme != "https" or (parts.hostname or "") not in door.hosts or parts.port not in (None, 443):
        raise RefusedError(f"{venue.id} in {venue.mode} would dial {parts.hostname}; nothing was sent")
    if door.header is None or not signed:
        return
    name, value = door.header
    if {key.lower(): text for key, text in headers.items()}.get(name.lower()) != value:
        raise RefusedError(f"a request to {venue.id} does not say that it is {venue.mode}; nothing was sent")


def check_stream(venue: VenueConfig, door: Door, url: str) -> None:
    """Raise RefusedError where a stream would leave the mode."""
    parts = urlsplit(url)
    if parts.scheme != "wss" or (parts.hostname or "") not in door.streams or parts.port not in (None, 443):
        raise RefusedError(f"{venue.id} in {venue.mode} would listen at {parts.hostname}; no key was shown")


def _hosts(exchange: Any, urls: object) -> Iterator[str]:
    if isinstance(urls, Mapping):
        for name, each in urls.items():
            if name != _STREAMS:
                yield from _hosts(exchange, each)
    elif isinstance(urls, str):
        yield urlsplit(exchange.implode_hostname(urls)).hostname or ""
