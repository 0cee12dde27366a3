"""Owns the whole state of a running engine, in one mutable value that only `engine.core.step` changes.

Market state is rebuilt from the bar store at every start; nothing here is written to disk.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.core.baskets import BasketTrack
from engine.core.inputs import LinkReported
from engine.core.warmup import new_tracks
from engine.domain.config import Config
from engine.domain.market import Instrument, LinkState, Quote
from engine.domain.units import Asset, BasketName, Ms, Symbol
from engine.market.bar_grid import BarGrid
from engine.market.correlation_state import CorrelationState
from engine.market.doorkeeper import Doorkeeper
from engine.quant.arrays import Flags


@dataclass(slots=True)
class EngineState:
    """What the engine knows now."""

    config: Config
    assets: tuple[Asset, ...]
    index: dict[Asset, int]
    asset_of: dict[Symbol, Asset]
    correlation: CorrelationState
    baskets: dict[BasketName, BasketTrack]
    used: Flags
    door: Doorkeeper
    stale_after_s: float
    grid: BarGrid | None = None
    quotes: dict[Asset, Quote] = field(default_factory=dict)
    stale: dict[Asset, float] = field(
        default_factory=dict
    )  # those said to be stale: monotonic seconds of the last quote
    listed: Mapping[Symbol, Instrument] | None = None
    link: LinkReported = field(
        default_factory=lambda: LinkReported(state=LinkState.DOWN, why="no answer yet", latency_ms=math.nan)
    )
    ready: bool = False
    loaded: int = 0
    wanted: int = 0
    last_check: Ms | None = None


def new_state(config: Config) -> EngineState:
    """Return the state of an engine that knows its config and nothing else."""
    assets = tuple(config.symbols)
    return EngineState(
        config=config,
        assets=assets,
        index={asset: row for row, asset in enumerate(assets)},
        asset_of={symbol: asset for asset, symbol in config.symbols.items()},
        correlation=CorrelationState(assets, config.rules),
        baskets=new_tracks(config),
        used=np.zeros(len(assets), dtype=np.bool_),
        door=Doorkeeper(config.rules.bar_ms),
        stale_after_s=config.limits.max_price_age_ms / 1000,
    )
