"""Owns the one key table: key, action, help, context, danger. Dispatch, keys line and help screen all read it.

Never acts: `hands` does, named by `Action`. Only keys for what exists stand here; letters, digits, `?`, `/`, tab,
enter and escape, so that every terminal can send them. `a`, `h` and `r` are kept free for proposals.
"""

from dataclasses import dataclass
from enum import StrEnum

from tui.cockpit.glyphs import Glyphs


class Action(StrEnum):
    """What a key can do."""

    NEXT_BASKET = "next_basket"
    PREVIOUS_BASKET = "previous_basket"
    NEXT_ALERT = "next_alert"
    PREVIOUS_ALERT = "previous_alert"
    DETAIL = "detail"
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    FILTER = "filter"
    FILTER_KEEP = "filter_keep"
    FILTER_CLEAR = "filter_clear"
    FILTER_ERASE = "filter_erase"
    VIEW = "view"
    WINDOW = "window"
    ESTIMATOR = "estimator"
    COUNTS = "counts"
    SCOPE = "scope"
    HELP = "help"
    NEXT_PAGE = "next_page"
    BACK = "back"
    RETRY = "retry"
    START_ENGINE = "start_engine"
    QUIT = "quit"
    LEAVE = "leave"


class Context(StrEnum):
    """Where a key counts; the help screen shows them in this order."""

    COCKPIT = "cockpit"
    DETAIL = "alert detail"
    CONFIRM = "question"
    FILTER = "filter"
    GONE = "engine gone"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One row of the table. `keys` are Textual's names, `label` is what the keys line prints."""

    keys: tuple[str, ...]
    label: str
    action: Action
    short: str
    help: str
    contexts: tuple[Context, ...]
    danger: bool = False  # changes the engine: off in read-only, and deaf right after a change of focus
    listed: bool = True  # False: works and stands in the help, but the keys line leaves it out


def _row(
    keys: str,
    action: Action,
    short: str,
    help: str,  # noqa: A002 - the column's name
    *contexts: Context,
    label: str = "",
    danger: bool = False,
    listed: bool = True,
) -> Key:
    """Return a row; several `keys` are separated by blanks, the first one is the label unless told otherwise."""
    names = tuple(keys.split())
    return Key(
        keys=names,
        label=label or names[0],
        action=action,
        short=short,
        help=help,
        contexts=contexts,
        danger=danger,
        listed=listed,
    )


_C, _D, _G = Context.COCKPIT, Context.DETAIL, Context.GONE
_VIEW_HELP = "correlation: base (30 d, lagged), now (24 h half-life), the change between them"

KEYS: tuple[Key, ...] = (
    _row("s", Action.START_ENGINE, "start engine", "start the engine again, where this cockpit can", _G),
    _row("enter", Action.RETRY, "retry now", "try to reach the engine now instead of waiting", _G),
    _row("tab j", Action.NEXT_BASKET, "basket", "select the next basket; more than six turn the page", _C, _G),
    _row(
        "shift+tab k",
        Action.PREVIOUS_BASKET,
        "back",
        "select the previous basket (k does the same, j the next)",
        _C,
        _G,
        listed=False,
    ),
    _row("enter", Action.DETAIL, "detail", "the selected basket's alert in full, or the most urgent one", _C),
    _row("escape", Action.BACK, "back", "leave this page", _D, _G, Context.HELP, label="esc"),
    _row("tab j", Action.NEXT_ALERT, "next alert", "the next alert that stands", _D),
    _row("shift+tab k", Action.PREVIOUS_ALERT, "previous alert", "the alert before", _D, listed=False),
    _row(
        "o", Action.ACKNOWLEDGE, "ok, seen", "acknowledge the alert: it speaks again if it worsens", _C, _D, danger=True
    ),
    _row("z", Action.SNOOZE, "snooze", "no ringing from this alert's cause for 4 h", _C, _D, danger=True),
    _row("v", Action.VIEW, "view", _VIEW_HELP, _C, _G),
    _row("w", Action.WINDOW, "window", "correlation over a plain window: 30, 60, 90 days", _C, _G),
    _row("x", Action.SCOPE, "all assets", "correlation of all assets over the whole width, or of the basket", _C, _G),
    _row("slash", Action.FILTER, "filter", "show only the facts of the feed that hold a text", _C, label="/"),
    _row("e", Action.ESTIMATOR, "estimator", "the other estimator: pearson or winsorized", _C),
    _row("n", Action.COUNTS, "counts", "pair counts n in the matrix, or its values", _C),
    _row("escape", Action.FILTER_CLEAR, "clear", "drop the filter", Context.FILTER, _C, label="esc"),
    _row("enter", Action.FILTER_KEEP, "keep", "keep the filter and stop typing", Context.FILTER),
    _row("backspace", Action.FILTER_ERASE, "erase", "take the last character back", Context.FILTER, listed=False),
    _row("escape enter", Action.CANCEL, "cancel", "close the question; nothing happens", Context.CONFIRM, label="esc"),
    _row("y", Action.CONFIRM, "yes", "do what the question says", Context.CONFIRM, danger=True),
    _row("question_mark", Action.HELP, "help", "this page", _C, _D, _G, Context.HELP, label="?"),
    _row("tab j", Action.NEXT_PAGE, "next page", "turn the page, where there is more than one", Context.HELP),
    _row(
        "q ctrl+q ctrl+c",
        Action.QUIT,
        "quit",
        "leave the cockpit; whether the engine goes on is said at the end",
        _C,
        _D,
        _G,
        Context.HELP,
    ),
    _row(
        "ctrl+q ctrl+c",
        Action.LEAVE,
        "quit",
        "leave the cockpit, where q is text or another answer",
        Context.FILTER,
        Context.CONFIRM,
        label="ctrl+q",
        listed=False,
    ),
)


def rows(context: Context) -> tuple[Key, ...]:
    """Return the rows that count in `context`, in the table's order."""
    return tuple(row for row in KEYS if context in row.contexts)


def row_for(key: str, context: Context) -> Key | None:
    """Return the row that `key` means in `context`."""
    return next((row for row in rows(context) if key in row.keys), None)


def label(row: Key, glyphs: Glyphs) -> str:
    """Return the key as the keys line prints it."""
    return glyphs.enter if row.label == "enter" else row.label
