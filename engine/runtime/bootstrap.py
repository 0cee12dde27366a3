"""Owns the choice of every concrete class: the one file that names them. Everything else takes what it is given.

`load_settings` reads the config, `assemble` puts an engine together inside a running event loop.
"""

import asyncio
import logging
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.adapters.ccxt_client import streams
from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.ccxt_stream import CcxtStream
from engine.adapters.clocks import ScaledClock, SystemClock
from engine.adapters.config_file import load_config
from engine.adapters.heartbeat_ping import HeartbeatPing
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.named_venue import NamedMarketData, NamedStream
from engine.adapters.notifier_apprise import AppriseNotifier
from engine.adapters.notify_targets import read_targets
from engine.adapters.paths import notify_file, prepare_state_dir, socket_path
from engine.adapters.sqlite_bars import SqliteBars
from engine.adapters.sqlite_journal import FILE_NAME as JOURNAL_NAME
from engine.adapters.sqlite_journal import SqliteJournal
from engine.core.inputs import Input
from engine.core.state import new_state
from engine.domain.config import Config, MarketSource, Mode, VenueConfig
from engine.domain.errors import RefusedError
from engine.domain.events import Event
from engine.domain.market import HostPause
from engine.domain.ports import Broker, Clock, Heartbeat, Journal, MarketData, MarketStream, Notifier
from engine.domain.units import Ms
from engine.runtime.engine import Parts
from engine.runtime.engine_room import EngineRoom, LogRing
from engine.runtime.feed import Feed
from engine.runtime.feeds import OTHERS_WITHIN_S, Feeds, VenueDoors
from engine.runtime.journal_writer import JournalWriter
from engine.runtime.notice_desk import NoticeDesk
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
class OtherVenue:
    """The public data of a venue beside the default one, in the book's names."""

    data: MarketData
    open_stream: Callable[[], MarketStream] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What an engine lives in: its clock, a venue's public data, and the opener of its journal."""

    clock: Clock
    data: MarketData
    observe_time: Callable[[Ms, float], float]
    open_journal: Callable[[Path], Journal] = SqliteJournal
    open_stream: Callable[[], MarketStream] | None = None
    pauses: Callable[[], tuple[HostPause, ...]] = tuple
    others: Mapping[str, OtherVenue] = field(default_factory=dict)  # venues beside the default one, by name
    others_within_s: float = OTHERS_WITHIN_S  # how long a start waits for them
    open_account: Callable[[], tuple[Broker, Admit]] | None = None  # where orders go to a venue instead of to paper
    notifier: Notifier | None = None
    heartbeat: Heartbeat | None = None


def _streaming(venue: VenueConfig, breaker: HostBreaker) -> Callable[[], MarketStream] | None:
    """Return the opener of a venue's public streams, None where it has none or none are wanted."""
    if not venue.stream or not streams(venue):
        return None
    return lambda: CcxtStream(venue, monotonic=time.monotonic, breaker=breaker)


def _named_stream(open_stream: Callable[[], MarketStream], venue: VenueConfig) -> Callable[[], MarketStream]:
    return lambda: NamedStream(open_stream(), venue_id=venue.id)


def _others(config: Config, breaker: HostBreaker) -> dict[str, OtherVenue]:
    """Return the book's venues beside the default one."""
    assets = {symbol: asset for asset, symbol in config.symbols.items()}
    found = {}
    for name, venue in config.book_venues.items():
        if not name:
            continue
        data = CcxtMarketData(venue, monotonic=time.monotonic, breaker=breaker)
        plain = _streaming(venue, breaker)
        found[name] = OtherVenue(
            data=NamedMarketData(data, venue_id=venue.id, assets=assets),
            open_stream=None if plain is None else _named_stream(plain, venue),
        )
    return found


def real_world(config: Config) -> World:
    """Return the venue of the config, and market time: the host's, or that of a simulated market."""
    breaker = HostBreaker(time.monotonic)  # one for all that talk to venues: bans are per address
    data = CcxtMarketData(config.venue, monotonic=time.monotonic, breaker=breaker)
    simulation = config.simulation

    def open_venue_account() -> tuple[Broker, Admit]:
        from engine.runtime.venue_account import open_account

        return open_account(config, clock, breaker)

    account = None if config.venue.mode is Mode.PAPER else open_venue_account
    notifier, heartbeat = _ways_out(config)
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
        open_stream=_streaming(config.venue, breaker),
        others=_others(config, breaker),
        open_account=account,
        pauses=breaker.pauses,
        notifier=notifier,
        heartbeat=heartbeat,
    )


def _ways_out(config: Config) -> tuple[Notifier | None, Heartbeat | None]:
    """Return where notices and the heartbeat go: nowhere for a made-up market. Raises RefusedError."""
    if config.simulation.source is not MarketSource.REAL:
        return None, None
    targets = read_targets(environ=os.environ, file=notify_file())
    return (
        AppriseNotifier(targets.urls) if targets.urls else None,
        HeartbeatPing(targets.heartbeat) if targets.heartbeat else None,
    )


def _feeds(config: Config, around: World, put: Callable[[Input], None]) -> Feeds:
    """Return a feed for each venue of the book; the default one's clock is the market's."""
    doors, found = VenueDoors(put), {}
    for name, venue in config.book_venues.items():
        beside = around.others[name] if name else None
        found[name] = Feed(
            around.data if beside is None else beside.data,
            around.clock,
            config,
            put=doors.of(name),
            observe_time=around.observe_time if beside is None else _another_clock,
            open_stream=around.open_stream if beside is None else beside.open_stream,
            symbols=config.symbols_at(name),
            venue=venue,
        )
    return Feeds(found, others_within_s=around.others_within_s)


def _another_clock(_venue_ms: Ms, _now: float) -> float:
    """Market time is the default venue's; what another says of the time is not taken."""
    return math.nan


def assemble(config: Config, state_dir: Path, world: World | None = None, *, ring: LogRing | None = None) -> Parts:
    """Return the parts of an engine for this config and state directory; `ring` has its log. Raises DriftdeckError."""
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
    publisher.room = EngineRoom(ring or LogRing(), state_dir, clients=lambda: server.clients).view
    writer = JournalWriter(journal)
    account = around.open_account() if around.open_account is not None else None
    phone = NoticeDesk(config.notify, monotonic=clock.monotonic, notifier=around.notifier, heartbeat=around.heartbeat)
    money = trading_side(
        state, clock, store, journal, publisher, writer, announce=server.announce, account=account, phone=phone
    )
    return Parts(
        config=config,
        state=state,
        clock=clock,
        store=store,
        journal=journal,
        writer=writer,
        publisher=publisher,
        server=server,
        loop=money.loop,
        desk=money.desk,
        feed=_feeds(config, around, money.put),
        pauses=PauseWatch(around.pauses, put=money.put),
        phone=phone,
        stopped=stopped,
    )
