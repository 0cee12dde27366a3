"""Owns how this cockpit looks now: its color theme and its characters, and what the trader turns of them.

Never paints: whoever shows something is told that everything looks different. What was turned is said in one line.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.domain.errors import ConfigError
from tui.cockpit import glyphs
from tui.cockpit.options import CockpitOptions
from tui.cockpit.theme import ColorSystem, Theme
from tui.cockpit.theme_shelf import ThemeShelf


class Looks:
    """Theme and glyphs of one cockpit. `changed` is called after either became another one."""

    def __init__(
        self,
        options: CockpitOptions,
        system: ColorSystem,
        environ: Mapping[str, str],
        *,
        changed: Callable[[], None],
        tell: Callable[[str, bool], None],
    ) -> None:
        """Take what was asked for. Raises ConfigError where there is no such theme."""
        self._shelf = ThemeShelf(options.colors, system, red_up=options.red_up)
        self.theme: Theme = self._shelf.load(options.theme)
        self.glyphs = glyphs.for_terminal(environ, ascii_only=options.ascii_only)
        if options.private:
            self.glyphs = replace(self.glyphs, mask=self.glyphs.cover)
        self._turned_to = self.theme.name
        self._changed = changed
        self._tell = tell

    @property
    def private(self) -> bool:
        """Return whether amounts of money are hidden."""
        return bool(self.glyphs.mask)

    def toggle_private(self) -> None:
        """Hide all amounts of money, or show them again."""
        self.glyphs = replace(self.glyphs, mask="" if self.private else self.glyphs.cover)
        self._changed()
        self._tell("amounts are hidden: p shows them" if self.private else "amounts are shown", False)

    def next_theme(self) -> None:
        """Turn to the next color theme, or say what is wrong with its file."""
        self._turned_to = self._shelf.after(self._turned_to)
        try:
            chosen = self._shelf.load(self._turned_to)
        except ConfigError as error:
            self._tell(str(error), True)
            return
        self._wear(chosen, f"theme {chosen.name}")

    def look_again(self) -> None:
        """Put the trader's own theme on again when its file was saved; a bad one changes nothing."""
        try:
            renewed = self._shelf.renewed(self.theme.name)
        except ConfigError as error:
            self._tell(str(error), True)
            return
        if renewed is not None:
            self._wear(renewed, f"theme {renewed.name} read again")

    def _wear(self, chosen: Theme, said: str) -> None:
        self.theme = chosen
        self._changed()
        self._tell(said, False)
