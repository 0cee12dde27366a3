"""Owns what faults do to prices: symbols that go, come or change their name, and candles missing, doubled, corrected.

A price source laid over another one, so that REST and streams tell the same story. With no fault in force it passes
everything through untouched.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Asset, Ms, floor_to
from engine.venue_sim.faults import Fault, FaultBoard, FaultKind
from engine.venue_sim.prices import Candles, Listing, PriceSource, Ticker

_OF_SYMBOLS = (FaultKind.DELISTING, FaultKind.RENAME, FaultKind.LISTING)
_OF_CANDLES = (FaultKind.HOLE, FaultKind.DUPLICATE_CANDLES, FaultKind.CORRECTED_CANDLE)
_DOUBLED = 2  # the last candles come twice


class FaultyMarket:
    """`source` with the faults of `board`; speaks PriceSource."""

    def __init__(self, source: PriceSource, board: FaultBoard) -> None:
        self._source = source
        self._board = board

    def listings(self, now: Ms) -> tuple[Listing, ...]:
        """Return what is listed, with what faults announce, remove and add."""
        found = {item.asset: item for item in self._source.listings(now)}
        for fault in self._board.active(*_OF_SYMBOLS):
            _relist(fault, found, now)
        return tuple(found.values())

    def tickers(self, now: Ms) -> tuple[Ticker, ...]:
        """Return the tickers of what is listed; a new symbol trades at the price of the one it is like."""
        found = self._source.tickers(now)
        if not self._board.active(*_OF_SYMBOLS):
            return found
        by_asset = {item.listing.asset: item for item in found}
        shown = []
        for listing in self.listings(now):
            ticker = by_asset.get(self._origin(listing.asset))
            if ticker is not None:
                young = now - listing.launch_ms < DAY_MS
                ago = float("nan") if young else ticker.ago_24h
                shown.append(replace(ticker, listing=listing, ago_24h=ago))
        return tuple(shown)

    def candles(self, asset: Asset, step_ms: int, first: Ms, last: Ms, now: Ms) -> Candles:
        """Return the candles, less the missing, with the doubled and the corrected ones."""
        found = self._source.candles(self._origin(asset), step_ms, first, last, now)
        for fault in self._board.active(*_OF_CANDLES):
            if fault.concerns(asset):
                found = _break(fault, found, step_ms)
        return found

    def _origin(self, asset: Asset) -> Asset:
        """Return the asset of the source whose prices `asset` has."""
        for fault in self._board.active(FaultKind.RENAME, FaultKind.LISTING):
            new, old = ("to", "asset") if fault.kind is FaultKind.RENAME else ("asset", "like")
            if fault.text(new) == asset and not self._lists(asset, fault.since_ms):
                return Asset(fault.text(old))
        return asset

    def _lists(self, asset: Asset, at: Ms) -> bool:
        return any(item.asset == asset for item in self._source.listings(at))


def corrected_open(fault: Fault) -> Ms:
    """Return the open time of the closed hour that a correction is about."""
    return Ms(floor_to(fault.since_ms, HOUR_MS) - int(fault.figure("bars_back")) * HOUR_MS)


def _relist(fault: Fault, found: dict[Asset, Listing], now: Ms) -> None:
    """Change the list of symbols by one fault."""
    asset = Asset(fault.text("asset"))
    if fault.kind is FaultKind.DELISTING and asset in found:
        gone = Ms(fault.since_ms + int(fault.figure("notice_hours") * HOUR_MS))
        if now >= gone:
            del found[asset]
        else:
            found[asset] = replace(found[asset], delisting_ms=gone)
        return
    new, like = (fault.text("to"), asset) if fault.kind is FaultKind.RENAME else (asset, Asset(fault.text("like")))
    model = found.get(like)
    if fault.kind is FaultKind.RENAME:
        found.pop(asset, None)
    if model is not None and new not in found and fault.kind is not FaultKind.DELISTING:
        launch = floor_to(fault.since_ms, MINUTE_MS)
        found[Asset(new)] = replace(model, asset=Asset(new), launch_ms=launch)


def _break(fault: Fault, candles: Candles, step_ms: int) -> Candles:
    """Return `candles` as one fault leaves them."""
    if fault.kind is FaultKind.HOLE:
        begin = floor_to(Ms(fault.since_ms - int(fault.figure("hours_back") * HOUR_MS)), HOUR_MS)
        length = int(fault.figure("hours") * HOUR_MS)
        missing = candles.open_ms + step_ms > begin
        if length:
            missing &= candles.open_ms < begin + length
        return _rows(candles, np.flatnonzero(~missing))
    if fault.kind is FaultKind.DUPLICATE_CANDLES:
        count = len(candles.open_ms)
        times = np.ones(count, dtype=np.int64)
        times[max(0, count - _DOUBLED) :] = 2
        return _rows(candles, np.repeat(np.arange(count), times))
    if step_ms != HOUR_MS:
        return candles
    close = np.where(candles.open_ms == corrected_open(fault), 1.0 + fault.figure("bps") / 1e4, 1.0) * candles.close
    return replace(candles, close=close, high=np.maximum(candles.high, close), low=np.minimum(candles.low, close))


def _rows(candles: Candles, rows: NDArray[np.intp]) -> Candles:
    return Candles(
        open_ms=candles.open_ms[rows],
        open=candles.open[rows],
        high=candles.high[rows],
        low=candles.low[rows],
        close=candles.close[rows],
        volume=candles.volume[rows],
        turnover=candles.turnover[rows],
    )
