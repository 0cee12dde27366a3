"""Venues beside Bybit and Binance through the real ccxt: one instrument, one quote, two candles, in the same words."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.domain.config import VenueConfig
from engine.domain.units import Ms, Symbol
from support.loopback_venue import LoopbackVenue
from support.other_venues import FIRST_MS, GATE, HOUR_MS, KRAKEN, KUCOIN, NOW_MS, OKX, OTHERS, OtherVenue

# Step and smallest quantity in coins: OKX counts tenths of ETH, Gate and KuCoin hundredths.
STEPS = {
    "okx": ("0.001", "0.001", "0"),
    "kraken": ("1E-8", "0.002", "0.5"),
    "gate": ("0.01", "0.01", "0"),
    "bitget": ("0.01", "0.02", "5"),
    "kucoin": ("0.01", "0.01", "0"),
}


@pytest.fixture(params=OTHERS, ids=lambda each: each.id)
def venue(request: pytest.FixtureRequest) -> OtherVenue:
    found: OtherVenue = request.param
    return found


@pytest.fixture
async def data(venue: OtherVenue, tmp_path: Path) -> AsyncIterator[CcxtMarketData]:
    async with LoopbackVenue(tmp_path, venue) as server:
        config = VenueConfig(
            id=venue.id,
            market=venue.market,
            proxy=server.proxy,
            ca_file=server.ca_file,
            requests_per_second=1000.0,
        )
        adapter = CcxtMarketData(config, monotonic=time.monotonic)
        yield adapter
        await adapter.close()


async def test_a_market_has_its_steps_in_coins(data: CcxtMarketData, venue: OtherVenue) -> None:
    found = await data.instruments([Symbol(venue.symbol), Symbol("OLD/USDT:USDT"), Symbol("NOWHERE/USDT:USDT")])
    assert list(found) == [venue.symbol], "what is suspended or unknown is not listed"
    step, least, minimum = map(Decimal, STEPS[venue.id])
    instrument = found[Symbol(venue.symbol)]
    assert (instrument.asset, instrument.kind, instrument.price_step) == ("ETH", venue.market, Decimal("0.01"))
    assert (instrument.quantity_step, instrument.min_quantity, instrument.min_notional) == (step, least, minimum)


async def test_a_quote_is_dated_also_where_the_ticker_is_not(data: CcxtMarketData, venue: OtherVenue) -> None:
    (quote,) = await data.quotes([Symbol(venue.symbol)])
    assert (str(quote.last), quote.event_ms) == ("3000.1", NOW_MS)
    told = {OKX.id: ("3000", None), KUCOIN.id: (None, None)}.get(venue.id, ("3000", "3000.2"))
    assert (quote.bid, quote.ask) == tuple(side and Decimal(side) for side in told), "what is not said is unknown"


async def test_candles_and_the_time_are_read(data: CcxtMarketData, venue: OtherVenue) -> None:
    found = await data.candles(Symbol(venue.symbol), since_ms=Ms(FIRST_MS), limit=2)
    at, _ = await data.server_time()
    assert [(each.open_ms, each.open, each.close) for each in found] == [
        (FIRST_MS, 1.0, 1.5),
        (FIRST_MS + HOUR_MS, 1.0, 1.5),
    ]
    assert at == NOW_MS


@pytest.mark.parametrize(
    ("plain", "route", "bad"),
    [
        (KRAKEN, "/0/public/AssetPairs", {"base": "BAD", "quote": "ZUSD", "pair_decimals": "few"}),
        (
            GATE,
            "/api/v4/futures/usdt/contracts",
            {"name": "BAD_USDT", "order_price_deviate": "some", "mark_price": "much"},
        ),
    ],
)
async def test_a_market_that_cannot_be_read_leaves_the_others_readable(
    plain: OtherVenue, route: str, bad: dict[str, str], tmp_path: Path
) -> None:
    body = plain.bodies[route]
    more: object = [bad, *body] if isinstance(body, list) else body | {"result": {"BADPAIR": bad} | body["result"]}
    broken = replace(plain, bodies={**plain.bodies, route: more})
    async with LoopbackVenue(tmp_path, broken) as server:
        config = VenueConfig(
            id=plain.id, market=plain.market, proxy=server.proxy, ca_file=server.ca_file, requests_per_second=1000.0
        )
        data = CcxtMarketData(config, monotonic=time.monotonic)
        try:
            assert list(await data.instruments([Symbol(plain.symbol)])) == [plain.symbol]
        finally:
            await data.close()
    assert data.unreadable == ({"kraken": "BADPAIR", "gate": "BAD_USDT"}[plain.id],)
