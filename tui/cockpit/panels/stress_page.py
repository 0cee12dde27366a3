"""Owns the stress lab's page: sliders, what every book loses in every scenario, and the lab of the marked book below.

The figures are the command's (`labs`); nothing is computed here. A loss is positive, a gain negative.
"""

import math
from collections.abc import Sequence

from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import BOLD, DIM, FAINT, TEXT, Line, Paint, Role, Span, badge, width
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.lab_choice import BASE, HELD, SIZED, SLIDERS
from tui.cockpit.lab_marks import market_of
from tui.cockpit.lab_views import StressBook, StressView, known
from tui.cockpit.labs import STRESS
from tui.cockpit.panels.lab_parts import Column, cash, failure, page, strip, table
from tui.cockpit.panels.stress_book import book_lines
from tui.cockpit.scene import Scene

_WHOSE = {HELD: "what is held", BASE: "base exposure", SIZED: "base, sized by the rule"}
_GAIN = Paint(Role.GAIN)
_BAR = 24
_ROOMY = 36  # rows from which tables stand apart
_KEYS = (Action.FIRST_SLIDER, Action.SECOND_SLIDER, Action.THIRD_SLIDER)
_NAMES = ("correlation", "market", "leverage")


def stress_page(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the page."""
    return page(_head(scene, columns), _body(scene, columns, rows), columns, rows, scene.choice.scrolled)


def past(scene: Scene, columns: int, rows: int) -> int:
    """Return how far the page can be scrolled."""
    return max(0, len(_body(scene, columns, rows)) + len(_head(scene, columns)) - rows)


def _head(scene: Scene, columns: int) -> list[Line]:
    found, job = scene.labs.stress, scene.labs.job(STRESS)
    at = f" on the bars closed by {found.at.replace('T', ' ')[:16]}" if found is not None and not job.error else ""
    lines = [strip(scene, "stress lab", f"{_WHOSE[scene.choice.stress.what]}{at}", job, columns)]
    lines += failure(scene, job, columns)
    return [*lines, *(_slider(scene, number, columns) for number in range(len(SLIDERS)))]


def _slider(scene: Scene, number: int, columns: int) -> Line:
    """Return one slider: its key, its name, a bar with the place marked, what that place means."""
    g, choice = scene.glyphs, scene.choice.stress
    scale = SLIDERS[number]
    at = round(choice.at[number] * (_BAR - 1) / (len(scale) - 1))
    marked = number == choice.slider
    ink = Paint(Role.ACCENT, bold=True) if marked else DIM
    name: Span = (f" {_NAMES[number]} ".ljust(13), badge(Role.SEL) if marked else DIM)
    bar: list[Span] = [(g.weight * at, ink), (g.target, BOLD), (g.track * (_BAR - 1 - at), FAINT)]
    value, means = _meaning(scene, g, number)
    line: list[Span] = [(f" {key_of(_KEYS[number])} ", Paint(Role.ACCENT, bold=True)), name, ("  ", TEXT), *bar]
    line.append((f"  {value:<15}", BOLD))
    return (*line, (means, DIM)) if width(line) + len(means) <= columns else tuple(line)


def _meaning(scene: Scene, g: Glyphs, number: int) -> tuple[str, str]:
    choice = scene.choice.stress
    if number == 0:
        return f"{g.rho} {text.rho(g, choice.rho)}", "every pair at least that"
    if number == 1:
        sign = "+" if choice.move > 0 else g.minus
        return f"{market_of(scene)} {sign}{abs(choice.move)}%", "all follow by betas"
    said = f"{choice.leverage}{g.times}" if choice.leverage else "as configured"
    return said, "" if not choice.leverage else "in every basket"


def _body(scene: Scene, columns: int, rows: int) -> list[Line]:
    failed = scene.labs.job(STRESS).error
    found = scene.labs.stress if not failed else None  # older figures would look like the answer
    if found is None:
        waits = "" if failed else " the figures are on their way: the command line makes them"
        return [((waits, DIM),)]
    inside = columns - 2
    marked = scene.choice.stress.book % len(found.books)
    gap: list[Line] = [()] if rows >= _ROOMY else []
    losses = [*gap, *_table(scene.glyphs, found, inside, marked), *gap]
    book = found.books[marked].basket
    return [((" ", TEXT), *line) if line else () for line in [*losses, *book_lines(scene, book, inside)]]


def _table(g: Glyphs, found: StressView, room: int, marked: int) -> list[Line]:
    """Return a row per book; where room is short, the wilder market goes first, then net and bets."""
    shown = found.portfolio.scenarios
    rho = next((each.name for each in shown if each.name.startswith("rho_")), "rho_")
    shock = next((each.name for each in shown if each.name.startswith("shock:")), "shock:")
    level = text.rho(g, float(rho.removeprefix("rho_") or "nan"))
    columns = (
        Column("gross", 9, 1),
        Column("net", 9, 4),
        Column("hidden", 8),
        Column("bets", 6, 3),
        Column("worst day", 11),
        Column(f"{g.rho} {level}", 9),
        Column(f"{g.rho} {level} {g.sigma}{g.times}1.5", 13, 5),
        Column("hedge breaks", 14),
        Column(_moved(g, shock), 10),
        Column("liq", 8, 2),
    )
    rows = [
        ((clean(book.basket)[:15], BOLD if not at else TEXT), _values(g, book)) for at, book in enumerate(found.books)
    ]
    return table("loss of", columns, rows, room, first=15, marked=marked)


def _moved(g: Glyphs, shock: str) -> str:
    """Return a shock's name as a head: `BTC −8%`."""
    asset, _, move = shock.removeprefix("shock:").partition("=")
    return f"{clean(asset)[:5]} {move.replace('-', g.minus)}"


def _values(g: Glyphs, book: StressBook) -> Sequence[Span]:
    rho, broken, shock = (book.scenario(start) for start in ("rho_", "hedge_break", "shock:"))
    raised = known(rho.es95_1d) if rho else math.nan
    wild = known(rho.wild) if rho else math.nan
    lost = known(shock.loss) if shock else math.nan
    distance = known(rho.worst_liquidation_distance) if rho else math.nan
    return (
        (cash(g, known(book.gross)), TEXT),
        (cash(g, known(book.net)), TEXT),
        (text.factor(g, known(book.hidden_leverage)), BOLD),
        (text.decimals(g, known(book.effective_bets)), TEXT),
        (cash(g, known(book.es95_1d)), TEXT),
        (cash(g, raised), BOLD),
        (cash(g, wild), TEXT),
        (cash(g, known(broken.es95_1d) if broken else math.nan), TEXT),
        (cash(g, lost), _GAIN if lost < -0.5 else BOLD),
        (text.share(g, distance), TEXT),
    )
