"""Owns the choice of every concrete class: the one file that names them. Everything else takes what it is given.

`load_settings` reads the config, `assemble` puts an engine together inside a running event loop.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.adapters.ccxt_client import streams
from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.ccxt_stream import CcxtStream
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
from engine.domain.events import Event
from engine.domain.market import HostPause
from engine.domain.ports import Broker, Clock, Journal, MarketData, MarketStream
from engine.domain.units import Ms
from engine.runtime.engine import Parts
from engine.runtime.feed import Feed
from engine.runtime.journal_writer import JournalWriter
from engine.runtime.pause_watch import PauseWatch
from engine.runtime.publisher import Publisher
from engine.runtime.recovery import Recovered, recover
from engine.runtime.trading_side import Admit, trading_side
from engine.wire.server import WireServer

__all__ = ["assemble", "load_settings", "prepare_state_dir"]

log = logging.getLogger(__name__)

BARS_NAME = "bars.db"
TOLD_AGAIN = 200


def load_settings(path: Path, *, live: bool = False) -> Config:
    """Return the config of `path`. Raises ConfigError, and RefusedError unless config and `live` say the same."""
    config = load_config(path).config
    mode = config.venue.mode
    if mode is Mode.LIVE and not live:
        raise RefusedError(
            f'{path}: venue.mode = "live" trades real money: say so on the command line too, with --live'
        )
    if live and mode is not Mode.LIVE:
        raise RefusedError(f'--live: {path} says venue.mode = "{mode}"; real money needs mode = "live" there too')
    return config


def market_identity(config: Config) -> str:
    """Return the name of the market whose bars a store may hold."""
    if config.simulation.source is not MarketSource.REAL:
        return config.simulation.identity
    return f"{config.venue.id}:{config.venue.market}:{config.venue.quote}"


def _told_again(past: Recovered) -> list[Event]:
    """Return the last facts before this start, in the order of the market clock."""
    facts: list[Event] = [*past.signals[-TOLD_AGAIN:], *past.money[-TOLD_AGAIN:]]
    return sorted(facts, key=lambda fact: fact.at)[-TOLD_AGAIN:]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What an engine lives in: its clock, a venue's public data, and the opener of its journal."""

    clock: Clock
    data: MarketData
    observe_time: Callable[[Ms, float], float]
    open_journal: Callable[[Path], Journal] = SqliteJournal
    open_stream: Callable[[], MarketStream] | None = None
    pauses: Callable[[], tuple[HostPause, ...]] = tuple
    open_account: Callable[[], tuple[Broker, Admit]] | None = None  # where orders go to a venue instead of to paper


def real_world(config: Config) -> World:
    """Return the venue of the config, and market time: the host's, or that of a simulated market."""
    breaker = HostBreaker(time.monotonic)  # one for all that talk to venues: bans are per address
    data = CcxtMarketData(config.venue, monotonic=time.monotonic, breaker=breaker)
    simulation = config.simulation

    def open_stream() -> MarketStream:
        return CcxtStream(config.venue, monotonic=time.monotonic, breaker=breaker)

    def open_venue_account() -> tuple[Broker, Admit]:
        from engine.runtime.venue_account import open_account

        return open_account(config, clock, breaker)

    account = None if config.venue.mode is Mode.PAPER else open_venue_account
    streaming = open_stream if config.venue.stream and streams(config.venue) else None
    clock: SystemClock | ScaledClock
    if simulation.source is MarketSource.REAL:
        clock = system = SystemClock()
        observe = system.observe
    else:
        clock = scaled = ScaledClock(rate=simulation.speed, start_ms=simulation.start_ms, monotonic=time.monotonic)
        observe = scaled.observe
    return World(
        clock=clock,
        data=data,
        observe_time=observe,
        open_stream=streaming,
        open_account=account,
        pauses=breaker.pauses,
    )


def assemble(config: Config, state_dir: Path, world: World | None = None) -> Parts:
    """Return the parts of an engine for this config and state directory. Raises DriftdeckError."""
    around = world or real_world(config)
    clock = around.clock
    store = SqliteBars(state_dir / BARS_NAME)
    store.claim(market_identity(config))
    journal = around.open_journal(state_dir / JOURNAL_NAME)
    journal.claim(f"{config.venue.mode}:{market_identity(config)}")
    past = recover(journal, config, clock.market_ms())
    state = new_state(config, past.signals, past.money)
    stopped = asyncio.Event()
    publisher = Publisher(state, clock, epoch=time.time_ns(), stop=stopped.set)
    publisher.record(_told_again(past), frozenset())  # a feed does not begin empty after a restart
    server = WireServer(socket_path(state_dir), publisher)
    writer = JournalWriter(journal)
    account = around.open_account() if around.open_account is not None else None
    money = trading_side(state, clock, store, journal, publisher, writer, announce=server.announce, account=account)
    return Parts(
        config=config,
        state=state,
        clock=clock,
        data=around.data,
        store=store,
        journal=journal,
        writer=writer,
        publisher=publisher,
        server=server,
        loop=money.loop,
        desk=money.desk,
        feed=Feed(
            around.data,
            clock,
            config,
            put=money.put,
            observe_time=around.observe_time,
            open_stream=around.open_stream,
        ),
        pauses=PauseWatch(around.pauses, put=money.put),
        stopped=stopped,
    )
