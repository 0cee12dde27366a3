"""Owns the help page: the key table as lines, and the shapes with their meanings."""

from tui.cockpit.glyphs import Glyphs
from tui.cockpit.ink import ACCENT, BOLD, DIM, TEXT, Line, Paint, Role
from tui.cockpit.keys import KEYS, Context, Key
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Scene

_TITLES = {Context.COCKPIT: "in the cockpit", Context.GONE: "when the engine is gone", Context.HELP: "on this page"}
_KEY = Paint(ACCENT.fg, bold=True)


def help_lines(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the whole page."""
    label = DIM.on(Role.RAISED)
    lines = [strip_line(scene, [(" help", BOLD.on(Role.RAISED))], [("esc back ", label)], columns)]
    spacious = rows >= 30
    seen: set[str] = set()
    for context in Context:
        fresh = [row for row in KEYS if context in row.contexts and row.action not in seen]
        if not fresh:
            continue
        lines += [()] * spacious + [((f" {_TITLES[context]}", BOLD),)]
        for row in fresh:
            seen.add(row.action)
            lines.append(_row(row))
    lines += [()] * spacious + [((" shapes", BOLD),)]
    lines += [((f"   {shape:<12}", TEXT), (meaning, DIM)) for shape, meaning in _shapes(scene.glyphs)]
    return lines[:rows]


def _row(row: Key) -> Line:
    return ((f"   {row.label:<12}", _KEY), (row.help, TEXT), ("  dangerous" if row.danger else "", DIM))


def _shapes(g: Glyphs) -> list[tuple[str, str]]:
    return [
        (f"{g.watch} {g.alert} {g.proposal}", "watch: a pair moved; alert: the basket did; proposal: decide"),
        (f"{g.stale}42s", "stale: older than the limit; totals that use it carry the same mark"),
        (
            g.link_on * 3,
            f"link to the venue: {g.link_on * 3} up, {g.link_off * 2}{g.link_on} degraded, {g.link_off * 3} down",
        ),
        (f"{g.beat} {g.gone}", "the engine's heartbeat; gone"),
        (f"{g.above} {g.below}", f"{g.rho} above .90, below .60: out of the band of a normal pair"),
        (g.undefined, "undefined: too little history, a gap, or flat; never 0"),
    ]
