"""Owns the overlay of a question: what will be asked of the engine, Cancel with the focus, the other key that confirms.

The mode is named in its strip, as on every screen. Never decides what Enter does: the key table says cancel.
"""

from tui.cockpit import text
from tui.cockpit.choice import Asking, Note
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import BOLD, DIM, TEXT, Line, Paint, Role, Span, badge, between, crop, pad
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Scene

COLUMNS, ROWS = 74, 11
_EDGE = 3
_CAP = badge(Role.TEXT)  # an inverse keycap


def question(scene: Scene, asking: Asking, columns: int) -> list[Line]:
    """Return the overlay's lines with one cell of background around them."""
    g, inner = scene.glyphs, columns - 2
    strip = _strip(scene, asking.verb, asking.subject, inner)
    body = [crop([(" " * _EDGE, TEXT), (said, BOLD if at else TEXT)], inner, g.ellipsis) for at, said in _said(asking)]
    raised = Paint(bg=Role.RAISED)
    label = DIM.on(Role.RAISED)
    yes: list[Span] = [
        ("press ", raised),
        (" y ", _CAP),
        (f" to {asking.verb} ", BOLD.on(Role.RAISED)),
        (" " * (_EDGE - 1), raised),
    ]
    buttons = between([(" " * _EDGE, raised), (" Cancel esc ", badge(Role.SEL))], yes, inner, raised)
    foot = pad([(" " * _EDGE, raised), ("Cancel has the focus. Enter closes.", label)], inner, raised)
    lines = [strip, (), *body, (), pad((), inner, raised), buttons, foot, pad((), inner, raised)]
    return _framed(lines, columns, inner)


def note(scene: Scene, asked: Note, columns: int) -> list[Line]:
    """Return the overlay in which a note is typed, framed as a question is."""
    g, inner = scene.glyphs, columns - 2
    room = inner - 2 * _EDGE - 4
    typed = clean(asked.text)[-room:]
    field: Line = ((" " * _EDGE, TEXT), (f" {typed}_".ljust(inner - 2 * _EDGE), badge(Role.SEL)))
    body = [
        crop([(" " * _EDGE, TEXT), (clean(said), BOLD if not at else DIM)], inner, g.ellipsis)
        for at, said in enumerate(asked.says)
    ]
    raised = Paint(bg=Role.RAISED)
    keep: list[Span] = [
        (" enter ", _CAP),
        (f" to {asked.verb} ", BOLD.on(Role.RAISED)),
        (" " * (_EDGE - 1), raised),
    ]
    drop: list[Span] = [(" " * _EDGE, raised), ("esc", Paint(Role.ACCENT, Role.RAISED, bold=True))]
    drop.append((" cancel", DIM.on(Role.RAISED)))
    strip = _strip(scene, asked.verb, asked.subject, inner)
    lines = [strip, (), *body, (), field, (), pad((), inner, raised), between(drop, keep, inner, raised)]
    return _framed(lines, columns, inner)


def _strip(scene: Scene, verb: str, subject: str, inner: int) -> Line:
    title: list[Span] = [(f"  {scene.glyphs.alert} {verb} {subject} ", badge(Role.ALERT))]
    health = scene.health
    mode: list[Span] = []
    if health is not None:
        mode = [(f" {health.mode.upper()} ", badge(Role.LIVE if health.mode == "live" else Role.PAPER))]
    at = f"  {text.clock(scene.tick_ms)} " if scene.tick_ms is not None else " "
    return strip_line(scene, title, [*mode, (at, Paint(Role.INK, Role.ALERT))], inner, Role.ALERT)


def _framed(lines: list[Line], columns: int, inner: int) -> list[Line]:
    """Return the lines with one cell of background around them."""
    side: Span = (" ", Paint(bg=Role.BG))
    blank = pad((), columns, Paint(bg=Role.BG))
    framed = [blank, *((side, *pad(line, inner), side) for line in lines), blank]
    return [*framed, *([blank] * (ROWS - len(framed)))][:ROWS]


def _said(asking: Asking) -> list[tuple[bool, str]]:
    return [(position == 0, clean(said)) for position, said in enumerate(asking.says)]
