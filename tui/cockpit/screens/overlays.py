"""Owns what stands in front of the panels: which overlay it is, where it stands, and its lines.

One at a time, the most serious first. The screen places and paints it like any other panel; what only a key brings up
is imported when it comes up.
"""

from collections.abc import Mapping
from pathlib import Path

from textual.geometry import Size

from tui.cockpit.choice import Choice
from tui.cockpit.ink import Line
from tui.cockpit.layout import Rect
from tui.cockpit.panels import gone, palette, question, tour
from tui.cockpit.scene import Scene
from tui.cockpit.screens import pages

_LIKE = {"gone": gone, "palette": palette}
HEAD = 3  # rows that no overlay covers: status, situation, account with the way to here
TOUR, THEMES = "tour", "themes"


def standing(scene: Scene) -> str:
    """Return what stands in front of everything else, empty for nothing."""
    choice = scene.choice
    if scene.frozen:
        return "gone"
    if choice.note is not None or choice.asking is not None:
        return "question"
    if choice.palette is not None:
        return "palette"
    if choice.review is not None:
        return "review"
    if choice.trying is not None:
        return THEMES
    guided = choice.tour is not None and scene.selected is not None and not pages.shown(scene)
    return f"{TOUR} {choice.tour}" if guided else ""


def place(name: str, step: int | None, panels: Mapping[str, Rect], size: Size) -> Rect:
    """Return where the overlay `name` stands; `step` is the hint of the tour."""
    if name == "review":
        from tui.cockpit.panels import review

        width, height = review.size(*size)
        top = HEAD if height == size.height - HEAD - 1 else (size.height - height) // 2
        return Rect((size.width - width) // 2, top, width, height)
    if name == THEMES:
        from tui.cockpit.panels import themes

        rows = min(themes.ROWS, size.height - 3)
        return Rect(size.width - themes.COLUMNS, size.height - 1 - rows, themes.COLUMNS, rows)
    if name.startswith(TOUR) and step is not None:
        return tour.rect(step, panels, *size)
    asked = _LIKE.get(name, question)
    width, height = min(asked.COLUMNS, size.width - 4), min(asked.ROWS, size.height - HEAD - 1)
    return Rect((size.width - width) // 2, max(HEAD, (size.height - height) // 2 - 2), width, height)


def lines(scene: Scene, width: int, height: int, socket: Path) -> list[Line]:
    """Return the lines of what stands in front."""
    choice = scene.choice
    if scene.frozen:
        return gone.gone(scene, width, socket)
    if choice.note is not None:
        return question.note(scene, choice.note, width)
    if choice.asking is not None:
        return question.question(scene, choice.asking, width)
    return _opened(scene, choice, width, height)


def _opened(scene: Scene, choice: Choice, width: int, height: int) -> list[Line]:
    """Return the lines of what the trader opened."""
    if choice.palette is not None:
        return palette.palette(scene, choice.palette, width, height)
    if choice.review is not None:
        from tui.cockpit.panels import review

        return review.review(scene, choice.review, width, height)
    if choice.trying is not None:
        from tui.cockpit.panels import themes

        return themes.themes(scene, choice.trying, width, height)
    return tour.tour(scene, choice.tour, width) if choice.tour is not None else []
