"""Owns how an update becomes bytes: only the changed columns, and between two pieces only what differs in style.

Textual 8.2.8 (pinned) starts a partial update at the left edge of the widget and writes every segment with its whole
style and a reset; at two colors a segment that is most of the bytes. Never decides what is dirty: the widgets do.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color
from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

RESET = "\x1b[0m"


class _Pen(NamedTuple):
    """What a terminal is set to: SGR codes of the two colors, bold, reverse."""

    fg: str
    bg: str
    bold: bool
    reverse: bool


_START = _Pen("39", "49", False, False)


def _code(color: Color | None, default: str, *, foreground: bool) -> str:
    return default if color is None else ";".join(color.get_ansi_codes(foreground=foreground))


@lru_cache(4096)
def _pen(style: Style) -> _Pen:
    return _Pen(
        _code(style.color, "39", foreground=True),
        _code(style.bgcolor, "49", foreground=False),
        bool(style.bold),
        bool(style.reverse),
    )


@lru_cache(16384)
def _change(before: _Pen, after: _Pen) -> str:
    """Return the shortest sequence that turns one pen into another."""
    codes = []
    if before.bold != after.bold:
        codes.append("1" if after.bold else "22")
    if before.reverse != after.reverse:
        codes.append("7" if after.reverse else "27")
    if before.fg != after.fg:
        codes.append(after.fg)
    if before.bg != after.bg:
        codes.append(after.bg)
    return f"\x1b[{';'.join(codes)}m" if codes else ""


class _Writer:
    """Collect text with as few style changes as possible."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._now = _START

    def move(self, x: int, y: int) -> None:
        """Go to a cell."""
        self._parts.append(Control.move_to(x, y).segment.text)

    def segments(self, segments: Iterable[Segment]) -> None:
        """Write segments where the cursor is."""
        for text, style, _ in segments:
            wanted = _START if style is None else _pen(style)
            if not text.strip() and wanted.bg == self._now.bg and not (wanted.reverse or self._now.reverse):
                self._parts.append(text)  # a blank shows only what is behind it
                continue
            self._parts.append(_change(self._now, wanted))
            self._parts.append(text)
            self._now = wanted

    def done(self) -> str:
        """Return everything, ending with a clean pen."""
        return "".join(self._parts) + (RESET if self._now != _START else "")


class _SpanUpdate(ChopsUpdate):
    """The changed spans, each cut to its own columns."""

    def render_segments(self, console: Console) -> str:
        """Return cursor moves and styled text for every span."""
        writer = _Writer()
        for y, left, right in self.spans:
            pen = -1
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= right or end <= left:
                    continue
                start, stop = max(x, left), min(end, right)
                if start != pen:
                    writer.move(start, y)
                writer.segments(strip if (start, stop) == (x, end) else strip.crop(start - x, stop - x))
                pen = stop
        return writer.done()


class _WholeUpdate(LayoutUpdate):
    """The whole screen."""

    def __init__(self, rows: list[list[Strip]], region: Region) -> None:
        super().__init__(list(rows), region)
        self._rows = rows

    def render_segments(self, console: Console) -> str:
        """Return the screen row by row."""
        writer = _Writer()
        for y, row in enumerate(self._rows, self.region.y):
            writer.move(self.region.x, y)
            for strip in row:
                writer.segments(strip)
        return writer.done()


class LeanCompositor(Compositor):
    """Textual's compositor with updates cut to what changed."""

    _changed: frozenset[Region] | None = None  # while a partial update is made

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        """Return the update of the whole screen."""
        update = super().render_full_update(simplify=simplify)
        return _WholeUpdate([list(row) for row in update.strips], update.region)

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return the update of the dirty spans, if there are any."""
        self._changed = frozenset(self._dirty_regions)
        try:
            update = super().render_partial_update()
        finally:
            self._changed = None
        return None if update is None else _SpanUpdate(update.chops, update.spans, update.chop_ends)

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Return region, clip and rows of the widgets to render; of a partial update only what it touches.

        Textual renders every widget in the box around all changes whole: with the clock above and a row below, all.
        """
        changed = self._changed
        if changed is None:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            touched = [each for each in changed if shown.overlaps(each)]
            if touched:
                top, bottom = min(each.y for each in touched), max(each.bottom for each in touched)
                rows = shown.intersection(Region(shown.x, top, shown.width, bottom - top))
                yield region, rows, widget.render_lines(rows.translate(-region.offset))
