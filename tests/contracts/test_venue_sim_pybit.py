"""pybit, Bybit's own client, against the simulated exchange: a second reading of the venue's protocol than ccxt's."""

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.sim_process import KEY, SECRET, SimProcess

trading = pytest.importorskip("pybit.unified_trading", reason="pybit is not installed: make .venv/.dev installs it")
ETH = {"category": "linear", "symbol": "ETHUSDT"}


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SimProcess]:
    with SimProcess(tmp_path, "--speed", "60", "--scenario", "calm") as process:
        process.account()
        yield process


class Awaited(dict[str, str]):
    """The subscriptions of pybit's stream: it notes one after it has sent it, and dies of an answer that is quicker."""

    def __missing__(self, request: str) -> str:
        return ""


def client_of(sim: SimProcess, secret: str = SECRET) -> Any:
    client = trading.HTTP(api_key=KEY, api_secret=secret)
    client.client.trust_env = False
    client.client.proxies = {"https": sim.ready.proxy}
    client.client.verify = sim.ready.ca_file
    return client


def test_pybit_trades_looks_up_pages_and_is_refused(sim: SimProcess) -> None:
    from pybit.exceptions import InvalidRequestError

    client = client_of(sim)
    for number in range(5):
        client.place_order(**ETH, side="Buy", orderType="Market", qty="0.1", orderLinkId=f"pb{number}")
    assert client.get_positions(**ETH)["result"]["list"][0]["size"] == "0.5"
    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get_order_history(category="linear", limit=2, cursor=cursor)["result"]
        seen += [row["orderLinkId"] for row in page["list"]]
        cursor = page["nextPageCursor"]
        if not cursor:
            break
    assert seen == ["pb4", "pb3", "pb2", "pb1", "pb0"]
    assert client.get_executions(category="linear")["result"]["list"][0]["orderLinkId"] == "pb4"
    assert client.get_wallet_balance(accountType="UNIFIED")["result"]["list"][0]["accountType"] == "UNIFIED"
    client.place_order(**ETH, side="Buy", orderType="Limit", qty="1", price="1000", orderLinkId="rests")
    assert client.get_open_orders(**ETH, orderLinkId="rests")["result"]["list"][0]["orderStatus"] == "New"
    assert client.cancel_all_orders(**ETH)["result"]["list"][0]["orderLinkId"] == "rests"
    with pytest.raises(InvalidRequestError, match="110072"):
        client.place_order(**ETH, side="Buy", orderType="Market", qty="0.1", orderLinkId="pb1")
    assert sim.truth()["accepted"] == {f"pb{number}": 1 for number in range(5)} | {"rests": 1}
    assert client.get_api_key_information()["result"]["uta"] == 1


def test_pybit_s_signature_is_checked(sim: SimProcess) -> None:
    with pytest.raises(Exception, match="10004"):
        client_of(sim, "not the secret").get_positions(**ETH)


def test_pybit_s_private_stream_hears_order_fill_position_and_wallet(
    sim: SimProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", sim.ready.proxy)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("WEBSOCKET_CLIENT_CA_BUNDLE", sim.ready.ca_file)
    heard: queue.Queue[dict[str, Any]] = queue.Queue()
    stream = trading.WebSocket(testnet=False, channel_type="private", api_key=KEY, api_secret=SECRET)
    stream.subscriptions = Awaited()
    try:
        for follow in (stream.order_stream, stream.execution_stream, stream.position_stream, stream.wallet_stream):
            follow(heard.put)
        client = client_of(sim)
        seen: dict[str, Any] = {}
        for number in range(20):  # orders until all four have begun to be heard
            client.place_order(**ETH, side="Buy", orderType="Market", qty="0.1", orderLinkId=f"pb{number}")
            try:
                while True:
                    message = heard.get(timeout=0.5)
                    seen[message["topic"]] = message["data"][0]
            except queue.Empty:
                if len(seen) == 4:
                    break
    finally:
        stream.exit()
    assert seen.keys() == {"order", "execution", "position", "wallet"}
    assert seen["order"]["orderStatus"] == "Filled"
    assert seen["position"]["symbol"] == "ETHUSDT"
