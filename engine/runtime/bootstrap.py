"""Owns the choice of every concrete class: the one file that names them. Everything else takes what it is given.

`load_settings` reads the config, `assemble` puts an engine together inside a running event loop.
"""

import asyncio
import logging
import time
from pathlib import Path

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.clocks import ScaledClock, SystemClock
from engine.adapters.config_file import load_config
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.paths import prepare_state_dir, socket_path
from engine.adapters.sqlite_bars import SqliteBars
from engine.adapters.sqlite_journal import FILE_NAME as JOURNAL_NAME
from engine.adapters.sqlite_journal import SqliteJournal
from engine.core.state import new_state
from engine.domain.config import Config, MarketSource, Mode
from engine.domain.errors import RefusedError
from engine.domain.events import SignalEvent
from engine.domain.journal import SIGNAL_KINDS
from engine.domain.units import Ms
from engine.runtime.engine import Parts
from engine.runtime.feed import Feed
from engine.runtime.journal_writer import JournalWriter
from engine.runtime.loop import EngineLoop
from engine.runtime.publisher import Publisher
from engine.wire.server import WireServer

__all__ = ["assemble", "load_settings", "prepare_state_dir"]

log = logging.getLogger(__name__)

BARS_NAME = "bars.db"
TOLD_AGAIN = 200


def load_settings(path: Path) -> Config:
    """Return the config of `path`. Raises ConfigError, and RefusedError for what this version does not do."""
    config = load_config(path).config
    if config.venue.mode is not Mode.PAPER:
        raise RefusedError(
            f'{path}: venue.mode = "{config.venue.mode}" is not available yet; this version trades paper money only, '
            'set mode = "paper"'
        )
    return config


def market_identity(config: Config) -> str:
    """Return the name of the market whose bars a store may hold."""
    if config.simulation.source is not MarketSource.REAL:
        return config.simulation.identity
    return f"{config.venue.id}:{config.venue.market}:{config.venue.quote}"


def assemble(config: Config, state_dir: Path) -> Parts:
    """Return the parts of an engine for this config and state directory. Raises DriftdeckError."""
    simulated = config.simulation.source is not MarketSource.REAL
    monotonic = time.monotonic
    scaled = (
        ScaledClock(rate=config.simulation.speed, start_ms=config.simulation.start_ms, monotonic=monotonic)
        if simulated
        else None
    )
    clock = scaled or SystemClock()
    store = SqliteBars(state_dir / BARS_NAME)
    store.claim(market_identity(config))
    journal = SqliteJournal(state_dir / JOURNAL_NAME)
    journal.claim(f"{config.venue.mode}:{market_identity(config)}")
    past = [record.fact for record in journal.read(kinds=SIGNAL_KINDS)]
    events = [fact for fact in past if isinstance(fact, SignalEvent)]
    state = new_state(config, events)
    stopped = asyncio.Event()
    publisher = Publisher(state, clock, epoch=time.time_ns(), stop=stopped.set)
    publisher.record(events[-TOLD_AGAIN:], frozenset())  # a feed does not begin empty after a restart
    server = WireServer(socket_path(state_dir), publisher)
    writer = JournalWriter(journal)
    loop = EngineLoop(state, clock, store, publisher, writer, announce=server.announce)
    publisher.request = loop.request
    data = CcxtMarketData(config.venue, monotonic=monotonic, breaker=HostBreaker(monotonic))

    def observe_time(venue_ms: Ms, at: float) -> None:
        if scaled is not None:
            scaled.observe(venue_ms, at)

    feed = Feed(data, clock, config, put=loop.put, observe_time=observe_time)
    return Parts(
        config=config,
        state=state,
        clock=clock,
        data=data,
        store=store,
        journal=journal,
        writer=writer,
        publisher=publisher,
        server=server,
        loop=loop,
        feed=feed,
        stopped=stopped,
    )
