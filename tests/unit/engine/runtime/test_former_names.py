"""Bars of a renamed asset, joined in a real store; the venue is a fake."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters.price_import import holding_of
from engine.adapters.sqlite_bars import SqliteBars
from engine.domain.errors import VenueUnreachableError
from engine.domain.events import HistoryJoined
from engine.domain.market import Bar
from engine.domain.units import HOUR_MS, Asset, Ms, Symbol
from engine.runtime.former_names import FormerNames
from support.books import START, symbol_of
from support.fake_market_data import FakeMarketData

NEW, OLD, ASSET = symbol_of("POL"), symbol_of("MATIC"), Asset("POL")
SINCE = Ms(START - 100 * HOUR_MS)
SEAM = Ms(START - 10 * HOUR_MS)


class Room:
    """A store and a venue on which POL has traded for ten hours."""

    def __init__(self, store: SqliteBars) -> None:
        self.store = store
        self.data = FakeMarketData(now_ms=START)
        self.put(NEW, SEAM, [0.5] * 10)

    def put(self, symbol: Symbol, first: Ms, closes: list[float]) -> None:
        bars = [
            Bar(symbol=symbol, open_ms=Ms(first + n * HOUR_MS), close=close, volume=1.0)
            for n, close in enumerate(closes)
        ]
        self.store.append(bars)

    async def join(self) -> HistoryJoined | None:
        names = FormerNames(self.data, self.store, step_ms=HOUR_MS)
        return await names.join(ASSET, NEW, OLD, since_ms=SINCE, at=START)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    store = SqliteBars(tmp_path / "bars.db")
    yield Room(store)
    store.close()


async def test_stored_bars_of_the_old_name_go_in_front_and_the_seam_stays_visible(room: Room) -> None:
    room.put(OLD, SINCE, [0.4] * 89 + [0.48])
    said = await room.join()
    assert said is not None
    assert (said.bars, said.seam, said.why) == (90, SEAM, "")
    assert said.jump == pytest.approx(0.5 / 0.48 - 1)
    held = room.store.load_held(NEW, since_ms=Ms(0))
    assert len(held) == 100
    holding = holding_of(ASSET, NEW, held)
    assert holding.sources == ((f"formerly:{OLD}", 90),)
    assert [seam.at for seam in holding.seams] == [SEAM]


async def test_what_the_venue_still_serves_of_the_old_name_is_joined_too(room: Room) -> None:
    room.data.set_path(OLD, SINCE, [0.5] * 100)
    said = await room.join()
    assert said is not None
    assert said.bars == 90
    assert all(one.source == "" for one in room.store.load_held(NEW, since_ms=SEAM)), "its own bars are never replaced"


async def test_what_was_joined_is_not_joined_or_told_again(room: Room) -> None:
    room.put(OLD, SINCE, [0.5] * 90)
    assert await room.join() is not None
    assert await room.join() is None


async def test_a_jump_that_no_market_makes_joins_nothing_and_says_why(room: Room) -> None:
    room.put(OLD, SINCE, [1500.0] * 90)
    said = await room.join()
    assert said is not None
    assert (said.bars, "no rename one for one" in said.why) == (0, True)
    assert len(room.store.load(NEW, since_ms=Ms(0))) == 10


async def test_before_the_new_name_has_a_bar_nothing_is_joined(room: Room, tmp_path: Path) -> None:
    room.store.close()
    room.store = SqliteBars(tmp_path / "empty.db")
    room.put(OLD, SINCE, [0.5] * 90)
    assert await room.join() is None


async def test_a_silent_venue_leaves_what_is_stored(room: Room) -> None:
    room.put(OLD, Ms(SEAM - 3 * HOUR_MS), [0.5] * 3)
    room.data.fail("candles", VenueUnreachableError("silent"))
    said = await room.join()
    assert said is not None
    assert said.bars == 3


async def test_old_bars_that_are_no_price_stay_out(room: Room) -> None:
    room.data.set_path(OLD, Ms(SEAM - 3 * HOUR_MS), [0.5, math.nan, 0.5])
    said = await room.join()
    assert said is not None
    assert said.bars == 2
