"""Owns markets of another size than the catalog: fewer of its assets, or made-up ones beside them, for load tests.

The catalog's own assets keep their place and their traits; a made-up asset has those of one of the catalog under a name
of its own. Names no price of its own: the simulation takes what comes out as its catalog.
"""

from dataclasses import replace

from engine.domain.units import Asset
from engine.venue_sim.catalog import CATALOG, SimAsset

MOST_ASSETS = 500
FEWEST_ASSETS = 4  # the scenarios speak of ETH and its like


def crowd(count: int) -> tuple[SimAsset, ...]:
    """Return `count` assets: the catalog first, then made-up ones, M033 being the thirty-third."""
    made_up = (
        replace(CATALOG[number % len(CATALOG)], asset=Asset(f"M{number + 1:03d}"))
        for number in range(len(CATALOG), count)
    )
    return (*CATALOG[:count], *made_up)
