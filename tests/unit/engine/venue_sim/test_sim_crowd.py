"""Markets of another size than the catalog, and how often their tickers move."""

from pathlib import Path

import pytest

from engine.domain.errors import ConfigError
from engine.domain.units import Asset, Ms, parse_iso
from engine.venue_sim.catalog import CATALOG
from engine.venue_sim.cli import settings_from
from engine.venue_sim.crowd import crowd
from engine.venue_sim.scenario import Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of
from engine.venue_sim.stream_feed import Instant, StreamFeed
from engine.venue_sim.stream_topics import Topic

EPOCH = parse_iso("2026-03-01T00:00:00Z")


def test_a_crowd_of_a_hundred_begins_with_the_catalog_and_has_a_hundred_names() -> None:
    assets = crowd(100)
    assert assets[: len(CATALOG)] == CATALOG
    assert len({item.asset for item in assets}) == 100
    assert crowd(len(CATALOG)) == CATALOG
    assert crowd(5) == CATALOG[:5]


def test_a_market_of_a_hundred_opens_at_the_prices_of_its_crowd() -> None:
    timeline = Timeline(origin_ms=origin_of(EPOCH))
    market = SimulatedMarket(seed=7, epoch=EPOCH, timeline=timeline, catalog=crowd(100))
    tickers = market.tickers(EPOCH)
    assert [item.listing.asset for item in tickers] == [item.asset for item in crowd(100)]
    assert all(abs(each.last / item.price - 1) < 1e-3 for each, item in zip(tickers, crowd(100), strict=True))


@pytest.mark.parametrize("words", [["--assets", "3"], ["--assets", "many"], ["--ticks-per-s", "0"]])
def test_a_size_or_a_rate_that_makes_no_sense_is_refused_in_a_sentence(words: list[str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is not a (whole number|rate) from"):
        settings_from(["--dir", str(tmp_path), *words])


@pytest.mark.parametrize("rate", [5, 10, 20])
def test_a_ticker_moves_as_often_as_it_is_told(rate: int) -> None:
    market = SimulatedMarket(seed=7, epoch=EPOCH, timeline=Timeline(origin_ms=origin_of(EPOCH)))
    feed, topic = StreamFeed(market, ticker_every_s=1.0 / rate), Topic(category="linear", asset=Asset("ETH"))
    sent = 0
    for beat in range(60 * 3):  # three host seconds at x60, looked at sixty times a second
        now = Ms(EPOCH + beat * 1_000)
        sent += len(list(feed.due({topic}, Instant(now=now, stamp=now, host=beat / 60))))
    assert rate * 3 - 3 <= sent <= rate * 3 * 1.15
