"""Owns the correlation of all watched assets at the last closed bar: windows, lagged baseline, now-estimate.

Fed with complete rows of the bar grid, one slot after the other. Never decides anything, never sees an unfinished
bar, never fills a gap. The core hands its matrices to the signals, the sizing, the risk figures and the views.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import DAY_MS, Asset, Ms
from engine.quant.arrays import Counts, Flags, Floats
from engine.quant.comoments import CoMoments, required
from engine.quant.ewma import EwmaState, effective_length
from engine.quant.moments import Block, correlation, deviations, pair_counts
from engine.quant.returns import check_closes, log_return, log_returns
from engine.quant.row_buffer import RowBuffer
from engine.quant.winsor import LOOKBACK_SLOTS, clip, winsor_limits, winsorize

HISTORY_DAYS = 90  # an asset is used for correlation from this age on (DESIGN 2)
VOLATILITY_DAYS = 30
_NEVER = np.iinfo(np.int64).max
_SPARE_DAYS = 32  # 30 days for the oldest winsor limits, the started day, one for the first return
_SLACK_DAYS = 8  # the ring is cut this much at a time, not bar by bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A correlation matrix and its pair counts, [N, N] each, in the order of the state's assets; unsigned.

    `rho` is NaN where undefined. `counts` of the now-estimate are the equally weighted bars it is worth.
    """

    rho: Floats
    counts: Counts


class _Stream:
    """One estimator's returns: their day blocks and their now-estimate."""

    __slots__ = ("blocks", "ewma")

    def __init__(self, width: int, day_slots: int, halflife: float) -> None:
        self.blocks = CoMoments(width, day_slots)
        self.ewma = EwmaState(width, halflife)

    def append(self, row: Floats) -> None:
        """Add the returns of the next slot."""
        self.blocks.append(row)
        self.ewma.update(row)


