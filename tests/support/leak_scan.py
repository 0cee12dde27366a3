"""Owns the search for leaked secrets: a live engine through a day of faults, and everything that it left behind.

`python -m support.leak_scan` (or `make leaks`) lets a real engine trade an account of the simulated exchange with a
known key out of the encrypted file, breaks the exchange in every way until a day of market time is over, and looks for
key, secret and both passphrases in the state directory, logs, journal, views, screenshots, tracebacks, answers of
commands and arguments of processes: as they are, in base64, in hex and as an URL writes them.
"""

import argparse
import asyncio
import base64
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import msgspec
import psutil

from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.clocks import SystemClock
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.paths import APP, socket_path
from engine.adapters.redaction import RedactingFilter
from engine.adapters.venue_keys import PASSPHRASE_VARIABLE, VenueKeys, read_keys, write_keys
from engine.domain.errors import DriftdeckError
from engine.domain.units import HOUR_MS
from engine.domain.views import Section
from engine.venue_sim.faults import FaultKind
from engine.wire.client import WireClient
from support.command_line import CONFIG, eventually, processes_about
from support.sim_process import SimProcess
from support.venue_desk import BROKEN_ANSWERS, ETH, eth_order, venue_of
from tui.cockpit.app import CockpitApp
from tui.cockpit.options import CockpitOptions
from tui.cockpit.snapshot import export_svg
from tui.cockpit.theme import ColorSystem

SPEED = 600
SECRETS: Mapping[str, str] = {
    "key": "leak-key/7f3a9c2e+51b84d06",
    "secret": "leak secret=c0ffee&d15ea5e0b5e55ed",
    "venue's passphrase": "leak%passphrase?of#the-venue",
    "file's passphrase": "leak:passphrase:of:the:file",
}
SCREENS = ((), ("b",), ("l",), ("i",))
COMMANDS = (
    ("status", "--json"),
    ("orders", "--json"),
    ("journal", "--all"),
    ("proposals",),
)
# What would bury the others: a ban of ten minutes, an engine that is cut off from prices until it gives up.
LEFT_OUT = (FaultKind.BAN,)


