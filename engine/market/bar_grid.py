"""Owns the alignment of many assets to one grid of bars: when a slot is complete, and what is missing in it.

A slot is handed out when every asset delivered its bar or was declared missing, or when the host has waited long
enough (DESIGN 3, "Checks follow bars"). Reads no clock: both times come in. Rows go to the correlation state in
order; a bar for a slot that is out already is reported, and the caller corrects the state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.domain.units import Asset, Ms
from engine.quant.arrays import Floats

PATIENCE_S = 20.0


class Delivery(StrEnum):
    """What became of a delivered bar."""

    TAKEN = "taken"
    LATE = "late"  # its slot was handed out already: correct the state
    BEFORE = "before"  # older than the grid's start


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """One slot of the grid: closes [N] in the grid's order of assets, NaN where `missing`.

    `timed_out` says that somebody did not answer in time, as opposed to being declared missing.
    """

    open_ms: Ms
    closes: Floats
    missing: tuple[Asset, ...]
    timed_out: bool


@dataclass(slots=True)
class _Slot:
    """What is known of a slot that is not out yet."""

    closes: Floats
    settled: set[Asset]
    due_since: float | None = None  # host monotonic seconds when the market had closed it


class BarGrid:
    """Collects bars per slot and hands out rows in order, from slot `first_open` on."""

    def __init__(
        self, assets: tuple[Asset, ...], *, bar_ms: int, first_open: Ms, patience_s: float = PATIENCE_S
    ) -> None:
        if first_open % bar_ms:
            raise ValueError(f"{first_open} is not on the grid of {bar_ms} ms bars")
        self.assets = assets
        self._column = {asset: k for k, asset in enumerate(assets)}
        self._bar_ms = bar_ms
        self._patience_s = patience_s
        self._start = first_open
        self._next = first_open
        self._slots: dict[Ms, _Slot] = {}

    @property
    def next_open(self) -> Ms:
        """Return the open time of the next slot that will be handed out."""
        return self._next

    def deliver(self, asset: Asset, open_ms: Ms, close: float) -> Delivery:
        """Take in a closed bar. Raises ValueError off the grid and KeyError for an asset that is not watched."""
        column = self._column[asset]
        if open_ms % self._bar_ms:
            raise ValueError(f"{open_ms} is not on the grid of {self._bar_ms} ms bars")
        if open_ms < self._next:
            return Delivery.LATE if open_ms >= self._start else Delivery.BEFORE
        slot = self._slot(open_ms)
        slot.closes[column] = close
        slot.settled.add(asset)
        return Delivery.TAKEN

    def declare_missing(self, asset: Asset, opens: Iterable[Ms]) -> None:
        """Say that `asset` has no bar in these slots, so that nobody waits for it; a bar that comes still counts."""
        if asset not in self._column:
            raise KeyError(asset)
        for open_ms in opens:
            if open_ms >= self._next:
                self._slot(open_ms).settled.add(asset)

    def waiting_for(self, open_ms: Ms) -> tuple[Asset, ...]:
        """Return the assets that have neither delivered this slot nor been declared missing for it."""
        if open_ms < self._next:
            return ()
        slot = self._slots.get(open_ms)
        return self.assets if slot is None else tuple(asset for asset in self.assets if asset not in slot.settled)

    def ready(self, market_ms: Ms, monotonic: float) -> list[GridRow]:
        """Return the rows that can go out now, oldest first; a slot never overtakes an older one.

        The wait of a slot starts when this call first sees it closed by `market_ms`.
        """
        rows: list[GridRow] = []
        open_ms, blocked = self._next, False
        while open_ms + self._bar_ms <= market_ms:
            slot = self._slot(open_ms)
            if slot.due_since is None:
                slot.due_since = monotonic
            blocked = blocked or not self._complete(slot, monotonic)
            if not blocked:
                rows.append(self._hand_out(open_ms, slot))
            open_ms = Ms(open_ms + self._bar_ms)
        return rows

    def wait_ends(self) -> float | None:
        """Return the monotonic second at which the oldest waiting slot goes out anyway; None where none is due."""
        slot = self._slots.get(self._next)
        return None if slot is None or slot.due_since is None else slot.due_since + self._patience_s

    def _complete(self, slot: _Slot, monotonic: float) -> bool:
        over = slot.due_since is not None and monotonic - slot.due_since >= self._patience_s
        return over or len(slot.settled) == len(self.assets)

    def _hand_out(self, open_ms: Ms, slot: _Slot) -> GridRow:
        del self._slots[open_ms]
        self._next = Ms(open_ms + self._bar_ms)
        gone = np.isnan(slot.closes)
        return GridRow(
            open_ms=open_ms,
            closes=slot.closes,
            missing=tuple(asset for asset, missed in zip(self.assets, gone, strict=True) if missed),
            timed_out=len(slot.settled) < len(self.assets),
        )

    def _slot(self, open_ms: Ms) -> _Slot:
        found = self._slots.get(open_ms)
        if found is None:
            found = self._slots[open_ms] = _Slot(closes=np.full(len(self.assets), np.nan), settled=set())
        return found
