"""Owns the help page: the key table as lines by place, and the shapes with their meanings; pages where it is long."""

from tui.cockpit.alerts import SNOOZED
from tui.cockpit.glyphs import Glyphs
from tui.cockpit.ink import ACCENT, BOLD, DIM, TEXT, Line, Paint, Role, Span, crop, pad
from tui.cockpit.key_names import PLACES, Context
from tui.cockpit.key_row import Key
from tui.cockpit.keys import label, table
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Scene

_COLUMN = 95  # as wide as the longest line of the table; more fit beside each other
_KEY = Paint(ACCENT.fg, bold=True)


def help_lines(scene: Scene, columns: int, rows: int, *, page: int = 0) -> list[Line]:
    """Return one page of the help."""
    deep, across = rows - 1, max(1, columns // _COLUMN)
    room = deep * across
    body = _body(scene.glyphs, spacious=True)
    if len(body) > room:
        body = _body(scene.glyphs, spacious=False)
    pages = -(-len(body) // room)
    at = page % pages
    tag = DIM.on(Role.RAISED)
    off: Span = (f"{scene.glyphs.caution} off in read-only   ", tag)
    right: list[Span] = [
        off,
        (f"page {at + 1} of {pages}   tab turns   " if pages > 1 else "", tag),
        ("esc back ", tag),
    ]
    strip = strip_line(scene, [(" help", BOLD.on(Role.RAISED))], right, columns)
    shown = body[at * room : (at + 1) * room]
    wide = columns // across
    beside = [shown[first : first + deep] for first in range(0, across * deep, deep)]
    return [
        strip,
        *(
            tuple(
                span
                for part in beside
                for span in pad(crop(part[y], wide, scene.glyphs.ellipsis) if y < len(part) else (), wide)
            )
            for y in range(deep)
        ),
    ]


def _body(g: Glyphs, *, spacious: bool) -> list[Line]:
    lines: list[Line] = []
    seen: set[str] = set()
    for context in Context:
        fresh = [row for row in table() if context in row.contexts and row.action not in seen]
        if not fresh:
            continue
        lines += [()] * spacious + [((f" {PLACES[context]}", BOLD),)]
        for row in fresh:
            seen.add(row.action)
            lines.append(_row(g, row))
    lines += [()] * spacious + [((" shapes", BOLD),)]
    return [*lines, *(((f"   {shape:<12}", TEXT), (meaning, DIM)) for shape, meaning in _shapes(g))]


def _row(g: Glyphs, row: Key) -> Line:
    mark: Span = (f" {g.caution if row.danger else ' '} ", Paint(Role.WATCH, bold=True))
    return (mark, (f"{label(row, g):<12}", _KEY), (row.help, TEXT))


def _shapes(g: Glyphs) -> list[tuple[str, str]]:
    return [
        (f"{g.watch} {g.alert} {g.proposal}", "watch: a pair moved; alert: the basket did; proposal: decide"),
        (f"{g.done} {SNOOZED}", "an alert that somebody has seen; one that is snoozed"),
        (f"{g.vol}", f"volatility: an asset's last hour is past 3{g.sigma} of its 30 days"),
        (f"{g.stale}42s", "stale: older than the limit; totals that use it carry the same mark"),
        (
            g.link_on * 3,
            f"link to the venue: {g.link_on * 3} up, {g.link_off * 2}{g.link_on} degraded, {g.link_off * 3} down",
        ),
        (f"{g.beat} {g.gone}", "the engine's heartbeat; gone"),
        (f"{g.above} {g.below}", f"{g.rho} above .90, below .60: out of the band of a normal pair"),
        (g.undefined, "undefined: too little history, a gap, or flat; never 0"),
    ]
