"""The streams of a venue on a clock that the test moves: what is handed on, what is found silent, what comes after."""

from itertools import pairwise

from msgspec import structs

from engine.core.inputs import CandlesArrived, QuotesArrived, StreamReported
from engine.domain.units import HOUR_MS, Ms
from engine.runtime.stream_feed import BEHIND_AFTER_S, SILENT_AFTER_S
from support.books import START
from support.stream_room import ETH, SOL, Room, candle, running


async def test_prices_are_handed_on_and_the_stream_is_said_to_be_up_once() -> None:
    room = Room()
    async with running(room):
        room.stream.say(room.priced("ETH", "3000"))
        await room.pass_time(0.3)
        room.stream.say(room.priced("ETH", "3001"), room.priced("SOL", "150"))
        await room.pass_time(0.3)
        assert room.stream.symbols == (ETH, SOL)
        assert [len(item.quotes) for item in room.of(QuotesArrived) if isinstance(item, QuotesArrived)] == [1, 2]
        assert room.of(StreamReported) == [StreamReported(up=True, why="")]


async def test_who_reads_bars_again_hears_of_a_reconnect_once_the_new_stream_speaks() -> None:
    room = Room()
    async with running(room):
        room.stream.say(room.priced("ETH", "3000"))
        await room.pass_time(0.3)
        room.stream.fail("cut off")
        await room.pass_time(5)
        assert len(room.streams) == 2
        assert room.reconnects == []  # connected, and nothing said yet
        room.stream.say(room.priced("ETH", "3001"))
        await room.pass_time(0.3)
        room.stream.say(room.priced("ETH", "3002"))
        await room.pass_time(0.3)
        assert len(room.reconnects) == 1


async def test_a_stream_that_says_nothing_is_closed_and_another_is_opened() -> None:
    room = Room()
    async with running(room):
        room.stream.say(room.priced("ETH", "3000"))
        await room.pass_time(SILENT_AFTER_S + 0.5)
        said = room.of(StreamReported)[-1]
        assert isinstance(said, StreamReported)
        assert not said.up
        assert "silent for 12 s" in said.why
        assert room.streams[0].closed
        await room.pass_time(5.0)
        assert len(room.streams) == 2
        room.stream.say(room.priced("ETH", "3002"))
        await room.pass_time(0.3)
        assert room.of(StreamReported)[-1] == StreamReported(up=True, why="")


async def test_a_symbol_whose_polled_price_differs_twice_makes_the_stream_silent() -> None:
    room = Room()
    async with running(room):
        room.stream.say(room.priced("ETH", "3000"), room.priced("SOL", "150"))
        for _ in range(4):
            await room.pass_time(BEHIND_AFTER_S / 3)
            room.stream.say(room.priced("ETH", "3000"))
        room.feed.compare([room.priced("ETH", "3000"), room.priced("SOL", "151")])
        await room.pass_time(0.3)
        assert len(room.streams) == 1
        room.feed.compare([room.priced("SOL", "152")])
        await room.pass_time(0.3)
        why = "the stream is silent for SOL: prices are polled"
        assert room.of(StreamReported)[-1] == StreamReported(up=False, why=why)


async def test_a_quiet_symbol_whose_price_stands_still_is_not_silent() -> None:
    room = Room()
    async with running(room):
        room.stream.say(room.priced("ETH", "3000"), room.priced("SOL", "150"))
        for _ in range(8):
            await room.pass_time(BEHIND_AFTER_S / 2)
            room.stream.say(room.priced("ETH", "3000"))
            room.feed.compare([room.priced("SOL", "150")])
        assert room.feed.up
        assert len(room.streams) == 1


async def test_a_candle_is_handed_on_when_the_next_one_opens_and_is_then_what_it_last_was() -> None:
    room = Room()
    async with running(room):
        for close in (100.0, 101.0, 102.5):
            room.stream.say(candle(0, close))
            await room.pass_time(0.2)
        assert room.of(CandlesArrived) == []
        room.stream.say(candle(0, 102.7), candle(1, 103.0))
        await room.pass_time(0.2)
        assert room.of(CandlesArrived) == [CandlesArrived(symbol=ETH, candles=(candle(0, 102.7),))]
        assert room.closed == [(ETH, START)]


async def test_before_history_is_there_a_closed_candle_is_kept_back() -> None:
    room = Room()
    room.history_is_there = False
    async with running(room):
        room.stream.say(candle(0, 100.0))
        await room.pass_time(0.2)
        room.stream.say(candle(1, 103.0))
        await room.pass_time(0.2)
        assert room.closed == [(ETH, START)]
        assert room.of(CandlesArrived) == []


