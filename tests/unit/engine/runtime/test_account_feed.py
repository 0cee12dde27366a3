"""An account's stream on a clock that the test moves: what is handed on, what is found silent, what comes after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.domain.errors import RefusedError, VenueUnreachableError
from engine.domain.units import Ms
from engine.runtime.account_feed import LOOK_EVERY_S, SETTLES_S, SPOKEN_OF_WITHIN_S
from support.fake_account_stream import StreamRoom, fill_of, news

SILENT = "the account's stream is silent: it did not speak of a fill"


@asynccontextmanager
async def running(room: StreamRoom) -> AsyncIterator[None]:
    task = asyncio.create_task(room.feed.run())
    await room.pass_time(0.1)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def settled(room: StreamRoom) -> None:
    """Let the venue open the stream, and what may have been before that pass."""
    room.stream.open()
    await room.pass_time(SETTLES_S + 0.5)


async def test_a_stream_that_opens_is_said_to_be_up_once_and_everything_is_asked_for() -> None:
    room = StreamRoom()
    async with running(room):
        assert room.said == []
        room.stream.open()
        room.stream.open()  # two topics of one connection
        await room.pass_time(1)
        assert (room.said, room.hints) == ([(True, "")], [None])


async def test_what_it_speaks_of_is_handed_on_at_once() -> None:
    room = StreamRoom()
    async with running(room):
        room.stream.open()
        room.stream.say(news("dd1", fills=("f1",)))
        assert room.hints == [None, news("dd1", fills=("f1",))]


async def test_a_fill_that_was_proven_and_never_spoken_of_makes_it_a_silent_one() -> None:
    room = StreamRoom()
    async with running(room):
        await settled(room)
        room.feed.proven([fill_of("dd1", "f1", room.clock.now_ms)])
        await room.pass_time(SPOKEN_OF_WITHIN_S - 0.5)
        assert room.said == [(True, "")]
        first = room.stream
        await room.pass_time(1 + LOOK_EVERY_S)
        assert room.said[-1] == (False, SILENT)
        assert first.closed
        await room.pass_time(5)
        assert len(room.streams) == 2


async def test_a_fill_that_is_spoken_of_before_or_after_its_proof_is_no_silence() -> None:
    room = StreamRoom()
    async with running(room):
        await settled(room)
        room.stream.say(news("dd1", fills=("f1",)))
        room.feed.proven([fill_of("dd1", "f1", room.clock.now_ms), fill_of("dd2", "f2", room.clock.now_ms)])
        await room.pass_time(1)
        room.stream.say(news("dd2", fills=("f2",)))
        await room.pass_time(SPOKEN_OF_WITHIN_S * 2)
        assert room.said == [(True, "")]


async def test_what_happened_before_it_spoke_is_not_held_against_it() -> None:
    room = StreamRoom()
    async with running(room):
        room.feed.proven([fill_of("dd0", "f0", room.clock.now_ms)])  # not even open
        before = Ms(room.clock.now_ms + 100)
        await settled(room)
        room.feed.proven([fill_of("dd1", "f1", before)])
        await room.pass_time(SPOKEN_OF_WITHIN_S * 2)
        assert room.said == [(True, "")]


async def test_after_a_silent_one_the_next_has_to_speak_before_it_counts() -> None:
    room = StreamRoom()
    async with running(room):
        await settled(room)
        room.feed.proven([fill_of("dd1", "f1", room.clock.now_ms)])
        await room.pass_time(SPOKEN_OF_WITHIN_S + 5)
        await settled(room)
        assert room.said == [(True, ""), (False, SILENT)]
        assert room.hints == [None, None], "it is asked what was missed, whatever the stream is worth"
        room.stream.say(news("dd2"))
        assert room.said[-1] == (True, "")


async def test_it_is_opened_again_after_waits_that_grow_and_are_jittered() -> None:
    room = StreamRoom()
    async with running(room):
        for _ in range(4):  # before the longest wait is reached
            room.stream.fail(VenueUnreachableError("cut off"))
            count = len(room.streams)
            while len(room.streams) == count:
                await room.pass_time(0.1)
        waits = [wait for wait in room.waits if wait != LOOK_EVERY_S]
        assert all(low < high for low, high in zip(waits, waits[2:], strict=False)), "twice as long is always longer"
        assert len({round(wait, 6) for wait in waits}) == len(waits)
        assert room.said == [(False, "cut off")]
        assert all(stream.closed for stream in room.streams[:-1])


async def test_one_that_was_refused_is_left_alone_and_says_why() -> None:
    room = StreamRoom()
    room.refusal = RefusedError("it would listen at another host")
    async with running(room):
        await room.pass_time(60)
        assert room.said == [(False, "it would listen at another host")]
        assert room.streams == []
