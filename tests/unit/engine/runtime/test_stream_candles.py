"""Streams that say prices and no candles: found by the bars that had to be fetched, on a clock that the test moves."""

from dataclasses import replace

from engine.core.inputs import StreamReported
from engine.domain.units import HOUR_MS, Ms
from support.books import START
from support.stream_room import SOL, Room, candle, running


async def test_a_symbol_that_was_traded_for_an_hour_without_a_streamed_candle_makes_the_stream_silent() -> None:
    room = Room()
    room.clock.now_ms = Ms(START + 60_000)
    async with running(room):
        room.stream.say(room.priced("ETH", "3000"), candle(0, 3000.0), candle(0, 150.0, symbol=SOL))
        await room.pass_time(0.3)
        room.clock.now_ms = Ms(START + 3 * HOUR_MS)
        room.stream.say(room.priced("ETH", "3001"), candle(2, 3001.0), candle(3, 3001.0))
        await room.pass_time(0.3)
        room.feed.compare_bar(candle(2, 3001.0))
        room.feed.compare_bar(candle(1, 151.0, symbol=SOL))  # too soon after it was opened
        room.feed.compare_bar(replace(candle(2, 151.0, symbol=SOL), volume=0.0))  # nobody traded
        await room.pass_time(0.3)
        assert room.of(StreamReported) == [StreamReported(up=True, why="")]
        room.feed.compare_bar(candle(2, 151.0, symbol=SOL))
        await room.pass_time(0.3)
        said = room.of(StreamReported)[-1]
        assert said == StreamReported(up=False, why="the stream says no candles of SOL: they are fetched")
        await room.pass_time(5.0)
        assert len(room.streams) == 2


async def test_a_venue_that_streams_no_candles_is_not_asked_for_any() -> None:
    room = Room()
    room.offers_candles = False
    async with running(room):
        room.stream.say(room.priced("ETH", "3000"))
        await room.pass_time(0.3)
        room.feed.compare_bar(candle(5, 3001.0))
        await room.pass_time(0.3)
        assert room.of(StreamReported) == [StreamReported(up=True, why="")]
