"""Owns the stress lab: who is liquidated first in a shock or in a crash of the past, and how likely it is at all.

Works on the positions and the market of `stress_book`. Margin is base notional / leverage and stays when the rule cuts
a position, as in the engine. Reads no file and prints nothing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.adapters.price_file import PriceTable
from engine.domain.config import Config
from engine.domain.units import Asset, BasketName, Ms, parse_iso
from engine.lab.stress_book import Positions, Shock, StressMarket, leg_distance
from engine.quant.arrays import Floats
from engine.quant.liquidation_odds import Odds, liquidation_odds
from engine.quant.liquidation_walk import Walk, cross_walk, isolated_walk
from engine.quant.margin import ASSUMED_TIERS
from engine.quant.portfolio_risk import STRESS_SIGMA, hedge_break, raised_to
from engine.quant.stress import STRESS_RHO

EPISODES = (
    ("LUNA", "2022-05-05T00:00:00Z", "2022-05-13T00:00:00Z"),
    ("FTX", "2022-11-06T00:00:00Z", "2022-11-10T00:00:00Z"),
    ("August 2024", "2024-08-02T00:00:00Z", "2024-08-06T00:00:00Z"),
)
RATE = ASSUMED_TIERS[0].rate
_SHOCK_ROWS = 801  # a hundredth of a percent of BTC a row, for a fall of eight percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What stands behind a book: values [n] signed, margins [n], and the balance that cross margin shares."""

    basket: BasketName | None
    assets: tuple[Asset, ...]
    values: Floats
    margins: Floats
    balance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """One path of prices and what it does; both walks are None where `unknown` assets have no price on the way.

    `shares` says how far along the path each row lies, from 0 to 1.
    """

    name: str
    unknown: tuple[Asset, ...]
    isolated: Walk | None
    cross: Walk | None
    shares: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LabBook:
    """The lab's findings for one book; `odds` by the name of the correlation they assume.

    `distances` [n] to each leg's liquidation on its own margin, fractions of price; NaN where nothing is held or no
    price liquidates it.
    """

    stake: Stake
    distances: tuple[float, ...]
    cascades: tuple[Cascade, ...]
    odds: tuple[tuple[str, tuple[Odds, ...]], ...]


def stakes(config: Config, positions: Positions, *, equity: float) -> tuple[Stake, ...]:
    """Return the account's stake first, with all equity behind it, then one per basket with its own margins."""
    found, values, behind = [], dict[Asset, float](), dict[Asset, float]()
    for basket in config.baskets:
        held = {leg.asset: positions.get(basket.name, {}).get(leg.asset, 0.0) for leg in basket.legs}
        margins = {leg.asset: leg.weight * float(basket.notional) / basket.leverage for leg in basket.legs}
        if not any(held.values()):
            continue
        for asset, value in held.items():
            values[asset] = values.get(asset, 0.0) + value
            behind[asset] = behind.get(asset, 0.0) + margins[asset]
        found.append(_stake(basket.name, held, margins, sum(margins.values())))
    return (_stake(None, values, behind, equity), *found)


def _stake(
    name: BasketName | None, held: Mapping[Asset, float], margins: Mapping[Asset, float], balance: float
) -> Stake:
    return Stake(
        basket=name,
        assets=tuple(held),
        values=np.array(list(held.values())),
        margins=np.array([margins[asset] for asset in held]),
        balance=balance,
    )


def lab_book(
    stake: Stake, market: StressMarket, table: PriceTable, shocks: Sequence[Shock], *, level: float = STRESS_RHO
) -> LabBook:
    """Return the lab's findings for one stake: each shock, each past crash that ended by then, and the odds.

    `level` is the correlation that the stressed odds raise every pair to.
    """
    places = [market.assets.index(asset) for asset in stake.assets]
    cascades = [_shocked(stake, shock, market.betas[shock.asset][places]) for shock in shocks]
    cascades += [_replayed(stake, table, *episode) for episode in EPISODES if _over(episode, market.at, table)]
    legs = zip(stake.values.tolist(), stake.margins.tolist(), strict=True)
    return LabBook(
        stake=stake,
        distances=tuple(leg_distance(value, margin) if value else math.nan for value, margin in legs),
        cascades=tuple(cascades),
        odds=_all_odds(stake, market, places, level),
    )


