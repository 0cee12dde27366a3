"""Owns the fault table: a real engine on a simulated exchange that is broken on purpose, one way after the other.

`python -m support.fault_table` (or `make faults`) prints, for each fault, how long it took until the engine said so,
how long until all was well again after the fault had ended, how many values were shown as fresh and were not true
meanwhile (`served_truth`), and at the end how many bars were lost or differ.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.paths import socket_path
from engine.adapters.sqlite_bars import SqliteBars
from engine.domain.config import VenueConfig
from engine.domain.errors import NoEngineError
from engine.domain.events import AssetsListed, AssetsUnlisted, BarsCorrected, CheckCompleted, Event
from engine.domain.market import LinkState
from engine.domain.units import HOUR_MS, Ms, Symbol
from engine.domain.views import HealthView, Section
from engine.wire.client import Facts, WireClient
from support.command_line import engine_process, write_config
from support.served_truth import ServedTruth
from support.sim_process import SimProcess

LASTS_S = 25.0
GIVE_UP_S = 60.0
READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.1
LOOK_BACK_BARS = 24  # a correction is of a bar that was there before the faults began


@dataclass(slots=True)
class Watch:
    """What the engine says: its newest health and every event since the fault began."""

    health: HealthView
    events: list[Event] = field(default_factory=list)

    def said(self, kind: type[Event], fits: Callable[[Event], bool] = lambda _: True) -> bool:
        """Return True where an event of a kind has come."""
        return any(isinstance(event, kind) and fits(event) for event in self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, what shows that the engine noticed, and what shows that it is over."""

    kind: str
    told: Mapping[str, object] = field(default_factory=dict)
    shown: Callable[[Watch], bool]
    healed: Callable[[Watch], bool]
    lasts_s: float = LASTS_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured; NaN where it never came."""

    kind: str
    shown_s: float
    healed_s: float
    looked: int  # quotes held against the truth
    wrong: tuple[str, ...]  # shown as fresh, and not true


def _polled(watch: Watch) -> bool:
    return not watch.health.streaming


def _troubled(watch: Watch) -> bool:
    return watch.health.link is not LinkState.UP


def _well(watch: Watch) -> bool:
    return (
        watch.health.ready
        and not watch.health.paused_host
        and watch.health.link is LinkState.UP
        and watch.health.streaming
        and watch.health.last_event_age_s < 5
    )


def _missing(event: Event) -> bool:
    return isinstance(event, CheckCompleted) and "SOL" in event.missing


def _of_eth(event: Event) -> bool:
    return isinstance(event, BarsCorrected) and event.asset == "ETH"


FAULTS = (
    Fault(kind="silent-stream", shown=_polled, healed=_well),
    Fault(kind="silent-stream", told={"asset": "SOL"}, shown=_polled, healed=_well),
    Fault(kind="disconnect-storm", shown=_polled, healed=_well),
    Fault(kind="refused-connections", shown=_troubled, healed=_well),
    Fault(kind="server-error", shown=_troubled, healed=_well),
    Fault(kind="html-page", shown=_troubled, healed=_well),
    Fault(kind="too-many-requests", shown=lambda w: w.health.paused_s > 0.0, healed=_well),
    Fault(kind="corrected-candle", told={"asset": "ETH"}, shown=lambda w: w.said(BarsCorrected, _of_eth), healed=_well),
    Fault(kind="duplicate-candles", shown=lambda w: w.said(CheckCompleted), healed=_well),
    Fault(kind="delayed-messages", shown=_polled, healed=_well),
    Fault(  # a check waits 20 s for the bar of its own hour
        kind="hole",
        told={"asset": "SOL"},
        shown=lambda w: w.said(CheckCompleted, _missing),
        healed=_well,
        lasts_s=60.0,
    ),
    Fault(
        kind="delisting",
        told={"asset": "AVAX", "notice_hours": 0.0},
        shown=lambda w: w.said(AssetsUnlisted),
        healed=lambda w: w.said(AssetsListed) and _well(w),
    ),
    Fault(
        kind="rename",
        told={"asset": "AVAX", "to": "AVAXN"},
        shown=lambda w: w.said(AssetsUnlisted),
        healed=lambda w: w.said(AssetsListed) and _well(w),
    ),
)


class Bench:
    """A simulator, an engine process on it, and a client that watches."""

    def __init__(self, sim: SimProcess, client: WireClient, watch: Watch) -> None:
        self._sim = sim
        self._truth = ServedTruth(sim, client)
        self._client = client
        self.watch = watch

    async def run(self, fault: Fault) -> Row:
        """Break, wait until it is shown, mend, wait until it is healed."""
        await self._until(_well, READY_WITHIN_S)
        self.watch.events.clear()
        name = " ".join([fault.kind, *map(str, fault.told.values())])
        looking = asyncio.create_task(self._truth.look_for_ever())
        self._sim.fault(fault.kind, duration_s=fault.lasts_s, **fault.told)
        shown = await self._until(fault.shown, GIVE_UP_S)
        while self._sim.state()["faults"]:  # noqa: ASYNC110 - another process tells no event
            await asyncio.sleep(LOOK_EVERY_S)
        healed = await self._until(fault.healed, GIVE_UP_S)
        assert not looking.done(), looking.exception()
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        looked, wrong = self._truth.taken()
        wrong += await self._truth.matrix_differs()
        return Row(kind=name, shown_s=shown, healed_s=healed, looked=looked, wrong=wrong)

    async def _until(self, true: Callable[[Watch], bool], within_s: float) -> float:
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            _, health = await self._client.fetch(Section.HEALTH)
            assert isinstance(health, HealthView)
            self.watch.health = health
            if true(self.watch):
                return time.monotonic() - began
            await asyncio.sleep(LOOK_EVERY_S)
        return float("nan")


async def connected(state: Path) -> tuple[WireClient, Watch]:
    """Connect to the engine of a state directory and watch it."""
    until = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            client = await WireClient.connect(socket_path(state), read_only=True, client="faults")
            break
        except NoEngineError:
            assert time.monotonic() < until, "the engine did not come up"
            await asyncio.sleep(LOOK_EVERY_S)
    events: list[Event] = []

    def take(facts: Facts) -> None:
        events.extend(record.event for record in facts.records)

    client.listen(on_facts=take)
    _, health = await client.fetch(Section.HEALTH)
    assert isinstance(health, HealthView)
    return client, Watch(health=health, events=events)


async def wrong_bars(sim: SimProcess, state: Path, symbols: tuple[Symbol, ...], since: Ms) -> list[str]:
    """Return the hours since `since` whose stored close is missing or is not the venue's."""
    venue = VenueConfig(id="bybit", proxy=sim.ready.proxy, ca_file=sim.ready.ca_file)
    data = CcxtMarketData(venue, monotonic=time.monotonic, breaker=HostBreaker(time.monotonic))
    store = SqliteBars(state / "bars.db")
    found = []
    try:
        for symbol in symbols:
            stored = {bar.open_ms: bar.close for bar in store.load(symbol, since_ms=since)}
            candles = await data.candles(symbol, since_ms=since, limit=1000)
            found += [
                f"{symbol} {candle.open_ms}: {stored.get(candle.open_ms)}, venue {candle.close}"
                for candle in candles[:-3]  # the newest may not have been asked for yet
                if stored.get(candle.open_ms) != candle.close
            ]
    finally:
        store.close()
        await data.close()
    return found


