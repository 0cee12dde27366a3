"""Owns what the palette offers: every action of the key table, those that count here first.

Reads the table and the scene; runs nothing. The panel shows it, the hands do what is marked.
"""

from dataclasses import dataclass

from textual.fuzzy import FuzzySearch

from tui.cockpit.choice import Palette
from tui.cockpit.key_names import PLACES, Action, Context
from tui.cockpit.keys import Key, table
from tui.cockpit.scene import Scene

_SEARCH = FuzzySearch()
_ITSELF = (Context.PALETTE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One action; `reason` says why it cannot be done here, empty where it can."""

    row: Key
    reason: str = ""


def entries(scene: Scene, palette: Palette) -> list[Entry]:
    """Return what fits the typed text, best first; all where nothing is typed, those that count here first."""
    found: dict[Action, Entry] = {}
    for row in table():
        if row.action is Action.PALETTE or row.contexts[0] in _ITSELF:
            continue
        if row.action not in found or palette.beneath in row.contexts:
            found[row.action] = Entry(row=row, reason=_reason(scene, palette, row))
    scored = [(_score(palette.text, entry.row), entry) for entry in found.values()]
    fitting = [(score, entry) for score, entry in scored if score > 0]
    fitting.sort(key=lambda each: (-each[0], bool(each[1].reason)))  # stable: the table's order among equals
    return [entry for _, entry in fitting]


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


def _reason(scene: Scene, palette: Palette, row: Key) -> str:
    if row.action is Action.FAULTS and scene.drill.barrier(scene.health):
        return "only in a drill"
    if palette.beneath not in row.contexts:
        return PLACES[row.contexts[0]]
    if row.danger and scene.read_only:
        return "read-only"
    return "locked: L unlocks" if row.danger and scene.choice.locked else ""
