"""The line of requests in front of real ccxt clients and the simulated exchange: orders do not wait for history."""

import asyncio
import time
from pathlib import Path

from engine.adapters.ccxt_client import build_exchange
from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.host_breaker import HostBreaker
from engine.domain.config import VenueConfig
from engine.domain.units import DAY_MS, Ms, Symbol
from support.sim_process import SimProcess

BTC = Symbol("BTC/USDT:USDT")
CANDLE_CALLS = 200
NOBODY_WAITS_S = 0.3


async def test_a_trading_call_behind_two_hundred_candle_calls_is_answered_within_300_ms(tmp_path: Path) -> None:
    with SimProcess(tmp_path, "--seed", "7") as sim:
        venue = VenueConfig(proxy=sim.ready.proxy, ca_file=sim.ready.ca_file)
        breaker = HostBreaker(time.monotonic)
        data = CcxtMarketData(venue, monotonic=time.monotonic, breaker=breaker)
        trading = build_exchange(venue, breaker=breaker, monotonic=time.monotonic)
        trading.apiKey = "only what holds a key trades"
        try:
            await data.instruments([BTC])
            await trading.fetch_time()  # the connection stands, as it does while an engine runs
            since = Ms(sim.ready.market_ms - DAY_MS)
            began = time.monotonic()
            history = [asyncio.create_task(data.candles(BTC, since_ms=since, limit=24)) for _ in range(CANDLE_CALLS)]
            await asyncio.sleep(0.2)  # host time is what is measured
            asked = time.monotonic()
            await trading.fetch_time()
            waited = time.monotonic() - asked
            done = await asyncio.gather(*history)
            took = time.monotonic() - began
        finally:
            await data.close()
            await trading.close()
    print(f"trading call {waited * 1000:.0f} ms, {CANDLE_CALLS} candle calls {took:.1f} s")  # noqa: T201
    assert waited < NOBODY_WAITS_S
    assert all(done)
    assert took > CANDLE_CALLS / 40.0 * 0.9  # and the limit held
