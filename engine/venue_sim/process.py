"""Owns the life of the process: opens the sockets, says it is ready, and ends on a signal or when nobody is left.

One JSON line on stdout tells the launcher the proxy, the CA file and the control address. All sockets are loopback.
When stdin ends (the parent is gone) the venue stays for as long as clients keep asking, then leaves by itself.
"""

import asyncio
import json
import os
import signal
import ssl
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from engine.domain.units import Ms
from engine.venue_sim.activity import Activity
from engine.venue_sim.certificates import make_tls
from engine.venue_sim.control import control_app
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.faulty_market import FaultyMarket
from engine.venue_sim.faulty_network import FaultyNetwork
from engine.venue_sim.http import venue_app
from engine.venue_sim.opening import Opened, Settings, open_venue
from engine.venue_sim.proxy import LOOPBACK, VENUE_HOSTS, ConnectProxy
from engine.venue_sim.saved import claim
from engine.venue_sim.throttle import Throttle

_WATCH_S = 0.5
_TRADE_EVERY_S = 0.1
_SHUTDOWN_S = 1.0


def serve(settings: Settings) -> None:
    """Run the simulated exchange until a signal comes or nobody is left; raises DriftdeckError before it is ready."""
    with claim(settings.directory):
        opened = open_venue(settings, wall_ms=Ms(time.time_ns() // 1_000_000), monotonic=time.monotonic)
        try:
            asyncio.run(_run(settings, opened))
        finally:
            opened.venue.close()


async def _run(settings: Settings, opened: Opened) -> None:
    loop = asyncio.get_running_loop()
    stop, orphaned = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _watch_stdin(loop, orphaned)
    activity, board = Activity(), FaultBoard(time.monotonic)
    exchange = Exchange(
        FaultyMarket(opened.venue.source, board),
        board,
        now=opened.venue.now,
        host_s=time.monotonic,
        wall_ms=lambda: time.time_ns() // 1_000_000,
    )
    ca_file, context = make_tls(settings.directory, VENUE_HOSTS)
    async with _listening(venue_app(opened.venue, Throttle(), activity, board, exchange), context) as tls_port:
        proxy = ConnectProxy(tls_port=tls_port)
        network = FaultyNetwork(proxy, board)
        proxy_port = await proxy.start()
        async with _listening(control_app(opened.venue, activity, board, exchange, network), None) as control_port:
            tasks = [asyncio.create_task(network.run()), asyncio.create_task(_trade(exchange))]
            try:
                _announce(opened, ca_file, proxy_port, control_port)
                await _until_over(stop, orphaned, activity, settings.parent_grace_s, tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await proxy.close()


async def _trade(exchange: Exchange) -> None:
    """Let time act on accounts: resting orders, funding, liquidation."""
    while True:
        if exchange.busy():
            exchange.advance()
        await asyncio.sleep(_TRADE_EVERY_S)


async def _until_over(
    stop: asyncio.Event, orphaned: asyncio.Event, activity: Activity, grace_s: float, tasks: list[asyncio.Task[None]]
) -> None:
    """Return on a signal, or when the parent is gone and nobody has asked for `grace_s`; raises what ended a task."""
    while not stop.is_set():
        for task in tasks:
            if task.done():  # an exchange that no longer matches must not look like a calm one
                task.result()
        if orphaned.is_set() and activity.quiet_s() >= grace_s:
            return
        try:
            await asyncio.wait_for(stop.wait(), _WATCH_S)
        except TimeoutError:
            continue


@asynccontextmanager
async def _listening(app: web.Application, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Serve `app` on an ephemeral loopback port for as long as the block runs."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0, ssl_context=context).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def _announce(opened: Opened, ca_file: Path, proxy_port: int, control_port: int) -> None:
    line = {
        "proxy": f"http://{LOOPBACK}:{proxy_port}",
        "ca_file": str(ca_file.resolve()),
        "control": f"http://{LOOPBACK}:{control_port}",
        "pid": os.getpid(),
        "market_ms": opened.venue.now(),
        "speed": opened.venue.speed,
        "source": opened.source,
        "identity": opened.identity,
        "label": opened.label,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _watch_stdin(loop: asyncio.AbstractEventLoop, orphaned: asyncio.Event) -> None:
    """Set `orphaned` when stdin ends. A thread, because stdin may be a pipe, a terminal, a file or closed."""

    def wait() -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        if not loop.is_closed():
            loop.call_soon_threadsafe(orphaned.set)

    threading.Thread(target=wait, name="stdin", daemon=True).start()
