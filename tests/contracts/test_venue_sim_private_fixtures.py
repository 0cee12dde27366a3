"""The simulated Bybit's private bodies beside the documented ones: same names, same kinds, nothing missing.

The documentation is not part of the project; without it these tests are skipped.
"""

import json
from typing import Any

import pytest

from engine.domain.order import OrderSide
from engine.venue_sim.bybit_key_bodies import account_result, key_result
from engine.venue_sim.bybit_private import private_result
from engine.venue_sim.bybit_private_stream import BybitPrivateTalk
from engine.venue_sim.signing import signature
from support.shared_material import shared
from support.sim_accounts import WALL_MS, Hall

LINEAR = {"category": "linear", "symbol": "ETHUSDT"}
ADDED = {
    "extraFees",
    "rpiTakerAccess",
    "rpiMatchedQty",
    "slippageToleranceType",
    "slippageTolerance",
}  # newer or of RPI


def documented(name: str, place: int = 0) -> Any:
    return json.loads(shared("fixtures", "bybit", "docs_json", f"{name}.mdx.json").read_text())[place]


def assert_alike(mine: dict[str, Any], theirs: dict[str, Any], but: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Every name is there on both sides, with a value of the same kind."""
    assert mine.keys() - theirs.keys() - ADDED == set(), "names the venue does not have"
    assert theirs.keys() - mine.keys() - ADDED - but == set(), "names that are missing"
    for name in mine.keys() & theirs.keys() - ADDED:
        assert type(mine[name]) is type(theirs[name]), name


@pytest.fixture
def hall() -> Hall:
    hall = Hall()
    account = hall.account()
    hall.place(account, OrderSide.BUY, "1", client_id="done")
    hall.place(account, OrderSide.BUY, "1", price=hall.quote().tick * 100_000, client_id="rests")
    return hall


def row_of(hall: Hall, path: str, **given: str) -> dict[str, Any]:
    (account,) = hall.exchange.accounts()
    found = private_result("GET", path, account, LINEAR | given, hall.exchange)
    row: dict[str, Any] = json.loads(json.dumps(found))["list"][0]
    return row


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v5/order/realtime", "order__open-order"),
        ("/v5/order/history", "order__order-list"),
        ("/v5/execution/list", "order__execution"),
        ("/v5/position/list", "position__position"),
    ],
)
def test_rows_of_lists_are_as_documented(hall: Hall, path: str, name: str) -> None:
    assert_alike(row_of(hall, path), documented(name)["result"]["list"][0])


def test_the_wallet_is_as_documented(hall: Hall) -> None:
    mine = row_of(hall, "/v5/account/wallet-balance", accountType="UNIFIED")
    theirs = documented("account__wallet-balance")["result"]["list"][0]
    assert_alike(mine, theirs)
    assert_alike(mine["coin"][0], theirs["coin"][0])


def test_the_account_and_the_key_are_as_documented(hall: Hall) -> None:
    (account,) = hall.exchange.accounts()
    assert_alike(account_result(account), documented("account__account-info")["result"])
    theirs = documented("user__apikey-info")["result"]
    assert_alike(key_result(account), theirs, {"userIDInt64", "inviterIDInt64", "affiliateIDInt64"})
    assert key_result(account)["permissions"].keys() <= theirs["permissions"].keys()  # type: ignore[attr-defined]


@pytest.mark.parametrize("topic", ["order", "execution", "position", "wallet"])
def test_rows_of_the_private_stream_are_as_documented(hall: Hall, topic: str) -> None:
    (account,) = hall.exchange.accounts()
    talk = BybitPrivateTalk("connection", hall.exchange)
    expires = str(WALL_MS + 1000)
    sign = signature(f"GET/realtime{expires}", account.key.secret)
    assert talk.hear(json.dumps({"op": "auth", "args": [account.key.key, expires, sign]}))["success"] is True
    assert talk.hear(json.dumps({"op": "subscribe", "args": [topic]}))["success"] is True
    at = hall.exchange.instant()
    message = json.loads(json.dumps(talk.messages(account.changes_since(0), at.quotes, at.market_ms)[0]))
    theirs = documented(f"websocket__private__{topic}", 1)
    assert_alike(message, theirs)
    assert_alike(message["data"][0], theirs["data"][0])