class CorrelationState:
    """Incremental correlation of `assets`; `version` grows with every change, readouts are cached per version."""

    def __init__(self, assets: tuple[Asset, ...], rules: RulesConfig) -> None:
        if DAY_MS % rules.bar_ms:
            raise ValueError(f"rules.bar must divide a day evenly, {rules.bar_ms} ms does not")
        self.assets = assets
        self.version = 0
        self._column = {asset: k for k, asset in enumerate(assets)}
        self._bar_ms = rules.bar_ms
        self._day_slots = DAY_MS // rules.bar_ms
        self._halflife = rules.now_halflife_ms / rules.bar_ms
        self._lag = effective_length(self._halflife)
        self._base_slots = rules.baseline_days * self._day_slots
        self._keep = (max(*rules.windows_days, HISTORY_DAYS, rules.baseline_days) + _SPARE_DAYS) * self._day_slots
        self._cache: dict[tuple[str, int, Estimator], Matrix] = {}
        self._reset()

    def _reset(self) -> None:
        """Forget everything."""
        width = len(self.assets)
        self._closes = RowBuffer(width)
        self._streams = {
            kind: _Stream(width, self._day_slots, self._halflife) for kind in (Estimator.PEARSON, Estimator.WINSORIZED)
        }
        self._limits: tuple[Floats, Floats] | None = None
        self._first_slot = np.full(width, _NEVER)  # of each asset's first bar ever seen
        self._started = False

    # -- time

    @property
    def last_open(self) -> Ms | None:
        """Return the open time of the last bar, None before the first."""
        return Ms((self._closes.end - 1) * self._bar_ms) if self._started else None

    @property
    def as_of(self) -> Ms | None:
        """Return when the last bar closed, None before the first."""
        return Ms(self._closes.end * self._bar_ms) if self._started else None

    def holds(self, open_ms: Ms) -> bool:
        """Return True where the slot of `open_ms` is kept, so that `correct` can replace a close in it."""
        return self._started and self._closes.first <= self._slot(open_ms) < self._closes.end

    # -- what comes in

    def warm_up(self, first_open: Ms, closes: Floats) -> None:
        """Replace the state by the closes [T, N] of consecutive slots from `first_open` on; NaN = no bar.

        Raises ValueError for an off-grid time, a wrong width or a close that is no price.
        """
        slot = self._slot(first_open)
        self._check_width(closes.shape[1])
        check_closes(closes)
        self._reset()
        if len(closes):
            self._see(slot, closes)
            kept = max(len(closes) - self._keep, 0)
            self._rebuild(slot + kept, closes[kept:])
        self._changed()

    def append(self, open_ms: Ms, closes: Floats) -> None:
        """Add the closes [N] of the next slot; NaN = no bar.

        Raises ValueError where the slot is not the next one, the width is wrong or a close is no price.
        """
        slot = self._slot(open_ms)
        self._check_width(len(closes))
        check_closes(closes)
        if not self._started:
            self.warm_up(open_ms, closes[None, :])
            return
        if slot != self._closes.end:
            raise ValueError(f"slot {open_ms} is not the next one: expected {self.as_of}; fill holes with NaN rows")
        self._see(slot, closes[None, :])
        row = log_return(self._closes.view(slot - 1, slot)[0], closes)
        if self._limits is None or slot % self._day_slots == 0:
            self._limits = self._limits_of(slot)
        self._closes.append(closes)
        self._streams[Estimator.PEARSON].append(row)
        self._streams[Estimator.WINSORIZED].append(clip(row, self._limits))
        self._trim()
        self._changed()

    def correct(self, open_ms: Ms, asset: Asset, close: float) -> None:
        """Replace one close (NaN: the bar is withdrawn) and rebuild: equal to having known it from the start.

        Raises ValueError for a slot outside the kept history or a close that is no price.
        """
        slot, column = self._slot(open_ms), self._column[asset]
        check_closes(np.array([close]))
        self._closes.set_cell(slot, column, close)
        first, closes = self._closes.first, self._closes.view(self._closes.first, self._closes.end).copy()
        if slot == self._first_slot[column]:
            self._first_slot[column] = _NEVER
        self._see(first, closes)
        self._rebuild(first, closes)
        self._changed()

    # -- what goes out

    def window(self, days: int, estimator: Estimator) -> Matrix:
        """Return the correlation of the last `days` days; NaN below 2/3 of the slots or where flat (CONTRACT)."""
        slots = days * self._day_slots

        def read() -> Matrix:
            end = self._closes.end
            return _read(self._stream(estimator).blocks.moments(end - slots, end), required(slots))

        return self._cached(("window", days, estimator), read)

    def base(self, estimator: Estimator) -> Matrix:
        """Return the baseline: `baseline_days`, lagged by the effective length of the now-estimate (CALIBRATION)."""

        def read() -> Matrix:
            end = self._closes.end - self._lag
            block = self._stream(estimator).blocks.moments(end - self._base_slots, end)
            return _read(block, required(self._base_slots))

        return self._cached(("base", 0, estimator), read)

    def now(self, estimator: Estimator) -> Matrix:
        """Return the exponentially weighted correlation (CALIBRATION)."""

        def read() -> Matrix:
            ewma = self._stream(estimator).ewma
            return Matrix(rho=ewma.correlation(), counts=ewma.counts())

        return self._cached(("now", 0, estimator), read)

    def sigma_ann(self) -> Floats:
        """Return annual volatilities [N]: sd of 30 days of winsorized returns; NaN below 2/3 of the slots."""
        slots, end = VOLATILITY_DAYS * self._day_slots, self._closes.end
        block = self._streams[Estimator.WINSORIZED].blocks.moments(end - slots, end)
        result: Floats = deviations(block, required(slots)) * np.sqrt(365 * self._day_slots)
        return result

    def history_days(self) -> Floats:
        """Return the days since each asset's first bar opened [N]; NaN where it has none."""
        days = (self._closes.end - self._first_slot) / self._day_slots
        return np.where(self._first_slot == _NEVER, np.nan, days)

    def used(self) -> Flags:
        """Return which assets count for correlation [N]: first bar >= 90 days old and 2/3 of 90 days' slots filled."""
        slots, end = HISTORY_DAYS * self._day_slots, self._closes.end
        filled = np.count_nonzero(~np.isnan(self._closes.view(end - slots, end)), axis=0)
        result: Flags = (self.history_days() >= HISTORY_DAYS) & (filled >= required(slots))
        return result

    def returns(self, estimator: Estimator, bars: int) -> Floats:
        """Return a copy of the returns of the last `bars` slots held [<= bars, N]; NaN = no return."""
        end = self._closes.end
        return self._stream(estimator).blocks.rows(end - bars, end).copy()

    # -- inside

    def _stream(self, estimator: Estimator) -> _Stream:
        stream = self._streams.get(estimator)
        if stream is None:
            raise ValueError(f"{estimator.value} is not kept live: use pearson or winsorized")
        return stream

    def _cached(self, key: tuple[str, int, Estimator], read: Callable[[], Matrix]) -> Matrix:
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = read()
            found.rho.flags.writeable = False  # shared with everyone who asks for this version
            found.counts.flags.writeable = False
        return found

    def _changed(self) -> None:
        self.version += 1
        self._cache.clear()

    def _slot(self, open_ms: Ms) -> int:
        if open_ms % self._bar_ms:
            raise ValueError(f"{open_ms} is not on the grid of {self._bar_ms} ms bars")
        return open_ms // self._bar_ms

    def _check_width(self, width: int) -> None:
        if width != len(self.assets):
            raise ValueError(f"got closes of {width} assets, expected {len(self.assets)}")

    def _see(self, first: int, closes: Floats) -> None:
        """Remember the first bar of each asset, also when the ring has long forgotten it."""
        present = ~np.isnan(closes)
        seen = np.where(present.any(axis=0), first + present.argmax(axis=0), _NEVER)
        self._first_slot = np.minimum(self._first_slot, seen)

    def _rebuild(self, first: int, closes: Floats) -> None:
        """Make every derived number from `closes` alone."""
        returns = log_returns(closes)
        both = {Estimator.PEARSON: returns, Estimator.WINSORIZED: winsorize(returns, first, self._day_slots)}
        self._closes.load(first, closes)
        for kind, rows in both.items():
            stream = self._streams[kind] = _Stream(len(self.assets), self._day_slots, self._halflife)
            stream.blocks.load(first, rows)
            for row in rows:
                stream.ewma.update(row)
        self._started = True
        last = self._closes.end - 1
        self._limits = self._limits_of(last)

    def _limits_of(self, slot: int) -> tuple[Floats, Floats]:
        """Return the winsor limits of the UTC day of `slot`."""
        midnight = slot - slot % self._day_slots
        history = self._streams[Estimator.PEARSON].blocks.rows(midnight - LOOKBACK_SLOTS, midnight)
        return winsor_limits(history)

    def _trim(self) -> None:
        """Cut the ring now and then; what is kept covers the longest window and its winsor limits."""
        if self._closes.end - self._closes.first > self._keep + _SLACK_DAYS * self._day_slots:
            first = self._closes.end - self._keep
            first -= first % self._day_slots
            self._closes.drop_before(first)
            for stream in self._streams.values():
                stream.blocks.drop_before(first)


def _read(block: Block, min_count: int) -> Matrix:
    return Matrix(rho=correlation(block, min_count), counts=pair_counts(block))
