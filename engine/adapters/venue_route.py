"""Owns how requests leave this machine: the trader's proxy and TLS trust, as [venue] says.

Dials nothing. What leaves here goes into the sessions of whoever asks a host.
"""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import ConfigError


def tls_trust(venue: VenueConfig) -> ssl.SSLContext:
    """Return the TLS trust: certifi's roots, or only the CA in `ca_file`. Raises ConfigError."""
    if not venue.ca_file:
        import certifi

        return ssl.create_default_context(cafile=certifi.where())
    if venue.mode is Mode.LIVE:
        raise ConfigError("venue.ca_file: not honored in live mode; leave it empty")
    if not Path(venue.ca_file).is_file():
        raise ConfigError(f"venue.ca_file: there is no file {venue.ca_file}; name a PEM file or leave it empty")
    try:
        return ssl.create_default_context(cafile=venue.ca_file)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(f"venue.ca_file: {venue.ca_file} holds no readable PEM certificate") from error


def check_proxy(proxy: str) -> None:
    """Raise ConfigError where `proxy` is neither empty nor http://host:port."""
    if not proxy:
        return
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme == "http" and bool(parts.hostname) and parts.port is not None
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("venue.proxy: must look like http://host:port")
