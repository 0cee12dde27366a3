"""Owns the guided tour: a few hints beside what they speak of, for the first minutes with a demo.

It stands over a corner and veils nothing: every key works while it is there. Never decides when it ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tui.cockpit.ink import BOLD, DIM, TEXT, Line, Paint, Role, Span, pad
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.layout import Rect
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene

COLUMNS, ROWS = 50, 10
_KEY = Paint(Role.ACCENT, Role.RAISED, bold=True)


class _Keys(dict[str, str]):
    """The keys of actions by name, as they are worn in this process."""

    def __missing__(self, name: str) -> str:
        return key_of(Action(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One step: which panel it speaks of (the first of these that is shown), and what it says."""

    about: tuple[str, ...]
    title: str
    says: str  # actions in braces stand for their keys

    @property
    def words(self) -> str:
        """Return what it says, with the keys that are worn in this process."""
        return self.says.format_map(_Keys())


HINTS = (
    Hint(
        about=("card0", "list"),
        title="baskets",
        says="Each basket: what it holds against its target, its hidden leverage, and how its pairs move together "
        "over 30, 60 and 90 days. {next_basket} selects the next one.",
    ),
    Hint(
        about=("heat", "heat_head"),
        title="correlation",
        says="Every pair of the selected basket, now against its baseline: the stronger the color, the more it moved. "
        "{view} turns base, now and change; {scope} shows all assets.",
    ),
    Hint(
        about=("feed",),
        title="what happened",
        says="Newest first. In a minute the market of this demo rushes together: checks run fast, the bell rings once, "
        "and an ALERT stands.",
    ),
    Hint(
        about=("situation",),
        title="you decide",
        says="An alert drafts a proposal. {review} opens it with every number and the risk before and after; {approve} "
        "approves exactly that, {hold} holds it, esc leaves. Nothing trades unasked.",
    ),
    Hint(
        about=("keys",),
        title="keys",
        says="{help} lists every key, {palette} finds any action by name, {private} hides the money, {quit} ends the "
        "demo and all it started.",
    ),
)


def rect(step: int, panels: Mapping[str, Rect], width: int, height: int) -> Rect:
    """Return where the hint stands: beside its panel where there is room, never over the first rows or the keys."""
    about = next((panels[name] for name in HINTS[step].about if name in panels), Rect(0, 0, width, 1))
    columns, rows = min(COLUMNS, width - 2), ROWS
    right, left = about.x + about.width + 1, about.x - columns - 1
    if right + columns <= width:
        x = right
    elif left >= 0:
        x = left
    else:
        x = width - columns - 1
    under = about.x == 0 and about.width == width  # it spans the screen: the hint stands above or below it
    y = about.y + 1 if not under else about.y + about.height if about.y < height // 2 else about.y - rows
    return Rect(x, max(2, min(y, height - 1 - rows)), columns, rows)


def tour(scene: Scene, step: int, columns: int) -> list[Line]:
    """Return the hint's lines with one cell of background around them."""
    hint, inner = HINTS[step], columns - 2
    raised = Paint(bg=Role.RAISED)
    title: list[Span] = [(scene.glyphs.edge, raised), (f" {hint.title}", BOLD.on(Role.RAISED))]
    strip = strip_line(scene, title, [(f"{step + 1} of {len(HINTS)} ", DIM.on(Role.RAISED))], inner)
    body: list[Line] = [((" ", TEXT), (said, TEXT)) for said in wrapped(hint.words, inner - 2)]
    goes_on = "next hint" if step + 1 < len(HINTS) else "that was all"
    foot: list[Span] = [
        (f" {key_of(Action.NEXT_HINT)}", _KEY),
        (f" {goes_on}   ", raised),
        (key_of(Action.NO_HINTS), _KEY),
        (" no more hints", raised),
    ]
    room = ROWS - 4
    lines = [strip, *[pad(line, inner) for line in body[:room]], *([pad((), inner)] * (room - len(body)))]
    side: Span = (" ", Paint(bg=Role.BG))
    blank = pad((), columns, Paint(bg=Role.BG))
    return [blank, *((side, *pad(line, inner), side) for line in lines), (side, *pad(foot, inner, raised), side), blank]
