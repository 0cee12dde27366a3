"""Owns a maker fill that no test has to be lucky for: a bid and an offer close around the price, an account each.

The simulated market walks at random, so a single bid may wait for hours under a rising price. Of the two one fills
as soon as the market goes anywhere.
"""

import asyncio
import contextlib
import time
from typing import Any

import ccxt.async_support as ccxt

from support.sim_process import SimProcess

AWAY = 0.0007
TRIES = 20
WITHIN_S = 30.0


async def maker_fill(
    sim: SimProcess, bidder: tuple[str, Any], offerer: tuple[str, Any], symbol: str
) -> tuple[str, Any, float]:
    """Rest a bid of one and an offer of one; return the key, the client and the price of the one that filled first.

    `bidder` and `offerer` are a key and its ccxt client each, of two accounts without positions.
    """
    rested = {}
    for (key, client), side, away in ((bidder, "buy", -AWAY), (offerer, "sell", AWAY)):
        rested[key] = (client, await _rested(sim, (key, client), symbol, side, away))
    until = time.monotonic() + WITHIN_S
    while True:
        for key, (client, price) in rested.items():
            if sim.truth(key)["positions"]:
                return key, client, price
        assert time.monotonic() < until, f"the price of {symbol} stayed within {AWAY:.2%} for {WITHIN_S:.0f} s"
        await asyncio.sleep(0.1)


async def _rested(sim: SimProcess, account: tuple[str, Any], symbol: str, side: str, away: float) -> float:
    """Rest an order and return its price; post only and again, as the price may be there before the order is."""
    key, client = account
    for number in range(TRIES):
        last = (await client.fetch_ticker(symbol))["last"]
        price = float(client.price_to_precision(symbol, last * (1 + away)))
        told = {"clientOrderId": f"dd{side}{number}", "postOnly": True}
        with contextlib.suppress(ccxt.InvalidOrder):  # Binance refuses it, Bybit takes and cancels it
            await client.create_order(symbol, "limit", side, 1, price, told)
            if sim.truth(key)["orders"][-1]["status"] != "canceled":
                return price
    raise AssertionError(f"{TRIES} times the price of {symbol} was at the order before it rested")
