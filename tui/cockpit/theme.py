"""Owns a color theme in one color system: which terminal style a Paint or a heat level has, alive or frozen.

Reads `themes/colors/NAME.toml`. Never down-converts: each system has its own values, and the console is told that
it can show everything, so that exactly these values are sent. Styles go to the widgets.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from typing import Any

from rich.color import Color
from rich.style import Style

from engine.domain.errors import ConfigError
from tui.cockpit.color import MIN_CONTRAST, blend, contrast, grey, readable
from tui.cockpit.ink import FILLS, Heat, Paint, Ramp, Role


class ColorSystem(StrEnum):
    """What the terminal can show; the values are the keys of the theme files."""

    TRUE = "true"
    X256 = "x256"
    X16 = "x16"
    MONO = "mono"


_COLORLESS = ("vt1", "vt2", "vt3")  # the old terminals, and what still calls itself so
_FEW = (0.3, 0.6, 0.9)
_FEW_DELTA = (0.10, 0.15, 0.30)
EDGES: Mapping[tuple[Ramp, ColorSystem], tuple[float, ...]] = {
    (Ramp.RHO, ColorSystem.TRUE): (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95),
    (Ramp.RHO, ColorSystem.X256): (0.1, 0.3, 0.45, 0.6, 0.75, 0.9),
    (Ramp.RHO, ColorSystem.X16): _FEW,
    (Ramp.RHO, ColorSystem.MONO): _FEW,
    (Ramp.DELTA, ColorSystem.TRUE): (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45, 0.50),
    (Ramp.DELTA, ColorSystem.X256): (0.05, 0.10, 0.15, 0.20, 0.30, 0.40),
    (Ramp.DELTA, ColorSystem.X16): _FEW_DELTA,
    (Ramp.DELTA, ColorSystem.MONO): _FEW_DELTA,
}
_ROUNDING = 1e-6  # a float32 .15 must reach the edge .15
_FADED, _FADED_HEAT = 0.78, 0.42
_FROZEN_DARK, _FROZEN_LIGHT = (248, 238), (238, 250)  # 256: text, fill
_VEIL, _VEILED_256 = 0.28, (238, 232)  # what is left of a color behind a question; 256: text, background
_VEILED_256_LIGHT = (250, 255)
_RED_UP: Mapping[Role, Role] = {Role.GAIN: Role.LOSS, Role.LOSS: Role.GAIN}
_NOT_TEXT = (Role.LINE, Role.FAINT)


def system_of(environ: Mapping[str, str]) -> ColorSystem:
    """Return what the terminal behind `environ` can show."""
    term = environ.get("TERM", "").lower()
    if environ.get("NO_COLOR") or term in ("", "dumb", "none", "unknown") or term.startswith(_COLORLESS):
        return ColorSystem.MONO
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return ColorSystem.TRUE
    return ColorSystem.X256 if "256" in term or term in ("xterm-kitty", "alacritty", "foot") else ColorSystem.X16


def names() -> tuple[str, ...]:
    """Return the shipped themes."""
    folder = files("themes") / "colors"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def load(name: str, system: ColorSystem, *, red_up: bool = False) -> "Theme":
    """Return the shipped theme `name`. Raises ConfigError with the names there are."""
    if name not in names():
        raise ConfigError(f"there is no color theme '{name}': the themes are {', '.join(names())}")
    return Theme(table(name), system, red_up=red_up)


def table(name: str) -> dict[str, Any]:
    """Return the parsed file of a shipped theme."""
    with (files("themes") / "colors" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _color(value: str | int) -> Color:
    if value == "default":
        return Color.default()
    return Color.parse(value) if isinstance(value, str) else Color.from_ansi(value)


def _pair(text: str) -> tuple[str | int, str | int]:
    bg, fg = ("default" if part == "d" else int(part) for part in text.split("/"))
    return bg, fg


class Theme:
    """One theme in one color system. `data` is the parsed theme file; with `red_up` gain and loss change colors."""

    def __init__(self, data: Mapping[str, Any], system: ColorSystem, *, red_up: bool = False) -> None:
        self.name: str = data["name"]
        self._only = ColorSystem(data["only"]) if "only" in data else None
        self.system = self._only if self._only and system is not ColorSystem.MONO else system
        self._data = data
        self._instead = _RED_UP if red_up else {}
        self._frozen = _FROZEN_DARK if data["dark"] else _FROZEN_LIGHT
        self._styles: dict[tuple[Paint | Heat, bool, bool], Style] = {}

    @property
    def dark(self) -> bool:
        """Return True where the theme is made for a dark background."""
        return bool(self._data["dark"])

    @property
    def flat(self) -> bool:
        """Return True where strips have no fill of their own and get a rule instead."""
        return self.system in (ColorSystem.X16, ColorSystem.MONO)

    def levels(self, ramp: Ramp) -> int:
        """Return how many levels the ramp has on each side of zero."""
        return len(EDGES[ramp, self.system])

    def level(self, ramp: Ramp, value: float) -> int:
        """Return the level of `value`, negative below zero, 0 under the first edge. NaN has none: ask before."""
        found = bisect_right(EDGES[ramp, self.system], abs(value) + _ROUNDING)
        return -found if value < 0 else found

    def glyph(self, ramp: Ramp, level: int) -> str:
        """Return the character that says the level where there is no color, empty where there is."""
        if self.system is not ColorSystem.MONO:
            return ""
        table = self._data["ramps"][ramp]["mono"]
        return str(table["zero"] if not level else table["plus"][level - 1] if level > 0 else table["minus"][level])

    def style(self, paint: Paint | Heat, *, frozen: bool = False, veiled: bool = False) -> Style:
        """Return the terminal style of `paint`; `frozen` takes all color out, `veiled` puts it behind a question."""
        key = (paint, frozen, veiled)
        found = self._styles.get(key)
        if found is None:
            found = self._heat(paint, frozen) if isinstance(paint, Heat) else self._paint(paint, frozen)
            self._styles[key] = found = self._behind(found) if veiled else found
        return found

    def value(self, role: Role) -> str | int:
        """Return a role's own color in this system: hex, index, or "default"."""
        return self._value(role, 0)

    def ink(self, fill: Role) -> str | int:
        """Return the color of text on a fill. Stale (the frozen strip) and text (a keycap) serve as fills too."""
        return self._value(fill, 3) if fill in FILLS else self._value(Role.BG, 0, for_ink=fill is Role.STALE)

    def heat(self, ramp: Ramp, level: int) -> tuple[str | int, str | int]:
        """Return background and text of a heat level."""
        table = self._data["ramps"][ramp][self.system]
        bg = table["zero"] if not level else table["plus"][level - 1] if level > 0 else table["minus"][level]
        if self.system is ColorSystem.X16:
            return _pair(bg)
        ink = self._data["ink"]["light" if table["text"][len(table["minus"]) + level] == "L" else "dark"]
        if self.system is ColorSystem.X256:
            return bg, ink[1]
        strong = self._data["ink"]["strong_light" if ink is self._data["ink"]["light"] else "strong_dark"]
        return bg, ink[0] if contrast(ink[0], bg) >= MIN_CONTRAST else strong

    def _value(self, role: Role, offset: int, *, for_ink: bool = False) -> str | int:
        entry: list[str | int] = self._data["fills" if role in FILLS else "roles"][self._instead.get(role, role)]
        if self.system is ColorSystem.MONO:
            return "default"
        if for_ink and self.system is not ColorSystem.TRUE:
            return 16 if self.system is ColorSystem.X256 else 0
        if self._only:
            return entry[1 if offset else 0]
        return entry[offset + (ColorSystem.TRUE, ColorSystem.X256, ColorSystem.X16).index(self.system)]

    def _paint(self, paint: Paint, frozen: bool) -> Style:
        filled = paint.fg is Role.INK
        if self.system is ColorSystem.MONO or (self.system is ColorSystem.X16 and filled and paint.bg is Role.TEXT):
            return Style(
                color=_color("default"), bgcolor=_color("default"), bold=paint.bold or None, reverse=filled or None
            )
        bg = self.value(paint.bg)
        fg = self.ink(paint.bg) if filled else self.value(paint.fg)
        if frozen and paint.bg is not Role.STALE:
            fg, bg = self._without_color(paint, fg, bg)
        bold = paint.bold and (not frozen or paint.bg is Role.STALE)
        return Style(color=_color(fg), bgcolor=_color(bg), bold=bold or None)

    def _behind(self, style: Style) -> Style:
        if self.system is ColorSystem.MONO:
            return Style(color=_color("default"), bgcolor=_color("default"))
        if self.system is ColorSystem.X16:
            return Style(color=_color(8), bgcolor=_color("default"))
        if self.system is ColorSystem.X256:
            text, back = _VEILED_256 if self._data["dark"] else _VEILED_256_LIGHT
            return Style(color=_color(text), bgcolor=_color(back))
        ground = str(self.value(Role.BG))
        inks = (color.get_truecolor().hex if color is not None else ground for color in (style.color, style.bgcolor))
        fg, bg = (blend(ink, ground, _VEIL) for ink in inks)
        return Style(color=_color(fg), bgcolor=_color(bg), bold=style.bold)

    def _without_color(self, paint: Paint, fg: str | int, bg: str | int) -> tuple[str | int, str | int]:
        keeps = paint.fg is Role.STALE or paint.fg in _NOT_TEXT
        if self.system is ColorSystem.X16:
            return fg if keeps else 7, "default"
        if self.system is ColorSystem.X256:
            return fg if keeps else self._frozen[0], self._frozen[1] if paint.bg in FILLS else bg
        dull = grey(str(bg))
        if paint.bg in FILLS:
            share = 0.42 if paint.bg is Role.ALERT else 0.18  # an old alert is still the largest thing, in grey
            text = grey(str(self.value(Role.TEXT)))
            dull = blend(text, grey(str(self.value(Role.PANEL))), share)
            return readable(text, dull, _FADED), dull
        if paint.fg is Role.STALE:
            return readable(str(fg), dull, 1.0), dull
        return (grey(str(fg)) if keeps else readable(grey(str(fg)), dull, _FADED)), dull

    def _heat(self, heat: Heat, frozen: bool) -> Style:
        if self.system is ColorSystem.MONO:
            size = abs(heat.level)
            return Style(
                color=_color("default"),
                bgcolor=_color("default"),
                bold=(heat.bold and size >= 2) or None,
                reverse=size >= 3 or None,
            )
        bg, fg = self.heat(heat.ramp, heat.level)
        if frozen and self.system is ColorSystem.X16:
            bg, fg = "default", 7
        elif frozen and self.system is ColorSystem.X256:
            fg, bg = self._frozen
        elif frozen:
            bg = blend(grey(str(bg)), grey(str(self.value(Role.PANEL))), _FADED_HEAT)
            fg = readable(grey(str(self.value(Role.TEXT))), bg, _FADED)
        return Style(color=_color(fg), bgcolor=_color(bg), bold=(heat.bold and not frozen) or None)
