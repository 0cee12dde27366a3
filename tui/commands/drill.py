"""Owns the live drill: the account behind `demo --live-drill` at the simulated exchange, and its faults, `drill`.

The engine of a drill trades with its real broker and signed requests; only the exchange is simulated. What breaks is
asked of the exchange's control door, whose place the drill keeps in its state directory.
"""

import json
import os
import secrets
import urllib.error
import urllib.request
from pathlib import Path

from engine.adapters.paths import state_dir
from engine.domain.errors import ConfigError, NoEngineError, RefusedError
from tui.commands.output import print_json, say

NOTE = "drill.json"
MONEY = "50000"
ORDERS = {"bybit": "POST /v5/order/create", "binance": "POST /fapi/v1/order"}
WITHIN_S = 5.0
FAULTS = {
    "drop-after": "the order is taken and the answer is lost",
    "drop-before": "the order is lost on its way",
    "truncated-body": "the answer to an order is cut off",
    "html-page": "the exchange answers with a web page",
    "server-error": "the exchange answers HTTP 502",
    "too-many-requests": "HTTP 429 with Retry-After",
    "ban": "HTTP 403: the address is banned",
    "maintenance": "the exchange is under maintenance",
    "partial-fills": "orders fill in part",
    "late-fills": "fills come late",
    "fill-after-cancel": "an order fills after it was canceled",
    "hidden-orders": "an order is taken and no list shows it yet",
    "silent-stream": "prices stop while the connection stands",
    "restart": "the exchange restarts",
}
ON_ORDERS = ("drop-after", "drop-before", "truncated-body", "html-page", "server-error", "too-many-requests", "ban")


def open_drill_account(control: str, state: Path, *, venue: str) -> None:
    """Open an account, tell its key to the engine that is started next, and note where the control door is."""
    key, secret = f"drill-{secrets.token_hex(8)}", secrets.token_hex(16)
    _ask(control, "account", {"key": key, "secret": secret, "money": MONEY, "venue": venue})
    name = f"DRIFTDECK_{venue.upper()}"
    os.environ[f"{name}_KEY"], os.environ[f"{name}_SECRET"] = key, secret
    note = state / NOTE
    note.touch(mode=0o600)
    note.write_text(json.dumps({"control": control, "orders": ORDERS[venue]}), encoding="utf-8")


def drill(kind: str, state: Path | None, *, how_long: str, as_json: bool) -> None:
    """List what can be broken, or break it for a while; "mend" ends everything. Raises ConfigError, NoEngineError."""
    if not kind:
        if as_json:
            print_json(FAULTS)
        else:
            print(
                *(f"{name:<20}{does}" for name, does in FAULTS.items()), "mend                ends all of it", sep="\n"
            )
        return
    if kind != "mend" and kind not in FAULTS:
        raise ConfigError(f"drill {kind}: there are {', '.join(FAULTS)}, and mend")
    seconds = _seconds(how_long)
    note = state_dir(state) / NOTE
    try:
        told_of = json.loads(note.read_text(encoding="utf-8"))
        control, orders = told_of["control"], told_of["orders"]
    except (OSError, ValueError, KeyError):
        raise NoEngineError(f"no drill runs for {note.parent}: start one with 'driftdeck demo --live-drill'") from None
    if kind == "mend":
        _send(urllib.request.Request(f"{control}/fault", method="DELETE"))
        say("every fault is over")
        return
    told: dict[str, object] = {"kind": kind, "duration_s": seconds}
    if kind in ON_ORDERS:
        told["path"] = orders
    _ask(control, "fault", told)
    say(f"for {how_long}: {FAULTS[kind]}")


def _seconds(text: str) -> int:
    number, unit = text[:-1], text[-1:]
    if not number.isdigit() or unit not in ("s", "m"):
        raise ConfigError(f"--for {text}: take a duration such as 30s or 2m")
    return int(number) * (60 if unit == "m" else 1)


def _ask(control: str, path: str, told: dict[str, object]) -> None:
    _send(urllib.request.Request(f"{control}/{path}", data=json.dumps(told).encode(), method="POST"))


def _send(request: urllib.request.Request) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback, past any proxy
    try:
        with opener.open(request, timeout=WITHIN_S):
            pass
    except urllib.error.HTTPError as error:
        raise RefusedError(f"the simulated exchange refuses: {error.read().decode(errors='replace')[:200]}") from error
    except OSError as error:
        raise NoEngineError(f"the simulated exchange of the drill does not answer: {error}") from error
