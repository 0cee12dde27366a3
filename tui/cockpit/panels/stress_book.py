"""Owns the lab of one book on the stress page: how far liquidation is, who goes first, how likely it is at all.

Rows come in the order in which a short screen needs them; the page scrolls what does not fit.
"""

import math
from collections.abc import Iterator

from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, FAINT, TEXT, Line, Paint, Role, Span, crop, width
from tui.cockpit.lab_views import Cascade, Ended, LabBook, Leg, known
from tui.cockpit.labs import STRESS
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.lab_parts import Column, cash, table
from tui.cockpit.scene import Scene

_FAR = 1.0  # a distance above the whole price: no fall liquidates
_BAR = 30


def book_lines(scene: Scene, name: str, room: int) -> list[Line]:
    """Return everything about one book, most urgent first."""
    g, book = scene.glyphs, scene.labs.books.get(name)
    if book is None:
        job = scene.labs.job(STRESS)
        said = "making its odds of liquidation: some seconds" if job.running else "no odds of liquidation were made"
        return [_title(scene, name, [], room), ((f" {said}", DIM),)]
    shared = f"collateral, shared when cross, {cash(g, known(book.collateral))} "
    right: list[Span] = [(f"margin {cash(g, known(book.margin))}   {shared}", DIM.on(Role.RAISED))]
    lines = [_title(scene, name, right, room), _nearest(g, book, room)]
    shocks = [cascade for cascade in book.cascades if cascade.name.startswith("shock:")]
    crashes = [cascade for cascade in book.cascades if not cascade.name.startswith("shock:")]
    lines += [line for cascade in shocks for line in _cascade(g, cascade, room)]
    lines += [*_odds(g, book, room), *(line for cascade in crashes for line in _cascade(g, cascade, room))]
    if book.unstored:
        said = f"{', '.join(book.unstored)}: not in the stored bars; 'driftdeck import' brings history"
        lines.append(crop([(f" {said}", DIM)], room, g.ellipsis))
    return [*lines, (), *_legs(g, book, room)]


def _title(scene: Scene, name: str, right: list[Span], room: int) -> Line:
    left: list[Span] = [(clean(name)[:20], BOLD.on(Role.RAISED))]
    return strip_line(scene, left, right if width(left) + width(right) < room else [], room)


def _near(book: LabBook) -> list[Leg]:
    """Return the legs that a price can liquidate, nearest first."""
    held = [leg for leg in book.legs if leg.liquidation_distance is not None]
    return sorted(held, key=lambda leg: known(leg.liquidation_distance))


def _nearest(g: Glyphs, book: LabBook, room: int) -> Line:
    """Return who goes first, as many as fit whole."""
    near = [leg for leg in _near(book) if known(leg.liquidation_distance) < _FAR]
    line: list[Span] = [(" first to go  ", DIM)]
    if not near:
        return (*line, ("no fall of one asset alone liquidates its leg", TEXT))
    for leg in near:
        span: Span = (
            f"{clean(leg.asset)} {text.share(g, known(leg.liquidation_distance))}",
            TEXT if len(line) > 1 else BOLD,
        )
        if width(line) + len(span[0]) + 3 > room:
            break
        line += [span, ("   ", TEXT)]
    return tuple(line)


def _cascade(g: Glyphs, cascade: Cascade, room: int) -> Iterator[Line]:
    """Yield what one path does on isolated and on cross margin."""
    name = clean(cascade.name.removeprefix("shock:").replace("=", " "))[:13].replace("-", g.minus)
    if cascade.isolated is None or cascade.cross is None:
        yield crop(
            [(f" {name:<14}", BOLD), (f"not known: no price of {', '.join(cascade.unknown)}", DIM)], room, g.ellipsis
        )
        return
    for said, ended in (("isolated", cascade.isolated), ("cross", cascade.cross)):
        line: list[Span] = [(f" {name:<14}", BOLD), (f"{said:<10}", DIM)]
        yield (*line, *_ends(g, ended, room - width(line)))
        name = ""


def _ends(g: Glyphs, ended: Ended, room: int) -> list[Span]:
    """Return the loss and who is liquidated in turn; where room is short, the first ones and how many follow."""
    spans: list[Span] = [("loss ", DIM), (f"{cash(g, known(ended.loss)):<9}", BOLD)]
    if not ended.liquidated:
        return [*spans, ("nothing liquidated", DIM)]
    spans.append(("liquidates ", ALERT_INK))
    order = [f"{clean(each.asset)} at {each.share * 100:.0f}%" for each in ended.liquidated]
    for count in range(len(order), 0, -1):
        more = f" and {len(order) - count} more" if count < len(order) else " of the way"
        said = ", ".join(order[:count]) + more
        if width(spans) + len(said) <= room:
            return [*spans, (said, TEXT)]
    return [*spans, (f"{len(order)} legs", TEXT)]


def _odds(g: Glyphs, book: LabBook, room: int) -> list[Line]:
    days = list(next(iter(book.odds.values()), {}))
    columns = [Column(f"{day} d", 8) for day in days] + [Column(f"cross {day} d", 12) for day in days]
    rows: list[tuple[Span, list[Span]]] = []
    for name, odds in book.odds.items():
        chances = [odds[day] for day in days]
        values = [_chance(g, known(each.isolated)) for each in chances] + [
            _chance(g, known(each.cross)) for each in chances
        ]
        rows.append(((_assumed(g, name), BOLD if name == "today" else TEXT), values))
    return table("any liquidation", columns, rows, room, first=18)


def _assumed(g: Glyphs, name: str) -> str:
    """Return an assumption in words: independent, today, ρ .95, ρ .95 σ×1.5, hedge broken."""
    if not name.startswith("rho_"):
        return name.replace("hedge_break", "hedge broken")
    level, _, sigma = name.removeprefix("rho_").partition("_sigma_")
    return f"{g.rho} {text.rho(g, float(level))}" + (f" {g.sigma}{g.times}{sigma}" if sigma else "")


def _chance(g: Glyphs, value: float) -> Span:
    """Return a probability; it is good to half a point, so what is below is said as such."""
    if math.isnan(value):
        return (g.dash, DIM)
    if value < 0.0005:
        return ("0", FAINT if value == 0 else DIM)
    return (text.share(g, value), ALERT_INK if value >= 0.05 else TEXT)


def _legs(g: Glyphs, book: LabBook, room: int) -> list[Line]:
    """Return every leg with its distance as a bar of the whole price."""
    columns = (Column("value", 10), Column("margin", 10), Column("to liquidation", 17), Column("", -(_BAR + 2), 1))
    rows: list[tuple[Span, list[Span]]] = []
    for leg in (*_near(book), *(leg for leg in book.legs if leg.liquidation_distance is None and leg.value)):
        distance = known(leg.liquidation_distance)
        full = 0 if math.isnan(distance) else min(_BAR, round(distance * _BAR))
        values: list[Span] = [
            (cash(g, known(leg.value)), TEXT),
            (cash(g, known(leg.margin)), TEXT),
            (text.share(g, distance), BOLD),
            ("  " + g.weight * full, Paint(Role.ACCENT)),
        ]
        rows.append(((clean(leg.asset)[:10], TEXT), values))
    return table("legs", columns, rows, room, first=10) if rows else []
