"""Owns the correlations and volatilities of a price table at one row, by the definitions of the live state.

Made when asked for, from the rows up to that one alone, so a backtest can neither look ahead nor be cheaper by it. Has
the readouts of `CorrelationState` that sizes and proposals read. Never judges and never keeps what an earlier row said.
"""

import numpy as np

from engine.domain.config import Estimator
from engine.domain.units import DAY_MS
from engine.lab.price_path import PricePath
from engine.lab.signal_table import SignalTable
from engine.market.correlation_state import VOLATILITY_DAYS, CorrelationState, Matrix
from engine.market.usage import used_history
from engine.quant.arrays import Flags, Floats
from engine.quant.comoments import required
from engine.quant.correlation import common_counts, pearson
from engine.quant.deviations import deviations
from engine.quant.ewma import MEMORY_BARS
from engine.quant.now_history import now_matrix
from engine.quant.returns import log_returns
from engine.quant.winsor import winsorize

_NOW_HALFLIVES = 40  # what lies before them weighs 1e-12


class TableCorrelation(CorrelationState):
    """The readouts at the row that `move_to` was last told; unsigned matrices in the order of the path's assets.

    The rows are all there from the start: nothing is appended, and there is no unfinished bar to lay over them.
    """

    def __init__(self, path: PricePath, known: SignalTable | None = None) -> None:
        """Take the returns from a table that begins with the path, where there is one: they are the same."""
        rules = path.config.rules
        super().__init__(path.assets, rules)
        self._day_slots = DAY_MS // rules.bar_ms
        self._halflife = rules.now_halflife_ms / rules.bar_ms
        if known is not None and self.begins_with(known, path):
            self._rows, self._used = known.returns, known.used
        else:
            raw = log_returns(path.closes)
            clipped = winsorize(raw, path.first_open // path.bar_ms, self._day_slots)
            self._rows = {Estimator.PEARSON: raw, Estimator.WINSORIZED: clipped}
            self._used = used_history(~np.isnan(path.closes), raw, self._day_slots)
        self._row = 0
        self._cache: dict[tuple[str, int, Estimator], Matrix] = {}

    @staticmethod
    def begins_with(known: SignalTable, path: PricePath) -> bool:
        """Return True where the table has the path's assets from the path's first row on."""
        return (known.first_open, known.assets) == (path.first_open, path.assets)

    def move_to(self, row: int) -> None:
        """Read as of the close of `row` from now on."""
        if row != self._row:
            self._row = row
            self._cache.clear()

    def history(self, estimator: Estimator) -> Floats:
        """Return all returns of the table [T, N]; NaN where there is none."""
        return self._rows[estimator]

    def used_history(self) -> Flags:
        """Return which assets count for correlation at every row [T, N]."""
        return self._used

    def used(self) -> Flags:
        """Return which assets count for correlation [N] (DESIGN 2, "history")."""
        found: Flags = self._used[self._row]
        return found

    def window(self, days: int, estimator: Estimator) -> Matrix:
        """Return the correlation of the last `days` days; NaN below 2/3 of the slots or where flat (CONTRACT)."""
        key = ("window", days, estimator)
        if key not in self._cache:
            slots = days * self._day_slots
            rows = self._last(estimator, slots)
            whole = len(rows) == slots and not np.isnan(rows).any()
            rho = _complete_pearson(rows) if whole else pearson(rows, required(slots))
            self._cache[key] = Matrix(rho=rho, counts=common_counts(rows))
        return self._cache[key]

    def now(self, estimator: Estimator) -> Matrix:
        """Return the exponentially weighted correlation (CALIBRATION); its counts are the bars it was read from."""
        key = ("now", 0, estimator)
        if key not in self._cache:
            rows = self._last(estimator, max(MEMORY_BARS, round(_NOW_HALFLIVES * self._halflife)))
            self._cache[key] = Matrix(rho=now_matrix(rows, self._halflife), counts=common_counts(rows))
        return self._cache[key]

    def sigma_ann(self) -> Floats:
        """Return annual volatilities [N]: sd of 30 days of winsorized returns; NaN below 2/3 of the slots."""
        slots = VOLATILITY_DAYS * self._day_slots
        rows = self._last(Estimator.WINSORIZED, slots)
        sigma: Floats = deviations(rows, required(slots)) * np.sqrt(365 * self._day_slots)
        return sigma

    def _last(self, estimator: Estimator, slots: int) -> Floats:
        rows: Floats = self._rows[estimator][max(self._row + 1 - slots, 0) : self._row + 1]
        return rows


def _complete_pearson(rows: Floats) -> Floats:
    """Return `pearson` of rows [T, N] without a gap: the same two passes as one product, many times faster."""
    centered = rows - rows.mean(axis=0)
    flat = np.all(rows == rows[0], axis=0)
    moments = centered.T @ centered
    sd = np.sqrt(np.where(flat, np.nan, moments.diagonal()))
    rho: Floats = np.clip(moments / np.outer(sd, sd), -1.0, 1.0)
    np.fill_diagonal(rho, np.where(flat, np.nan, 1.0))
    return rho
