"""Owns what the palette offers: every action of the key table, those that count here first, then those one can go to.

Reads the table and the scene; runs nothing. The panel shows it, the hands do what is marked. The order depends on
what is typed and on the place alone, so that no news moves another action under the mark.
"""

from dataclasses import dataclass

from textual.fuzzy import FuzzySearch

from tui.cockpit.choice import Palette
from tui.cockpit.key_names import Action, Context
from tui.cockpit.key_row import Key
from tui.cockpit.keys import table
from tui.cockpit.reasons import barred, why_not
from tui.cockpit.scene import Scene
from tui.cockpit.ways import leads_somewhere, no_way, way

_SEARCH = FuzzySearch()
_ITSELF = (Context.PALETTE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One action; `to` is the place to go to first, `reason` says why it cannot be done, empty where it can."""

    row: Key
    here: bool
    to: Context | None = None
    reason: str = ""


def entries(scene: Scene, palette: Palette) -> list[Entry]:
    """Return what fits the typed text, best first; all where nothing is typed, those that count here first."""
    found: dict[Action, Key] = {}
    here = scene.beneath
    for row in table():
        if row.action is Action.PALETTE or row.contexts[0] in _ITSELF:
            continue
        if row.action not in found or here in row.contexts:
            found[row.action] = row
    scored = [(_score(palette.text, row), row) for row in found.values()]
    fitting = [(score, row) for score, row in scored if score > 0]
    fitting.sort(key=lambda each: (-each[0], _far(here, each[1])))  # stable: the table's order among equals
    return [_entry(scene, row) for _, row in fitting]


def marked(scene: Scene, palette: Palette) -> Entry | None:
    """Return the marked entry, None where nothing fits."""
    found = entries(scene, palette)
    return found[palette.at % len(found)] if found else None


def _score(typed: str, row: Key) -> float:
    """Return how well an action fits: its name by the letters in their order, its description word for word."""
    wanted = typed.strip()
    if not wanted:
        return 1.0
    name = f"{row.short} {row.action.replace('_', ' ')}"
    by_name = _SEARCH.match(wanted, name)[0]
    return by_name + 1.0 if by_name else float(wanted.casefold() in row.help.casefold())


def _far(here: Context, row: Key) -> int:
    """Return 0 for what counts here, 1 for what can be gone to, 2 for what counts only while something is typed."""
    return 0 if here in row.contexts else 1 if leads_somewhere(row) else 2


def _entry(scene: Scene, row: Key) -> Entry:
    if scene.beneath in row.contexts:
        return Entry(row=row, here=True, reason=why_not(scene, row))
    to = way(scene, row)
    return Entry(row=row, here=False, to=to, reason=barred(scene, row) if to is not None else no_way(scene, row))
