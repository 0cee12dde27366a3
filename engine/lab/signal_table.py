"""Owns a price table turned into everything the signals read: one pass over the columns, then any bar by its row.

The batch twin of the live correlation state, by the same definitions and tested equal. Never judges and never sees
beyond a row: column t is made of rows up to t alone. Replay and scores walk over it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from engine.adapters.price_file import PriceTable
from engine.core.portfolio_track import portfolio_weights
from engine.core.readings import BasketReading
from engine.core.regime_history import regime_samples, sample_rows
from engine.domain.config import Config, Estimator
from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, Asset, BasketName, Ms
from engine.lab.basket_columns import BasketColumns, Both, basket_columns
from engine.lab.basket_pairs import BasketPairs
from engine.market.usage import used_history
from engine.quant.arrays import Flags, Floats
from engine.quant.basket_returns import basket_history
from engine.quant.pair_history import PairHistory
from engine.quant.returns import log_returns
from engine.quant.volatility import usual_size_history
from engine.quant.winsor import winsorize
from engine.signals.board import PORTFOLIO
from engine.signals.regime import RegimeSample
from engine.signals.volatility import NONE, Breakouts, breakouts_of


class SignalTable:
    """Readings of every bar of a history, for one config."""

    def __init__(self, config: Config, prices: PriceTable, *, anchors: Mapping[BasketName, Ms] | None = None) -> None:
        self.config = config
        rules = config.rules
        self.assets = tuple(config.symbols)
        self.first_open = Ms(int(prices.open_ms[0]))
        self.bar_ms = rules.bar_ms
        closes = prices.closes[:, _columns(self.assets, prices)]
        self.rows = len(closes)
        self._day_slots = DAY_MS // rules.bar_ms
        self.returns = self._both(log_returns(closes))
        self._missing = np.isnan(closes)
        self._any_missing: list[bool] = np.any(self._missing, axis=1).tolist()
        self.used = used_history(~self._missing, self.returns[Estimator.PEARSON], self._day_slots)
        raw = self.returns[Estimator.PEARSON]
        self._mean, self._sd = usual_size_history(raw)
        with np.errstate(invalid="ignore"):
            self.hot: Flags = np.abs(raw) > self._mean + rules.vol_sigma * self._sd
        self._judged: list[int] = np.count_nonzero(~np.isnan(self._mean), axis=1).tolist()
        self._any_hot: list[bool] = np.any(self.hot, axis=1).tolist()
        self._calm = [replace(NONE, judged=count) for count in range(len(self.assets) + 1)]
        frozen = {name: self._row_closed_by(at) for name, at in (anchors or {}).items()}
        columns = ([self.assets.index(asset) for asset in basket.assets] for basket in config.baskets)
        self.pairs = BasketPairs(self.returns, columns, rules)
        self.baskets = tuple(self._basket(k, frozen) for k in range(len(config.baskets)))
        self.portfolio = self._portfolio(closes)
        self._samples: dict[int, RegimeSample] | None = None

    def closed(self, row: int) -> Ms:
        """Return when bar `row` closed."""
        return Ms(self.first_open + (row + 1) * self.bar_ms)

    def breakouts(self, row: int) -> Breakouts:
        """Return who broke out at bar `row`."""
        if not self._any_hot[row]:
            return self._calm[self._judged[row]]
        past, returns, mean, sd = (
            each[row] for each in (self.hot, self.returns[Estimator.PEARSON], self._mean, self._sd)
        )
        return breakouts_of(self.assets, past, returns, mean, sd, judged=self._judged[row])

    def readings(self, row: int) -> tuple[BasketReading, ...]:
        """Return what bar `row` says of every basket, the portfolio last where there is one."""
        found = tuple(basket.reading(row) for basket in self.baskets)
        return found if self.portfolio is None else (*found, self.portfolio.reading(row))

    def missing_at(self, row: int) -> tuple[Asset, ...]:
        """Return the assets that have no bar in slot `row`."""
        if not self._any_missing[row]:
            return ()
        return tuple(asset for asset, gone in zip(self.assets, self._missing[row], strict=True) if gone)

    def samples(self) -> dict[int, RegimeSample]:
        """Return the regime's sample of every fourth hour, by row; made at the first call."""
        if self._samples is None:
            self._samples = regime_samples(
                sample_rows(self.first_open, self.bar_ms, self.rows),
                self.returns[Estimator.WINSORIZED],
                hot=self.hot,
                judged=~np.isnan(self._mean),
                halflife_bars=self.config.rules.now_halflife_ms / self.bar_ms,
            )
        return self._samples

    def _row_closed_by(self, at: Ms) -> int:
        return (at - self.first_open) // self.bar_ms - 1

    def _both(self, returns: Floats) -> Both:
        clipped = winsorize(returns, self.first_open // self.bar_ms, self._day_slots)
        return {Estimator.PEARSON: returns, Estimator.WINSORIZED: clipped}

    def _basket(self, k: int, frozen: Mapping[BasketName, int]) -> BasketColumns:
        basket = self.config.baskets[k]
        rows = [self.assets.index(asset) for asset in basket.assets]
        return basket_columns(
            basket.name,
            basket.assets,
            np.array([leg.side.sign for leg in basket.legs], dtype=np.float64),
            {kind: part[:, rows] for kind, part in self.returns.items()},
            self._estimates(self.pairs, rows),
            self.used[:, rows],
            self.config.rules,
            anchor=frozen.get(basket.name),
        )

    def _estimates(self, pairs: BasketPairs, columns: Sequence[int]) -> dict[Estimator, PairHistory]:
        """Return both estimates of the pairs of these columns, over the baseline's days."""
        places, days = pairs.places(columns), self.config.rules.baseline_days
        return {kind: pairs.history(kind, days).of(places) for kind in self.returns}

    def _portfolio(self, closes: Floats) -> BasketColumns | None:
        """Return the account as a basket of baskets; None with fewer than two."""
        baskets = self.config.baskets
        if len(baskets) < 2:
            return None
        weights = portfolio_weights(self.config)
        returns, quoted = basket_history(closes, weights)
        both, every = self._both(returns), range(len(baskets))
        return basket_columns(
            PORTFOLIO,
            tuple(Asset(basket.name) for basket in baskets),
            np.ones(len(baskets)),
            both,
            self._estimates(BasketPairs(both, [every], self.config.rules), every),
            used_history(quoted, returns, self._day_slots),
            self.config.rules,
            with_excess=False,
        )


def _columns(assets: tuple[Asset, ...], prices: PriceTable) -> list[int]:
    absent = [asset for asset in assets if asset not in prices.assets]
    if absent:
        raise ConfigError(
            f"the price file has no column for {', '.join(absent)}; it has {', '.join(islice(prices.assets, 40))}"
        )
    return [prices.assets.index(asset) for asset in assets]
