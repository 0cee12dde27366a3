"""Owns the fault table: a real engine on a simulated exchange that is broken on purpose, one way after the other.

`python -m support.fault_table` (or `make faults`) prints, for each fault, how long it took until a real cockpit beside
the engine painted what is wrong, how long until all was well again after the fault had ended, how many values were
shown as fresh and were not true meanwhile (`served_truth`), and at the end how many bars were lost or differ. Words
choose rows: `ARGS="hole clock-jump"`; `--say` prints the line that the cockpit painted.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.paths import socket_path
from engine.adapters.sqlite_bars import SqliteBars
from engine.domain.config import VenueConfig
from engine.domain.errors import NoEngineError
from engine.domain.events import Event
from engine.domain.units import HOUR_MS, Ms, Symbol
from engine.domain.views import BooksView, HealthView, QuotesView, Section
from engine.wire.client import Facts, WireClient
from support.command_line import engine_process, write_config
from support.fault_rows import CLOCKS, LIKE, NEWCOMER, NEWCOMERS, OTHER_DIALECT, STREAMED, Fault, Watch, well
from support.fault_screen import FaultScreen
from support.served_truth import ServedTruth
from support.sim_process import SimProcess

READY_WITHIN_S = 90.0
LOOK_EVERY_S = 0.1
LOOK_BACK_BARS = 24  # a correction is of a bar that was there before the faults began
SPEED = 600.0
BARS_AFTER_S = 20.0  # three market hours: what was missed is fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A venue and a config, and the faults that are tried on them."""

    name: str
    venue: str = "bybit"
    speed: float = SPEED  # 1: market time is real time
    newcomer: bool = False  # the basket names a market that does not exist yet
    faults: tuple[Fault, ...]