async def table(faults: tuple[Fault, ...], directory: Path, say: Callable[[str], None]) -> tuple[list[Row], list[str]]:
    """Run the faults one after the other; return the rows, and the bars that are wrong at the end."""
    state = directory / "state"
    with SimProcess(directory / "sim", "--scenario", "calm", "--speed", "600") as sim:
        config = write_config(directory / "config.toml", sim.ready)
        config.write_text(config.read_text().replace("stream = false", "stream = true"), encoding="utf-8")
        with engine_process(config, state):
            client, watch = await connected(state)
            bench = Bench(sim, client, watch)
            since = Ms((int(sim.state()["market_ms"]) // HOUR_MS - LOOK_BACK_BARS) * HOUR_MS)
            rows = []
            for fault in faults:
                rows.append(await bench.run(fault))
                row = rows[-1]
                say(
                    f"{row.kind:<28} shown after {row.shown_s:5.1f} s   healed {row.healed_s:5.1f} s after its end   "
                    f"wrong as fresh {len(row.wrong)} of {row.looked}"
                )
                for line in row.wrong[:5]:
                    say(f"    {line}")
            await asyncio.sleep(20)  # three market hours: what was missed is fetched
            await client.close()
            symbols = tuple(Symbol(f"{asset}/USDT:USDT") for asset in ("ETH", "SOL", "AVAX"))
            return rows, await wrong_bars(sim, state, symbols, since)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Print the table; return how many rows or bars are wrong."""
    chosen = tuple(fault for fault in FAULTS if fault.kind in sys.argv[1:] or not sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        rows, wrong = asyncio.run(table(chosen, Path(name), _say))
    never = [row for row in rows if row.shown_s != row.shown_s or row.healed_s != row.healed_s]
    false = sum(len(row.wrong) for row in rows)
    sys.stdout.write(
        f"faults {len(rows)}, never shown or healed {len(never)}, bars lost or wrong {len(wrong)}, "
        f"wrong values shown as fresh {false}\n"
    )
    sys.stdout.writelines(f"  {line}\n" for line in wrong[:10])
    return len(never) + len(wrong) + false


if __name__ == "__main__":
    sys.exit(main())
