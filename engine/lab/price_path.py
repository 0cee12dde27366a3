"""Owns the prices that a backtest walks over: its bars, its legs, and what a position is worth where a bar is missing.

Never decides and never trades. The paper book and the strategies read it; nothing of a bar is known before it closed.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.adapters.price_file import PriceTable
from engine.domain.basket import Basket
from engine.domain.config import Config
from engine.domain.errors import ConfigError
from engine.domain.units import Asset, Ms, iso
from engine.quant.arrays import Flags, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLegs:
    """One basket as the lab trades it: its places among all legs, its columns of prices, its sides and base weights."""

    basket: Basket
    places: slice
    columns: NDArray[np.int64]
    signs: Floats
    base: Floats
    fixed: float

    def notional(self, equity: float) -> float:
        """Return the base exposure at this equity: the basket's share of it, or its fixed notional."""
        share = self.basket.share
        return self.fixed if share is None else max(equity, 0.0) * share


@dataclass(frozen=True, kw_only=True)
class PricePath:
    """Closes [T, N] of the config's assets, NaN where there is no bar; rows (`start`, `last`] are the backtest.

    At row `start` nothing is held; a decision on the close of row t is filled at the close of row t + 1. `funding`
    [T, N] is the rate that a long pays at the close of a row, 0 where none was due.
    """

    config: Config
    first_open: Ms
    bar_ms: int
    assets: tuple[Asset, ...]
    closes: Floats
    start: int
    last: int
    funding: Floats | None = None

    def following_equity(self) -> "PricePath":
        """Return the same path with every base exposure as the share of equity that it is at the start.

        Books that are held beside a strategy keep their leverage: set right to fixed money while they lose, they would
        lever themselves up to ruin.
        """
        equity = self.config.account.equity
        baskets = tuple(
            each if each.share is not None else replace(each, share=float(each.notional / equity))
            for each in self.config.baskets
        )
        return replace(self, config=replace(self.config, baskets=baskets))

    @property
    def begin(self) -> Ms:
        """Return the instant at which the backtest begins."""
        return self.closed(self.start)

    @property
    def end(self) -> Ms:
        """Return the instant at which it ends."""
        return self.closed(self.last)

    @property
    def bars(self) -> int:
        """Return how many bars the backtest lives through."""
        return self.last - self.start

    def closed(self, row: int) -> Ms:
        """Return when bar `row` closed."""
        return Ms(self.first_open + (row + 1) * self.bar_ms)

    def row_closed_by(self, at: Ms) -> int:
        """Return the newest row that is closed by `at`; negative before the first."""
        return int((at - self.first_open) // self.bar_ms) - 1

    @cached_property
    def marks(self) -> Floats:
        """Return what positions are valued at [T, N]: the last close there was; NaN before the first."""
        found: Floats = np.take_along_axis(self.closes, np.maximum(newest_rows(self.closes), 0), axis=0)
        return found

    @cached_property
    def leg_marks(self) -> Floats:
        """Return what every leg of every basket is valued at [T, L]."""
        found: Floats = self.marks[:, self.columns]
        return found

    @cached_property
    def leg_closes(self) -> Floats:
        """Return the closes of every leg of every basket [T, L]; NaN where there is no bar."""
        found: Floats = self.closes[:, self.columns]
        return found

    @cached_property
    def priced(self) -> list[bool]:
        """Return at which rows every leg has a price to be valued at [T]."""
        absent: Flags = np.any(np.isnan(self.leg_marks), axis=1)
        found: list[bool] = (~absent).tolist()
        return found

    @cached_property
    def books(self) -> tuple[BasketLegs, ...]:
        """Return the baskets with their places among all legs."""
        found, place = [], 0
        for basket in self.config.baskets:
            count = len(basket.legs)
            found.append(
                BasketLegs(
                    basket=basket,
                    places=slice(place, place + count),
                    columns=np.array([self.assets.index(asset) for asset in basket.assets], dtype=np.int64),
                    signs=np.array([float(leg.side.sign) for leg in basket.legs]),
                    base=np.array([leg.weight for leg in basket.legs]),
                    fixed=float(basket.notional),
                )
            )
            place += count
        return tuple(found)

    @cached_property
    def book_of_leg(self) -> NDArray[np.intp]:
        """Return which book each leg of every basket is in [L]."""
        return np.repeat(np.arange(len(self.books)), [len(each.base) for each in self.books])

    @cached_property
    def _leg_money(self) -> tuple[Floats, Floats]:
        """Return the fixed notional of the basket of each leg [L], and its share of equity; NaN where it has none."""
        fixed = np.array([each.fixed for each in self.books])
        share = np.array([np.nan if each.basket.share is None else each.basket.share for each in self.books])
        return fixed[self.book_of_leg], share[self.book_of_leg]

    def notionals(self, equity: float | Floats) -> Floats:
        """Return the base notional of the basket of each leg [L] at this equity; [..., L] for an equity [..., 1]."""
        fixed, share = self._leg_money
        found: Floats = np.where(np.isnan(share), fixed, np.maximum(equity, 0.0) * share)
        return found

    @cached_property
    def columns(self) -> NDArray[np.int64]:
        """Return the price column of every leg of every basket [L]."""
        return np.concatenate([book.columns for book in self.books])


def newest_rows(closes: Floats) -> NDArray[np.intp]:
    """Return the row of the newest close of each column up to every row of [T, N]; -1 before the first."""
    rows = np.where(np.isnan(closes), -1, np.arange(len(closes))[:, None])
    newest: NDArray[np.intp] = np.maximum.accumulate(rows, axis=0)
    return newest


def price_path(
    config: Config, prices: PriceTable, *, begin: Ms, end: Ms | None, funding: Floats | None = None
) -> PricePath:
    """Return the path from `begin` to `end` (default: the last bar). Raises ConfigError where that does not fit."""
    if prices.bar_ms != config.rules.bar_ms:
        raise ConfigError(f"rules.bar is {config.rules.bar_ms} ms, the prices come in bars of {prices.bar_ms} ms")
    if not config.baskets:
        raise ConfigError("the config has no basket: a backtest needs at least one [[basket]]")
    assets = tuple(config.symbols)
    absent = [asset for asset in assets if asset not in prices.assets]
    if absent:
        raise ConfigError(f"the price file has no column for {', '.join(absent)}; it has {', '.join(prices.assets)}")
    first = Ms(int(prices.open_ms[0]))
    last = len(prices.open_ms) - 1 if end is None else int((end - first) // prices.bar_ms) - 1
    start = int((begin - first) // prices.bar_ms) - 1
    if not 0 <= start < last < len(prices.open_ms):
        low, high = (iso(Ms(int(at) + prices.bar_ms)) for at in (prices.open_ms[0], prices.open_ms[-1]))
        said = iso(Ms(first + (last + 1) * prices.bar_ms))
        raise ConfigError(
            f"a backtest from {iso(begin)} to {said} does not fit the price file, whose bars closed from {low} to "
            f"{high}; choose instants inside, at least one bar apart"
        )
    return PricePath(
        config=config,
        first_open=first,
        bar_ms=prices.bar_ms,
        assets=assets,
        closes=prices.closes[:, [prices.assets.index(asset) for asset in assets]],
        start=start,
        last=last,
        funding=funding,
    )
