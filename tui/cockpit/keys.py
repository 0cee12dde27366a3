"""Owns the one key table: key, action, help, context, danger. Dispatch, keys line and help screen all read it.

Never acts: the screens hold the handlers, named by `Action`. Only keys for what exists stand here; letters, digits,
`?`, tab and enter, so that every terminal can send them.
"""

from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding, BindingType

from tui.cockpit.glyphs import Glyphs


class Action(StrEnum):
    """What a key can do."""

    NEXT_BASKET = "next_basket"
    PREVIOUS_BASKET = "previous_basket"
    VIEW = "view"
    WINDOW = "window"
    SCOPE = "scope"
    HELP = "help"
    BACK = "back"
    RETRY = "retry"
    START_ENGINE = "start_engine"
    QUIT = "quit"


class Context(StrEnum):
    """Where a key counts."""

    COCKPIT = "cockpit"
    HELP = "help"
    GONE = "engine gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One row of the table. `keys` are Textual's names, `label` is what the keys line prints."""

    keys: tuple[str, ...]
    label: str
    action: Action
    short: str
    help: str
    contexts: tuple[Context, ...]
    danger: bool = False
    listed: bool = True  # False: works and stands in the help, but the keys line leaves it out


_ALIVE = (Context.COCKPIT,)
_BOTH = (Context.COCKPIT, Context.GONE)

KEYS: tuple[Key, ...] = (
    Key(
        keys=("s",),
        label="s",
        action=Action.START_ENGINE,
        short="start engine",
        help="start the engine again, where this cockpit can",
        contexts=(Context.GONE,),
    ),
    Key(
        keys=("enter",),
        label="enter",
        action=Action.RETRY,
        short="retry now",
        help="try to reach the engine now instead of waiting",
        contexts=(Context.GONE,),
    ),
    Key(
        keys=("tab", "j"),
        label="tab",
        action=Action.NEXT_BASKET,
        short="basket",
        help="select the next basket; more than six turn the page",
        contexts=_BOTH,
    ),
    Key(
        keys=("shift+tab", "k"),
        label="shift+tab",
        action=Action.PREVIOUS_BASKET,
        short="back",
        help="select the previous basket (k does the same, j the next)",
        contexts=_BOTH,
        listed=False,
    ),
    Key(
        keys=("v",),
        label="v",
        action=Action.VIEW,
        short="view",
        help="correlation: base (30 d, lagged), now (24 h half-life), the change between them",
        contexts=_BOTH,
    ),
    Key(
        keys=("w",),
        label="w",
        action=Action.WINDOW,
        short="window",
        help="correlation over a plain window: 30, 60, 90 days",
        contexts=_BOTH,
    ),
    Key(
        keys=("x",),
        label="x",
        action=Action.SCOPE,
        short="all assets",
        help="correlation of all assets over the whole width, or of the basket",
        contexts=_BOTH,
    ),
    Key(
        keys=("question_mark",),
        label="?",
        action=Action.HELP,
        short="help",
        help="this page",
        contexts=(Context.COCKPIT, Context.GONE, Context.HELP),
    ),
    Key(
        keys=("escape",),
        label="esc",
        action=Action.BACK,
        short="back",
        help="leave this page",
        contexts=(Context.HELP,),
    ),
    Key(
        keys=("q", "ctrl+q", "ctrl+c"),
        label="q",
        action=Action.QUIT,
        short="quit",
        help="leave the cockpit; whether the engine goes on is said at the end",
        contexts=(Context.COCKPIT, Context.GONE, Context.HELP),
    ),
)


def rows(context: Context) -> tuple[Key, ...]:
    """Return the rows that count in `context`, in the table's order."""
    return tuple(row for row in KEYS if context in row.contexts)


def bindings(*contexts: Context) -> list[BindingType]:
    """Return Textual bindings for every key that counts in any of `contexts`; they all call the app's `action_deck`."""
    return [
        Binding(key, f"app.deck('{row.action}')", row.short, show=False)
        for row in KEYS
        if any(context in row.contexts for context in contexts)
        for key in row.keys
    ]


def label(row: Key, glyphs: Glyphs) -> str:
    """Return the key as the keys line prints it."""
    return glyphs.enter if row.label == "enter" else row.label
