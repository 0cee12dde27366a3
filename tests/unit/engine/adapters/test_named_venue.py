"""A venue beside the default one: asked in its own words, heard in the book's."""

import asyncio

import pytest

from engine.adapters.named_venue import NamedMarketData, NamedStream
from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.units import HOUR_MS, Asset, Ms, Symbol
from support.books import START
from support.fake_market_data import FakeMarketData
from support.fake_stream import FakeStream

HERE, THERE = Symbol("ETH/USDT"), Symbol("ETH/USDT@okx")
NAME = Asset("ETH@other")


def venue() -> tuple[FakeMarketData, NamedMarketData]:
    inner = FakeMarketData(now_ms=START)
    inner.set_path(HERE, Ms(START - 3 * HOUR_MS), [1.0, 2.0, 3.0])
    return inner, NamedMarketData(inner, venue_id="okx", assets={THERE: NAME})


def test_instruments_quotes_and_candles_come_under_the_books_names() -> None:
    async def scene() -> None:
        _, data = venue()
        listed = await data.instruments([THERE])
        assert {symbol: (found.symbol, found.asset) for symbol, found in listed.items()} == {THERE: (THERE, NAME)}
        assert [quote.symbol for quote in await data.quotes([THERE])] == [THERE]
        candles = await data.candles(THERE, since_ms=Ms(START - 3 * HOUR_MS), limit=3)
        assert [candle.close for candle in candles] == [1.0, 2.0, 3.0]
        assert {candle.symbol for candle in candles} == {THERE}
        assert (await data.server_time())[0] == START

    asyncio.run(scene())


def test_an_unknown_symbol_is_refused_in_the_venues_name() -> None:
    async def scene() -> None:
        _, data = venue()
        with pytest.raises(UnknownSymbolError, match="okx"):
            await data.candles(Symbol("NO/USDT@okx"), since_ms=START, limit=1)

    asyncio.run(scene())


def test_a_stream_is_opened_and_read_in_the_venues_words() -> None:
    async def scene() -> None:
        inner, _ = venue()
        stream = FakeStream(offers_candles=False)
        named = NamedStream(stream, venue_id="okx")
        stream.say(*await inner.quotes([HERE]), *await inner.candles(HERE, since_ms=Ms(START - HOUR_MS), limit=1))
        stream.fail("over")
        with pytest.raises(VenueUnreachableError, match="over"):
            await named.run([THERE])
        quotes, candles = named.harvest([THERE])
        await named.close()
        assert stream.symbols == (HERE,)
        assert (named.offers_quotes, named.offers_candles) == (True, False)
        assert ([q.symbol for q in quotes], [c.symbol for c in candles]) == ([THERE], [THERE])
        assert stream.closed

    asyncio.run(scene())
