"""Owns a rectangle of inked lines on Textual's Line API: diffs what it is given and repaints only what changed.

Textual has no frame diff, so a changed row is sent as one Region per run of changed columns (`lean_paint` cuts there);
above 60 % of its cells the whole widget is cheaper. Never computes a text: panels do.
"""

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.cockpit.ink import Heat, Line, Paint, Role, pad
from tui.cockpit.theme import Theme

REPAINT_ALL_ABOVE = 0.6  # of the widget's cells
MERGE_WITHIN = 12
_Cell = tuple[str, Paint | Heat]


def _cells(line: Line) -> list[_Cell]:
    """Return one entry a column; the ink of a blank is only its background."""
    return [
        (char, paint if char != " " or isinstance(paint, Heat) or paint.fg is Role.INK else Paint(bg=paint.bg))
        for text, paint in line
        for char in text
    ]


def changed_runs(old: Line, new: Line) -> list[tuple[int, int]]:
    """Return the column runs [start, stop) that must be sent so that `new` stands where `old` stood.

    Runs closer than a cursor move and a style are worth (about a dozen columns) are sent as one.
    """
    if old == new:
        return []
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        return [(0, max(len(before), len(after)))]
    runs: list[tuple[int, int]] = []
    for column, cell in enumerate(after):
        if cell == before[column]:
            continue
        if runs and column - runs[-1][1] < MERGE_WITHIN:
            runs[-1] = (runs[-1][0], column + 1)
        else:
            runs.append((column, column + 1))
    return runs


class LiveGrid(Widget, inherit_css=False, can_focus=False):
    """Show lines; `show` is the only way in. `ground` is what the empty part is painted with."""

    def __init__(self, theme: Theme, *, ground: Role = Role.PANEL, name: str | None = None) -> None:
        super().__init__(name=name)
        self._inks = theme
        self._ground = Paint(bg=ground)
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._frozen = False
        self._veiled = False

    @property
    def lines(self) -> Sequence[Line]:
        """Return what is shown."""
        return self._lines

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._inks = theme
        self._forget()

    def show(self, lines: Sequence[Line], *, frozen: bool = False, veiled: bool = False) -> int:
        """Show `lines` from the top and return how many rows must be repainted."""
        width, height = self.size
        wanted = [pad(line, width, self._ground) for line in lines[:height]] if width else list(lines)
        if (frozen, veiled) != (self._frozen, self._veiled) or len(wanted) != len(self._lines):
            self._frozen, self._veiled = frozen, veiled
            self._lines = wanted
            self._forget()
            return len(wanted)
        changed = {y: runs for y, line in enumerate(wanted) if (runs := changed_runs(self._lines[y], line))}
        for y in changed:
            self._lines[y] = wanted[y]
            self._strips.pop(y, None)
        sent = sum(end - start for runs in changed.values() for start, end in runs)
        if sent > REPAINT_ALL_ABOVE * width * height:
            self.refresh()
        elif changed:
            self.refresh(*(Region(x, y, end - x, 1) for y, runs in changed.items() for x, end in runs))
        return len(changed)

    def render_line(self, y: int) -> Strip:
        """Return row `y` from the cache, or make it."""
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            line = self._lines[y] if y < len(self._lines) else ()
            strip = self._strip(pad(line, self.size.width, self._ground))
            self._strips[y] = strip
        return strip

    def _forget(self) -> None:
        self._strips.clear()
        self.refresh()

    def _strip(self, line: Line) -> Strip:
        """Return a strip with as few segments as possible: blanks take the style before them where only ink differs."""
        segments: list[Segment] = []
        text = ""
        style_of: Paint | Heat = self._ground
        for piece, paint in line:
            if not piece:
                continue
            same = paint == style_of or (not piece.strip() and self._blank_fits(paint, style_of))
            if same or not text:
                text, style_of = text + piece, style_of if same and text else paint
                continue
            segments.append(self._segment(text, style_of))
            text, style_of = piece, paint
        if text:
            segments.append(self._segment(text, style_of))
        return Strip(segments, sum(len(segment.text) for segment in segments))

    def _blank_fits(self, blank: Paint | Heat, before: Paint | Heat) -> bool:
        if isinstance(blank, Heat) or isinstance(before, Heat):
            return False
        return blank.bg is before.bg and (blank.fg is Role.INK) == (before.fg is Role.INK)

    def _segment(self, text: str, paint: Paint | Heat) -> Segment:
        return Segment(text, self._inks.style(paint, frozen=self._frozen, veiled=self._veiled))
