"""Owns the live drill: the account behind `demo --live-drill` at the simulated exchange, and its faults, `drill`.

The engine of a drill trades with its real broker and signed requests; only the exchange is simulated. What breaks is
asked of the exchange's control door, whose place the drill keeps in its state directory.
"""

import http.client
import json
import os
import re
import secrets
import urllib.error
import urllib.request
from pathlib import Path

from engine.adapters.paths import state_dir
from engine.domain.errors import ConfigError, NoEngineError, RefusedError
from engine.domain.market import MarketKind
from tui.cockpit.drill import Broken
from tui.commands.drill_faults import FAULTS, ON_ORDERS, TOLD
from tui.commands.output import print_json, say

NOTE = "drill.json"
MONEY = "50000"
ORDERS = {
    ("bybit", MarketKind.SWAP): "POST /v5/order/create",
    ("bybit", MarketKind.SPOT): "POST /v5/order/create",
    ("binance", MarketKind.SWAP): "POST /fapi/v1/order",
    ("binance", MarketKind.SPOT): "POST /api/v3/order",
}
WITHIN_S = 5.0
MEND = "mend"
_HERE = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}")


def open_drill_account(control: str, state: Path, *, venue: str, market: MarketKind) -> None:
    """Open an account, tell its key to the engine that is started next, and note where the control door is."""
    key, secret = f"drill-{secrets.token_hex(8)}", secrets.token_hex(16)
    wallets = ("money", "spot_money") if venue == "binance" else ("money",)  # Bybit has one for both markets
    told: dict[str, object] = {"key": key, "secret": secret, "venue": venue}
    _ask(control, "account", told | dict.fromkeys(wallets, MONEY))
    name = f"DRIFTDECK_{venue.upper()}"
    os.environ[f"{name}_KEY"], os.environ[f"{name}_SECRET"] = key, secret
    note = state / NOTE
    note.touch(mode=0o600)
    note.write_text(json.dumps({"control": control, "orders": ORDERS[venue, market]}), encoding="utf-8")


def drill(kind: str, state: Path | None, *, how_long: str, as_json: bool) -> None:
    """List what can be broken, or break it for a while; "mend" ends everything. Raises ConfigError, NoEngineError."""
    known = {fault.kind: fault.does for fault in FAULTS}
    if not kind:
        if as_json:
            print_json(known)
        else:
            print(*(f"{name:<23}{does}" for name, does in (known | {MEND: "ends all of it"}).items()), sep="\n")
        return
    if kind != MEND and kind not in known:
        raise ConfigError(f"drill {kind}: there are {', '.join(known)}, and {MEND}")
    seconds = _seconds(how_long)
    exchange = SimulatedExchange(state_dir(state))
    if kind == MEND:
        exchange.mend()
        say("every fault is over")
        return
    exchange.begin(kind, seconds)
    say(f"for {how_long}: {known[kind]}")


class SimulatedExchange:
    """The exchange of the drill in `state`, as what can be broken of it: the cockpit's `FaultDoor`.

    The note is read anew for each question: a drill may begin after this, and another one have another exchange.
    """

    faults = FAULTS

    def __init__(self, state: Path) -> None:
        self._note = state / NOTE

    @property
    def noted(self) -> bool:
        """Return whether a drill runs here, or did not end in order."""
        return self._note.exists()

    def broken(self) -> tuple[Broken, ...]:
        """Return what is broken now. Raises NoEngineError, RefusedError."""
        control, _ = self._place()
        try:
            told = json.loads(_send(urllib.request.Request(f"{control}/state")))["faults"]
            return tuple(
                Broken(kind=str(row["kind"]), left_s=float(row["left_s"]), hits=int(row["hits"])) for row in told
            )
        except (ValueError, KeyError, TypeError):
            raise NoEngineError("what answers in the place of the simulated exchange is something else") from None

    def begin(self, kind: str, seconds: int) -> None:
        """Break something for a while. Raises NoEngineError, RefusedError."""
        control, orders = self._place()
        told: dict[str, object] = {"kind": kind, "duration_s": seconds, **TOLD.get(kind, {})}
        if kind in ON_ORDERS:
            told["path"] = orders
        _ask(control, "fault", told)

    def mend(self) -> None:
        """End everything that is broken. Raises NoEngineError, RefusedError."""
        control, _ = self._place()
        _send(urllib.request.Request(f"{control}/fault", method="DELETE"))

    def forget(self) -> None:
        """Take the note away: the exchange is over."""
        self._note.unlink(missing_ok=True)

    def _place(self) -> tuple[str, str]:
        """Return the address of the control door, on this host and nowhere else, and the path of orders."""
        try:
            told = json.loads(self._note.read_text(encoding="utf-8"))
            control, orders = str(told["control"]), str(told["orders"])
        except (OSError, ValueError, KeyError, TypeError):
            raise NoEngineError(
                f"no drill runs for {self._note.parent}: start one with 'driftdeck demo --live-drill'"
            ) from None
        if not _HERE.fullmatch(control):
            raise RefusedError(f"{self._note} leads elsewhere than to a simulated exchange of this host: take it away")
        return control, orders


def _seconds(text: str) -> int:
    number, unit = text[:-1], text[-1:]
    if not number.isdigit() or unit not in ("s", "m"):
        raise ConfigError(f"--for {text}: take a duration such as 30s or 2m")
    return int(number) * (60 if unit == "m" else 1)


def _ask(control: str, path: str, told: dict[str, object]) -> None:
    _send(urllib.request.Request(f"{control}/{path}", data=json.dumps(told).encode(), method="POST"))


def _send(request: urllib.request.Request) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback, past any proxy
    try:
        with opener.open(request, timeout=WITHIN_S) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        raise RefusedError(f"the simulated exchange refuses: {error.read().decode(errors='replace')[:200]}") from error
    except (OSError, http.client.HTTPException) as error:
        raise NoEngineError(f"the simulated exchange of the drill does not answer: {error}") from error
