"""python-binance, an independent client, against the simulated exchange: futures and spot."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.sim_process import KEY, SECRET, SimProcess

binance = pytest.importorskip("binance.client", reason="python-binance is not installed: make .venv/.dev installs it")


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SimProcess]:
    with SimProcess(tmp_path, "--speed", "60", "--scenario", "calm") as process:
        process.account(venue="binance", spot_money="50000")
        yield process


@contextmanager
def client_of(sim: SimProcess, secret: str = SECRET) -> Iterator[Any]:
    """Give the client, and close the session and the event loop that it makes without using it."""
    client = binance.Client(
        KEY,
        secret,
        requests_params={"proxies": {"https": sim.ready.proxy}, "verify": sim.ready.ca_file},
    )
    try:
        yield client
    finally:
        client.close_connection()
        client.loop.close()


def test_python_binance_trades_futures(sim: SimProcess) -> None:
    from binance.exceptions import BinanceAPIException

    with client_of(sim) as client:
        order = {"symbol": "ETHUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.5"}
        created = client.futures_create_order(**order, newClientOrderId="pb1", newOrderRespType="RESULT")
        assert (created["status"], created["executedQty"]) == ("FILLED", "0.5")
        assert client.futures_get_order(symbol="ETHUSDT", origClientOrderId="pb1")["orderId"] == created["orderId"]
        assert client.futures_account_trades(symbol="ETHUSDT")[0]["orderId"] == created["orderId"]
        assert client.futures_position_information(symbol="ETHUSDT")[0]["positionAmt"] == "0.5"
        assert client.futures_account()["assets"][0]["asset"] == "USDT"
        rest = {
            "symbol": "ETHUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "quantity": "1",
            "price": "1000",
            "timeInForce": "GTC",
        }
        client.futures_create_order(**rest, newClientOrderId="rests")
        assert [row["clientOrderId"] for row in client.futures_get_open_orders()] == ["rests"]
        with pytest.raises(BinanceAPIException, match="duplicated"):
            client.futures_create_order(**rest, newClientOrderId="rests")
        client.futures_cancel_all_open_orders(symbol="ETHUSDT")
        assert client.futures_get_open_orders() == []
        assert client.futures_change_leverage(symbol="ETHUSDT", leverage=3)["leverage"] == 3
        assert client.futures_income_history()[0]["incomeType"] == "TRANSFER"
    with client_of(sim, "not the secret") as stranger, pytest.raises(BinanceAPIException, match="Signature"):
        stranger.futures_account()


def test_python_binance_trades_spot(sim: SimProcess) -> None:
    with client_of(sim) as client:
        bought = client.order_market_buy(symbol="ETHUSDT", quantity="1")
        assert bought["fills"][0]["commissionAsset"] == "ETH"
        assert client.get_asset_balance("ETH")["free"] == "0.99900000"
        assert client.get_my_trades(symbol="ETHUSDT")[0]["orderId"] == bought["orderId"]
        assert client.get_all_orders(symbol="ETHUSDT")[0]["status"] == "FILLED"
        assert client.get_account_api_permissions()["enableWithdrawals"] is False
