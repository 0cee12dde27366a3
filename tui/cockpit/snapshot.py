"""Owns pictures of the cockpit: the screen as an SVG of plain rectangles and text, for docs and for the eye.

`python -m tui.cockpit.snapshot SOCKET OUT.svg --size 120x40 --theme graphite --after 3` attaches to a running engine
without a terminal, waits, and writes what the screen shows. Never part of the running cockpit.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable
from html import escape
from pathlib import Path

from rich.color import Color, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from engine.domain.errors import DriftdeckError
from tui.cockpit.app import CockpitApp
from tui.cockpit.color import of_index
from tui.cockpit.options import CockpitOptions
from tui.cockpit.theme import ColorSystem

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


def _words(segment: Segment) -> Iterable[tuple[int, str]]:
    """Return the words of a segment with the column each starts at; each is placed on its own, so columns hold."""
    plain = "".join(" " if _shapes(char) else char for char in segment.text)
    column = 0
    for word in plain.split(" "):
        if word:
            yield column, word
        column += len(word) + 1


def _drawn(segment: Segment, x: int, y: int, fill: str) -> Iterable[str]:
    """Return the rectangles of a segment's drawn characters."""
    for column, char in enumerate(segment.text):
        for left, top, wide, high in _shapes(char):
            yield (
                f'<rect x="{(x + column + left) * CELL_WIDTH:.2f}" y="{(y + top) * CELL_HEIGHT:.2f}" '
                f'width="{wide * CELL_WIDTH:.2f}" height="{high * CELL_HEIGHT:.2f}" fill="{fill}"/>'
            )


def svg(strips: Iterable[Strip], columns: int) -> str:
    """Return the picture of `strips`."""
    rows = list(strips)
    size = f"{columns * CELL_WIDTH:g} {len(rows) * CELL_HEIGHT}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}"><style>text{{font:14px "JetBrains Mono",'
        '"DejaVu Sans Mono",monospace;white-space:pre}.b{font-weight:700}rect{shape-rendering:crispEdges}</style>'
        f'<rect width="100%" height="100%" fill="{_DEFAULT_BACK}"/>'
    ]
    words: list[str] = []
    for y, strip in enumerate(rows):
        x = 0
        for segment in strip:
            fg, bg, bold = _colors(segment.style)
            wide = len(segment.text) * CELL_WIDTH + 0.3  # a hair more, so that neighbors leave no seam
            parts.append(
                f'<rect x="{x * CELL_WIDTH:g}" y="{y * CELL_HEIGHT}" width="{wide:g}" '
                f'height="{CELL_HEIGHT + 0.3}" fill="{bg}"/>'
            )
            words.extend(_drawn(segment, x, y, fg))
            for column, word in _words(segment):
                weight = ' class="b"' if bold else ""
                words.append(
                    f'<text x="{(x + column) * CELL_WIDTH:g}" y="{y * CELL_HEIGHT + BASELINE}" '
                    f'textLength="{len(word) * CELL_WIDTH:g}" lengthAdjust="spacingAndGlyphs" fill="{fg}"'
                    f"{weight}>{escape(word)}</text>"
                )
            x += len(segment.text)
    return "\n".join([*parts, *words, "</svg>", ""])


def export_svg(app: CockpitApp, path: Path) -> None:
    """Write what `app` shows now to `path`."""
    path.write_text(svg(app.shown(), app.size.width), encoding="utf-8")


async def take(
    options: CockpitOptions,
    path: Path,
    *,
    size: tuple[int, int],
    system: ColorSystem,
    after_s: float,
    keys: Iterable[str],
) -> None:
    """Attach without a terminal, wait, press `keys`, wait again, and write the picture."""
    app = CockpitApp(options, system=system)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(after_s)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.6)
        export_svg(app, path)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tui.cockpit.snapshot", description="picture of a running cockpit")
    parser.add_argument("socket", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--theme", default="graphite")
    parser.add_argument("--colors", default=ColorSystem.TRUE, choices=list(ColorSystem), type=ColorSystem)
    parser.add_argument("--after", type=float, default=3.0, help="seconds to wait before the picture")
    parser.add_argument("--press", nargs="*", default=(), help="keys to press before the picture")
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--decider", action="store_true", help="attach as somebody who may decide, not read-only")
    given = parser.parse_args()
    columns, rows = (int(part) for part in given.size.split("x"))
    options = CockpitOptions(
        socket=given.socket, theme=given.theme, ascii_only=given.ascii, read_only=not given.decider
    )
    try:
        asyncio.run(
            take(options, given.out, size=(columns, rows), system=given.colors, after_s=given.after, keys=given.press)
        )
    except DriftdeckError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
