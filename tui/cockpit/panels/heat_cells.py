"""Owns what one heat cell prints: number, mark and second line at every cell width, in every color system.

The number always carries its sign; a cell too small for it prints the sign, or only its color where there is color.
Undefined is `··` on the panel, never a color of the ramp.
"""

import math
from dataclasses import dataclass

from engine.domain.units import Asset
from engine.domain.views import MatrixKind
from tui.cockpit import text
from tui.cockpit.deck import Matrix
from tui.cockpit.ink import DIM, TEXT, WATCH, Heat, Ramp, Span
from tui.cockpit.scene import Scene
from tui.cockpit.theme import ColorSystem

BAND_LOW, BAND_HIGH = 0.6, 0.9
MARK_FROM = 7  # narrower cells have no room for both marks
ALERT_FROM = 5  # these wear the mark of ALERT in front of the number
ENOUGH_BARS = 480  # common bars from which on a baseline is defined


@dataclass(frozen=True, slots=True, kw_only=True)
class CellMaker:
    """Make the lines of cells for one matrix; `second` is the matrix printed under the number, if any."""

    scene: Scene
    kind: MatrixKind
    main: Matrix
    second: Matrix | None
    width: int
    height: int
    alerting: tuple[frozenset[Asset], ...] = ()  # the assets of each basket in ALERT

    @property
    def ramp(self) -> Ramp:
        """Return the ramp of this view."""
        return Ramp.DELTA if self.kind is MatrixKind.DELTA else Ramp.RHO

    @property
    def in_days(self) -> bool:
        """Return whether counts are said in days: four digits and a gap have no room."""
        return self.width < 5

    def line(self, row: int, column: int, part: int) -> Span:
        """Return line `part` (0 at the top) of the cell of a pair."""
        value = self.main.values[row][column]
        if self.scene.choice.counts:
            return self._counted(row, column, part)
        if math.isnan(value):
            undefined = self.scene.glyphs.undefined if part == 0 else ""
            lead = " " if self.width > 3 else ""
            return f"{lead}{undefined}"[: self.width].ljust(self.width), DIM
        level = self.scene.theme.level(self.ramp, value)
        if part == 0:
            return self._first(row, column, value, level), Heat(self.ramp, level, bold=self._bold(row, column))
        under = self._under(row, column) if part == 1 and self.width > 5 else ""
        return f" {under}"[: self.width].ljust(self.width), Heat(self.ramp, level)

    def _counted(self, row: int, column: int, part: int) -> Span:
        """Return the common bars of a pair, and under them its value; few bars are said in the watch color."""
        count, value = self.main.counts[row][column], self.main.values[row][column]
        short = self.kind in (MatrixKind.BASE, MatrixKind.DELTA) and count < ENOUGH_BARS
        said = str(count // 24 if self.in_days else count)
        if self.width < 3 and not short:
            said = self.scene.glyphs.dot  # numbers without a gap between them are none: only what is short is told
        if part or self.width < 2:
            known = part == 1 and not math.isnan(value) and self.width > 5
            said = self._number(value) if known else ""
        lead = " " if self.width > len(said) else ""
        ink = DIM if part else WATCH if short else TEXT
        return f"{lead}{said}"[: self.width].ljust(self.width), ink

    def _first(self, row: int, column: int, value: float, level: int) -> str:
        glyph = self.scene.level_glyph(self.ramp, level)
        number = self._number(value)
        if len(number) > self.width or self.width < 3:
            return self._tiny(value, level, glyph)
        if len(number) + len(glyph) > self.width:
            return number.rjust(self.width)
        alert = self.scene.glyphs.alert if self._alerts(row, column) else ""
        front = glyph or (alert if self.width >= ALERT_FROM else "")
        if len(number) + 2 > self.width:
            return (front + number).rjust(self.width)
        if self.width < MARK_FROM:
            return f"{front or ' '}{number}".ljust(self.width)
        lead = f"{glyph or ' '}{number}"
        mark = self._mark(row, column, value)
        return f"{lead:<{self.width - 2}}{mark:<1}{alert:<1}"

    def _number(self, value: float) -> str:
        g = self.scene.glyphs
        number = text.delta(g, value) if self.ramp is Ramp.DELTA else text.rho(g, value)
        if self.width > 3:
            return number
        return number.replace("1.00", "100").replace(".", "")  # three columns: rho x 100

    def _tiny(self, value: float, level: int, glyph: str) -> str:
        g = self.scene.glyphs
        sign = g.dot if level == 0 else g.minus if value < 0 else "+"
        if glyph:
            return (sign + glyph if self.width > 1 else glyph).ljust(self.width)
        return (sign if self.scene.theme.system is ColorSystem.X16 else "").ljust(self.width)

    def _alerts(self, row: int, column: int) -> bool:
        """Return whether a basket in ALERT holds this pair."""
        names = {self.main.assets[row], self.main.assets[column]}
        return self.ramp is Ramp.DELTA and any(names <= legs for legs in self.alerting)

    def _mark(self, row: int, column: int, value: float) -> str:
        g = self.scene.glyphs
        if self.ramp is Ramp.DELTA:
            limit = self.scene.health.watch_delta if self.scene.health else math.inf
            return g.watch if self.main.marks[row][column] or abs(value) > limit else ""
        return g.above if value > BAND_HIGH else g.below if value < BAND_LOW else ""

    def _bold(self, row: int, column: int) -> bool:
        """Return True for large numbers, and among small ones for those on WATCH: they have no room for the mark."""
        return self.width > 5 or (self.ramp is Ramp.DELTA and self.main.marks[row][column])

    def _under(self, row: int, column: int) -> str:
        g = self.scene.glyphs
        if self.kind is MatrixKind.WINDOW:
            return f"n {self.main.counts[row][column]}"
        if self.second is None or self.second.assets != self.main.assets:
            return ""
        other = self.second.values[row][column]
        if self.ramp is Ramp.DELTA:
            return f"{g.rho} {text.rho(g, other)}"
        return f"{g.delta} {text.delta(g, other)}"
