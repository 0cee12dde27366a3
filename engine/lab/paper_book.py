"""Owns one strategy's money over a price path: what it holds, what trading costs it, what it is worth at every bar.

Numbers only, in float64: no rounding to steps and no closing trade at the end. It never decides what to hold; the
strategies do, and the figures read what comes out.
"""

from dataclasses import dataclass

import numpy as np

from engine.lab.price_path import PricePath
from engine.quant.arrays import Floats
from engine.quant.costs import trading_cost

_ROWS = 1024  # valued at once: they stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFill:
    """One rebalance as it was filled: at the close of `row`, in money of the account's currency."""

    row: int
    traded: float
    cost: float
    turnover: float  # of the base notional of that moment; NaN where that is nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRun:
    """One strategy from the first to the last row of a path.

    Shapes: `equity`, `gross` and `net` [bars + 1], the first of them before anything is held, gross and net as
    fractions of equity; `quantities` [bars + 1, L] signed, after that row's fill.
    """

    equity: Floats
    gross: Floats
    net: Floats
    quantities: Floats
    fills: tuple[BookFill, ...]


class PaperBook:
    """Cash and quantities [L] of all baskets' legs, advanced row by row."""

    def __init__(self, path: PricePath) -> None:
        account = path.config.account
        self.path = path
        self._prices, self._closes = path.leg_marks, path.leg_closes
        self._priced = path.priced
        self._no_spread: Floats = np.zeros(len(path.assets))
        self._row = path.start
        self._cash = float(account.equity)
        self.quantities: Floats = np.zeros(len(path.columns))
        self._cash_path: Floats = np.full(path.bars + 1, self._cash)
        self._held: Floats = np.zeros((path.bars + 1, len(path.columns)))
        self._fills: list[BookFill] = []
        self._fee_bps, self._slippage_bps = account.fee_bps, account.slippage_bps

    @property
    def trades(self) -> int:
        """Return how often it has traded."""
        return len(self._fills)

    def values(self, row: int) -> Floats:
        """Return signed money per leg [L] at the close of `row`; NaN where something is held without a price yet."""
        values: Floats = self.quantities * self._prices[row]
        return values if self._priced[row] else np.where(self.quantities == 0.0, 0.0, values)

    def equity(self, row: int) -> float:
        """Return cash plus positions at the close of `row`, funding of the bars until then paid."""
        self._advance(row)
        return self._cash + float(self.values(row).sum())

    def trade(self, row: int, quantities: Floats) -> BookFill | None:
        """Hold these quantities [L] from the close of `row` on; None where nothing had to be traded.

        A leg without a bar at `row` cannot be traded and stays. Baskets that trade one asset at once are netted, as
        the engine nets them. Cost is fee plus slippage of the traded notional, taken from cash (`[account]`).
        """
        return self._trade(row, self.equity(row), quantities)

    def hold(self, row: int, weights: Floats) -> BookFill | None:
        """Hold these fractions [L] of base notional, signed, from the close of `row` on; NaN keeps a leg."""
        equity = self.equity(row)
        return self._trade(row, equity, weights * self.path.notionals(equity) / self._closes[row])

    def _trade(self, row: int, equity: float, quantities: Floats) -> BookFill | None:
        tradable = ~np.isnan(self._closes[row] * quantities)
        change = np.where(tradable, quantities - self.quantities, 0.0)
        if not change.any():
            return None
        money = np.where(change == 0.0, 0.0, change * self._prices[row])
        traded = np.bincount(self.path.columns, weights=money, minlength=len(self.path.assets)).astype(np.float64)
        base = sum(book.notional(equity) for book in self.path.books)
        cost = trading_cost(
            traded,
            self._no_spread,
            fee_bps=self._fee_bps,
            slippage_bps=self._slippage_bps,
            gross_base=base,
        )
        self._cash -= float(money.sum()) + cost.total
        self.quantities = np.where(tradable, quantities, self.quantities)
        place = row - self.path.start
        self._cash_path[place], self._held[place] = self._cash, self.quantities
        fill = BookFill(row=row, traded=cost.traded, cost=cost.total, turnover=cost.turnover)
        self._fills.append(fill)
        return fill

    def run(self) -> BookRun:
        """Return the whole of it, up to the last row of the path."""
        path = self.path
        self._advance(path.last)
        prices, worth, sizes = self._prices[path.start : path.last + 1], *np.empty((2, path.bars + 1))
        for begin in range(0, path.bars + 1, _ROWS):
            part = slice(begin, begin + _ROWS)
            values = np.where(self._held[part] == 0.0, 0.0, self._held[part] * prices[part])
            worth[part], sizes[part] = values.sum(axis=1), np.abs(values).sum(axis=1)
        equity = self._cash_path + worth
        with np.errstate(divide="ignore", invalid="ignore"):
            gross, net = sizes / equity, worth / equity
        return BookRun(equity=equity, gross=gross, net=net, quantities=self._held, fills=tuple(self._fills))

    def _advance(self, row: int) -> None:
        """Carry cash and quantities from the row reached so far to `row`, paying the funding of each bar."""
        if row <= self._row:
            return
        begin, end = self._row + 1 - self.path.start, row + 1 - self.path.start
        self._held[begin:end] = self.quantities
        self._cash_path[begin:end] = self._cash
        if self.path.funding is not None:
            rows = slice(self._row + 1, row + 1)
            values = np.where(self.quantities == 0.0, 0.0, self.quantities * self._prices[rows])
            paid = np.cumsum((values * self.path.funding[rows][:, self.path.columns]).sum(axis=1))
            self._cash_path[begin:end] -= paid
            self._cash -= float(paid[-1])
        self._row = row
