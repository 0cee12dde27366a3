"""Owns what a candidate basket costs to open, and whether its markets can carry it.

Liquidity is the median of traded money a day, where the bars have volumes; unknown stays unknown. Reads no file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.domain.units import Asset
from engine.lab.candidates import CandidateMap
from engine.quant.costs import trading_cost

MOST_SHARE = 0.01  # of a median day's volume in one leg: above it the price moves against who trades


@dataclass(frozen=True, slots=True, kw_only=True)
class Trading:
    """The money that goes into a basket, what trading costs, and the median daily volume of each asset where known."""

    notional: float
    fee_bps: float
    slippage_bps: float
    volumes: Mapping[Asset, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketCost:
    """What opening costs, without the spread of the moment. `thinnest` trades least, None where no volume is known.

    `volume` is its median day; `share` is the largest part that a leg takes of its asset's median day. NaN unknown.
    """

    cost: float
    bps: float
    thinnest: Asset | None
    volume: float
    share: float


def basket_cost(weights: Mapping[Asset, float], trading: Trading) -> BasketCost:
    """Return what it costs to open legs of these weights (fractions of the notional, either sign)."""
    traded = np.array(list(weights.values())) * trading.notional
    paid = trading_cost(
        traded,
        np.zeros(len(traded)),
        fee_bps=trading.fee_bps,
        slippage_bps=trading.slippage_bps,
        gross_base=trading.notional,
    )
    known = {asset: trading.volumes[asset] for asset in weights if trading.volumes.get(asset, math.nan) > 0}
    thinnest = min(known, key=lambda asset: known[asset], default=None)
    shares = [abs(weights[asset]) * trading.notional / volume for asset, volume in known.items()]
    return BasketCost(
        cost=paid.total,
        bps=paid.bps,
        thinnest=thinnest,
        volume=known[thinnest] if thinnest is not None else math.nan,
        share=max(shares, default=math.nan),
    )


def without_thin(found: CandidateMap, trading: Trading, *, largest: int) -> CandidateMap:
    """Return the map with those refused whose smallest leg (of a basket of `largest`) is too much for their market."""
    leg = trading.notional / largest
    refused = tuple(
        why or _thin(leg, trading.volumes.get(asset, math.nan))
        for asset, why in zip(found.assets, found.refused, strict=True)
    )
    return replace(found, refused=refused)


def _thin(leg: float, volume: float) -> str:
    """Return why an asset is too thin, nothing where it is not or where that is unknown."""
    if math.isnan(volume) or leg <= MOST_SHARE * volume:
        return ""
    return f"too thin: a leg of {leg:,.0f} is above {MOST_SHARE:.0%} of its median day, {volume:,.0f}"
