"""Owns margin of linear swaps: what a position must keep, and the price at which the venue takes it.

Bybit and Binance document the same condition in different words: the balance that stands behind a position plus its
open profit falls to its maintenance margin, value * rate - deduction, taken at the mark price. Isolated, that balance
is the position's own margin; cross, it is the account's, after what all other positions need. The paper broker, the
simulated exchange and every proposal use these functions. Funding and fees to close are the caller's to subtract.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.quant.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTier:
    """One row of a venue's risk limits: positions worth up to `up_to` keep value * rate - deduction.

    Bybit calls them maintenanceMargin and mmDeduction, Binance maintMarginRatio and cum.
    """

    up_to: float
    rate: float
    deduction: float


# Where the venue's table is not known: twice Bybit's lowest rate for BTC, the first tier of most large coins.
ASSUMED_TIERS = (MarginTier(up_to=math.inf, rate=0.01, deduction=0.0),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapPosition:
    """A linear swap position: signed quantity, average entry and mark price, and its own margin (isolated)."""

    quantity: float
    entry: float
    mark: float
    margin: float
    tiers: tuple[MarginTier, ...] = ASSUMED_TIERS

    @property
    def profit(self) -> float:
        """Return the open profit at the mark price."""
        return self.quantity * (self.mark - self.entry)

    @property
    def maintenance(self) -> float:
        """Return what must be left at the mark price."""
        return maintenance_margin(self.quantity, self.mark, self.tiers)


def maintenance_margin(quantity: float, mark: float, tiers: Sequence[MarginTier]) -> float:
    """Return value * rate - deduction of the tier that the value falls into; the last tier takes what is larger.

    >>> maintenance_margin(1.0, 40_000.0, [MarginTier(up_to=2e6, rate=0.005, deduction=0.0)])
    200.0
    """
    value = abs(quantity) * mark
    tier = next((tier for tier in tiers if value <= tier.up_to), tiers[-1])
    return value * tier.rate - tier.deduction


def liquidation_price(quantity: Floats, entry: Floats, balance: Floats, rate: Floats, deduction: Floats) -> Floats:
    """Return the price at which balance + profit equals maintenance margin, elementwise [N].

    P = (side Q E - B - D) / (side Q - Q MMR). `quantity` is signed, the rest is in money or fractions; NaN where
    there is no position and where the price would not be positive: such a position cannot be liquidated.
    Source: Bybit help center, "Liquidation Price Calculation under Isolated Mode (Unified Trading Account)", USDT
    contracts, with B the position's margin; Binance support, "How to Calculate Liquidation Price of USD-M Futures
    Contracts", one-way mode, with B = WB - TMM1 + UPNL1 (isolated: TMM1 = UPNL1 = 0) and D = cumB.

    >>> one = [np.array([each]) for each in (1.0, 40_000.0, 800.0, 0.005, 0.0)]
    >>> liquidation_price(*one).round(2).tolist()
    [39396.98]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        price = (quantity * entry - balance - deduction) / (quantity - np.abs(quantity) * rate)
    result: Floats = np.where((quantity != 0) & (price > 0), price, np.nan)
    return result


def isolated_price(position: SwapPosition) -> float:
    """Return the liquidation price of an isolated position, in the tier that holds there; NaN where there is none."""
    return _tiered(position, position.margin)


def cross_price(positions: Sequence[SwapPosition], index: int, wallet: float) -> float:
    """Return the liquidation price of one cross position while all other prices stay where they are.

    `wallet` is the account's balance without open profit; margins of the positions are not looked at.
    """
    others = [each for number, each in enumerate(positions) if number != index]
    balance = wallet + sum(each.profit for each in others) - sum(each.maintenance for each in others)
    return _tiered(positions[index], balance)


def isolated_margin(quantity: float, entry: float, leverage: float, *, added: float = 0.0, fee: float = 0.0) -> float:
    """Return the margin behind an isolated position: its initial margin, and what was added net of the closing fee.

    Source: Bybit, as above: extra margin / (1 - fee) for a long, / (1 + fee) for a short.

    >>> isolated_margin(1.0, 40_000.0, 50.0)
    800.0
    """
    if leverage <= 0:
        raise ValueError(f"a leverage of {leverage} does not exist: give a positive number")
    closing = 1 - fee if quantity > 0 else 1 + fee
    return abs(quantity) * entry / leverage + added / closing


def bankruptcy_price(quantity: float, entry: float, margin: float) -> float:
    """Return the price at which the margin of an isolated position is gone; NaN where that is not positive.

    Source: Bybit, "Bankruptcy Price (Perpetual and Expiry Contracts)": entry * (1 -+ 1 / leverage).

    >>> bankruptcy_price(1.0, 60_000.0, isolated_margin(1.0, 60_000.0, 50.0))
    58800.0
    """
    price = entry - margin / quantity if quantity else math.nan
    return price if price > 0 else math.nan


def account_is_gone(positions: Sequence[SwapPosition], wallet: float) -> bool:
    """Return True where a cross account is liquidated: what is left is not more than all maintenance margins."""
    held = [each for each in positions if each.quantity]
    left = wallet + sum(each.profit for each in held)
    return bool(held) and left <= sum(each.maintenance for each in held)


def position_is_gone(position: SwapPosition) -> bool:
    """Return True where an isolated position is liquidated at its mark price."""
    return bool(position.quantity) and position.margin + position.profit <= position.maintenance


def liquidation_distance(price: float, liquidation: float, quantity: float) -> float:
    """Return how far the price may move against a position, as a fraction of it; 0 where it has already.

    NaN where there is no liquidation price. Source: CONTRACT, "liquidation distance": abs(P - P_liq) / P.

    >>> liquidation_distance(100.0, 69.0, 1.0)
    0.31
    """
    if math.isnan(liquidation) or not quantity:
        return math.nan
    return max(0.0, math.copysign(1.0, quantity) * (price - liquidation) / price)


def worst_distance(distances: Sequence[float]) -> float:
    """Return the smallest of the defined distances; NaN where there is none."""
    return min((each for each in distances if not math.isnan(each)), default=math.nan)


def _tiered(position: SwapPosition, balance: float) -> float:
    """Solve in each tier and take the solution that lies in its own tier (Binance: "at the liquidation price").

    Maintenance margin is continuous over the tiers and flatter than the value, so there is at most one.
    """
    quantity, entry = np.array([position.quantity]), np.array([position.entry])
    floor = 0.0
    for number, tier in enumerate(position.tiers):
        price = float(
            liquidation_price(quantity, entry, np.array([balance]), np.array([tier.rate]), np.array([tier.deduction]))[
                0
            ]
        )
        value = abs(position.quantity) * price
        if floor < value <= tier.up_to or (number == len(position.tiers) - 1 and value > floor):
            return price
        floor = tier.up_to
    return math.nan
