"""Owns the translation of whatever ccxt raises into our three errors, each one redacted sentence.

It never retries and never hides: what leaves is VenueUnreachableError, BadVenueAnswerError or UnknownSymbolError, with
the original as its cause. Only calls into ccxt stand inside `plain_errors`, so that a mistake of ours is not blamed on
the venue. The sentences go to the engine's link state and to stderr.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from engine.adapters.redaction import redact
from engine.domain.errors import BadVenueAnswerError, DriftdeckError, UnknownSymbolError, VenueUnreachableError
from engine.domain.units import Symbol

LONGEST_REASON = 160
_VENUE_MESSAGE = re.compile(r'"(?:retMsg|ret_msg|msg|message)"\s*:\s*"([^"]+)"')
_REQUEST = re.compile(r"^\S+ (?:GET|POST|PUT|DELETE) \S+\s*")
_SYMBOL_REFUSED = re.compile(r"symbol\s+(?:is\s+)?(?:invalid|not)|(?:invalid|not supported|unknown)\s+symbol", re.I)


@contextmanager
def plain_errors(venue: str, doing: str, *, proxy: str = "", symbol: Symbol | None = None) -> Iterator[None]:
    """Translate what a ccxt call in the block raises; `doing` names the call, such as "reading candles"."""
    from ccxt.base.errors import BaseError

    try:
        yield
    except DriftdeckError:
        raise
    except BaseError as error:
        raise translate(error, venue=venue, doing=doing, proxy=proxy, symbol=symbol) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # ccxt's parsers index into whatever came; a wrong shape ends here
        raise BadVenueAnswerError(
            f"{venue} answered in a form that cannot be read while {doing} ({type(error).__name__}); try later"
        ) from error
    except OSError as error:
        raise VenueUnreachableError(f"{venue} cannot be reached while {doing}: {_short(str(error))}") from error


def translate(error: Exception, *, venue: str, doing: str, proxy: str, symbol: Symbol | None) -> DriftdeckError:
    """Return our error for a ccxt exception."""
    from ccxt.base import errors as ccxt_errors

    if _about_symbol(error, symbol):
        return unknown_symbol(venue, symbol)
    network = _network_reason(error.__cause__, proxy)
    if network:
        return VenueUnreachableError(f"{venue} cannot be reached while {doing}: {network}")
    silences = (
        (ccxt_errors.RequestTimeout, f"did not answer in time while {doing}; check the network, then try again"),
        (ccxt_errors.ExchangeClosedByUser, f"was not asked: the connection was closed while {doing}"),
        (ccxt_errors.OnMaintenance, "says that it is under maintenance; try later"),
        (ccxt_errors.NetworkError, f"is not available while {doing}: {_short(str(error))}"),
        (ccxt_errors.OperationFailed, f"is in trouble while {doing}: {_short(str(error))}; try later"),
        (ccxt_errors.RestrictedLocation, f"does not serve this address or its country: {_short(str(error))}"),
    )
    for kind, sentence in silences:
        if isinstance(error, kind):
            return VenueUnreachableError(f"{venue} {sentence}")
    if isinstance(error, ccxt_errors.NotSupported):
        return BadVenueAnswerError(f"{venue} does not offer what {doing} needs; choose another venue")
    return BadVenueAnswerError(f"{venue} refused while {doing}: {_short(str(error))}")


def unknown_symbol(venue: str, symbol: Symbol | None) -> UnknownSymbolError:
    """Return the error for a symbol that the venue does not list."""
    return UnknownSymbolError(f"{venue} does not list {symbol or 'this symbol'}; correct the asset or its symbol")


def _about_symbol(error: Exception, symbol: Symbol | None) -> bool:
    """Return True where the venue, or ccxt for it, says that it does not know the symbol."""
    from ccxt.base.errors import BadRequest, BadSymbol

    refused = symbol is not None and isinstance(error, BadRequest) and _SYMBOL_REFUSED.search(str(error))
    return isinstance(error, BadSymbol) or bool(refused)


def _network_reason(cause: BaseException | None, proxy: str) -> str:
    """Say what failed below HTTP, "" where it was not the network. The most special classes come first."""
    import aiohttp

    if isinstance(cause, aiohttp.ClientHttpProxyError):
        return f"the proxy at {redact(proxy)} refused with HTTP {cause.status}; check it or venue.proxy"
    reasons = (
        (aiohttp.ClientProxyConnectionError, f"no proxy answers at {redact(proxy)}; start it or correct venue.proxy"),
        (aiohttp.ClientConnectorCertificateError, "its certificate is not trusted; check the proxy and venue.ca_file"),
        (aiohttp.ClientConnectorSSLError, "no secure connection could be made; check the proxy and venue.ca_file"),
        (aiohttp.ClientConnectorDNSError, "its name cannot be resolved; check the network or set venue.proxy"),
        (aiohttp.ClientPayloadError, "the answer was cut off; try again"),
        (aiohttp.ClientError, f"the connection failed ({type(cause).__name__}); check the network, then try again"),
    )
    return next((reason for kind, reason in reasons if isinstance(cause, kind)), "")


def unanswered(error: Exception) -> str:
    """Say how the answer to a request that left got lost, "" where something was answered."""
    import aiohttp
    from ccxt.base.errors import RequestTimeout

    ways = (
        (RequestTimeout, "no answer came in time"),
        (aiohttp.ServerTimeoutError, "no answer came in time"),
        (aiohttp.ClientPayloadError, "the answer was cut off"),
        (aiohttp.ClientConnectorError, "no connection could be made"),
        (aiohttp.ClientError, "the connection broke before an answer came"),
    )
    return next((way for kind, way in ways if isinstance(error, kind) or isinstance(error.__cause__, kind)), "")


def venue_words(error: Exception) -> str:
    """Return what a venue answered, in its own words where it has some, without the request before it."""
    return _short(_REQUEST.sub("", str(error))) or type(error).__name__


def _short(text: str) -> str:
    """Return the venue's own message where there is one, redacted, on one line and short."""
    message = _VENUE_MESSAGE.search(text)
    line = " ".join(redact(message.group(1) if message else text).split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 3] + "..."
