"""Owns the load run: the real engine and the real cockpit on a simulated exchange of 100 assets x 10 ticks a second.

`python -m support.load_run` (or `make load ARGS="--seconds 600"`) prints what the engine costs, how long a message
takes from the venue to the terminal, and what went stale. A message's way is timed from outside: a second, bare
websocket follows one asset, so a tick's receipt is known to the instant; the cockpit runs in a pseudo terminal
whose bytes are recorded with their instants; afterwards a terminal emulator tells which of them showed its price.
"""

import argparse
import asyncio
import json
import os
import ssl
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import numpy as np
import psutil

from engine.adapters.paths import socket_path
from engine.domain.events import Event, QuoteWentStale
from engine.domain.views import HealthView, QuotesView, Section
from engine.venue_sim.crowd import crowd
from engine.wire.client import Facts, WireClient
from support.command_line import CONFIG, engine_process, eventually
from support.pty_session import PtySession
from support.sim_process import Ready, SimProcess
from tui.cockpit import glyphs, text

STREAM = "wss://stream.bybit.com/v5/public/linear"
FOLLOWED = "BTC"  # its price is shown with all its digits
LEGS = 4
READY_WITHIN_S = 120.0
SETTLE_S = 10.0
LOOK_EVERY_S = 1.0
DOZE_S = 0.02
PING_EVERY_S = 20.0
SPEED = 60.0  # a bar each minute


@dataclass(slots=True)
class Watch:
    """What the engine said and cost, sample by sample."""

    rss: list[float] = field(default_factory=list)  # MB
    ages: list[float] = field(default_factory=list)  # of the oldest price, seconds
    waiting: list[int] = field(default_factory=list)  # inputs in the queue
    events: list[Event] = field(default_factory=list)
    cpu_s: float = 0.0
    lasted_s: float = 0.0

    @property
    def stale(self) -> int:
        """Return how many prices went stale."""
        return sum(isinstance(event, QuoteWentStale) for event in self.events)


class Host:
    """How late a bare timer comes on this machine meanwhile: what nobody's program can help."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._doze, name="host", daemon=True)

    def __enter__(self) -> "Host":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _doze(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            time.sleep(DOZE_S)
            self.late.append(time.monotonic() - began - DOZE_S)


class Ticks:
    """The prices of one asset as a bare websocket receives them, with the instants; runs in a thread of its own."""

    def __init__(self, ready: Ready) -> None:
        self.received: list[tuple[float, float]] = []
        self._ready = ready
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._follow()), name="ticks", daemon=True)

    def __enter__(self) -> "Ticks":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    async def _follow(self) -> None:
        trust = ssl.create_default_context(cafile=self._ready.ca_file)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(STREAM, proxy=self._ready.proxy, ssl=trust) as socket,
        ):
            await socket.send_str(json.dumps({"op": "subscribe", "args": [f"tickers.{FOLLOWED}USDT"]}))
            heard = time.monotonic()
            while not self._stop.is_set():
                if time.monotonic() - heard > PING_EVERY_S:  # the venue hangs up on who says nothing
                    heard = time.monotonic()
                    await socket.send_str(json.dumps({"op": "ping"}))
                message = await socket.receive(timeout=10)
                data = json.loads(message.data).get("data", {})
                if "lastPrice" in data:
                    self.received.append((time.monotonic(), float(data["lastPrice"])))


def write_config(path: Path, ready: Ready, assets: int, *, speed: float = SPEED) -> Path:
    """Write a config that watches `assets` assets in baskets of four, streamed."""
    head = CONFIG.partition("[[basket]]")[0].replace("stream = false", "stream = true").replace("600.0", str(speed))
    names = [item.asset for item in crowd(assets)]
    baskets = [
        f'[[basket]]\nname = "b{first // LEGS:02d}"\nnotional = 4_000\nassets = ['
        + ", ".join(f'{{asset = "{name}"}}' for name in names[first : first + LEGS])
        + "]\n"
        for first in range(0, len(names), LEGS)
    ]
    filled = head.format(proxy=ready.proxy, ca_file=ready.ca_file, identity=ready.identity, market_ms=ready.market_ms)
    path.write_text(filled + "".join(baskets), encoding="utf-8")
    return path


async def connected(state: Path) -> WireClient:
    """Return a client of the engine once its history is loaded and its prices are streamed."""
    client = await WireClient.connect(socket_path(state), read_only=True, client="load")
    client.listen()
    until = time.monotonic() + READY_WITHIN_S
    while True:
        _, health = await client.fetch(Section.HEALTH)
        assert isinstance(health, HealthView)
        if health.ready and health.streaming:
            return client
        assert time.monotonic() < until, f"not ready: {health.loaded} of {health.wanted} bars, {health.stream_why}"
        await asyncio.sleep(0.2)


async def observe(state: Path, process: psutil.Process, seconds: float) -> Watch:
    """Look at the engine once a second for `seconds`."""
    client, watch = await connected(state), Watch()

    def take(facts: Facts) -> None:
        watch.events.extend(record.event for record in facts.records)

    await asyncio.sleep(SETTLE_S)
    client.on_facts = take
    began, spent = time.monotonic(), sum(process.cpu_times()[:2])
    while time.monotonic() - began < seconds:
        _, health = await client.fetch(Section.HEALTH)
        _, quotes = await client.fetch(Section.QUOTES)
        assert isinstance(health, HealthView)
        assert isinstance(quotes, QuotesView)
        watch.rss.append(process.memory_info().rss / 2**20)
        watch.ages.append(max(row.age_s for row in quotes.rows))
        watch.waiting.append(health.inputs_waiting)
        await asyncio.sleep(LOOK_EVERY_S)
    watch.lasted_s = time.monotonic() - began
    watch.cpu_s = sum(process.cpu_times()[:2]) - spent
    await client.close()
    return watch


def delays(session: PtySession, painted: list[tuple[float, bytes]], ticks: list[tuple[float, float]]) -> list[float]:
    """Return, for each tick that came to stand on the screen, the seconds from its receipt to its last byte."""
    signs = glyphs.for_terminal({}, ascii_only=False)
    found, shown, first = [], "", 0
    for at, chunk in painted:
        session.take(chunk)
        line = next((row for row in session.terminal.display if f" {FOLLOWED} " in row), "")
        if line == shown:
            continue
        shown = line
        arrived = [
            (number, received)
            for number, (received, price) in enumerate(ticks[first:], first)
            if received <= at and f" {text.price(signs, price)} " in line
        ]
        if arrived:
            first = arrived[0][0] + 1
            found.append(at - arrived[0][1])
    return found[1:]  # the first one stood there before anybody looked


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one run showed."""

    watch: Watch
    cockpit_cpu: float  # share of a core
    delays: list[float]
    updates_per_s: float
    host_late: list[float]


