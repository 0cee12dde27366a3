"""Owns the gallery: every screen of the cockpit at three sizes in three themes, as SVG files.

`make gallery` writes what docs/gallery.md shows; `ARGS="--all --into DIR"` writes all of them, with a page to look at.
The market is the fake one in a cascade, so that two galleries differ only where the cockpit does.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.cockpit_pilot import Rig, attached
from support.fake_alerts import alarm
from support.fake_engine import FakeEngine, propose
from support.fake_exchange import FakeExchange
from support.fake_facts import opening
from support.fake_scene import FakeScene
from support.lab_answers import program
from tui.cockpit.drill import Broken
from tui.cockpit.snapshot import export_svg

SIZES = ((80, 24), (120, 40), (200, 60))
THEMES = ("graphite", "daylight", "contrast")
CASCADE_STEP = 55
DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = """# Every screen

Made by `make gallery` from the cockpit itself, on a made-up market in a cascade. With `ARGS="--all --into DIR"` it
writes each screen at 80x24, 120x40 and 200x60 in three themes.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One screen: the keys that lead to it from the cockpit, and what it is."""

    keys: tuple[str, ...] = ()
    caption: str


SCREENS: Mapping[str, Screen] = {
    "cockpit": Screen(caption="The cockpit: situation, baskets, correlation, feed."),
    "baskets-wide": Screen(keys=("c",), caption="Another layout: every weight beside its target."),
    "waiting-first": Screen(keys=("c", "c"), caption="Another layout: what waits for you first."),
    "zoom": Screen(keys=("d", "f"), caption="The panel in focus over the whole screen."),
    "themes": Screen(keys=("t",), caption="Color themes, tried on at once."),
    "all-assets": Screen(keys=("x",), caption="The correlation of all assets."),
    "review": Screen(keys=("a",), caption="A proposal: what is traded, what it costs, the risk before and after."),
    "alert": Screen(keys=("enter",), caption="An alert in full, with its evidence."),
    "question": Screen(keys=("o",), caption="What is dangerous asks first, and another key confirms."),
    "blotter": Screen(keys=("b",), caption="Orders, fills, positions, equity."),
    "journal": Screen(keys=("l",), caption="Every fact in words."),
    "map": Screen(keys=("m",), caption="The correlation lab: all assets in clusters, one pair in depth."),
    "network": Screen(keys=("m", "n"), caption="The network of the book: its strongest ties."),
    "stress": Screen(
        keys=("s",), caption="The stress lab: scenarios, who is liquidated first, and how likely that is."
    ),
    "builder": Screen(keys=("u",), caption="The basket builder: ranked baskets with their reasons."),
    "backtest": Screen(keys=("g",), caption="The past, played by the rules: what it means first."),
    "health": Screen(keys=("i",), caption="Links, clock, queue, files, and the log of the engine."),
    "faults": Screen(keys=("D",), caption="The faults of a drill: what can be broken, what is, and what to expect."),
    "palette": Screen(keys=("colon",), caption="Every action by name, with its key."),
    "help": Screen(keys=("question_mark",), caption="Every key."),
}


def cascade() -> FakeEngine:
    """Return an engine deep in a cascade, with alerts and a proposal that waits."""
    scene = FakeScene(step=CASCADE_STEP)
    scene.panic = 1.0
    engine = FakeEngine(scene)
    engine.add(*opening(scene), *alarm(scene))
    propose(engine)
    return engine


def drill_of(screen: str) -> FakeExchange | None:
    """Return the exchange of a drill where the screen is about one: something is broken there."""
    return FakeExchange(now=[Broken(kind="drop-after", left_s=48.0, hits=2)]) if screen == "faults" else None


async def show(rig: Rig, screen: Screen) -> None:
    """Go to a screen."""
    for key in screen.keys:
        rig.later()
        await rig.press(key)
    await rig.pilot.pause(0.3)
    await rig.until(lambda: not rig.app.labs.jobs.running)


def wanted(*, everything: bool) -> Iterator[tuple[str, tuple[int, int], str]]:
    """Return which pictures are made: all, or each screen in every size once, and in every theme at 120x40."""
    for name in SCREENS:
        for size in SIZES:
            for theme in THEMES:
                if everything or size == (120, 40) or theme == THEMES[0]:
                    yield name, size, theme


def file_name(name: str, size: tuple[int, int], theme: str) -> str:
    """Return the name of a picture."""
    return f"{name}-{size[0]}x{size[1]}-{theme}.svg"


async def take(into: Path, *, everything: bool) -> list[str]:
    """Write the pictures; return their names in order."""
    names = []
    for name, size, theme in wanted(everything=everything):
        with tempfile.TemporaryDirectory() as folder:
            room = Path(folder)
            async with attached(
                room, cascade(), size=size, theme=theme, program=program(room), faults=drill_of(name)
            ) as rig:
                await show(rig, SCREENS[name])
                names.append(file_name(name, size, theme))
                export_svg(rig.app, into / names[-1])
    return names


def page(names: list[str], folder: str) -> str:
    """Return the page that shows them."""
    parts = []
    for name, screen in SCREENS.items():
        parts += [f"## {name.replace('-', ' ').capitalize()}", "", screen.caption, ""]
        parts += [f"![{each.removesuffix('.svg')}]({folder}{each})\n" for each in names if each.startswith(f"{name}-")]
    return PAGE + "\n".join(parts)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m support.gallery", description="Every screen as a picture.")
    parser.add_argument("--all", action="store_true", help="every screen at every size in every theme")
    parser.add_argument("--into", type=Path, help="a folder; docs/images/gallery where it is not said")
    given = parser.parse_args()
    into = given.into or DOCS / "images/gallery"
    into.mkdir(parents=True, exist_ok=True)
    for old in into.glob("*.svg"):
        old.unlink()
    names = asyncio.run(take(into, everything=given.all))
    if given.into is None:
        (DOCS / "gallery.md").write_text(page(names, "images/gallery/"), encoding="utf-8")
    else:
        (into / "index.md").write_text(page(names, ""), encoding="utf-8")
    sys.stdout.write(f"{len(names)} pictures in {into}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
