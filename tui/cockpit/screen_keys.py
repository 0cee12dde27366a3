"""Owns the rows of the key table that arrange the screen: layout, focus, zoom, color themes. `keys` puts them in."""

from tui.cockpit.key_names import Action, Context
from tui.cockpit.key_row import PAGES, Key, row

_C, _T = Context.COCKPIT, Context.THEMES
SCREEN: tuple[Key, ...] = (
    row("f", Action.ZOOM, "zoom", "the panel in focus over the whole screen, and back", _C),
    row("d", Action.NEXT_PANEL, "panel", "the focus to the next panel: f zooms it", _C),
    row("c", Action.LAYOUT, "layout", "the next layout: balanced, baskets wide, what waits and alerts first", _C),
    row("t", Action.THEME, "theme", "try color themes on, the next one first", *PAGES, listed=False),
    row("tab j t", Action.THEME_NEXT, "next", "try the next theme on (k the one before)", _T),
    row("shift+tab k", Action.THEME_PREVIOUS, "back", "try the theme before on", _T, listed=False),
    row("enter", Action.THEME_KEEP, "keep", "keep the theme that is on, here and at the next start", _T),
    row("escape", Action.THEME_BACK, "cancel", "give back the theme that was on before", _T, label="esc"),
)
