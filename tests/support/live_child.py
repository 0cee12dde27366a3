"""Owns a child process that trades with the live broker on a simulated exchange, and dies at a chosen journal write.

Run as `python -m support.live_child STATE KILL_AT WHEN VENUE_JSON`; the key comes in the environment as for any engine.
The script is that of `trading_child`: open two baskets at once, halve one, flatten everything; each start goes on where
the journal says it stands. The last line is a JSON report of the books.
"""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

from engine.domain.basket import Side
from engine.domain.config import (
    Config,
    LimitsConfig,
    MarketSource,
    Mode,
    SimulationConfig,
    VenueConfig,
)
from engine.domain.units import Ms
from engine.runtime.bootstrap import assemble, real_world
from engine.runtime.engine import Engine
from support.books import basket, long_basket
from support.trading_child import DyingJournal, Script, report


def live_config(told: dict[str, str]) -> Config:
    """Return two baskets that share ETH, on an account at the simulated exchange."""
    hedged = basket("hedged", {"ETH": Side.LONG, "BTC": Side.SHORT, "SOL": Side.SHORT}, notional=9_000)
    return Config(
        venue=VenueConfig(
            mode=Mode.DEMO, proxy=told["proxy"], ca_file=told["ca_file"], stream=False, poll_every_ms=500
        ),
        simulation=SimulationConfig(
            source=MarketSource.SIM,
            speed=float(told["speed"]),
            identity=told["identity"],
            start_ms=Ms(int(told["market_ms"])),
        ),
        limits=LimitsConfig(max_slippage_bps=1_000.0),
        baskets=(long_basket("longs", "ETH", "AVAX", "NEAR"), hedged),
    )


async def trade(state_dir: Path, kill_at: int, when: str, told: dict[str, str]) -> None:
    """Run engine and script; print the report."""
    config = live_config(told)
    journals: list[DyingJournal] = []

    def open_journal(path: Path) -> DyingJournal:
        journals.append(DyingJournal(path, kill_at=kill_at, when=when))
        return journals[0]

    parts = assemble(config, state_dir, replace(real_world(config), open_journal=open_journal))
    engine = asyncio.create_task(Engine(parts).run())
    try:
        await Script(parts, opens_itself=False).run()
        found = report(parts, journals[0]) | {"wallet": str(parts.state.trading.account.wallet)}
        sys.stdout.write(json.dumps(found) + "\n")
    finally:
        parts.stopped.set()
        await engine


if __name__ == "__main__":
    asyncio.run(trade(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])))
