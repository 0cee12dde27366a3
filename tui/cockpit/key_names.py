"""Owns the names of what a key can do and of the places where it counts. The table of keys is `keys`."""

from enum import StrEnum


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
    REVIEW = "review"
    NEWEST = "newest"
    CLOSE_REVIEW = "close_review"
    APPROVE = "approve"
    HOLD = "hold"
    LATER = "later"
    NEXT_LEG = "next_leg"
    PREVIOUS_LEG = "previous_leg"
    DROP_LEG = "drop_leg"
    THREE_QUARTERS = "three_quarters"
    HALF = "half"
    QUARTER = "quarter"
    MORE = "more"
    REBALANCE = "rebalance"
    OPEN = "open"
    CLOSE = "close"
    FLATTEN = "flatten"
    HALT = "halt"
    NOTE_KEEP = "note_keep"
    NOTE_DROP = "note_drop"
    NOTE_ERASE = "note_erase"
    BLOTTER = "blotter"
    JOURNAL = "journal"
    STRESS = "stress"
    BUILDER = "builder"
    NEXT_ROW = "next_row"
    PREVIOUS_ROW = "previous_row"
    CANDIDATES = "candidates"
    BACKTEST = "backtest"
    CURVE = "curve"
    TYPE_ASSETS = "type_assets"
    PRICE_FILE = "price_file"
    SHAPE = "shape"
    MORE_MONEY = "more_money"
    LESS_MONEY = "less_money"
    TAKE = "take"
    WRITE = "write"
    WORDS_KEEP = "words_keep"
    NEXT_BOOK = "next_book"
    PREVIOUS_BOOK = "previous_book"
    FIRST_SLIDER = "first_slider"
    SECOND_SLIDER = "second_slider"
    THIRD_SLIDER = "third_slider"
    SLIDE_UP = "slide_up"
    SLIDE_DOWN = "slide_down"
    POSITIONS = "positions"
    AGAIN = "again"
    FURTHER = "further"
    SCROLL_DOWN = "scroll_down"
    SCROLL_UP = "scroll_up"
    VIEW = "view"
    WINDOW = "window"
    ESTIMATOR = "estimator"
    COUNTS = "counts"
    SCOPE = "scope"
    THEME = "theme"
    THEME_NEXT = "theme_next"
    THEME_PREVIOUS = "theme_previous"
    THEME_KEEP = "theme_keep"
    THEME_BACK = "theme_back"
    LAYOUT = "layout"
    NEXT_PANEL = "next_panel"
    ZOOM = "zoom"
    PRIVATE = "private"
    COPY = "copy"
    SNAPSHOT = "snapshot"
    EXPORT = "export"
    LOCK = "lock"
    NEXT_HINT = "next_hint"
    NO_HINTS = "no_hints"
    HELP = "help"
    NEXT_PAGE = "next_page"
    BACK = "back"
    RETRY = "retry"
    START_ENGINE = "start_engine"
    MAP = "map"
    HEALTH = "health"
    LOG_LEVEL = "log_level"
    FAULTS = "faults"
    NEXT_FAULT = "next_fault"
    PREVIOUS_FAULT = "previous_fault"
    LONGER = "longer"
    SHORTER = "shorter"
    BREAK = "break"
    MEND = "mend"
    NEXT_ASSET = "next_asset"
    PREVIOUS_ASSET = "previous_asset"
    NEXT_PARTNER = "next_partner"
    PREVIOUS_PARTNER = "previous_partner"
    LARGEST_MOVE = "largest_move"
    TRIANGLES = "triangles"
    NETWORK = "network"
    PALETTE = "palette"
    PALETTE_RUN = "palette_run"
    PALETTE_NEXT = "palette_next"
    PALETTE_PREVIOUS = "palette_previous"
    PALETTE_ERASE = "palette_erase"
    PALETTE_LEAVE = "palette_leave"
    QUIT = "quit"
    LEAVE = "leave"


class Context(StrEnum):
    """Where a key counts; the help screen shows them in this order."""

    COCKPIT = "cockpit"
    REVIEW = "review"
    NOTE = "note"
    DETAIL = "alert detail"
    BLOTTER = "blotter"
    JOURNAL = "journal"
    STRESS = "stress lab"
    BUILDER = "basket builder"
    BACKTEST = "backtest"
    WORDS = "words"
    MAP = "correlation lab"
    HEALTH = "health"
    FAULTS = "faults"
    PALETTE = "palette"
    THEMES = "themes"
    CONFIRM = "question"
    FILTER = "filter"
    GONE = "engine gone"
    HELP = "help"


PLACES = {
    Context.COCKPIT: "in the cockpit",
    Context.REVIEW: "in the review of a proposal",
    Context.NOTE: "while a note is typed",
    Context.DETAIL: "in the detail of an alert",
    Context.BLOTTER: "in the blotter",
    Context.JOURNAL: "in the journal",
    Context.STRESS: "in the stress lab",
    Context.BUILDER: "in the basket builder",
    Context.BACKTEST: "in the backtest",
    Context.WORDS: "while words for a page are typed",
    Context.MAP: "in the correlation lab",
    Context.HEALTH: "on the health page",
    Context.FAULTS: "on the fault page of a drill",
    Context.PALETTE: "in the palette",
    Context.THEMES: "among the color themes",
    Context.CONFIRM: "when asked",
    Context.FILTER: "while a filter is typed",
    Context.GONE: "when the engine is gone",
    Context.HELP: "on this page",
}
