"""Owns taking pictures of a cockpit without a terminal, for docs and for the eye.

`python -m tui.cockpit.snapshot SOCKET OUT.svg --size 120x40 --theme graphite --after 3` attaches to a running engine
without a terminal, waits, and writes what the screen shows. Never part of the running cockpit.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path

from engine.domain.errors import DriftdeckError
from tui.cockpit.app import CockpitApp
from tui.cockpit.options import CockpitOptions
from tui.cockpit.svg import svg
from tui.cockpit.theme import ColorSystem


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
