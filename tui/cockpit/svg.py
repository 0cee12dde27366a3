"""Owns the screen as an SVG: one path per color for grounds and drawn characters, one text per run of words.

Takes strips, returns text; never asks a widget and never writes a file. What has one color is one element, so that a
picture is small enough to keep many.
"""

import re
from collections.abc import Iterable
from html import escape

from rich.color import Color, ColorType
from rich.style import Style
from textual.strip import Strip

from tui.cockpit.color import of_index

CELL_WIDTH, CELL_HEIGHT, BASELINE = 8.4, 17, 13
_XTERM = (
    *("#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5"),
    *("#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"),
)
_DEFAULT_TEXT, _DEFAULT_BACK = "#e5e5e5", "#000000"


def _rgb(color: Color | None, default: str) -> str:
    if color is None or color.type is ColorType.DEFAULT:
        return default
    if color.triplet is not None:
        return color.triplet.hex
    number = color.number or 0
    return _XTERM[number] if number < 16 else of_index(number)


def _colors(style: Style | None) -> tuple[str, str, bool]:
    """Return text, background and boldness of a style."""
    if style is None:
        return _DEFAULT_TEXT, _DEFAULT_BACK, False
    fg, bg = _rgb(style.color, _DEFAULT_TEXT), _rgb(style.bgcolor, _DEFAULT_BACK)
    return (bg, fg, bool(style.bold)) if style.reverse else (fg, bg, bool(style.bold))


def _shapes(char: str) -> tuple[tuple[float, float, float, float], ...]:
    """Return the rectangles (x, y, width, height in parts of a cell) of a character that fonts draw differently."""
    code = ord(char)
    if 0x2800 < code <= 0x28FF:
        places = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
        dots = (place for bit, place in enumerate(places) if code - 0x2800 >> bit & 1)
        return tuple((0.12 + 0.5 * x, 0.06 + 0.25 * y, 0.26, 0.13) for x, y in dots)
    if 0x2581 <= code <= 0x2588:
        high = (code - 0x2580) / 8
        return ((0.0, 1 - high, 1.02, high),)
    return _DRAWN.get(char, ())


_DRAWN: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "━": ((0.0, 0.45, 1.02, 0.12),),
    "─": ((0.0, 0.48, 1.02, 0.05),),
    "╾": ((0.0, 0.45, 0.52, 0.12), (0.5, 0.48, 0.52, 0.05)),
    "┃": ((0.4, 0.0, 0.22, 1.0),),
    "▌": ((0.0, 0.0, 0.5, 1.02),),
    "■": ((0.08, 0.27, 0.84, 0.46),),
    "□": ((0.08, 0.27, 0.84, 0.06), (0.08, 0.67, 0.84, 0.06), (0.08, 0.27, 0.1, 0.46), (0.82, 0.27, 0.1, 0.46)),
}


class _Picture:
    """What was drawn so far; colors are named once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._grounds: dict[str, list[str]] = {}
        self._drawn: dict[str, list[str]] = {}
        self._words: list[str] = []
        self._open: dict[tuple[int, int, str], tuple[int, int]] = {}  # grounds that may go on in the next row

    def name(self, color: str) -> str:
        """Return the class that a color has in this picture."""
        return self._names.setdefault(color, f"c{len(self._names)}")

    def row(self, y: int, strip: Strip) -> None:
        """Draw a row."""
        x, grounds = 0, list[tuple[int, int, str]]()
        for segment in strip:
            fg, bg, bold = _colors(segment.style)
            wide = len(segment.text)
            if grounds and grounds[-1][2] == bg:
                first, before, _ = grounds[-1]
                grounds[-1] = (first, before + wide, bg)
            else:
                grounds.append((x, wide, bg))
            self._draw(segment.text, x, y, fg)
            self._write(segment.text, x, y, fg, bold=bold)
            x += wide
        self._ground(y, grounds)

    def _ground(self, y: int, grounds: list[tuple[int, int, str]]) -> None:
        going_on = {each: self._open.pop(each, (y, 0)) for each in grounds}
        self._close()
        self._open = {each: (top, rows + 1) for each, (top, rows) in going_on.items()}

    def _close(self) -> None:
        for (x, wide, color), (top, rows) in self._open.items():
            # a hair more, so that neighbors leave no seam
            box = _box(x * CELL_WIDTH, top * CELL_HEIGHT, wide * CELL_WIDTH + 0.3, rows * CELL_HEIGHT + 0.3)
            self._grounds.setdefault(color, []).append(box)
        self._open = {}

    def _draw(self, text: str, x: int, y: int, color: str) -> None:
        for column, char in enumerate(text):
            for left, top, wide, high in _shapes(char):
                at = (x + column + left) * CELL_WIDTH, (y + top) * CELL_HEIGHT
                self._drawn.setdefault(color, []).append(_box(*at, wide * CELL_WIDTH, high * CELL_HEIGHT))

    def _write(self, text: str, x: int, y: int, color: str, *, bold: bool) -> None:
        plain = "".join(" " if _shapes(char) else char for char in text)
        for found in re.finditer(r"\S+(?: \S+)*", plain):  # runs of words; wider gaps hold their column on their own
            said = found.group()
            self._words.append(
                f'<text class="{self.name(color)}{" b" if bold else ""}" x="{(x + found.start()) * CELL_WIDTH:g}" '
                f'y="{y * CELL_HEIGHT + BASELINE}" textLength="{len(said) * CELL_WIDTH:g}">{escape(said)}</text>'
            )

    def text(self, columns: int, rows: int) -> str:
        """Return the SVG."""
        self._close()
        paths = [
            f'<path class="{self.name(color)}" d="{"".join(boxes)}"/>'
            for layer in (self._grounds, self._drawn)
            for color, boxes in layer.items()
        ]
        styles = "".join(f".{name}{{fill:{color}}}" for color, name in self._names.items())
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * CELL_WIDTH:g} {rows * CELL_HEIGHT}">'
            '<style>text{font:14px "JetBrains Mono","DejaVu Sans Mono",monospace;white-space:pre}.b{font-weight:700}'
            f"path{{shape-rendering:crispEdges}}{styles}</style>"
            f'<rect width="100%" height="100%" fill="{_DEFAULT_BACK}"/>'
        )
        return "\n".join([head, *paths, *self._words, "</svg>", ""])


def _box(x: float, y: float, wide: float, high: float) -> str:
    left, top, across, down = (f"{round(value, 2):g}" for value in (x, y, wide, high))
    return f"M{left} {top}h{across}v{down}h-{across}z"


def svg(strips: Iterable[Strip], columns: int) -> str:
    """Return the picture of `strips`."""
    picture, rows = _Picture(), list(strips)
    for y, strip in enumerate(rows):
        picture.row(y, strip)
    return picture.text(columns, len(rows))
