"""A scripted Bybit over real TLS, and the adapter in front of it, for the tests of this room."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.domain.config import VenueConfig
from support.bybit_script import BybitScript
from support.loopback_venue import LoopbackVenue


@pytest.fixture
def script() -> BybitScript:
    """Return the answers, free to change."""
    return BybitScript()


@pytest.fixture
async def venue(tmp_path: Path, script: BybitScript) -> AsyncIterator[LoopbackVenue]:
    """Run a scripted venue."""
    async with LoopbackVenue(tmp_path, script) as running:
        yield running


@pytest.fixture
async def data(venue: LoopbackVenue) -> AsyncIterator[CcxtMarketData]:
    """Return the adapter in front of the scripted venue."""
    config = VenueConfig(proxy=venue.proxy, ca_file=venue.ca_file, requests_per_second=1000.0)
    adapter = CcxtMarketData(config, monotonic=time.monotonic)
    yield adapter
    await adapter.close()
