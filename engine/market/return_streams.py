"""Owns the closes of the kept slots and what is made of them: raw and winsorized returns, a co-moment state for each.

Knows slots and columns, not times and assets; never fills a gap. The correlation state feeds it and reads it.
"""

from collections.abc import Sequence

import numpy as np

from engine.domain.config import Estimator
from engine.quant.arrays import Floats
from engine.quant.comoments import CoMoments
from engine.quant.kernels import kernel_for
from engine.quant.returns import log_return, log_returns
from engine.quant.row_buffer import RowBuffer
from engine.quant.winsor import LOOKBACK_SLOTS, clip, winsor_limits, winsorize
from engine.quant.workspace import Workspace

LIVE = (Estimator.PEARSON, Estimator.WINSORIZED)
_SLACK_DAYS = 8  # the ring is cut this much at a time, not bar by bar


class ReturnStreams:
    """Closes [N] by slot and the two streams of returns. `windows` are the (slots, lag) that are read every bar."""

    def __init__(
        self, width: int, day_slots: int, *, windows: tuple[tuple[int, int], ...], keep: int, fast: bool | None
    ) -> None:
        self._day_slots, self._keep, self._fast = day_slots, keep, fast
        self._closes = RowBuffer(width)
        work, kernel = Workspace(width, day_slots), kernel_for(width, fast)
        self._streams = {kind: CoMoments(width, day_slots, windows=windows, kernel=kernel, work=work) for kind in LIVE}
        self._limits: tuple[int, tuple[Floats, Floats]] | None = None  # of the UTC day that starts with the slot

    @property
    def first(self) -> int:
        """Return the first slot held."""
        return self._closes.first

    @property
    def end(self) -> int:
        """Return the slot after the last one held."""
        return self._closes.end

    def closes(self, lo: int, hi: int) -> Floats:
        """Return the closes of slots [lo, hi) that are held (a view)."""
        return self._closes.view(lo, hi)

    def of(self, estimator: Estimator) -> CoMoments:
        """Return the co-moments of an estimator. Raises ValueError for one that is not kept live."""
        stream = self._streams.get(estimator)
        if stream is None:
            raise ValueError(f"{estimator.value} is not kept live: use pearson or winsorized")
        return stream

    def load(self, first: int, closes: Floats) -> None:
        """Make everything from `closes` [T, N] alone, in one batch; the first of them at slot `first`."""
        kept = max(len(closes) - self._keep, 0)
        first, closes = first + kept, closes[kept:]
        returns = log_returns(closes)
        self._closes.load(first, closes)
        self._limits = None
        self.of(Estimator.PEARSON).load(first, returns)
        self.of(Estimator.WINSORIZED).load(first, winsorize(returns, first, self._day_slots))

    def append(self, closes: Floats) -> None:
        """Add the closes [N] of slot `end`."""
        slot = self.end
        raw = log_return(self._closes.view(slot - 1, slot)[0], closes)
        clipped = clip(raw, self._limits_of(slot))
        self._closes.append(closes)
        self.of(Estimator.PEARSON).append(raw)
        self.of(Estimator.WINSORIZED).append(clipped)
        self._trim()

    def provisional(self, estimator: Estimator, closes: Floats) -> Floats:
        """Return the returns [N] that slot `end` would have if it closed at `closes` [N]; NaN where there is none."""
        raw = log_return(self._closes.view(self.end - 1, self.end)[0], closes)
        return clip(raw, self._limits_of(self.end)) if estimator is Estimator.WINSORIZED else raw

    def correct(self, slot: int, column: int, close: float) -> None:
        """Replace one close: two returns are new, and the winsorized ones of the month whose limits looked at them."""
        self._closes.set_cell(slot, column, close)
        self._refresh(column, slot, min(slot + 2, self.end))

    def select(self, sources: Sequence[int | None], fresh: dict[int, Floats]) -> None:
        """Change the assets: column k becomes the old column `sources[k]` as it is, or a new one where None.

        `fresh` holds closes [T] of new columns for all held slots; without them a new column is empty.
        """
        width, first = len(sources), self.first
        closes = np.full((self.end - first, width), np.nan)
        for k, source in enumerate(sources):
            if source is not None:
                closes[:, k] = self._closes.view(first, self.end)[:, source]
            elif k in fresh:
                closes[:, k] = fresh[k]
        work, kernel = Workspace(width, self._day_slots), kernel_for(width, self._fast)
        self._closes = RowBuffer(width)
        self._closes.load(first, closes)
        for stream in self._streams.values():
            stream.select(sources, work, kernel)
        for k in fresh:
            self._refresh(k, first, self.end)
        self._limits = None

    def _refresh(self, column: int, lo: int, hi: int) -> None:
        """Make one asset's returns of slots [lo, hi) anew, and the winsorized ones whose limits look at them."""
        raw, winsorized = self.of(Estimator.PEARSON), self.of(Estimator.WINSORIZED)
        before = max(lo - 1, self.first)
        raw.replace(lo, column, log_returns(self._closes.view(before, hi)[:, column, None])[lo - before :, 0])
        since = max(lo - lo % self._day_slots - LOOKBACK_SLOTS, self.first)
        until = min(hi + LOOKBACK_SLOTS + self._day_slots, self.end)
        clipped = winsorize(raw.rows(since, until)[:, column, None], since, self._day_slots)[lo - since :, 0]
        old = winsorized.rows(lo, until)[:, column]
        differs = np.flatnonzero((clipped != old) & ~(np.isnan(clipped) & np.isnan(old)))
        if len(differs):
            winsorized.replace(lo + int(differs[0]), column, clipped[differs[0] : differs[-1] + 1])
        self._limits = None

    def _limits_of(self, slot: int) -> tuple[Floats, Floats]:
        """Return the winsor limits of the UTC day of `slot`."""
        midnight = slot - slot % self._day_slots
        if self._limits is None or self._limits[0] != midnight:
            history = self.of(Estimator.PEARSON).rows(midnight - LOOKBACK_SLOTS, midnight)
            self._limits = (midnight, winsor_limits(history))
        return self._limits[1]

    def _trim(self) -> None:
        """Cut the ring now and then."""
        if self.end - self.first > self._keep + _SLACK_DAYS * self._day_slots:
            first = self.end - self._keep
            first -= first % self._day_slots
            self._closes.drop_before(first)
            for stream in self._streams.values():
                stream.drop_before(first)
