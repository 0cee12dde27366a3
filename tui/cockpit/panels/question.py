"""Owns the overlay of a question: what will be asked of the engine, Cancel with the focus, the other key that confirms.

The mode is named in its strip, as on every screen. Never decides what Enter does: the key table says cancel.
"""

from tui.cockpit import text
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import BOLD, DIM, TEXT, Line, Paint, Role, Span, badge, between, crop, pad
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Asking, Scene

COLUMNS, ROWS = 74, 11
_EDGE = 3
_CAP = badge(Role.TEXT)  # an inverse keycap


def question(scene: Scene, asking: Asking, columns: int) -> list[Line]:
    """Return the overlay's lines with one cell of background around them."""
    g, inner = scene.glyphs, columns - 2
    health = scene.health
    title: list[Span] = [(f"  {g.alert} {asking.verb} {asking.subject} ", badge(Role.ALERT))]
    mode: list[Span] = []
    if health is not None:
        mode = [(f" {health.mode.upper()} ", badge(Role.LIVE if health.mode == "live" else Role.PAPER))]
    at = f"  {text.clock(scene.tick_ms)} " if scene.tick_ms is not None else " "
    strip = strip_line(scene, title, [*mode, (at, Paint(Role.INK, Role.ALERT))], inner, Role.ALERT)
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
    side = (" ", Paint(bg=Role.BG))
    blank = pad((), columns, side[1])
    framed = [blank, *((side, *pad(line, inner), side) for line in lines), blank]
    return [*framed, *([blank] * (ROWS - len(framed)))][:ROWS]


def _said(asking: Asking) -> list[tuple[bool, str]]:
    return [(position == 0, clean(said)) for position, said in enumerate(asking.says)]