STAGES = (
    Stage(name="Bybit swap, streamed", faults=STREAMED),
    Stage(name="Binance swap, streamed", venue="binance", faults=OTHER_DIALECT),
    Stage(name="a basket with a market that is listed later", newcomer=True, faults=NEWCOMERS),
    Stage(name="at real time", speed=1.0, faults=CLOCKS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured; NaN where it never came."""

    kind: str
    shown_s: float
    painted: str  # the line of the screen
    healed_s: float
    looked: int  # quotes held against the truth
    wrong: tuple[str, ...]  # shown as fresh, and not true


class Bench:
    """A simulator, an engine process on it, a client that watches, and a cockpit."""

    def __init__(self, stage: Stage, sim: SimProcess, client: WireClient, watch: Watch, screen: FaultScreen) -> None:
        self._sim = sim
        self._screen = screen
        self._truth = ServedTruth(sim, client, venue_of(stage, sim), twins={NEWCOMER: LIKE} if stage.newcomer else {})
        self._client = client
        self.watch = watch

    async def run(self, fault: Fault) -> Row:
        """Break, wait until the cockpit paints it, mend, wait until it is healed."""
        await self._until(well, READY_WITHIN_S)
        self.watch.events.clear()
        since = await self._market_ms()
        looking = asyncio.create_task(self._truth.look_for_ever())
        self._sim.fault(fault.kind, duration_s=fault.lasts_s, **fault.told)
        began = time.monotonic()
        painted = await self._painted(fault, since)
        shown = time.monotonic() - began if painted else float("nan")
        while self._sim.state()["faults"]:  # noqa: ASYNC110 - another process tells no event
            await asyncio.sleep(LOOK_EVERY_S)
        healed = await self._until(fault.healed, fault.within_s)
        assert not looking.done(), looking.exception()
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        looked, wrong = self._truth.taken()
        wrong += await self._truth.matrix_differs()
        return Row(kind=fault.name, shown_s=shown, painted=painted, healed_s=healed, looked=looked, wrong=wrong)

    async def _painted(self, fault: Fault, since: int) -> str:
        """Return the line by which the cockpit shows a fault that the engine noticed, empty where none came."""
        lines: list[str] = []

        def shown(watch: Watch, now: int) -> bool:
            line = self._screen.says(fault.words, since, now)
            if line and fault.noticed(watch) and line not in lines:
                lines.append(line)
            return len(lines) > fault.moves

        until = time.monotonic() + fault.within_s
        while time.monotonic() < until:
            await self._look()
            if shown(self.watch, await self._market_ms()):
                return lines[0]
            await asyncio.sleep(LOOK_EVERY_S)
        return ""

    async def _market_ms(self) -> int:
        return int((await asyncio.to_thread(self._sim.state))["market_ms"])

    async def _look(self) -> None:
        for section in (Section.HEALTH, Section.BOOKS, Section.QUOTES):
            _, view = await self._client.fetch(section)
            match view:
                case HealthView():
                    self.watch.health = view
                case BooksView():
                    self.watch.books = view
                case QuotesView():
                    self.watch.quotes = view

    async def _until(self, true: Callable[[Watch], bool], within_s: float) -> float:
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            await self._look()
            if true(self.watch):
                return time.monotonic() - began
            await asyncio.sleep(LOOK_EVERY_S)
        return float("nan")


def venue_of(stage: Stage, sim: SimProcess) -> VenueConfig:
    """Return how to ask a stage's venue."""
    return VenueConfig(id=stage.venue, proxy=sim.ready.proxy, ca_file=sim.ready.ca_file)


def config_of(stage: Stage, sim: SimProcess, path: Path) -> Path:
    """Write the config of a stage's engine."""
    text = write_config(path, sim.ready).read_text(encoding="utf-8").replace("stream = false", "stream = true")
    text = text.replace('id = "bybit"', f'id = "{stage.venue}"')
    if stage.newcomer:
        text = text.replace('{asset = "AVAX"}', f'{{asset = "AVAX"}}, {{asset = "{NEWCOMER}"}}')
    if stage.speed == 1.0:
        head, _, rest = text.partition("[simulation]")
        text = head + rest[rest.index("[[basket]]") :]
    path.write_text(text, encoding="utf-8")
    return path


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


async def wrong_bars(venue: VenueConfig, state: Path, symbols: tuple[Symbol, ...], since: Ms) -> list[str]:
    """Return the hours since `since` whose stored close is missing or is not the venue's."""
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


async def table(stage: Stage, directory: Path, say: Callable[[Row], None]) -> list[str]:
    """Run a stage's faults one after the other; return the bars that are wrong at the end."""
    state = directory / "state"
    with SimProcess(directory / "sim", "--scenario", "calm", "--speed", str(stage.speed)) as sim:
        config = config_of(stage, sim, directory / "config.toml")
        with engine_process(config, state):
            client, watch = await connected(state)
            since = Ms((int(sim.state()["market_ms"]) // HOUR_MS - LOOK_BACK_BARS) * HOUR_MS)
            with FaultScreen(config, state) as screen:
                bench = Bench(stage, sim, client, watch, screen)
                for fault in stage.faults:
                    say(await bench.run(fault))
            if stage.speed > 1.0:
                await asyncio.sleep(BARS_AFTER_S)
            await client.close()
            symbols = tuple(Symbol(f"{asset}/USDT:USDT") for asset in ("ETH", "SOL", "AVAX"))
            return await wrong_bars(venue_of(stage, sim), state, symbols, since)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Print the table; return how many rows or bars are wrong."""
    parser = argparse.ArgumentParser(description="break the data in every way and say when it was painted and healed")
    known = sorted({fault.kind for stage in STAGES for fault in stage.faults})
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"only these: {', '.join(known)}")
    parser.add_argument("--say", action="store_true", help="print the line that the cockpit painted")
    given = parser.parse_args()
    unknown = sorted(set(given.kinds).difference(known))
    if unknown:
        parser.error(f"no such fault: {', '.join(unknown)}")
    rows: list[Row] = []
    bars: list[str] = []

    def say(row: Row) -> None:
        rows.append(row)
        _say(
            f"{row.kind:<28} shown after {row.shown_s:5.1f} s   healed {row.healed_s:5.1f} s after its end   "
            f"wrong as fresh {len(row.wrong)} of {row.looked}"
        )
        for line in (*[row.painted] * given.say, *row.wrong[:5]):
            _say(f"    {line}")

    for stage in STAGES:
        chosen = tuple(fault for fault in stage.faults if fault.kind in given.kinds or not given.kinds)
        if chosen:
            _say(stage.name)
            with tempfile.TemporaryDirectory() as name:
                bars += asyncio.run(table(replace(stage, faults=chosen), Path(name), say))
    never = [row for row in rows if row.shown_s != row.shown_s or row.healed_s != row.healed_s]
    false = sum(len(row.wrong) for row in rows)
    _say(
        f"faults {len(rows)}, never shown or healed {len(never)}, bars lost or wrong {len(bars)}, "
        f"wrong values shown as fresh {false} of {sum(row.looked for row in rows)}"
    )
    for line in bars[:10]:
        _say(f"  {line}")
    return len(never) + len(bars) + false


if __name__ == "__main__":
    sys.exit(main())
