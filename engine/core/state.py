"""Owns the whole state of a running engine, in one mutable value that only `engine.core.step` changes.

Market state is rebuilt from the bar store at every start; signals and money are folded from the journal. Nothing here
is written to disk.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.core.attempt import Attempt
from engine.core.baskets import BasketTrack
from engine.core.inputs import LinkReported, LoadProgressed, StreamReported
from engine.core.live_readings import LiveReader
from engine.core.signal_state import Signals
from engine.core.trading import Trading
from engine.core.warmup import Known, new_tracks
from engine.domain.config import Config
from engine.domain.events import AlertAcknowledged, AlertSnoozed, Event
from engine.domain.facts import TradeFact
from engine.domain.market import HostPause, Instrument, LinkState, Quote
from engine.domain.units import Asset, BasketName, Ms, Symbol
from engine.market.bar_grid import BarGrid
from engine.market.correlation_state import CorrelationState
from engine.market.doorkeeper import Doorkeeper
from engine.market.rolling_hour import RollingHour
from engine.quant.arrays import Flags
from engine.quant.regime_correlation import RegimeCorrelation


@dataclass(slots=True)
class EngineState:
    """What the engine knows now."""

    config: Config
    assets: tuple[Asset, ...]
    index: dict[Asset, int]
    asset_of: dict[Symbol, Asset]
    correlation: CorrelationState
    baskets: dict[BasketName, BasketTrack]
    reader: LiveReader
    signals: Signals
    rolling: RollingHour
    used: Flags
    door: Doorkeeper
    stale_after_s: float
    trading: Trading
    attempt: Attempt = field(default_factory=Attempt)
    calm_and_stress: RegimeCorrelation | None = None
    grid: BarGrid | None = None
    judged_until: Ms | None = None  # the last instant that the signals looked at
    quotes: dict[Asset, Quote] = field(default_factory=dict)
    stale: dict[Asset, float] = field(default_factory=dict)  # those said to be stale: host second of the last quote
    listed: Mapping[Symbol, Instrument] | None = None
    listings: dict[str, Mapping[Symbol, Instrument]] = field(default_factory=dict)  # by venue; `listed` is all of them
    links: dict[str, LinkReported] = field(default_factory=dict)  # by venue, as the streams
    streams: dict[str, StreamReported] = field(default_factory=dict)
    venue_of: dict[Asset, str] = field(default_factory=dict)
    pauses: tuple[HostPause, ...] = ()
    skew_ms: float = math.nan
    skewed: bool = False  # said to be, until it is well below the limit again
    refused: str = ""  # why no order may leave this engine at all: a key that only reads
    ready: bool = False
    unwatched: bool = False  # the lab: no risk figures on proposals and no equity curve, since nobody looks at them
    load: LoadProgressed = field(default_factory=LoadProgressed)

    def link(self, venue: str = "") -> LinkReported:
        """Return how the link to a venue is."""
        return self.links.get(venue, _NO_ANSWER)

    @property
    def known(self) -> Known:
        """Return what the signals know, for whoever prepares a history."""
        signals = self.signals
        return Known(
            last_check=signals.last_check,
            judged_until=self.judged_until,
            fast_until=signals.volatility.until,
        )


_NO_ANSWER = LinkReported(state=LinkState.DOWN, why="no answer yet", latency_ms=math.nan)


def new_state(config: Config, past: Iterable[Event] = (), money: Iterable[TradeFact] = ()) -> EngineState:
    """Return the state of an engine that knows its config and, from the journal, the `past` of signals and `money`."""
    assets = tuple(config.symbols)
    signals = Signals(config.rules, {basket.name: basket.assets for basket in config.baskets})
    judged: Ms | None = None
    for event in past:
        signals.apply(event)
        if not isinstance(event, AlertAcknowledged | AlertSnoozed):  # a person acts at any time, not at an instant
            judged = event.at if judged is None else max(judged, event.at)
    return EngineState(
        config=config,
        assets=assets,
        index={asset: row for row, asset in enumerate(assets)},
        asset_of={symbol: asset for asset, symbol in config.symbols.items()},
        venue_of={leg.asset: leg.venue for basket in config.baskets for leg in basket.legs},
        correlation=CorrelationState(assets, config.rules),
        baskets=new_tracks(config),
        reader=LiveReader(config),
        signals=signals,
        rolling=RollingHour(len(assets), slack_ms=config.rules.fast_check_every_ms),
        used=np.zeros(len(assets), dtype=np.bool_),
        door=Doorkeeper(config.rules.bar_ms),
        stale_after_s=config.limits.max_price_age_ms / 1000,
        trading=Trading(money),
        judged_until=judged,
    )
