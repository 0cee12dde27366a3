"""Owns the incremental co-moment state of one estimator: rows of returns, and the readouts kept over them.

Windows, the lagged baseline and the now-estimate all read the same rows; per bar each costs O(N^2), whatever its
length. Nothing is subtracted that could cancel, so nothing drifts (FACTS 1, docs/adr/0003-comoments.md). Never clips:
raw and winsorized returns have a state each. The correlation state of the market room reads it.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.ewma import MEMORY_BARS, NEEDED_SHARE, decay, effective_length
from engine.quant.kernels import Kernel, kernel_for
from engine.quant.overlay import Overlay
from engine.quant.ranges import MovingRange, Reading, Span
from engine.quant.return_rows import ReturnRows
from engine.quant.workspace import Workspace

if TYPE_CHECKING:
    from engine.quant.sliding import SlidingWindows

    Slides = dict[tuple[int, int], tuple[SlidingWindows, int]]


class CoMoments:
    """Rows of returns [N] by slot, and the correlation of ranges of slots.

    `windows` lists the (slots, lag) that will be read every bar; others are read just as well. A `Reading` is
    overwritten by the next readout of the same kind: copy what you keep.
    """

    def __init__(
        self,
        width: int,
        day_slots: int,
        *,
        windows: tuple[tuple[int, int], ...] = (),
        kernel: Kernel | None = None,
        work: Workspace | None = None,
    ) -> None:
        self._day_slots = day_slots
        self._listed = windows
        self._kernel = kernel or kernel_for(width, fast=False)
        self._use(ReturnRows(width), work or Workspace(width, day_slots))

    def _use(self, rows: ReturnRows, work: Workspace) -> None:
        """Start over with other rows; every readout is made anew from them."""
        self._rows, self._work = rows, work
        self._ranges: dict[tuple[int, int] | float, MovingRange] = {}
        self._overlays: dict[tuple[str, float], Overlay] = {}
        self._sliding = _sliding(rows, self._listed) if self._kernel.slides else {}

    @property
    def first(self) -> int:
        """Return the first slot held."""
        return self._rows.first

    @property
    def end(self) -> int:
        """Return the slot after the last one held."""
        return self._rows.end

    def load(self, first: int, rows: Floats) -> None:
        """Replace the state by `rows` [T, N], NaN = no return, the first of them at slot `first`."""
        self._rows.load(first, rows)
        self._use(self._rows, self._work)

    def append(self, row: Floats) -> None:
        """Add the returns [N] of slot `end`; NaN = no return."""
        self._rows.append(row)

    def replace(self, lo: int, column: int, values: Floats) -> None:
        """Overwrite one asset's returns from slot `lo` on by `values` [K]; what was made of them is made anew."""
        self._rows.replace(lo, column, values)
        for moving in self._ranges.values():
            moving.changed(lo, lo + len(values))
        for overlay in self._overlays.values():
            overlay.changed(lo, lo + len(values))
        for sliding, _ in self._sliding.values():
            sliding.changed(lo, lo + len(values))

    def rows(self, lo: int, hi: int) -> Floats:
        """Return the rows of the slots [lo, hi) that are held (a view)."""
        return self._rows.view(lo, hi)

    def drop_before(self, slot: int) -> None:
        """Forget slots before the UTC day of `slot`."""
        self._rows.drop_before(slot - slot % self._day_slots)

    def select(self, columns: Sequence[int | None], work: Workspace, kernel: Kernel) -> None:
        """Change the assets: column k becomes the old column `columns[k]`, or one without returns where None."""
        old = self._rows.view(self.first, self.end)
        rows = np.full((len(old), len(columns)), np.nan)
        for k, column in enumerate(columns):
            if column is not None:
                rows[:, k] = old[:, column]
        fresh = ReturnRows(len(columns))
        fresh.load(self.first, rows)
        self._kernel = kernel
        self._use(fresh, work)

    def window(self, slots: int, lag: int = 0, *, needed: int | None = None) -> Reading:
        """Return the correlation of the last `slots` slots before the newest `lag`; slots not held are missing.

        NaN rule: a pair with fewer than `needed` (two thirds of the slots) common returns, or where one of the two is
        flat over them, is NaN; so is the diagonal of an asset that is too short or flat. Source: CONTRACT.
        """
        usual = self._sliding.get((slots, lag)) if needed is None else None
        if usual is not None:
            reading = usual[0].read(usual[1])
            if reading is not None:
                return reading
        least = max(required(slots) if needed is None else needed, 2)
        hi = self.end - lag
        return self._range((slots, lag)).read(self.span(hi - slots, hi, least))

    def now(self, halflife: float) -> Reading:
        """Return the exponentially weighted correlation, half-life in bars; counts are the bars a pair is worth.

        NaN rule: NaN where the pair's weight is below 2/3 of its limit 1 / (1 - l), or one is flat: over the common
        returns, or over its own last 720. Source: CALIBRATION, "Definitions".
        """
        return self._now(halflife).read(self.now_span(halflife))

    def overlay_row(self, slots: int, column: int, provisional: Floats) -> Floats:
        """Return row `column` [N] of `window(slots)` as if `provisional` [N] had been appended; it is not."""
        overlay = self._overlay(("window", slots))
        overlay.take(self.span(self.end + 1 - slots, self.end, max(required(slots), 2)))
        return overlay.row(column, provisional)

    def overlay_now_row(self, halflife: float, column: int, provisional: Floats) -> Floats:
        """Return row `column` [N] of `now(halflife)` as if `provisional` [N] had been appended; it is not."""
        overlay = self._overlay(("now", halflife), fade=decay(halflife), memory=MEMORY_BARS)
        overlay.take(self.now_span(halflife))
        return overlay.row(column, provisional)

    def _overlay(self, key: tuple[str, float], *, fade: float = 1.0, memory: int | None = None) -> Overlay:
        found = self._overlays.get(key)
        if found is None:
            moving = MovingRange(self._rows, self._kernel, self._work, fade=fade, memory=memory)
            found = self._overlays[key] = Overlay(self._rows, moving, fade=fade, memory=memory)
        return found

    def span(self, lo: int, hi: int, needed: float) -> Span:
        """Return the slots [lo, hi) that are held, with their whole days as the anchor."""
        lo, hi = max(lo, self.first), min(hi, self.end)
        start, stop = -(-lo // self._day_slots) * self._day_slots, hi // self._day_slots * self._day_slots
        if start >= stop:
            start = stop = hi
        return Span(lo=lo, start=start, stop=stop, hi=hi, needed=needed)

    def now_span(self, halflife: float) -> Span:
        """Return all slots, with those before midnight as the anchor."""
        stop = max(self.end // self._day_slots * self._day_slots, self.first)
        needed = NEEDED_SHARE / (1.0 - decay(halflife))
        return Span(lo=self.first, start=self.first, stop=stop, hi=self.end, needed=needed)

    def _now(self, halflife: float) -> MovingRange:
        worth = (1.0 - decay(halflife)) * effective_length(halflife)
        return self._range(halflife, fade=decay(halflife), memory=MEMORY_BARS, worth=worth)

    def _range(
        self, key: tuple[int, int] | float, *, fade: float = 1.0, memory: int | None = None, worth: float = 1.0
    ) -> MovingRange:
        found = self._ranges.get(key)
        if found is None:
            found = MovingRange(self._rows, self._kernel, self._work, fade=fade, memory=memory, worth=worth)
            self._ranges[key] = found
            self._link(key)
        return found

    def _link(self, key: tuple[int, int] | float) -> None:
        """Let every window take over the anchor of the next shorter one with the same end."""
        if isinstance(key, tuple):
            lag = key[1]
            group = sorted(other for other in self._ranges if isinstance(other, tuple) and other[1] == lag)
            for shorter, longer in pairwise(group):
                self._ranges[longer].inner = self._ranges[shorter]


def _sliding(rows: ReturnRows, windows: tuple[tuple[int, int], ...]) -> "Slides":
    """Group the windows by their lag: each group slides in one call."""
    from engine.quant.sliding import Length, SlidingWindows

    found: Slides = {}
    for lag in {lag for _, lag in windows}:
        group = [slots for slots, other in windows if other == lag]
        lengths = [Length(slots=slots, needed=float(max(required(slots), 2))) for slots in group]
        sliding = SlidingWindows(rows, lengths, lag)
        found.update({(slots, lag): (sliding, which) for which, slots in enumerate(group)})
    return found


def required(slots: int) -> int:
    """Return how many common returns a window of `slots` needs: two thirds of them (CONTRACT).

    >>> required(720), required(2160)
    (480, 1440)
    """
    return -(-2 * slots // 3)
