"""Owns the theme picker: the themes by name, what is wrong with a file, and a sample in the theme that is on.

It stands at the side and veils nothing: the screen behind it is the preview.
"""

from tui.cockpit.choice import Trying
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import (
    BOLD,
    DIM,
    STALE,
    TEXT,
    WATCH,
    Heat,
    Line,
    Paint,
    Ramp,
    Role,
    Span,
    badge,
    between,
    crop,
    pad,
)
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene
from tui.cockpit.theme import names as shipped

COLUMNS, ROWS = 40, 18
_KEY = Paint(Role.ACCENT, Role.RAISED, bold=True)
_WHY_ROWS = 3
_RHO, _DELTA = (-0.9, -0.6, 0.3, 0.6, 0.9), (-0.3, -0.15, 0.0, 0.15, 0.3)


def themes(scene: Scene, trying: Trying, columns: int, rows: int) -> list[Line]:
    """Return the overlay, exactly `rows` lines."""
    inner, raised = columns - 2, Paint(bg=Role.RAISED)
    title: list[Span] = [(scene.glyphs.edge, raised), (" color themes", BOLD.on(Role.RAISED))]
    system = {"true": "true color", "x256": "256 colors", "x16": "16 colors", "mono": "no color"}
    right: list[Span] = [(f"{system[scene.theme.system]} ", DIM.on(Role.RAISED))]
    kept = key_of(Action.THEME_KEEP)
    foot: list[Span] = [(f" {scene.glyphs.enter if kept == 'enter' else kept}", _KEY), (" keep   ", raised)]
    foot += [(key_of(Action.THEME_BACK), _KEY), (" the one before", raised)]
    tail = [*_sample(scene), ()]
    room = rows - 4 - len(tail)
    body = _names(scene, trying, inner, room)
    lines = [strip_line(scene, title, right, inner), *body, *([()] * (room - len(body))), *tail]
    side: Span = (" ", Paint(bg=Role.BG))
    blank = pad((), columns, Paint(bg=Role.BG))
    framed = [(side, *pad(line, inner), side) for line in lines]
    return [blank, *framed, (side, *pad(foot, inner, raised), side), blank]


def _names(scene: Scene, trying: Trying, columns: int, room: int) -> list[Line]:
    """Return the names around the marked one; under a marked file that cannot be worn, why."""
    name = trying.names[trying.at]
    wrong = trying.wrong.get(name, "")
    told = wrapped(clean(wrong), columns - 4)[:_WHY_ROWS] if wrong else []
    why = [pad(((f"   {said}", WATCH),), columns) for said in told]
    fits = room - len(why)
    first = max(0, min(trying.at - fits // 2, len(trying.names) - fits))
    lines: list[Line] = []
    for place, each in enumerate(trying.names[first : first + fits], start=first):
        lines.append(_name(scene, trying, each, columns, marked=place == trying.at))
        lines += why if place == trying.at else []
    return lines


def _name(scene: Scene, trying: Trying, name: str, columns: int, *, marked: bool) -> Line:
    g, wrong = scene.glyphs, name in trying.wrong
    ink = badge(Role.SEL) if marked else DIM if wrong else TEXT
    whose = "broken" if wrong else "" if name in shipped() else "yours"
    worn = g.done if name == scene.theme.name else g.caution if wrong else " "
    said = crop([(f" {worn} {clean(name)}", ink)], columns - len(whose) - 2, g.ellipsis)
    return between(said, [(f"{whose} ", ink if marked else DIM)], columns, ink)


def _sample(scene: Scene) -> list[Line]:
    """Return what must be told apart in every theme, in words and in cells."""
    g = scene.glyphs
    states: Line = (
        (f" {g.alert} ALERT ", badge(Role.ALERT)),
        (f" {g.watch} WATCH ", Paint(Role.WATCH, bold=True)),
        (f"{g.up}+1.2% ", Paint(Role.GAIN)),
        (f"{g.down}{g.minus}6.2% ", Paint(Role.LOSS)),
        (f"{g.stale}42s", STALE),
    )
    return [(), ((" ", TEXT), *states), _cells(scene, Ramp.RHO, _RHO), _cells(scene, Ramp.DELTA, _DELTA)]


def _cells(scene: Scene, ramp: Ramp, values: tuple[float, ...]) -> Line:
    g = scene.glyphs
    cells: list[Span] = [(f" {g.rho if ramp is Ramp.RHO else g.delta} ", DIM)]
    for value in values:
        level = scene.theme.level(ramp, value)
        sign = g.minus if value < 0 else "+"
        said = f"{scene.level_glyph(ramp, level) or ' '}{sign}{abs(value):.2f}".replace("0.", ".")
        cells.append((f"{said} ", Heat(ramp, level)))
    return tuple(cells)
