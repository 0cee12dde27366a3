"""Owns what a correlation rests on, in words: the returns a pair has in each window, and who is too young to count."""

from collections.abc import Sequence

from engine.domain.alerts import PairMove
from engine.domain.views import AssetView, BasketView, PairCounts
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.panels.wrapped import wrapped

SLOTS_A_DAY = 24


def data_lines(g: Glyphs, basket: BasketView, move: PairMove | None, columns: int) -> list[str]:
    """Return the lines: of the pair that moved, where it is known, and of every asset that is shown but not used."""
    counts = None if move is None else _of_pair(basket.counts, move)
    parts = [] if counts is None else [_pair(g, counts)]
    parts += [since(g, leg) for leg in basket.assets if not leg.used]
    return [line for part in parts for line in wrapped(part, columns)]


def since(g: Glyphs, leg: AssetView) -> str:
    """Return since when an asset has bars, and that it is not used."""
    name = clean(leg.asset)
    if leg.since_ms is None:
        return f"{name} no bar yet: shown, not used"
    return f"{name} since {text.date(leg.since_ms)}, {leg.history_days:.0f} days: shown, not used"


def _of_pair(counts: Sequence[PairCounts], move: PairMove) -> PairCounts | None:
    names = {move.first, move.second}
    return next((pair for pair in counts if {pair.first, pair.second} == names), None)


def _pair(g: Glyphs, pair: PairCounts) -> str:
    name = f"{clean(pair.first)}{g.dot}{clean(pair.second)}"
    windows = ", ".join(f"{valid} of {int(days) * SLOTS_A_DAY} ({days}d)" for days, valid in pair.valid.items())
    return f"{name} valid returns {windows}"