async def test_a_candle_after_which_hours_are_missing_is_left_to_the_poll() -> None:
    room = Room()
    async with running(room):
        room.stream.say(candle(0, 100.0))
        await room.pass_time(0.2)
        room.stream.say(candle(3, 103.0))  # what came of the first hour was not its end
        await room.pass_time(0.2)
        assert room.closed == []
        assert room.of(CandlesArrived) == []


async def test_a_candle_that_spans_a_lost_connection_is_left_to_the_poll() -> None:
    room = Room()
    async with running(room):
        room.stream.say(candle(0, 100.0))
        await room.pass_time(0.2)
        room.stream.fail("connection lost")
        await room.pass_time(5.0)
        room.stream.say(candle(1, 103.0))
        await room.pass_time(0.2)
        room.stream.say(candle(2, 104.0))
        await room.pass_time(0.2)
        assert room.closed == [(ETH, Ms(START + HOUR_MS))]


async def test_a_stream_that_fails_again_and_again_is_opened_at_growing_intervals() -> None:
    room = Room()
    async with running(room):
        opened = []
        for _ in range(5):
            opened.append(room.clock.seconds)
            count = len(room.streams)
            room.stream.fail("refused")
            while len(room.streams) == count:
                await room.pass_time(0.5)
        gaps = [later - sooner for sooner, later in pairwise(opened)]
        assert gaps[-1] > 2 * gaps[0]
        assert all(stream.closed for stream in room.streams[:-1])


async def test_a_venue_without_streams_is_said_once_and_left_alone() -> None:
    room = Room()
    room.offers_quotes = False
    async with running(room):
        await room.pass_time(120.0)
        assert len(room.streams) == 1
        said = [StreamReported(up=False, why="the venue streams no prices: they are polled")]
        assert room.of(StreamReported) == said


async def test_other_symbols_are_streamed_over_a_new_connection_at_once() -> None:
    room = Room()
    async with running(room):
        room.stream.say(room.priced("ETH", "3000"))
        await room.pass_time(0.3)
        room.wanted = (ETH,)
        await room.pass_time(0.3)
        assert [stream.symbols for stream in room.streams] == [(ETH, SOL), (ETH,)]
        assert room.streams[0].closed
        assert room.of(StreamReported) == [StreamReported(up=True, why="")]


async def test_the_age_of_a_price_counts_its_way_from_the_venue() -> None:
    room = Room()
    async with running(room):
        room.clock.now_ms = Ms(START + 3_000)  # what says it was sent at START was three seconds on its way
        room.stream.say(
            room.priced("ETH", "3000"), structs.replace(room.priced("SOL", "150"), event_ms=Ms(START + 9_000))
        )
        received = room.clock.seconds
        await room.pass_time(0.3)
        (arrived,) = room.of(QuotesArrived)
        assert isinstance(arrived, QuotesArrived)
        assert [quote.received - received for quote in arrived.quotes] == [-3.0, 0.0]


async def test_a_close_that_was_overtaken_by_the_next_hours_first_message_is_handed_on_again() -> None:
    room = Room()
    async with running(room):
        room.stream.say(candle(0, 100.0))
        await room.pass_time(0.2)
        room.stream.say(candle(0, 100.0), candle(1, 103.0))
        await room.pass_time(0.2)
        room.stream.say(candle(0, 102.7), candle(1, 103.0))
        await room.pass_time(0.2)
        room.stream.say(candle(0, 102.7), candle(1, 104.0))
        await room.pass_time(0.2)
        handed = [item.candles[0].close for item in room.of(CandlesArrived) if isinstance(item, CandlesArrived)]
        assert handed == [100.0, 102.7]


async def test_messages_that_overtake_each_other_close_the_stream_and_the_next_begins_anew() -> None:
    room = Room()
    async with running(room):
        room.stream.say(structs.replace(room.priced("ETH", "3001"), event_ms=Ms(START + 900)))
        await room.pass_time(0.2)
        room.stream.say(structs.replace(room.priced("ETH", "3000"), event_ms=Ms(START + 700)))
        await room.pass_time(0.2)
        why = "the stream is out of order for ETH: prices are polled"
        assert room.of(StreamReported)[-1] == StreamReported(up=False, why=why)
        assert len(room.of(QuotesArrived)) == 1
        await room.pass_time(5.0)
        room.stream.say(structs.replace(room.priced("ETH", "3000"), event_ms=Ms(START + 700)))
        await room.pass_time(0.2)
        assert room.of(StreamReported)[-1] == StreamReported(up=True, why="")
