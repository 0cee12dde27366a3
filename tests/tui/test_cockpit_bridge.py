"""The bridge against a real server on a real socket: connect, fetch what is shown, resume, freeze, thaw."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from engine.domain.events import QuoteRecovered
from engine.domain.units import Asset, Ms
from engine.domain.views import MatrixKind, Section
from engine.wire.server import WireServer
from support.fake_engine import FakeEngine
from support.fake_scene import FakeScene
from tui.cockpit.bridge import BACKOFF_S, FETCH_GAP_S, SILENT_AFTER_S, Bridge, backoff, end
from tui.cockpit.deck import BOOKS, HEALTH, QUOTES, Contact, Deck, Want

MATRIX = Want(Section.MATRIX, "layer-1", MatrixKind.NOW)


class Clock:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Rig:
    """A bridge at work, a deck, an engine."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "engine.sock"
        self.engine = FakeEngine(FakeScene())
        self.server = WireServer(self.socket, self.engine)
        self.deck = Deck()
        self.clock = Clock()
        self.wants: list[Want] = [HEALTH, QUOTES, BOOKS]
        self.changes = 0
        self.bridge = Bridge(
            socket=self.socket, deck=self.deck, wants=lambda: self.wants, changed=self._changed, clock=self.clock
        )

    def _changed(self) -> None:
        self.changes += 1

    async def until(self, found: Callable[[], bool]) -> None:
        """Wait for something to become true on real sockets."""
        async with asyncio.timeout(30):
            while not found():  # noqa: ASYNC110 - asks the state, which has no event of its own
                await asyncio.sleep(0.01)

    async def restart(self, engine: FakeEngine) -> None:
        """Replace the engine behind the socket."""
        await self.server.stop()
        await self.until(lambda: self.deck.engine.state is Contact.GONE)
        self.engine = engine
        self.server = WireServer(self.socket, engine)
        await self.server.start()
        self.bridge.retry_now()


@asynccontextmanager
async def running(folder: Path, *, serve: bool = True) -> AsyncIterator[Rig]:
    """Run a bridge, with a server unless told otherwise."""
    rig = Rig(folder)
    if serve:
        await rig.server.start()
    task = asyncio.create_task(rig.bridge.run())
    try:
        yield rig
    finally:
        await end([task])
        await rig.server.stop()


def recovered(number: int) -> QuoteRecovered:
    """Return an event that can be told apart."""
    return QuoteRecovered(at=Ms(number), asset=Asset("ETH"), stale_s=1.0)


