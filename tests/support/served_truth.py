"""Owns the comparison of what an engine serves to cockpits with what is true on the simulated exchange.

A quote is true when its price was one of those that the asset had within the age that is shown with it; one that is
marked stale claims nothing. A matrix is true when it is the correlation of the closes that the venue has for its hours.
The truth comes from the control API and from a client of its own, never from the engine.
"""

import asyncio
import math
import time
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.host_breaker import HostBreaker
from engine.domain.config import VenueConfig
from engine.domain.units import DAY_MS, HOUR_MS, Asset, Ms, Symbol
from engine.domain.views import ALL_ASSETS, MatrixKind, MatrixView, QuotesView, Section
from engine.wire.client import Precision, WireClient
from support.quant_oracles import exact_pearson
from support.sim_process import SimProcess

LOOK_EVERY_S = 0.2
ON_ITS_WAY_S = 0.3  # a ticker's beat and the loopback, which no age counts
WINDOW_DAYS = 30
FOLLOWS_WITHIN_S = 20.0  # the patience of the grid for a bar
TOLERANCE = 1e-9
NO_TWINS: Mapping[Asset, Asset] = MappingProxyType({})


class ServedTruth:
    """Looks at one engine through one client, beside one simulated exchange."""

    def __init__(
        self, sim: SimProcess, client: WireClient, venue: VenueConfig, *, twins: Mapping[Asset, Asset] = NO_TWINS
    ) -> None:
        """Take the parts; `venue` is how the exchange is asked, a twin is a young asset and whose prices it has."""
        self._sim = sim
        self._client = client
        self._venue = venue
        self._twins = twins
        self._looked = 0
        self._wrong: list[str] = []

    async def look_for_ever(self) -> None:
        """Hold every quote that is served against the truth, five times a second."""
        while True:
            await self._look()
            await asyncio.sleep(LOOK_EVERY_S)

    def taken(self) -> tuple[int, tuple[str, ...]]:
        """Return how many quotes were looked at and which were wrong, and begin anew."""
        found = self._looked, tuple(self._wrong)
        self._looked, self._wrong = 0, []
        return found

    async def _look(self) -> None:
        _, view = await self._client.fetch(Section.QUOTES)
        fetched = time.monotonic()
        assert isinstance(view, QuotesView)
        speed = self._sim.ready.speed
        now, _ = await asyncio.to_thread(self._sim.prices, 0, "none")
        at_fetch = now - (time.monotonic() - fetched) * speed * 1000
        for row in view.rows:
            if row.stale or math.isnan(row.age_s):
                continue
            since = int(at_fetch - (row.age_s + ON_ITS_WAY_S) * speed * 1000)
            known = self._twins.get(row.asset, row.asset)
            _, truth = await asyncio.to_thread(self._sim.prices, since, known)
            low, high = truth[known]
            self._looked += 1
            if not low <= row.last <= high:
                self._wrong.append(
                    f"{row.asset} {row.last} shown as {row.age_s:.1f} s old; it was within {low} and {high} since"
                )

    async def matrix_differs(self) -> tuple[str, ...]:
        """Return how the served correlation differs from that of the venue's closes, where it does for long."""
        data = CcxtMarketData(self._venue, monotonic=time.monotonic, breaker=HostBreaker(time.monotonic))
        until = time.monotonic() + FOLLOWS_WITHIN_S
        try:
            while True:
                wrong = await self._difference(data)
                if not wrong or time.monotonic() > until:
                    return wrong
                await asyncio.sleep(1.0)
        finally:
            await data.close()

    async def _difference(self, data: CcxtMarketData) -> tuple[str, ...]:
        _, view = await self._client.fetch(
            Section.MATRIX,
            scope=ALL_ASSETS,
            kind=MatrixKind.WINDOW,
            window_days=WINDOW_DAYS,
            estimator="pearson",
            precision=Precision.DOUBLE,
        )
        assert isinstance(view, MatrixView)
        assert view.as_of_ms is not None
        served = np.frombuffer(view.values, dtype="<f8").reshape(len(view.assets), -1)
        slots = WINDOW_DAYS * DAY_MS // HOUR_MS
        first = Ms(view.as_of_ms - (slots + 1) * HOUR_MS)
        closes = np.full((slots + 1, len(view.assets)), np.nan)
        for column, asset in enumerate(view.assets):
            if asset in self._twins:  # too young for any window
                continue
            candles = await data.candles(Symbol(f"{asset}/USDT:USDT"), since_ms=first, limit=slots + 1)
            for candle in candles:
                if candle.open_ms < view.as_of_ms:
                    closes[(candle.open_ms - first) // HOUR_MS, column] = candle.close
        true = exact_pearson(np.diff(np.log(closes), axis=0), slots * 2 // 3)
        both = ~np.isnan(served) & ~np.isnan(true)
        worst = float(np.abs(served - true)[both].max(initial=0.0))
        if worst <= TOLERANCE and (np.isnan(served) == np.isnan(true)).all():
            return ()
        return (f"correlation as of {view.as_of_ms} differs from that of the venue's closes by {worst:.2e}",)
