"""Owns a maker fill that no test has to be lucky for: a bid and an offer close around the price, an account each.

The simulated market walks at random, so a single bid may wait for hours under a rising price. Of the two one fills
as soon as the market goes anywhere.
"""

import asyncio
import time
from typing import Any

from support.sim_process import SimProcess

AWAY = 0.0007  # the price may move this much until the orders are there
WITHIN_S = 30.0


async def maker_fill(
    sim: SimProcess, bidder: tuple[str, Any], offerer: tuple[str, Any], symbol: str
) -> tuple[str, Any, float]:
    """Rest a bid of one and an offer of one; return the key, the client and the price of the one that filled first.

    `bidder` and `offerer` are a key and its ccxt client each, of two accounts without positions.
    """
    last = (await bidder[1].fetch_ticker(symbol))["last"]
    await offerer[1].load_markets()
    rested = {}
    for (key, client), side, away in ((bidder, "buy", -AWAY), (offerer, "sell", AWAY)):
        price = float(client.price_to_precision(symbol, last * (1 + away)))
        await client.create_order(symbol, "limit", side, 1, price, {"clientOrderId": f"dd{side}"})
        rested[key] = (client, price)
    until = time.monotonic() + WITHIN_S
    while True:
        for key, (client, price) in rested.items():
            if sim.truth(key)["positions"]:
                return key, client, price
        assert time.monotonic() < until, f"the price of {symbol} stayed within {AWAY:.2%} for {WITHIN_S:.0f} s"
        await asyncio.sleep(0.1)
