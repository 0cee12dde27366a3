"""What is known of venues before they are asked: page sizes from our table or ccxt's, and how steps are written."""

import time

import pytest

from engine.adapters.ccxt_client import build_exchange
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.market_traits import candle_page, counts_places, known_page
from engine.domain.config import VenueConfig
from engine.domain.errors import ConfigError
from engine.domain.market import MarketKind


@pytest.mark.parametrize(
    ("venue", "kind", "page"),
    [
        ("bybit", MarketKind.SWAP, 1000),
        ("binance", MarketKind.SWAP, 499),
        ("binance", MarketKind.SPOT, 1000),
        ("okx", MarketKind.SWAP, 300),
        ("kraken", MarketKind.SPOT, 720),
        ("coinbase", MarketKind.SPOT, 300),
        ("bitget", MarketKind.SWAP, 200),
        ("kucoin", MarketKind.SPOT, 1500),
        ("kucoin", MarketKind.SWAP, 500),
    ],
)
async def test_candles_are_asked_for_in_pages_that_the_venue_gives(venue: str, kind: MarketKind, page: int) -> None:
    config = VenueConfig(id=venue, market=kind)
    exchange = build_exchange(config, breaker=HostBreaker(time.monotonic), monotonic=time.monotonic)
    assert candle_page(config, exchange) == page
    assert not counts_places(exchange)
    await exchange.close()


def test_what_nobody_knows_of_a_venue_is_not_guessed() -> None:
    assert known_page(object(), MarketKind.SPOT) == 0
    assert candle_page(VenueConfig(id="nowhere"), object()) == 500


@pytest.mark.parametrize(
    ("venue", "kind", "why"),
    [
        ("bitfinex", MarketKind.SPOT, "bitfinex cannot be used: .*significant digits, so its markets have no price"),
        ("kraken", MarketKind.SWAP, 'kraken cannot be used: it has no swap markets; use market = "spot"'),
        ("cryptocom", MarketKind.SPOT, "cryptocom cannot be used: it does not tell its time"),
    ],
)
def test_a_venue_that_cannot_work_is_refused_with_the_reason(venue: str, kind: MarketKind, why: str) -> None:
    config = VenueConfig(id=venue, market=kind)
    with pytest.raises(ConfigError, match=why):
        build_exchange(config, breaker=HostBreaker(time.monotonic), monotonic=time.monotonic)
