"""Owns the one key table: key, action, help, context, danger. Dispatch, keys line and help screen all read it.

Never acts: `hands` does, named by `Action`. Only keys for what exists stand here; letters, digits, `?`, `/`, tab,
enter and escape, so that every terminal can send them. Capitals draft trades, stop
them, write something, or lead to what breaks: never by a slip of one key.
"""

from tui.cockpit.glyphs import Glyphs
from tui.cockpit.key_names import Action, Context
from tui.cockpit.key_row import PAGES as _PAGES
from tui.cockpit.key_row import Key
from tui.cockpit.key_row import row as _row
from tui.cockpit.screen_keys import SCREEN

_C, _D, _G = Context.COCKPIT, Context.DETAIL, Context.GONE
_R, _N, _B, _J = Context.REVIEW, Context.NOTE, Context.BLOTTER, Context.JOURNAL
_S, _U, _V, _W, _P = Context.STRESS, Context.BUILDER, Context.BACKTEST, Context.WORDS, Context.PALETTE
_M, _E, _F, _T = Context.MAP, Context.HEALTH, Context.FAULTS, Context.THEMES
_VIEW_HELP = "correlation: base (30 d, lagged), now (24 h half-life), the change"

_ENGINE_GONE: tuple[Key, ...] = (
    _row("s", Action.START_ENGINE, "start engine", "start the engine again, where this cockpit can", _G),
    _row("enter", Action.RETRY, "retry now", "try to reach the engine now instead of waiting", _G),
)
_REVIEW: tuple[Key, ...] = (
    _row("escape enter", Action.CLOSE_REVIEW, "close", "close the review; nothing is decided", _R, label="esc"),
    _row("y", Action.APPROVE, "approve", "approve exactly the numbers in the review", _R, danger=True),
    _row(
        "h", Action.HOLD, "hold", "do not trade; asks for a note; its cause is silent till it worsens", _R, danger=True
    ),
    _row("z", Action.LATER, "snooze", "decide later: nothing is drafted for this basket for 4 h", _R, danger=True),
    _row("a", Action.NEWEST, "new numbers", "the proposal that took this one's place, or fresh prices", _R),
    _row("tab j", Action.NEXT_LEG, "leg", "the next leg (k the one before)", _R),
    _row("shift+tab k", Action.PREVIOUS_LEG, "leg before", "the leg before", _R, listed=False),
    _row("d", Action.DROP_LEG, "drop leg", "draft it again without the marked leg", _R, danger=True),
    _row("7", Action.THREE_QUARTERS, "75 %", "draft it again at 75 % of every leg", _R, danger=True),
    _row("5", Action.HALF, "50 %", "draft it again at half of every leg", _R, danger=True),
    _row("2", Action.QUARTER, "25 %", "draft it again at a quarter of every leg", _R, danger=True),
    _row("n", Action.MORE, "more", "the rest of the numbers, where one page cannot hold them", _R, listed=False),
)
_NOTE: tuple[Key, ...] = (
    _row("enter", Action.NOTE_KEEP, "keep", "keep the note and do what it was asked for", _N, danger=True),
    _row("escape", Action.NOTE_DROP, "cancel", "drop the note; nothing happens", _N, _W, label="esc"),
    _row("backspace", Action.NOTE_ERASE, "erase", "take the last character back", _N, _W, listed=False),
)
_MAP: tuple[Key, ...] = (
    _row("tab j", Action.NEXT_ASSET, "asset", "mark the next asset of the pair (k the one before)", _M),
    _row("shift+tab k", Action.PREVIOUS_ASSET, "asset back", "mark the asset before", _M, listed=False),
    _row("e", Action.NEXT_PARTNER, "partner", "mark the pair's next other asset (w the one before)", _M),
    _row("w", Action.PREVIOUS_PARTNER, "partner back", "mark the other asset before", _M, listed=False),
    _row("d", Action.LARGEST_MOVE, "moved most", "mark the pair whose correlation moved most", _M),
    _row(
        "v", Action.TRIANGLES, "view", "base and now, base and change, calm and stress, longest and shortest window", _M
    ),
    _row("n", Action.NETWORK, "network", "the strongest ties as a tree, or the matrix", _M),
)
_DRILL: tuple[Key, ...] = (
    _row("tab j", Action.NEXT_FAULT, "next", "mark the next fault (k the one before)", _F),
    _row("shift+tab k", Action.PREVIOUS_FAULT, "before", "mark the fault before", _F, listed=False),
    _row("enter", Action.BREAK, "break it", "break what is marked, for the time that is marked", _F),
    _row("e", Action.LONGER, "longer", "break it for longer", _F),
    _row("d", Action.SHORTER, "shorter", "break it for a shorter time", _F),
    _row("c", Action.MEND, "mend all", "end everything that is broken", _F),
)
_LOOKING: tuple[Key, ...] = (
    _row("escape", Action.FILTER_CLEAR, "back", "drop the filter, or leave the zoom", Context.FILTER, _C, label="esc"),
    _row("a", Action.REVIEW, "review", "the proposal of the selected basket, or the most urgent one", *_PAGES),
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
    _row("escape", Action.BACK, "back", "leave this page", *_PAGES[1:], _G, Context.HELP, label="esc"),
    _row("tab j", Action.NEXT_ALERT, "next alert", "the next alert that stands", _D),
    _row("shift+tab k", Action.PREVIOUS_ALERT, "alert before", "the alert before", _D, listed=False),
    _row("tab j", Action.SCROLL_DOWN, "further", "go on to older rows", _B, _J, _E),
    _row("shift+tab k", Action.SCROLL_UP, "back up", "go back to newer rows", _B, _J, _E, listed=False),
    _row("o", Action.ACKNOWLEDGE, "ok, seen", "acknowledge the alert: silent until it worsens", _C, _D, danger=True),
    _row("z", Action.SNOOZE, "snooze", "no ringing from this alert's cause for 4 h", _C, _D, danger=True),
    _row("r", Action.REBALANCE, "rebalance", "draft a rebalance of the basket, with a note why", _C, danger=True),
    _row("O", Action.OPEN, "open", "draft the opening trades of the selected basket, which is flat", _C, danger=True),
    _row("D", Action.FAULTS, "drill", "the faults of a drill ('demo --live-drill'): break its exchange", *_PAGES),
    _row("b", Action.BLOTTER, "blotter", "orders, fills, positions and the equity curve", *_PAGES),
    _row("l", Action.JOURNAL, "journal", "every fact in words, newest first", *_PAGES),
    _row(
        "s",
        Action.STRESS,
        "stress",
        "the stress lab: scenarios, liquidations and their odds",
        *_PAGES,
    ),
    _row("u", Action.BUILDER, "build", "the basket builder: which assets belong together, with reasons", *_PAGES),
    _row("g", Action.BACKTEST, "backtest", "the backtest: what the rules would have done on past prices", *_PAGES),
    _row("i", Action.HEALTH, "health", "links, clock, queue, files, and the log of the engine", *_PAGES),
    _row("v", Action.LOG_LEVEL, "level", "the log: all, warnings, errors", _E),
    _row("m", Action.MAP, "map", "the correlation lab: all assets in clusters, one pair in depth", *_PAGES),
    _row("v", Action.VIEW, "view", _VIEW_HELP, _C, _G),
    _row("w", Action.WINDOW, "window", "correlation over a plain window: 30, 60, 90 days", _C, _G),
    _row("x", Action.SCOPE, "all assets", "correlation of all assets, or of the basket", _C, _G),
    _row("slash", Action.FILTER, "filter", "show only the facts, or the log, that hold a text", _C, _J, _E, label="/"),
    _row("e", Action.ESTIMATOR, "estimator", "the other estimator: pearson or winsorized", _C),
    _row("n", Action.COUNTS, "counts", "pair counts n in the matrix, or its values", _C),
)
_TRADING: tuple[Key, ...] = (
    _row("C", Action.CLOSE, "close", "draft the closing of the selected basket", _C, danger=True),
    _row("F", Action.FLATTEN, "flatten", "draft the closing of everything that is held", _C, _B, danger=True),
    _row("H", Action.HALT, "halt", "no order leaves any more, or orders may leave again", *_PAGES, _R, danger=True),
)
_LABS: tuple[Key, ...] = (
    _row("tab j", Action.NEXT_BOOK, "book", "look into the next book: the account, then the baskets", _S),
    _row("shift+tab k", Action.PREVIOUS_BOOK, "book before", "the book before", _S, listed=False),
    _row("1", Action.FIRST_SLIDER, "correlation", "the slider of correlation; e and d move it", _S, listed=False),
    _row("2", Action.SECOND_SLIDER, "market", "the slider of the market's move", _S, listed=False),
    _row("3", Action.THIRD_SLIDER, "leverage", "the slider of leverage", _S, listed=False),
    _row("e", Action.SLIDE_UP, "more", "move the marked slider up; the figures follow after a moment", _S),
    _row("d", Action.SLIDE_DOWN, "less", "move the marked slider down", _S),
    _row(
        "v",
        Action.POSITIONS,
        "positions",
        "whose positions: held, the base exposure, or that sized by the rule",
        _S,
    ),
    _row("tab j", Action.NEXT_ROW, "next", "the next basket, or candidates", _U),
    _row("shift+tab k", Action.PREVIOUS_ROW, "before", "the one before", _U, listed=False),
    _row("c", Action.CANDIDATES, "candidates", "choose whose assets are candidates: all, a basket theme", _U),
    _row("slash", Action.TYPE_ASSETS, "type assets", "type the candidates: ETH,SOL,AVAX", _U, label="/"),
    _row("v", Action.SHAPE, "shape", "nothing against the assets, a short leg, or a long leg", _U),
    _row("e", Action.MORE_MONEY, "more", "more money: cost and what is too thin follow", _U),
    _row("d", Action.LESS_MONEY, "less", "less money", _U),
    _row("f", Action.PRICE_FILE, "file", "take a price file instead of the stored bars; empty: these again", _U, _V),
    _row("enter", Action.TAKE, "rank", "take these candidates, or rank again on the bars of now", _U),
    _row("v", Action.CURVE, "curve", "equity or drawdown, where a narrow screen shows one of them", _V),
    _row("W", Action.WRITE, "write", "write the marked basket into the config, after a question", _U, danger=True),
    _row("enter", Action.WORDS_KEEP, "keep", "keep what is typed", _W),
    _row("n", Action.FURTHER, "further", "the rest of the page, and then its top again", _S, _U, _V),
    _row("enter", Action.AGAIN, "again", "make it again on the bars of now", _S, _V),
)
_ASKED: tuple[Key, ...] = (
    _row("enter", Action.FILTER_KEEP, "keep", "keep the filter and stop typing", Context.FILTER),
    _row("backspace", Action.FILTER_ERASE, "erase", "take the last character back", Context.FILTER, listed=False),
    _row("escape enter", Action.CANCEL, "cancel", "close the question; nothing happens", Context.CONFIRM, label="esc"),
    _row("y", Action.CONFIRM, "yes", "do what the question says", Context.CONFIRM, danger=True),
)
_FOUND: tuple[Key, ...] = (
    _row(
        "colon",
        Action.PALETTE,
        "palette",
        "every action by name; type, then enter",
        *_PAGES,
        _R,
        label=":",
        listed=False,
    ),
    _row("enter", Action.PALETTE_RUN, "do it", "do the marked action, as its key would", _P),
    _row("escape", Action.PALETTE_LEAVE, "cancel", "close the palette; nothing happens", _P, label="esc"),
    _row("tab", Action.PALETTE_NEXT, "next", "mark the next action", _P),
    _row("shift+tab", Action.PALETTE_PREVIOUS, "back", "mark the action before", _P, listed=False),
    _row("backspace", Action.PALETTE_ERASE, "erase", "take the last character back", _P, listed=False),
)
_LEAVING: tuple[Key, ...] = (
    _row("p", Action.PRIVATE, "private", "hide all amounts of money, or show them", *_PAGES, _R, listed=False),
    _row(
        "Y",
        Action.COPY,
        "copy",
        "copy the proposal, alert or basket in front as text (OSC 52, and a file)",
        *_PAGES,
        _R,
        listed=False,
    ),
    _row("P", Action.SNAPSHOT, "picture", "write the screen as SVG and as text into a file", *_PAGES, _R, listed=False),
    _row("E", Action.EXPORT, "export", "write the tables in front as CSV files", *_PAGES, listed=False),
    _row("G", Action.NEXT_HINT, "guide", "the guided tour: its first hint, or the next one", _C, listed=False),
    _row("N", Action.NO_HINTS, "no hints", "end the guided tour", _C, listed=False),
    _row("L", Action.LOCK, "lock", "lock every key that changes the engine, or unlock them", *_PAGES, _R, listed=False),
    _row("question_mark", Action.HELP, "help", "this page", *_PAGES, _R, _G, Context.HELP, label="?"),
    _row("tab j", Action.NEXT_PAGE, "next page", "turn the page, where there is more than one", Context.HELP),
    _row(
        "q ctrl+q ctrl+c",
        Action.QUIT,
        "quit",
        "leave the cockpit; whether the engine goes on is said at the end",
        *_PAGES,
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
        _N,
        _W,
        _R,
        _P,
        _T,
        label="ctrl+q",
        listed=False,
    ),
)
KEYS: tuple[Key, ...] = (
    *_ENGINE_GONE,
    *_REVIEW,
    *_NOTE,
    *_LABS,
    *_MAP,
    *_DRILL,
    *_LOOKING,
    *_TRADING,
    *_ASKED,
    *_FOUND,
    *SCREEN,
    *_LEAVING,
)


_worn: list[Key] = list(KEYS)  # of this process: the table, or with the trader's own keys


def put_on(own: tuple[Key, ...]) -> None:
    """Let these rows count in this process from now on."""
    _worn[:] = own


def table() -> tuple[Key, ...]:
    """Return the rows that count in this process."""
    return tuple(_worn)


def rows(context: Context) -> tuple[Key, ...]:
    """Return the rows that count in `context`, in the table's order."""
    return tuple(row for row in _worn if context in row.contexts)


def row_for(key: str, context: Context) -> Key | None:
    """Return the row that `key` means in `context`."""
    return next((row for row in rows(context) if key in row.keys), None)


def key_of(action: Action) -> str:
    """Return the key of an action as a sentence names it."""
    return next(row.label for row in _worn if row.action is action)


def label(row: Key, glyphs: Glyphs) -> str:
    """Return the key as the keys line prints it."""
    return glyphs.enter if row.label == "enter" else row.label
