"""Part of `make bench`: 60 candidates ranked as baskets of 3 to 5 (budget 10 s), 200 assets put in cluster order (1 s).

On a made-up market of themes that move together. Seconds of wall clock; it never fails on a busy machine.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from engine.adapters.price_file import PriceTable
from engine.lab.builder import rank_baskets
from engine.lab.candidates import MEMORY_DAYS, candidate_map
from engine.quant.clusters import cluster_order
from engine.quant.correlation import pearson
from engine.quant.returns import log_returns
from support.markets import table_of

CANDIDATES, CLUSTERED, THEMES = 60, 200, 8
MONTH = 720


def themed(assets: int, hours: int) -> PriceTable:
    """Return closes of assets in themes: a market factor, a factor a theme, and a part of their own."""
    rng = np.random.default_rng(assets)
    market, themes = rng.standard_t(5, (hours, 1)), rng.standard_t(5, (hours, THEMES))
    share = rng.uniform(0.3, 0.8, assets)
    common = 0.6 * market + 0.8 * themes[:, np.arange(assets) % THEMES]
    returns = 0.006 * (np.sqrt(share) * common + np.sqrt(1 - share) * rng.standard_t(5, (hours, assets)))
    return table_of(100 * np.exp(np.cumsum(returns, axis=0)), *(f"A{place:03d}" for place in range(assets)))


def told(what: str, budget: float, task: Callable[[], object]) -> None:
    """Run a task and print how long it took beside its budget."""
    begun = time.perf_counter()
    task()
    spent = time.perf_counter() - begun
    sys.stdout.write(f"{what:<58} {spent:6.2f} s   budget {budget:.0f} s\n")


def main() -> int:
    """Print a line each."""
    table = themed(CANDIDATES, MEMORY_DAYS * 24)
    told(
        f"{CANDIDATES} candidates mapped and ranked, {MEMORY_DAYS} days of hours",
        10.0,
        lambda: rank_baskets(candidate_map(table, table.assets, at=None), sizes=(3, 4, 5)),
    )
    wide = themed(CLUSTERED, MONTH + 1)
    returns = log_returns(wide.closes)[1:]
    told(
        f"{CLUSTERED} assets: correlation of 30 days and cluster order",
        1.0,
        lambda: cluster_order(pearson(returns, 480), wide.assets),
    )
    told(
        "  the same with neighbors as alike as the tree allows",
        1.0,
        lambda: cluster_order(pearson(returns, 480), wide.assets, optimal=True),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
