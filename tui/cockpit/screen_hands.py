"""Owns the keys that arrange the screen: layout, focus, zoom, and trying color themes on. What they set is remembered.

Nothing here reaches the engine. Never paints: the app does, after each key.
"""

from collections.abc import Callable

import msgspec

from tui.cockpit.choice import Trying
from tui.cockpit.key_names import Action
from tui.cockpit.layout import Panel, Preset
from tui.cockpit.stage import Stage

_SAYS = {
    Preset.BALANCED: "layout: balanced",
    Preset.BASKETS: "layout: baskets wide",
    Preset.ALERTS: "layout: what waits and alerts first",
}


class ScreenHands:
    """Arrange one stage's screen."""

    def __init__(self, stage: Stage, *, deafen: Callable[[], None], tell: Callable[[str, bool], None]) -> None:
        self._stage = stage
        self._choice = stage.choice
        self._deafen = deafen
        self._tell = tell

    def does(self) -> dict[Action, Callable[[], None]]:
        """Return what each key does."""
        return {
            Action.LAYOUT: self._layout,
            Action.NEXT_PANEL: self._next_panel,
            Action.ZOOM: self._zoom,
            Action.THEME: self._try_on,
            Action.THEME_NEXT: lambda: self._turn(1),
            Action.THEME_PREVIOUS: lambda: self._turn(-1),
            Action.THEME_KEEP: self._keep_theme,
            Action.THEME_BACK: self._give_back,
        }

    def remember(self) -> None:
        """Keep how the panels stand; after a key that left nothing else, this writes nothing."""
        choice = self._choice
        self._stage.memory.keep(
            msgspec.structs.replace(
                self._stage.memory.kept, preset=choice.preset, focus=choice.focus, zoomed=choice.zoomed
            )
        )

    def _layout(self) -> None:
        order = tuple(Preset)
        choice = self._choice
        choice.preset = order[(order.index(choice.preset) + 1) % len(order)]
        choice.zoomed = choice.all_assets = False
        self._tell(_SAYS[choice.preset], False)

    def _next_panel(self) -> None:
        """Move the focus on: among what is shown, or over the whole screen among all there are."""
        choice = self._choice
        ring = tuple(Panel) if choice.zoomed else self._stage.panels
        at = ring.index(choice.focus) if choice.focus in ring else -1
        choice.focus = ring[(at + 1) % len(ring)] if ring else choice.focus

    def _zoom(self) -> None:
        choice, shown = self._choice, self._stage.panels
        if not choice.zoomed and choice.focus not in shown:  # it is on another layout, or the terminal became smaller
            choice.focus = Panel.BASKETS
        choice.zoomed = not choice.zoomed

    def _try_on(self) -> None:
        looks = self._stage.looks
        self._choice.trying = Trying(before=looks.theme.name, names=looks.names(), wrong=looks.wrong())
        trying = self._choice.trying
        trying.at = trying.names.index(trying.before) if trying.before in trying.names else 0
        self._turn(1)
        self._deafen()

    def _turn(self, step: int) -> None:
        trying = self._choice.trying
        if trying is None:
            return
        trying.at = (trying.at + step) % len(trying.names)
        self._put_on(trying, trying.names[trying.at])

    def _put_on(self, trying: Trying, name: str) -> None:
        """Wear a theme, or keep the one that is on and note what is wrong with its file."""
        why = self._stage.looks.wear(name)
        trying.wrong = {other: said for other, said in trying.wrong.items() if other != name}
        if why:
            trying.wrong[name] = why

    def _keep_theme(self) -> None:
        trying, worn = self._choice.trying, self._stage.looks.theme.name
        if trying is None or trying.wrong.get(trying.names[trying.at]):
            return  # what is marked is not what is on
        self._choice.trying = None
        self._stage.memory.keep(msgspec.structs.replace(self._stage.memory.kept, theme=worn))
        self._tell(f"theme {worn}, here and at the next start", False)
        self._deafen()

    def _give_back(self) -> None:
        trying, self._choice.trying = self._choice.trying, None
        if trying is not None and trying.before != self._stage.looks.theme.name:
            why = self._stage.looks.wear(trying.before)
            if why:
                self._tell(why, True)
        self._deafen()