async def test_it_fetches_the_sections_that_are_shown_and_no_other(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        assert {fetch.section for fetch in rig.engine.fetched} == {Section.HEALTH, Section.QUOTES, Section.BOOKS}
        assert rig.deck.health is not None
        assert rig.deck.books is not None


async def test_what_becomes_visible_is_fetched_without_news_from_the_engine(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        rig.wants.append(MATRIX)
        rig.bridge.look_again()
        await rig.until(lambda: MATRIX in rig.deck.matrices)
        assert len(rig.deck.matrices[MATRIX].assets) == 5


async def test_only_a_section_with_a_new_version_is_fetched_again(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        rig.engine.fetched.clear()
        rig.engine.touch(Section.QUOTES)
        rig.server.announce()
        await rig.until(lambda: bool(rig.engine.fetched))
        rig.engine.touch(Section.SERIES)  # nobody looks at it
        rig.server.announce()
        rig.engine.touch(Section.HEALTH)
        rig.server.announce()
        await rig.until(lambda: len(rig.engine.fetched) == 2)
        assert [fetch.section for fetch in rig.engine.fetched] == [Section.QUOTES, Section.HEALTH]


async def test_a_flood_of_pulses_is_answered_by_the_newest_snapshot_only(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        rig.engine.fetched.clear()
        for _ in range(200):
            rig.engine.scene.advance()
            rig.engine.touch(Section.QUOTES)
            rig.server.announce()
        newest = rig.engine.scene.last[Asset("ETH")]
        await rig.until(lambda: rig.deck.quotes()[0][Asset("ETH")].last == newest)
        assert len(rig.engine.fetched) < 10


async def test_a_refusal_is_kept_with_its_reason_and_not_asked_in_a_loop(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        wrong = Want(Section.MATRIX, "nowhere", MatrixKind.NOW)
        rig.wants.append(wrong)
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        assert rig.deck.refused[wrong] == "no basket 'nowhere'"
        assert sum(fetch.scope == "nowhere" for fetch in rig.engine.fetched) == 1


async def test_events_come_in_order_and_resume_after_the_last_one_seen(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        rig.engine.add(recovered(1), recovered(2))
        rig.server.announce()
        await rig.until(lambda: len(rig.deck.feed) == 2)
        old = rig.engine
        same = FakeEngine(FakeScene(), epoch=old.epoch)
        same.add(recovered(1), recovered(2), recovered(3))
        await rig.restart(same)
        await rig.until(lambda: len(rig.deck.feed) == 3)
        assert same.asked_after[0] == 2
        assert [event.at for event in rig.deck.feed] == [1, 2, 3]


async def test_another_life_of_the_engine_counts_anew_and_nothing_seen_is_lost(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        rig.engine.add(recovered(1), recovered(2))
        rig.server.announce()
        await rig.until(lambda: rig.deck.seq == 2)
        other = FakeEngine(FakeScene(), epoch=77)
        other.add(recovered(9))
        await rig.restart(other)
        await rig.until(lambda: len(rig.deck.feed) == 3)
        assert other.asked_after[0] == 0
        assert rig.deck.seq == 1
        assert rig.deck.engine.epoch == 77


async def test_a_lost_line_freezes_at_once_and_thaws_only_with_fresh_numbers(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        before = rig.deck.views[QUOTES].at
        await rig.server.stop()
        await rig.until(lambda: rig.deck.frozen)
        assert rig.deck.engine.why == "the engine closed the connection"
        rig.clock.now += 30
        await rig.server.start()
        rig.bridge.retry_now()
        await rig.until(lambda: not rig.deck.frozen)
        assert rig.deck.views[QUOTES].at > before
        assert rig.deck.engine.attempt == 0


async def test_silence_freezes_and_the_next_pulse_on_the_same_line_thaws(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        rig.clock.now += SILENT_AFTER_S
        await rig.until(lambda: rig.deck.frozen)
        assert rig.deck.engine.why == "the engine is connected but silent"
        rig.server.announce()
        await rig.until(lambda: not rig.deck.frozen)
        assert rig.server.clients == 1


async def test_retry_now_hangs_up_on_a_silent_engine_and_connects_again(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        rig.clock.now += SILENT_AFTER_S
        await rig.until(lambda: rig.deck.frozen)
        asked = len(rig.engine.asked_after)
        rig.bridge.retry_now()
        await rig.until(lambda: len(rig.engine.asked_after) > asked and not rig.deck.frozen)
        assert rig.deck.engine.state is Contact.UP


async def test_without_an_engine_it_says_why_counts_attempts_and_connects_when_one_comes(tmp_path: Path) -> None:
    async with running(tmp_path, serve=False) as rig:
        await rig.until(lambda: rig.deck.engine.attempt >= 2)
        assert "no engine answers" in rig.deck.engine.why
        assert rig.deck.engine.state is Contact.CONNECTING
        await rig.server.start()
        rig.bridge.retry_now()
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)


async def test_a_line_that_is_being_set_up_is_not_hung_up_because_the_engine_came_up(tmp_path: Path) -> None:
    async with running(tmp_path, serve=False) as rig:
        await rig.until(lambda: rig.deck.engine.attempt >= 2)
        wanted = rig.wants

        def wants() -> list[Want]:
            rig.bridge.came_up()  # somebody looks at the socket while the first numbers are on their way
            return wanted

        rig.bridge._wants = wants
        await rig.server.start()
        rig.bridge.came_up()
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        assert len(rig.engine.asked_after) == 1  # one connection
        line = rig.bridge._client
        rig.bridge.came_up()
        rig.engine.fetched.clear()
        rig.engine.touch(Section.HEALTH)
        rig.server.announce()
        await rig.until(lambda: bool(rig.engine.fetched))
        assert rig.deck.engine.state is Contact.UP
        assert rig.bridge._client is line


def test_the_wait_grows_to_two_seconds_and_no_further() -> None:
    assert [backoff(attempt) for attempt in range(1, 8)] == [*BACKOFF_S, 2.0, 2.0, 2.0]
    assert max(BACKOFF_S) == 2.0


async def test_leaving_works_even_where_a_wait_swallows_the_cancellation() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        for _ in range(2):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await end([task])
    assert task.cancelled()
    assert swallowed == 2


async def test_a_pulse_with_news_asks_for_one_frame_when_the_news_is_there_and_a_pulse_without_for_one_at_once(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as rig:
        await rig.until(lambda: rig.deck.engine.state is Contact.UP)
        await asyncio.sleep(FETCH_GAP_S)
        rig.engine.fetched.clear()
        rig.changes = 0
        rig.engine.touch(Section.QUOTES)
        rig.server.announce()
        await rig.until(lambda: rig.changes > 0)
        assert len(rig.engine.fetched) == 1  # the frame was not asked for before the price was here
        assert rig.changes == 1
        rig.changes = 0
        rig.server.announce()
        await rig.until(lambda: rig.changes > 0)
        assert len(rig.engine.fetched) == 1
