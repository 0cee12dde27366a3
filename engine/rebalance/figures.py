"""Owns the risk of a book before and after its legs: CONTRACT's figures from quantities, prices and correlations.

Pure; reads a picture of the market that the core takes at one moment. Undefined is NaN: a position without price or
correlation makes the figures NaN instead of leaving it out. Results go into the proposal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from engine.domain.market import Instrument, MarketKind, Quote
from engine.domain.portfolio import Position, average_cost
from engine.domain.proposal import ProposalLeg, RiskSummary
from engine.domain.units import Symbol
from engine.quant.arrays import Floats
from engine.quant.margin import (
    ASSUMED_TIERS,
    MarginTier,
    SwapPosition,
    cross_price,
    isolated_price,
    liquidation_distance,
    worst_distance,
)
from engine.quant.portfolio_risk import risk_figures
from engine.quant.stress import hedge_break_scenario, rho_scenario
from engine.rebalance.legs import reference_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The market at one moment: what every figure of a proposal is made of.

    `symbols` [N] is the order of `sigma` [N] (annual) and `rho` [N, N] (winsorized 30 days, unsigned). `funding_day`
    is what a long pays per day as a fraction of value, where the venue says so.
    """

    symbols: tuple[Symbol, ...]
    sigma: Floats
    rho: Floats
    quotes: Mapping[Symbol, Quote]
    instruments: Mapping[Symbol, Instrument]
    funding_day: Mapping[Symbol, float]
    tiers: Mapping[Symbol, tuple[MarginTier, ...]]

    def price(self, symbol: Symbol) -> Decimal | None:
        """Return the price that values and legs use; None where there is none."""
        quote = self.quotes.get(symbol)
        return reference_price(quote) if quote is not None else None

    def is_swap(self, symbol: Symbol) -> bool:
        """Return True where the symbol is a swap: it has margin, funding and a liquidation price."""
        instrument = self.instruments.get(symbol)
        return instrument is not None and instrument.kind is MarketKind.SWAP


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A quantity of one symbol with the signed cost of it."""

    symbol: Symbol
    quantity: Decimal
    cost: Decimal


def holdings(positions: Iterable[Position]) -> tuple[Holding, ...]:
    """Return the open ones of these positions."""
    return tuple(Holding(symbol=p.symbol, quantity=p.quantity, cost=p.cost) for p in positions if p.quantity)


def after_legs(held: Iterable[Holding], legs: Iterable[ProposalLeg]) -> tuple[Holding, ...]:
    """Return what is held when all legs are filled at their prices, by average cost."""
    found = {each.symbol: each for each in held}
    for leg in legs:
        before = found.get(leg.symbol, Holding(symbol=leg.symbol, quantity=Decimal(0), cost=Decimal(0)))
        quantity, cost, _ = average_cost(before.quantity, before.cost, leg.side.sign * leg.quantity, leg.price)
        found[leg.symbol] = Holding(symbol=leg.symbol, quantity=quantity, cost=cost)
    return tuple(each for each in found.values() if each.quantity)


def book_summary(
    held: tuple[Holding, ...], picture: Picture, *, equity_base: float, margins: Mapping[Symbol, float]
) -> RiskSummary:
    """Return the figures of a basket's book; liquidation is isolated, on the margin of each leg."""
    return _summary(held, picture, equity_base, worst_distance(_isolated(held, picture, margins)))


def account_summary(
    held: tuple[Holding, ...], picture: Picture, *, equity: float, margins: Mapping[Symbol, float] | None = None
) -> RiskSummary:
    """Return the figures of the account's netted positions.

    Liquidation is isolated on the `margins` of each symbol, or without them cross, on all equity there is.
    """
    distances = _cross(held, picture, equity) if margins is None else _isolated(held, picture, margins)
    return _summary(held, picture, equity, worst_distance(distances))


def _summary(held: tuple[Holding, ...], picture: Picture, equity_base: float, nearest: float) -> RiskSummary:
    values = [_value(each, picture) for each in held]
    weights = np.zeros(len(picture.symbols))
    index = {symbol: place for place, symbol in enumerate(picture.symbols)}
    strangers = 0.0
    for each, value in zip(held, values, strict=True):
        place = index.get(each.symbol)
        if place is None:
            strangers = float("nan")  # held, but nothing is known of it
        else:
            weights[place] += value / equity_base if equity_base > 0 else float("nan")
    weights = weights + strangers
    risk = risk_figures(weights, picture.sigma, picture.rho, equity_base)
    known = not np.isnan(weights).any()
    together = rho_scenario(weights, picture.sigma, picture.rho, equity_base) if known else None
    broken = hedge_break_scenario(weights, picture.sigma, equity_base) if known else None
    return RiskSummary(
        gross=float(sum(abs(value) for value in values)),
        net=float(sum(values)),
        vol_ann=risk.vol_ann,
        hidden_leverage=risk.hidden_leverage,
        effective_bets=risk.effective_bets,
        es95_1d=risk.es95_1d,
        es95_rho95=together.figures.es95_1d if together else float("nan"),
        es95_hedge_break=broken.figures.es95_1d if broken else float("nan"),
        liquidation_distance=nearest,
        carry_day=-float(sum(_funding(each, value, picture) for each, value in zip(held, values, strict=True))),
    )


def _value(each: Holding, picture: Picture) -> float:
    price = picture.price(each.symbol)
    return float(each.quantity * price) if price is not None else float("nan")


def _funding(each: Holding, value: float, picture: Picture) -> float:
    """Return what a position pays per day; NaN for a swap whose rate is not known, nothing for spot."""
    return value * picture.funding_day.get(each.symbol, float("nan")) if picture.is_swap(each.symbol) else 0.0


def _as_swap(each: Holding, price: Decimal, margin: float, picture: Picture) -> SwapPosition:
    return SwapPosition(
        quantity=float(each.quantity),
        entry=float(each.cost / each.quantity),
        mark=float(price),
        margin=margin,
        tiers=picture.tiers.get(each.symbol, ASSUMED_TIERS),
    )


def _swaps(held: tuple[Holding, ...], picture: Picture, margins: Mapping[Symbol, float]) -> list[SwapPosition]:
    found = []
    for each in held:
        price = picture.price(each.symbol)
        if price is not None and picture.is_swap(each.symbol):
            found.append(_as_swap(each, price, margins.get(each.symbol, 0.0), picture))
    return found


def _isolated(held: tuple[Holding, ...], picture: Picture, margins: Mapping[Symbol, float]) -> list[float]:
    swaps = _swaps(held, picture, margins)
    return [liquidation_distance(each.mark, isolated_price(each), each.quantity) for each in swaps]


def _cross(held: tuple[Holding, ...], picture: Picture, equity: float) -> list[float]:
    swaps = _swaps(held, picture, {})
    wallet = equity - sum(each.profit for each in swaps)
    prices = [cross_price(swaps, place, wallet) for place in range(len(swaps))]
    return [liquidation_distance(each.mark, price, each.quantity) for each, price in zip(swaps, prices, strict=True)]
