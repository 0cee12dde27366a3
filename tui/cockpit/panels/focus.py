"""Owns how a panel's title says that the focus is on it: a mark before it and the accent's color.

The baskets need none: the selected one is filled. Over the whole screen none does.
"""

from tui.cockpit.ink import ACCENT, BOLD, Paint, Role, Span
from tui.cockpit.layout import Panel
from tui.cockpit.scene import Scene

_IN_FOCUS = Paint(ACCENT.fg, Role.RAISED, bold=True)


def title(scene: Scene, panel: Panel, said: str) -> list[Span]:
    """Return a strip's title, one column before it."""
    marked = scene.choice.focus is panel and not scene.choice.zoomed
    if not marked:
        return [(f" {said}", BOLD.on(Role.RAISED))]
    return [(f"{scene.glyphs.focus}{said}", _IN_FOCUS)]
