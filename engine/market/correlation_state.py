"""Owns the correlation of all watched assets at the last closed bar: windows, lagged baseline, now-estimate.

Fed with complete rows of the bar grid, one slot after the other. Never decides anything, never fills a gap, and knows
the unfinished bar only as an overlay that is never committed. The core hands its matrices to the signals, the sizing,
the risk figures and the views.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import DAY_MS, Asset, Ms
from engine.market.return_streams import ReturnStreams
from engine.quant.arrays import Counts, Flags, Floats
from engine.quant.comoments import required
from engine.quant.deviations import deviations
from engine.quant.ewma import effective_length
from engine.quant.ranges import Reading
from engine.quant.returns import check_closes

HISTORY_DAYS = 90  # an asset is used for correlation from this age on (DESIGN 2)
VOLATILITY_DAYS = 30
_NEVER = np.iinfo(np.int64).max
_SPARE_DAYS = 32  # 30 days for the oldest winsor limits, the started day, one for the first return


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A correlation matrix and its pair counts, [N, N] each, in the order of the state's assets; unsigned.

    `rho` is NaN where undefined. `counts` of the now-estimate are the equally weighted bars it is worth. The arrays
    belong to the state, which writes the next bar into them: copy what is to outlive this version.
    """

    rho: Floats
    counts: Counts


