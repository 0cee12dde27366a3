"""Owns a simulated exchange for tests: starts `python -m engine.venue_sim`, reads its ready line, ends it.

Use it as a context manager; `exchange()` and `streams()` give the unmodified ccxt clients pointed at it. It holds the
process's stdin open, so that a dying test run takes the simulator with it.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

READY_S = 60.0
END_S = 30.0
KEY = "sim-key-0123456789"
SECRET = "sim-secret-0123456789abcdef"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The ready line of a simulator."""

    proxy: str
    ca_file: str
    control: str
    pid: int
    market_ms: int
    speed: float
    source: str
    identity: str
    label: str


class SimProcess:
    """One simulator process; `ready` is there inside the `with` block."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self._command = [sys.executable, "-m", "engine.venue_sim", "--dir", str(directory), *arguments]
        self._process: subprocess.Popen[str] | None = None
        self._ready: Ready | None = None

    @property
    def ready(self) -> Ready:
        """What the simulator said when it was ready."""
        assert self._ready is not None, "the simulator is not running"
        return self._ready

    @property
    def process(self) -> subprocess.Popen[str]:
        """The process itself."""
        assert self._process is not None, "the simulator is not running"
        return self._process

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            _, complaint = self._process.communicate(timeout=END_S)
            raise AssertionError(f"the simulator did not start: {complaint}")
        self._ready = Ready(**json.loads(line))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """End it with SIGTERM and return its exit code; doing it twice is fine."""
        process = self.process
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return process.returncode

    def state(self) -> dict[str, Any]:
        """Return GET /state of the control API."""
        return _ask(f"{self.ready.control}/state")

    def prices(self, since: int, *assets: str) -> tuple[int, dict[str, tuple[float, float]]]:
        """Return the market time, and the lowest and highest true price of each asset since `since` (whole minutes)."""
        told = _ask(f"{self.ready.control}/prices?since={since}&assets={','.join(assets)}")
        return told["market_ms"], {asset: (low, high) for asset, (low, high) in told["prices"].items()}

    def begin(self) -> dict[str, Any]:
        """POST /begin: the cockpit is ready."""
        return _ask(f"{self.ready.control}/begin", b"")

    def perform(self, scenario: str) -> dict[str, Any]:
        """POST /scenario: start one now."""
        return _ask(f"{self.ready.control}/scenario", json.dumps({"name": scenario}).encode())

    def fault(self, kind: str, **told: object) -> dict[str, Any]:
        """POST /fault: break something."""
        return _ask(f"{self.ready.control}/fault", json.dumps({"kind": kind} | told).encode())

    def mend(self) -> dict[str, Any]:
        """DELETE /fault: end all faults."""
        return _ask(urllib.request.Request(f"{self.ready.control}/fault", method="DELETE"))

    def account(self, key: str = KEY, secret: str = SECRET, **told: object) -> dict[str, Any]:
        """POST /account: open an account (venue, money, spot_money, read_only, may_trade, may_withdraw)."""
        return self._control("account", key=key, secret=secret, **told)

    def move(self, money: str, key: str = KEY, market: str = "swap") -> dict[str, Any]:
        """POST /account/move: money from outside; negative takes it away. Binance has a wallet for each market."""
        return self._control("account/move", key=key, money=money, market=market)

    def hedge(self, on: bool, key: str = KEY) -> dict[str, Any]:
        """POST /account/hedge: set the position mode from outside."""
        return self._control("account/hedge", key=key, hedge=on)

    def truth(self, key: str = KEY) -> dict[str, Any]:
        """GET /truth: what the exchange itself knows of an account, past every fault."""
        return _ask(f"{self.ready.control}/truth?key={key}")

    def _control(self, path: str, **told: object) -> dict[str, Any]:
        return _ask(f"{self.ready.control}/{path}", json.dumps(told).encode())

    @asynccontextmanager
    async def trader(
        self, kind: str = "linear", key: str = KEY, secret: str = SECRET, venue: str = "bybit"
    ) -> AsyncIterator[Any]:
        """Give the real ccxt client with an account's key, urls unchanged; closed at the end."""
        import ccxt.async_support as ccxt

        client = getattr(ccxt, venue)(self._settings(kind, venue) | {"apiKey": key, "secret": secret})
        try:
            yield client
        finally:
            await client.close()

    @asynccontextmanager
    async def exchange(self, kind: str = "linear") -> AsyncIterator[Any]:
        """Give the real ccxt client, urls unchanged, through the proxy and the CA; closed at the end."""
        import ccxt.async_support as ccxt

        client = ccxt.bybit(self._settings(kind))
        try:
            yield client
        finally:
            await client.close()

    @asynccontextmanager
    async def streams(
        self, kind: str = "linear", venue: str = "bybit", key: str = "", secret: str = ""
    ) -> AsyncIterator[Any]:
        """Give the real ccxt.pro client in the same way, for its watch calls; with a key also for private ones."""
        import ccxt.pro as ccxt

        settings = self._settings(kind, venue) | {"wssProxy": self.ready.proxy}
        if key:
            settings |= {"apiKey": key, "secret": secret}
        client = getattr(ccxt, venue)(settings)
        try:
            yield client
        finally:
            await client.close()

    def _settings(self, kind: str, venue: str = "bybit") -> dict[str, Any]:
        types = [kind] if venue == "binance" else {"types": [kind]}
        return {
            "httpsProxy": self.ready.proxy,
            "cafile": self.ready.ca_file,
            "enableRateLimit": True,
            "options": {"fetchMarkets": types, "defaultType": "spot" if kind == "spot" else "swap"},
        }


def _ask(url: str | urllib.request.Request, body: bytes | None = None) -> dict[str, Any]:
    """Ask the control API, which is plain HTTP on loopback, past any proxy of the environment."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, body, timeout=END_S) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found
