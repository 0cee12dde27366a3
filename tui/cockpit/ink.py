"""Owns the words for how a piece of text looks: a role for its color, a role behind it, bold or not.

Never names a color: panels speak in roles, `theme` turns a Paint into a terminal style for one color system. Lines
built here go to the widgets.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """The semantic colors of LOOK 4. ALERT to SEL are fills; INK is the text on the fill behind it."""

    BG = "bg"
    PANEL = "panel"
    RAISED = "raised"
    LINE = "line"
    FAINT = "faint"
    TEXT = "text"
    DIM = "dim"
    ACCENT = "accent"
    GAIN = "gain"
    LOSS = "loss"
    STALE = "stale"
    WATCH = "watch"
    ALERT_INK = "alert_ink"
    ALERT = "alert"
    LIVE = "live"
    PAPER = "paper"
    SIM = "sim"
    SEL = "sel"
    INK = "ink"


FILLS = (Role.ALERT, Role.LIVE, Role.PAPER, Role.SIM, Role.SEL)


class Ramp(StrEnum):
    """The two heat ramps: rho asks how much, delta asks what changed."""

    RHO = "rho"
    DELTA = "delta"


class Paint(NamedTuple):
    """How a span looks."""

    fg: Role = Role.TEXT
    bg: Role = Role.PANEL
    bold: bool = False

    def on(self, bg: Role) -> "Paint":
        """Return the same paint on another background."""
        return Paint(self.fg, bg, self.bold)


class Heat(NamedTuple):
    """How a heat cell looks: the level of its ramp, negative below zero."""

    ramp: Ramp
    level: int
    bold: bool = False


Span = tuple[str, Paint | Heat]
Line = tuple[Span, ...]

TEXT = Paint()
BOLD = Paint(bold=True)
DIM = Paint(Role.DIM)
FAINT = Paint(Role.FAINT)
RULE = Paint(Role.LINE)
STALE = Paint(Role.STALE)
WATCH = Paint(Role.WATCH)
ACCENT = Paint(Role.ACCENT)
ALERT_INK = Paint(Role.ALERT_INK, bold=True)


def badge(fill: Role) -> Paint:
    """Return the bold ink of a filled badge."""
    return Paint(Role.INK, fill, bold=True)


def width(line: Iterable[Span]) -> int:
    """Return the columns of a line. Every character the cockpit prints is one column wide (see `glyphs`)."""
    columns = 0  # a loop: asked four hundred times a paint, and a generator takes twice as long
    for text, _ in line:
        columns += len(text)
    return columns


def crop(line: Iterable[Span], columns: int, ellipsis: str = "") -> Line:
    """Return `line` cut to `columns`, ending in `ellipsis` where something was cut off."""
    spans = tuple(line)
    if width(spans) <= columns:
        return spans
    room = columns - len(ellipsis)
    kept: list[Span] = []
    for text, paint in spans:
        if room <= 0:
            break
        kept.append((text[:room], paint))
        room -= len(kept[-1][0])
    if ellipsis and kept:
        kept.append((ellipsis, kept[-1][1]))
    return tuple(kept)


def between(left: Iterable[Span], right: Iterable[Span], columns: int, gap: Paint = TEXT, filler: str = " ") -> Line:
    """Return a line of exactly `columns`: `left`, a gap of `filler`, `right`. Left gives way where both do not fit."""
    tail = crop(right, columns)
    head = crop(left, columns - width(tail))
    return (*head, (filler * (columns - width(head) - width(tail)), gap), *tail)


def pad(line: Iterable[Span], columns: int, paint: Paint = TEXT) -> Line:
    """Return `line` with exactly `columns`, blank at the right."""
    return between(line, (), columns, paint)


def on(line: Iterable[Span], bg: Role) -> Line:
    """Return `line` with every span on another background."""
    return tuple((text, paint.on(bg) if isinstance(paint, Paint) else paint) for text, paint in line)