class CorrelationState:
    """Incremental correlation of `assets`; `version` grows with every change, readouts are cached per version.

    `fast` True asks for the numba kernel, False for numpy, None takes numba where it is installed and worth it.
    """

    def __init__(self, assets: tuple[Asset, ...], rules: RulesConfig, *, fast: bool | None = None) -> None:
        if DAY_MS % rules.bar_ms:
            raise ValueError(f"rules.bar must divide a day evenly, {rules.bar_ms} ms does not")
        self.assets = assets
        self.version = 0
        self._bar_ms = rules.bar_ms
        self._day_slots = DAY_MS // rules.bar_ms
        self._halflife = rules.now_halflife_ms / rules.bar_ms
        self._lag = effective_length(self._halflife)
        self._base_slots = rules.baseline_days * self._day_slots
        self._windows = (*((days * self._day_slots, 0) for days in rules.windows_days), (self._base_slots, self._lag))
        self._keep = (max(*rules.windows_days, HISTORY_DAYS, rules.baseline_days) + _SPARE_DAYS) * self._day_slots
        self._fast = fast
        self._cache: dict[tuple[str, int, Estimator], Matrix] = {}
        self._sigma: Floats | None = None
        self._reset()

    def _reset(self) -> None:
        """Forget everything but the assets."""
        width = len(self.assets)
        self._column = {asset: k for k, asset in enumerate(self.assets)}
        self._streams = ReturnStreams(width, self._day_slots, windows=self._windows, keep=self._keep, fast=self._fast)
        self._first_slot = np.full(width, _NEVER)  # of each asset's first bar ever seen
        self._started = False

    # -- time

    @property
    def last_open(self) -> Ms | None:
        """Return the open time of the last bar, None before the first."""
        return Ms((self._streams.end - 1) * self._bar_ms) if self._started else None

    @property
    def first_open(self) -> Ms | None:
        """Return the open time of the oldest slot kept, None before the first."""
        return Ms(self._streams.first * self._bar_ms) if self._started else None

    @property
    def as_of(self) -> Ms | None:
        """Return when the last bar closed, None before the first."""
        return Ms(self._streams.end * self._bar_ms) if self._started else None

    def holds(self, open_ms: Ms) -> bool:
        """Return True where the slot of `open_ms` is kept, so that `correct` can replace a close in it."""
        return self._started and self._streams.first <= self._slot(open_ms) < self._streams.end

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
            self._streams.load(slot, closes)
            self._started = True
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
        if slot != self._streams.end:
            raise ValueError(f"slot {open_ms} is not the next one: expected {self.as_of}; fill holes with NaN rows")
        self._see(slot, closes[None, :])
        self._streams.append(closes)
        self._changed()

    def correct(self, open_ms: Ms, asset: Asset, close: float) -> None:
        """Replace one close (NaN: the bar is withdrawn): equal to having known it from the start.

        Two returns of the asset are new, and its winsorized ones of the month whose limits looked at them. Raises
        ValueError for a slot outside the kept history or a close that is no price.
        """
        slot, column = self._slot(open_ms), self._column[asset]
        check_closes(np.array([close]))
        self._streams.correct(slot, column, close)
        if slot == self._first_slot[column]:
            self._first_slot[column] = _NEVER
        self._see(self._streams.first, self._streams.closes(self._streams.first, self._streams.end))
        self._changed()

    def set_assets(self, assets: tuple[Asset, ...], history: Mapping[Asset, Floats] | None = None) -> None:
        """Change the set and order of assets; those that stay keep their returns, limits and first bar as they are.

        `history` holds closes of new assets for the slots from `first_open` to `last_open` [T], NaN = no bar; without
        it a new asset starts empty. What goes is forgotten. Raises ValueError where a length is wrong, a close is no
        price, or an asset stands twice.
        """
        if len(set(assets)) != len(assets):
            raise ValueError("every asset may stand once in the set")
        first, end = self._streams.first, self._streams.end
        sources = [self._column.get(asset) for asset in assets]
        fresh: dict[int, Floats] = {}
        for k, asset in enumerate(assets):
            if sources[k] is None and history is not None and asset in history:
                check_closes(history[asset])
                if history[asset].shape != (end - first,):
                    raise ValueError(f"history of {asset} must hold {end - first} closes, from first_open to last_open")
                fresh[k] = history[asset]
        self._streams.select(sources, fresh)
        self.assets, self._column = assets, {asset: k for k, asset in enumerate(assets)}
        kept = [_NEVER if source is None else int(self._first_slot[source]) for source in sources]
        self._first_slot = np.array(kept, dtype=np.int64)
        self._see(first, self._streams.closes(first, end))
        self._changed()

    # -- what goes out

    def window(self, days: int, estimator: Estimator) -> Matrix:
        """Return the correlation of the last `days` days; NaN below 2/3 of the slots or where flat (CONTRACT)."""
        stream = self._streams.of(estimator)
        return self._cached(("window", days, estimator), lambda: stream.window(days * self._day_slots))

    def base(self, estimator: Estimator) -> Matrix:
        """Return the baseline: `baseline_days`, lagged by the effective length of the now-estimate (CALIBRATION)."""
        stream = self._streams.of(estimator)
        return self._cached(("base", 0, estimator), lambda: stream.window(self._base_slots, self._lag))

    def now(self, estimator: Estimator) -> Matrix:
        """Return the exponentially weighted correlation (CALIBRATION)."""
        stream = self._streams.of(estimator)
        return self._cached(("now", 0, estimator), lambda: stream.now(self._halflife))

    def overlay_row(self, days: int | None, estimator: Estimator, asset: Asset, closes: Floats) -> Floats:
        """Return rho [N] of `asset` as it would read if the unfinished bar closed at `closes` [N] (NaN: no tick yet).

        Of the window of `days`, or of the now-estimate where None. For display only: nothing is committed, and the
        cost is one row. NaN everywhere before the first bar. Raises ValueError where a close is no price.
        """
        stream = self._streams.of(estimator)
        self._check_width(len(closes))
        if not self._started:
            return np.full(len(self.assets), np.nan)
        returns = self._streams.provisional(estimator, closes)
        if days is None:
            return stream.overlay_now_row(self._halflife, self._column[asset], returns)
        return stream.overlay_row(days * self._day_slots, self._column[asset], returns)

    def sigma_ann(self) -> Floats:
        """Return annual volatilities [N]: sd of 30 days of winsorized returns; NaN below 2/3 of the slots."""
        if self._sigma is None:
            slots, end = VOLATILITY_DAYS * self._day_slots, self._streams.end
            rows = self._streams.of(Estimator.WINSORIZED).rows(end - slots, end)
            self._sigma = deviations(rows, required(slots)) * np.sqrt(365 * self._day_slots)
        return self._sigma.copy()

    def history_days(self) -> Floats:
        """Return the days since each asset's first bar opened [N]; NaN where it has none."""
        days = (self._streams.end - self._first_slot) / self._day_slots
        return np.where(self._first_slot == _NEVER, np.nan, days)

    def used(self) -> Flags:
        """Return which assets count for correlation [N].

        First bar >= 90 days old, 2/3 of 90 days' slots filled, and a price that moved in the last day: a venue that
        repeats a halted market's close tells nothing about how it moves with others.
        """
        slots, end = HISTORY_DAYS * self._day_slots, self._streams.end
        filled = np.count_nonzero(~np.isnan(self._streams.closes(end - slots, end)), axis=0)
        day = self.returns(Estimator.PEARSON, self._day_slots)
        frozen = np.any(~np.isnan(day), axis=0) & ~np.any(np.nan_to_num(day) != 0.0, axis=0)
        result: Flags = (self.history_days() >= HISTORY_DAYS) & (filled >= required(slots)) & ~frozen
        return result

    def returns(self, estimator: Estimator, bars: int) -> Floats:
        """Return a copy of the returns of the last `bars` slots held [<= bars, N]; NaN = no return."""
        end = self._streams.end
        return self._streams.of(estimator).rows(end - bars, end).copy()

    # -- inside

    def _cached(self, key: tuple[str, int, Estimator], read: Callable[[], Reading]) -> Matrix:
        found = self._cache.get(key)
        if found is None:
            reading = read()
            rho, counts = reading.rho.view(), reading.counts.view()
            rho.flags.writeable = counts.flags.writeable = False  # shared with everyone who asks for this version
            found = self._cache[key] = Matrix(rho=rho, counts=counts)
        return found

    def _changed(self) -> None:
        self.version += 1
        self._cache.clear()
        self._sigma = None

    def _slot(self, open_ms: Ms) -> int:
        if open_ms % self._bar_ms:
            raise ValueError(f"{open_ms} is not on the grid of {self._bar_ms} ms bars")
        return open_ms // self._bar_ms

    def _check_width(self, width: int) -> None:
        if width != len(self.assets):
            raise ValueError(f"got closes of {width} assets, expected {len(self.assets)}")

    def _see(self, first: int, closes: Floats) -> None:
        """Remember the first bar of each asset, also when the ring has long forgotten it."""
        if len(closes) == 0:
            return
        present = ~np.isnan(closes)
        seen = np.where(present.any(axis=0), first + present.argmax(axis=0), _NEVER)
        self._first_slot = np.minimum(self._first_slot, seen)