@dataclass(slots=True)
class Remains:
    """What a run left: files under `roots`, and texts by where they came from."""

    roots: list[Path] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    faults: int = 0
    market_hours: float = 0.0

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Yield each place with its bytes."""
        yield from self.texts.items()
        for root in self.roots:
            for path in sorted(root.rglob("*")):
                if path.is_file():
                    yield str(path.relative_to(root.parent)), path.read_bytes()


def forms(secret: str) -> dict[str, bytes]:
    """Return how a secret may be written."""
    raw = secret.encode()
    whole = base64.b64encode(raw).rstrip(b"=")
    return {
        "as it is": raw,
        "in an URL": quote(secret, safe="").encode(),
        "in base64": whole[: len(whole) - len(whole) % 4 or None],
        "in base64 of an URL": base64.urlsafe_b64encode(raw).rstrip(b"="),
        "in hex": raw.hex().encode(),
        "in JSON": msgspec.json.encode(secret)[1:-1],
    }


def leaks(places: Iterator[tuple[str, bytes]]) -> list[str]:
    """Return where a secret stands, and how."""
    return [
        f"{where}: the {name} {form}"
        for where, found in places
        for name, secret in SECRETS.items()
        for form, written in forms(secret).items()
        if written in found
    ]


@contextmanager
def engine_of(directory: Path, sim: SimProcess, remains: Remains) -> Iterator[tuple[dict[str, str], Path]]:
    """Run a live engine whose key is in the encrypted file; give the environment of its commands, and its state."""
    home, state = directory / "home", directory / "state"
    kept = VenueKeys(key=SECRETS["key"], secret=SECRETS["secret"], passphrase=SECRETS["venue's passphrase"])
    file = home / APP / "keys.json"
    write_keys("bybit", kept, file=file, passphrase=SECRETS["file's passphrase"])
    ready = sim.ready
    text = CONFIG.format(proxy=ready.proxy, ca_file=ready.ca_file, identity=ready.identity, market_ms=ready.market_ms)
    config = directory / "config.toml"
    config.write_text(
        text.replace('id = "bybit"', 'id = "bybit"\nmode = "demo"') + "[limits]\nmax_slippage_bps = 1000\n", "utf-8"
    )
    environment = os.environ | {"XDG_CONFIG_HOME": str(home), PASSPHRASE_VARIABLE: SECRETS["file's passphrase"]}
    command = [sys.executable, "-m", "tui", "run", "--headless", "--config", str(config), "--state", str(state)]
    said = directory / "said"
    said.mkdir()
    with (said / "stdout").open("wb") as out, (said / "stderr").open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        remains.roots += [state, said, home]
        try:
            yield environment, state
        finally:
            remains.texts["arguments"] = _arguments(directory)
            process.terminate()
            process.wait(timeout=30)


def _arguments(directory: Path) -> bytes:
    lines = [" ".join(psutil.Process(pid).cmdline()) for pid in processes_about(directory)]
    return "\n".join(lines).encode()


def live_through(directory: Path, hours: float) -> Remains:
    """Let an engine live through so many hours of the market, broken all the time; return what it left."""
    remains = Remains()
    with SimProcess(directory / "sim", "--speed", str(SPEED), "--scenario", "calm") as sim:
        sim.account(key=SECRETS["key"], secret=SECRETS["secret"])
        with engine_of(directory, sim, remains) as (environment, state):

            def command(*words: str) -> None:
                done = subprocess.run(
                    [sys.executable, "-m", "tui", *words, "--state", str(state)],
                    capture_output=True,
                    timeout=60,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    check=False,
                )
                remains.texts[" ".join(words)] = done.stdout + done.stderr

            eventually("the engine is there", lambda: socket_path(state).exists())
            began = sim.state()["market_ms"]
            _break_all(sim, remains, until=lambda: sim.state()["market_ms"] - began >= hours * HOUR_MS, trade=command)
            remains.market_hours = (sim.state()["market_ms"] - began) / HOUR_MS
            sim.mend()
            for words in COMMANDS:
                command(*words)
            asyncio.run(_looked_at(state, directory, remains))
        remains.texts |= asyncio.run(_tracebacks(sim, directory))
    return remains


def _break_all(sim: SimProcess, remains: Remains, *, until: Callable[[], bool], trade: Callable[..., None]) -> None:
    """Break one thing after the other, with orders under way, until it is time."""
    kinds = [kind for kind in FaultKind if kind not in LEFT_OUT]
    while not until():
        kind = kinds[remains.faults % len(kinds)]
        if remains.faults % 8 == 0:
            trade("flatten" if remains.faults % 16 else "open", *([] if remains.faults % 16 else ["layer-1"]), "--yes")
        sim.fault(kind, duration_s=1.0)
        remains.faults += 1
        time.sleep(0.4)


async def _looked_at(state: Path, directory: Path, remains: Remains) -> None:
    """Keep what a cockpit is told and what it shows."""
    client = await WireClient.connect(socket_path(state), read_only=True, client="scan")
    client.listen()
    for section in (Section.HEALTH, Section.QUOTES, Section.BOOKS, Section.PROPOSALS, Section.BLOTTER, Section.ENGINE):
        _, view = await client.fetch(section)
        remains.texts[f"view {section}"] = repr(view).encode()
    await client.close()
    shots = directory / "said"
    app = CockpitApp(CockpitOptions(socket=socket_path(state), state=state), system=ColorSystem.TRUE)
    async with app.run_test(size=(160, 50)) as pilot:
        for keys in SCREENS:
            await pilot.press(*keys)
            await pilot.pause(0.6)
            export_svg(app, shots / f"screen-{'-'.join(keys) or 'first'}.svg")
            await pilot.press(*keys)


async def _tracebacks(sim: SimProcess, directory: Path) -> dict[str, bytes]:
    """Return every sentence and every traceback, with all that ccxt logs, of a broker whose requests go wrong."""
    log, file = logging.getLogger(), directory / "tracebacks.log"
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.addFilter(RedactingFilter())
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    environment = {PASSPHRASE_VARIABLE: SECRETS["file's passphrase"]}
    keys = read_keys("bybit", environ=environment, file=directory / "home" / APP / "keys.json")
    wrong = VenueKeys(key=keys.key, secret=keys.secret[::-1], passphrase=keys.passphrase)
    sentences = []
    try:
        for number, (kind, told, _) in enumerate([("", {}, 0), *BROKEN_ANSWERS]):
            broker = CcxtBroker(
                venue_of(sim),
                wrong if not kind else keys,
                clock=SystemClock(),
                symbols=[ETH],
                breaker=HostBreaker(time.monotonic),
            )
            broker._exchange.timeout = 1_000
            try:
                if kind:
                    await broker.admit()
                    sim.fault(kind, path="POST /v5/order/create", count=1, **told)
                    await broker.place(eth_order(f"leak{number}"))
                else:
                    await broker.admit()
            except DriftdeckError as error:
                sentences.append(f"{kind or 'a wrong signature'}: {error}")
                log.exception("the broker failed")
            finally:
                await broker.close()
                sim.mend()
    finally:
        log.setLevel(before)
        log.removeHandler(handler)
        handler.close()
    return {"sentences": "\n".join(sentences).encode(), "tracebacks": file.read_bytes()}


def main() -> int:
    """Run a day, say what was looked at and what was found; return how many leaks there are."""
    parser = argparse.ArgumentParser(description="look for leaked secrets after a day of faults")
    parser.add_argument("--hours", type=float, default=24.0, help="of market time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        remains = live_through(Path(name), given.hours)
        places = list(remains.everything())
        found = leaks(iter(places))
    size = sum(len(each) for _, each in places) / 1024
    sys.stdout.writelines(f"  {where}\n" for where in found)
    sys.stdout.write(
        f"{remains.market_hours:.0f} hours, {remains.faults} faults; {len(places)} places, {size:,.0f} KB, "
        f"{len(SECRETS)} secrets in {len(forms('x'))} forms: {len(found)} leaks\n"
    )
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
