"""What the books say of their data: returns behind each pair, since when an asset is there, and when one will go."""

from dataclasses import replace

import numpy as np

from engine.core.inputs import HistoryReady, InstrumentsListed, Stamp
from engine.core.state import new_state
from engine.core.step import step
from engine.core.view_books import books_view
from engine.core.warmup import prepare_history
from engine.domain.basket import Side
from engine.domain.units import HOUR_MS, Ms
from engine.domain.views import BasketState, BooksView, Section
from engine.wire.codec import decode_view, encode_view
from support.books import START, basket, correlated_closes, long_basket, small_config, symbol_of
from support.fake_market_data import instrument_of

SLOTS = 121 * 24
FIRST = Ms(START - SLOTS * HOUR_MS)
CONFIG = small_config(
    long_basket("longs", "AAA", "BBB", "CCC"),
    basket("hedged", {"AAA": Side.LONG, "DDD": Side.SHORT}, notional=8_000),
)
CLOSES = correlated_closes(11, SLOTS, 4)


def test_every_pair_says_its_valid_returns_per_window_and_every_asset_since_when_it_has_bars() -> None:
    closes = CLOSES.copy()
    young_days = 61
    closes[: SLOTS - young_days * 24, 1] = np.nan  # BBB was listed 61 days ago
    closes[-100:-90, 2] = np.nan  # a hole of ten bars of CCC: eleven returns
    fresh = new_state(CONFIG)
    item = HistoryReady(history=prepare_history(CONFIG, FIRST, closes), fetched=0)
    step(fresh, Stamp(market_ms=START, monotonic=0.0), item)
    longs = books_view(fresh, START).baskets[0]
    valid = {f"{pair.first}-{pair.second}": pair.valid for pair in longs.counts}
    assert valid["AAA-BBB"] == {"30": 720, "60": 1440, "90": young_days * 24 - 1}
    assert valid["AAA-CCC"] == {"30": 709, "60": 1429, "90": 2149}
    bbb = longs.assets[1]
    assert (bbb.since_ms, bbb.used) == (START - young_days * 24 * HOUR_MS, False)
    assert longs.assets[0].since_ms == FIRST
    again = decode_view(Section.BOOKS, encode_view(books_view(fresh, START)))
    assert isinstance(again, BooksView)
    assert again.baskets[0].counts == longs.counts


def test_before_the_history_is_there_no_pair_is_counted() -> None:
    longs = books_view(new_state(CONFIG), START).baskets[0]
    assert (longs.counts, longs.assets[0].since_ms) == ((), None)


def test_a_basket_says_which_of_its_legs_will_be_delisted_and_goes_on() -> None:
    fresh = new_state(CONFIG)
    item = HistoryReady(history=prepare_history(CONFIG, FIRST, CLOSES), fetched=0)
    step(fresh, Stamp(market_ms=START, monotonic=0.0), item)
    listed = {symbol: instrument_of(symbol) for symbol in CONFIG.symbols.values()}
    step(fresh, Stamp(market_ms=START, monotonic=0.0), InstrumentsListed(listed=listed))
    assert books_view(fresh, START).baskets[0].flag == ""
    ends = Ms(START + 24 * HOUR_MS)
    announced = listed | {symbol_of("BBB"): replace(listed[symbol_of("BBB")], ends_ms=ends)}
    said = step(fresh, Stamp(market_ms=START, monotonic=0.0), InstrumentsListed(listed=announced))
    assert Section.BOOKS in said.changed
    longs, hedged = books_view(fresh, START).baskets
    assert longs.flag == "BBB will be delisted, from 2023-11-16T00:00Z on: close or replace it before"
    assert (longs.state, hedged.flag) == (BasketState.FLAT, "")
