"""Owns how ranked baskets are said: CONTRACT's `build --json`, and lines for a person. Ranks and writes nothing."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from engine.domain.units import Asset, iso
from engine.lab.basket_cost import BasketCost, Trading, basket_cost
from engine.lab.builder import RankedBasket, Ranking
from engine.lab.candidates import WINDOWS, CandidateMap, in_band
from engine.lab.hedge_leg import HedgeLeg, Shape
from tui.commands.basket_toml import basket_toml
from tui.commands.output import number


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A ranking with what it was made of; `absent` assets belong to the theme and have no price."""

    found: CandidateMap
    ranking: Ranking
    shape: Shape
    trading: Trading
    absent: tuple[Asset, ...] = ()


NEW = "new-basket"  # the name in the preview, until --write gives one


def document(built: Built) -> dict[str, object]:
    """Return CONTRACT's `build --json`."""
    found, ranking = built.found, built.ranking
    return {
        "at": iso(found.at),
        "shape": built.shape,
        "notional": built.trading.notional,
        "baskets": [_basket(built, basket) for basket in ranking.baskets],
        "candidates": [
            {
                "asset": asset,
                "days": number(days),
                "used": not why,
                "median_daily_volume": number(built.trading.volumes.get(asset)),
            }
            for asset, days, why in zip(found.assets, found.days, found.refused, strict=True)
        ],
        "refused": [{"asset": asset, "why": why} for asset, why in _refused(built)],
        "pruned": list(ranking.pruned),
    }


def _refused(built: Built) -> Iterator[tuple[Asset, str]]:
    """Return who is left out and why: no price, not usable, in no basket."""
    yield from ((asset, "no price of it here: import its history, or give a file") for asset in built.absent)
    yield from ((a, why) for a, why in zip(built.found.assets, built.found.refused, strict=True) if why)
    yield from built.ranking.outside


def _cost(built: Built, basket: RankedBasket) -> BasketCost:
    return basket_cost(basket.weights(built.shape), built.trading)


def _basket(built: Built, basket: RankedBasket) -> dict[str, object]:
    found, cost = built.found, _cost(built, basket)
    pairs = [(i, j) for k, i in enumerate(basket.places) for j in basket.places[k + 1 :]]
    return {
        "assets": list(basket.assets),
        "score": number(basket.score),
        "share_calm": number(basket.share_calm),
        "share_year": number(basket.share_year),
        "mean_calm": number(basket.mean_calm),
        "mean_stress": number(basket.mean_stress),
        "hidden_leverage": number(basket.hidden_leverage),
        "hidden_leverage_stress": number(basket.hidden_leverage_stress),
        "overlap": basket.overlap or None,
        "hedge": _hedge(basket.hedge) if basket.hedge is not None else None,
        "cost": number(cost.cost),
        "cost_bps": number(cost.bps),
        "thinnest": cost.thinnest,
        "median_daily_volume": number(cost.volume),
        "share_of_volume": number(cost.share),
        "days": {asset: number(found.days[k]) for asset, k in zip(basket.assets, basket.places, strict=True)},
        "pairs": [_pair(found, i, j) for i, j in pairs],
        "toml": basket_toml(NEW, basket, built.shape, built.trading.notional),
    }


def _hedge(hedge: HedgeLeg) -> dict[str, object]:
    figures = ("correlation", "now", "beta", "residual_beta", "es95_1d", "hedge_break")
    return {"asset": hedge.asset, **{name: number(getattr(hedge, name)) for name in figures}}


def _pair(found: CandidateMap, i: int, j: int) -> dict[str, object]:
    rise, error = float(found.rise[i, j]), float(found.rise_error[i, j])
    return {
        "pair": [found.assets[i], found.assets[j]],
        "rho": {str(days): number(float(found.rho[days][i, j])) for days in WINDOWS},
        "calm": number(float(found.calm[i, j])),
        "stress": number(float(found.stress[i, j])),
        "rise": number(rise),
        "rise_interval": None if math.isnan(error) else [rise - error, rise + error],
        "share_year": number(float(found.share_year[i, j])),
        "in_band": bool(in_band(found.calm[i, j])),
    }


def lines(built: Built) -> list[str]:
    """Return the ranking for a person."""
    found, ranking = built.found, built.ranking
    names = (("in band", 9), ("year", 7), ("calm", 7), ("stress", 8), ("hidden", 8), ("in stress", 11), ("cost", 7))
    head = f"{'':<4}{'basket':<30}" + "".join(f"{name:>{size}}" for name, size in names)
    rows = [line for place, basket in enumerate(ranking.baskets, 1) for line in _row(built, place, basket)]
    refused = [f"{asset}: {why}" for asset, why in _refused(built)]
    pruned = [f"not searched (the search takes 40): {', '.join(ranking.pruned)}"] if ranking.pruned else []
    against = (
        f", {built.shape}: half of the money stands in the leg against it" if built.shape is not Shape.LONG else ""
    )
    return [
        f"baskets on the bars closed by {iso(found.at)}; in band: pairs between 0.6 and 0.9 in calm",
        f"cost of opening {built.trading.notional:,.0f}{against}",
        head,
        *(rows or ["no basket can be made of these"]),
        *(["", "left out"] if refused else []),
        *refused,
        *pruned,
    ]


def _row(built: Built, place: int, basket: RankedBasket) -> list[str]:
    cost = _cost(built, basket)
    rows = [
        f"{place:>2}. {' '.join(basket.assets):<30}{basket.share_calm:>9.0%}{_share(basket.share_year):>7}"
        f"{_plain(basket.mean_calm):>7}{_plain(basket.mean_stress):>8}{_plain(basket.hidden_leverage):>8}"
        f"{_plain(basket.hidden_leverage_stress):>11}{cost.cost:>7,.0f}"
        + (f"  like {basket.overlap}" if basket.overlap else "")
    ]
    hedge = basket.hedge
    if hedge is not None:
        side = "long" if built.shape is Shape.SHORT else "short"
        rows.append(
            f"    against it {side} {hedge.asset}: correlation {_plain(hedge.correlation)} at the least, beta "
            f"{_plain(hedge.beta)} leaves {hedge.residual_beta:+.2f}; worst days {hedge.es95_1d:,.0f}, "
            f"with the hedge broken {hedge.hedge_break:,.0f}"
        )
    if cost.thinnest is not None:
        rows.append(
            f"    {cost.thinnest} trades least, {cost.volume:,.0f} on a median day; "
            f"the largest leg is {cost.share:.2%} of a day"
        )
    return rows


def _plain(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"
