"""Owns how this cockpit looks now: its color theme and its characters, and what the trader turns of them.

Never paints: whoever shows something is told that everything looks different. What was turned is said in one line.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.domain.errors import ConfigError
from tui.cockpit import glyphs
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.options import CockpitOptions
from tui.cockpit.theme import ColorSystem, Theme
from tui.cockpit.theme_shelf import ThemeShelf

DEFAULT = "graphite"


class Looks:
    """Theme and glyphs of one cockpit. `changed` is called after either became another one."""

    def __init__(
        self,
        options: CockpitOptions,
        system: ColorSystem,
        environ: Mapping[str, str],
        *,
        kept: str,
        changed: Callable[[], None],
        tell: Callable[[str, bool], None],
    ) -> None:
        """Take what was asked for, else what was kept. Raises ConfigError where what was asked for is no theme."""
        self._shelf = ThemeShelf(options.colors, system, red_up=options.red_up)
        self.missed = ""  # why the theme that was kept is not worn
        self.theme: Theme = self._first(options.theme, kept)
        self.glyphs = glyphs.for_terminal(environ, ascii_only=options.ascii_only)
        if options.private:
            self.glyphs = replace(self.glyphs, mask=self.glyphs.cover)
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
        self._tell(
            f"amounts are hidden: {key_of(Action.PRIVATE)} shows them" if self.private else "amounts are shown", False
        )

    def names(self) -> tuple[str, ...]:
        """Return the themes there are: the shipped ones, then the trader's own."""
        return self._shelf.names()

    def wrong(self) -> dict[str, str]:
        """Return what is wrong with each of the trader's own files that cannot be worn."""
        return {name: why for name in self.names() if (why := self._loaded(name)[1])}

    def wear(self, name: str) -> str:
        """Put a theme on and return nothing, or change nothing and return what is wrong with its file."""
        chosen, why = self._loaded(name)
        if chosen is not None:
            self.theme = chosen
            self._changed()
        return why

    def look_again(self) -> None:
        """Put the trader's own theme on again when its file was saved; a bad one changes nothing."""
        try:
            renewed = self._shelf.renewed(self.theme.name)
        except ConfigError as error:
            self._tell(str(error), True)
            return
        if renewed is not None:
            self.theme = renewed
            self._changed()
            self._tell(f"theme {renewed.name} read again", False)

    def _first(self, asked: str, kept: str) -> Theme:
        if asked or not kept:
            return self._shelf.load(asked or DEFAULT)
        found, self.missed = self._loaded(kept)
        return found or self._shelf.load(DEFAULT)

    def _loaded(self, name: str) -> tuple[Theme | None, str]:
        try:
            return self._shelf.load(name), ""
        except ConfigError as error:
            return None, str(error)