def press(assets: int, seconds: float, directory: Path) -> Seen:
    """Run simulator, engine and cockpit for `seconds` and return what was seen."""
    state = directory / "state"
    with SimProcess(directory / "sim", "--speed", str(SPEED), "--assets", str(assets), "--ticks-per-s", "10") as sim:
        config = write_config(directory / "config.toml", sim.ready, assets)
        with engine_process(config, state) as engine, Ticks(sim.ready) as ticks, Host() as host:
            eventually("the engine listens", lambda: socket_path(state).exists())
            results: list[Watch] = []
            process = psutil.Process(engine.pid)
            watcher = threading.Thread(target=lambda: results.append(asyncio.run(observe(state, process, seconds))))
            watcher.start()
            command = [sys.executable, "-m", "tui", "attach", "--config", str(config), "--state", str(state)]
            environ = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            with PtySession(command, columns=120, rows=40, env=environ) as session:
                screen = psutil.Process(session.process.pid)
                painted = []
                while watcher.is_alive():
                    painted += session.record(1.0)
                share = sum(screen.cpu_times()[:2]) / (time.monotonic() - session.started)
                watcher.join()
                found = delays(session, painted, ticks.received)
            received = ticks.received
    rate = len(received) / (received[-1][0] - received[0][0])
    return Seen(watch=results[0], cockpit_cpu=share, delays=found, updates_per_s=rate, host_late=host.late)


def told(assets: int, seen: Seen) -> list[str]:
    """Return what was seen as lines."""
    watch = seen.watch
    late = np.percentile(seen.delays, [50, 99]) * 1000 if seen.delays else [np.nan, np.nan]
    share, rss = watch.cpu_s / watch.lasted_s, watch.rss
    return [
        f"{assets} assets, {seen.updates_per_s:.1f} updates a second each as received, {watch.lasted_s:.0f} s",
        f"engine   cpu {share:.1%} of a core   rss {rss[0]:.0f} -> {rss[-1]:.0f} MB, at most {max(rss):.0f}",
        f"cockpit  cpu {seen.cockpit_cpu:.1%} of a core",
        f"message to terminal   p50 {late[0]:.0f} ms   p99 {late[1]:.0f} ms   ({len(seen.delays)} ticks of {FOLLOWED})",
        f"oldest of all prices   p99 {np.percentile(watch.ages, 99):.2f} s, at most {max(watch.ages):.2f} s",
        f"prices that went stale {watch.stale}",
        f"this machine meanwhile: a bare timer came p99 {np.percentile(seen.host_late, 99) * 1000:.0f} ms late",
        f"queue of inputs   p99 {np.percentile(watch.waiting, 99):.0f}, at most {max(watch.waiting)}",
    ]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m support.load_run", description="Put the engine under load.")
    parser.add_argument("--assets", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        seen = press(given.assets, given.seconds, Path(name))
    for line in told(given.assets, seen):
        _say(line)
    return seen.watch.stale + (not seen.delays)


if __name__ == "__main__":
    sys.exit(main())