def _shocked(stake: Stake, shock: Shock, betas: Floats) -> Cascade:
    """Return the walk down a straight line to the shock, everything following by its beta."""
    shares = np.linspace(0.0, 1.0, _SHOCK_ROWS)
    path = np.maximum(1.0 + np.outer(shares, betas * shock.move), 0.0)
    return _walked(f"shock:{shock.asset}={shock.move * 100:g}%", stake, path, shares)


def _over(episode: tuple[str, str, str], at: Ms, table: PriceTable) -> bool:
    """Return True where an episode lies in the table and had ended by `at`."""
    _, begin, end = episode
    return int(table.open_ms[0]) + table.bar_ms <= parse_iso(begin) and parse_iso(end) <= at


def _replayed(stake: Stake, table: PriceTable, name: str, begin: str, end: str) -> Cascade:
    """Return the walk of today's positions along the hourly closes of an episode."""
    closed = table.open_ms + table.bar_ms
    rows = (closed >= parse_iso(begin)) & (closed <= parse_iso(end))
    held = stake.values != 0
    closes = np.ones((int(rows.sum()), len(held)))
    closes[:, held] = table.closes[rows][
        :, [table.assets.index(a) for a, on in zip(stake.assets, held, strict=True) if on]
    ]
    if len(closes):
        closes = closes[~np.isnan(closes[:, ~np.isnan(closes[0])]).any(axis=1)]  # an outage of the venue: no bar of any
    return _walked(name, stake, closes / closes[:1], np.linspace(0.0, 1.0, len(closes)))


def _walked(name: str, stake: Stake, path: Floats, shares: Floats) -> Cascade:
    blind = np.isnan(path).any(axis=0) & (stake.values != 0)
    unknown = tuple(asset for asset, gone in zip(stake.assets, blind, strict=True) if gone)
    if unknown or not len(path):
        return Cascade(name=name, unknown=unknown or stake.assets, isolated=None, cross=None, shares=shares)
    path = np.where(stake.values != 0, path, 1.0)
    return Cascade(
        name=name,
        unknown=(),
        isolated=isolated_walk(stake.values, stake.margins, path, RATE),
        cross=cross_walk(stake.values, stake.balance, path, RATE),
        shares=shares,
    )


def _all_odds(
    stake: Stake, market: StressMarket, places: list[int], level: float
) -> tuple[tuple[str, tuple[Odds, ...]], ...]:
    """Return the odds under independence, today's correlation, a raised one, that with 1.5 sigma, a broken hedge."""
    held = stake.values != 0
    sigma, rho = market.sigma[places][held], market.rho[np.ix_(places, places)][np.ix_(held, held)]
    values, margins = stake.values[held], stake.margins[held]
    known = not np.isnan(rho).any()
    raised = raised_to(rho, level) if known else rho
    cases: list[tuple[str, Floats, Floats | None]] = [
        ("independent", sigma, None),
        ("today", sigma, rho),
        (f"rho_{level:g}", sigma, raised),
        (f"rho_{level:g}_sigma_{STRESS_SIGMA:g}", sigma * STRESS_SIGMA, raised),
    ]
    if known and len(set(np.sign(values).tolist())) > 1:
        cases.append(("hedge_break", sigma, hedge_break(np.sign(values), STRESS_RHO)))
    return tuple(
        (name, liquidation_odds(values, margins, stake.balance, spread, matrix, rate=RATE))
        for name, spread, matrix in cases
    )
