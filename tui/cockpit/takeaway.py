"""Owns what the trader takes off the screen: the thing in front as plain text, and the tables behind it as rows.

Amounts are hidden where the scene hides them, in every cell. Never writes: `keepsakes` does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.proposal import Proposal
from engine.domain.units import iso
from engine.domain.views import AlertView, BasketView
from tui.cockpit import alerts, reviews, text
from tui.cockpit.choice import Page
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.panels.feed_rows import feed_row
from tui.cockpit.scene import Scene

Cell = str | float | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows as a CSV file has them; what is undefined is None."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def in_front(scene: Scene) -> tuple[str, str]:
    """Return what is in front by name, and as text: the proposal, else the alert, else the basket; empty for none."""
    if scene.choice.review is not None:
        found = scene.choice.review.pinned
        return ", ".join(one.id for one in found), "\n\n".join(_proposal(scene.glyphs, one) for one in found)
    alert = alerts.shown(scene) if scene.choice.detail else None
    if alert is not None:
        return f"alert {alert.id}", _alert(scene, alert)
    chosen = scene.selected
    return ("", "") if chosen is None else (chosen.name, _basket(scene, chosen))


def _proposal(g: Glyphs, made: Proposal) -> str:
    legs = [
        f"  {leg.side:<4} {text.held(g, leg.quantity)} {leg.asset} at {text.price(g, float(leg.price))}"
        for leg in made.legs
    ]
    before, after = made.before, made.after
    return "\n".join(
        (
            f"{made.id} {made.kind} {made.basket}: {reviews.headline(g, made)} ({text.covered(g, made.reason)})",
            *legs,
            f"  cost {text.dollars(g, float(made.cost))}, {made.cost_bps:.1f} bps",
            f"  gross {text.money(g, before.gross)} {g.arrow} {text.money(g, after.gross)}, hidden leverage "
            f"{text.factor(g, before.hidden_leverage)} {g.arrow} {text.factor(g, after.hidden_leverage)}",
        )
    )


def _alert(scene: Scene, alert: AlertView) -> str:
    g, evidence = scene.glyphs, alert.evidence
    pairs = [
        f"  {pair.first}/{pair.second} {text.rho(g, pair.rho_base)} {g.arrow} {text.rho(g, pair.rho_now)}"
        for pair in evidence.pairs
    ]
    head = f"ALERT {alerts.subject(alert)}: {alerts.words(alert)}, shift {text.delta(g, evidence.shift)}"
    return "\n".join((f"{head}, since {iso(alert.since_ms)}", *pairs))


def _basket(scene: Scene, basket: BasketView) -> str:
    g = scene.glyphs
    rho = f"{g.rho} base {text.rho(g, basket.mean_rho_base)}, now {text.rho(g, basket.mean_rho_now)}"
    legs = [
        f"  {leg.asset:<6} {leg.side:<5} held {text.share(g, leg.weight)}, target {text.share(g, leg.target_weight)}"
        f", p&l {text.gain(g, leg.pnl)}"
        for leg in basket.assets
    ]
    return "\n".join(
        (
            f"{basket.name} {basket.state}: gross {text.money(g, basket.gross)}, net "
            f"{text.money(g, basket.net, signed=True)}, p&l {text.gain(g, basket.pnl)}",
            f"  {rho}, shift {text.delta(g, basket.shift)}, hidden leverage {text.factor(g, basket.hidden_leverage)}",
            *legs,
        )
    )


def tables(scene: Scene) -> list[Table]:
    """Return the tables of the page in front; a page without any has none."""
    page = scene.choice.page
    if page is Page.BLOTTER:
        return [_positions(scene), _orders(scene), _fills(scene)]
    if page is Page.JOURNAL:
        return [_journal(scene)]
    if page is not Page.COCKPIT:
        return []
    return [*_books(scene), *_matrices(scene)]


def _money(g: Glyphs, value: Cell) -> Cell:
    return g.mask or value


def _positions(scene: Scene) -> Table:
    g, seen = scene.glyphs, scene.deck.blotter
    positions = tuple(
        (
            one.asset,
            one.symbol,
            _money(g, one.quantity),
            one.average_price,
            one.mark,
            _money(g, one.value),
            _money(g, one.unrealized),
            one.liquidation_distance,
            " ".join(name for name, _ in one.baskets),
        )
        for one in seen.positions
    )
    return Table(name="positions", head=_POSITIONS, rows=positions)


def _orders(scene: Scene) -> Table:
    g, seen = scene.glyphs, scene.deck.blotter
    orders = tuple(
        (
            iso(one.updated_ms),
            one.client_order_id,
            " ".join(one.proposals),
            " ".join(one.baskets),
            one.asset,
            one.side,
            _money(g, one.quantity),
            one.price,
            _money(g, one.filled),
            one.average_price,
            one.state,
            one.slippage_bps,
            text.covered(g, one.note),
        )
        for one in seen.orders
    )
    return Table(name="orders", head=_ORDERS, rows=orders)


def _fills(scene: Scene) -> Table:
    g, seen = scene.glyphs, scene.deck.blotter
    fills = tuple(
        (
            iso(one.at_ms),
            one.fill_id,
            one.proposal,
            one.basket,
            one.asset,
            one.side,
            _money(g, one.quantity),
            one.price,
            _money(g, one.fee),
        )
        for one in seen.fills
    )
    return Table(name="fills", head=_FILLS, rows=fills)


_POSITIONS = (
    *("asset", "symbol", "quantity", "average_price", "mark", "value", "unrealized"),
    *("liquidation_distance", "baskets"),
)
_ORDERS = (
    *("updated_at", "client_order_id", "proposals", "baskets", "asset", "side", "quantity", "planned_price"),
    *("filled", "average_price", "state", "slippage_bps", "note"),
)
_FILLS = ("at", "fill_id", "proposal", "basket", "asset", "side", "quantity", "price", "fee")
_BASKETS = (
    *("basket", "state", "gross", "net", "pnl", "factor", "hidden_leverage", "rho_base", "rho_now", "shift"),
    "proposal",
)
_LEGS = ("basket", "asset", "symbol", "side", "weight", "target_weight", "pnl", "liquidation_distance")


def _books(scene: Scene) -> list[Table]:
    g, baskets = scene.glyphs, scene.books.baskets
    rows = tuple(
        (
            one.name,
            one.state,
            _money(g, one.gross),
            _money(g, one.net),
            _money(g, one.pnl),
            one.factor,
            one.hidden_leverage,
            one.mean_rho_base,
            one.mean_rho_now,
            one.shift,
            one.proposal,
        )
        for one in baskets
    )
    legs = tuple(
        (
            one.name,
            leg.asset,
            leg.symbol,
            leg.side,
            leg.weight,
            leg.target_weight,
            _money(g, leg.pnl),
            leg.liquidation_distance,
        )
        for one in baskets
        for leg in one.assets
    )
    return [Table(name="baskets", head=_BASKETS, rows=rows), Table(name="legs", head=_LEGS, rows=legs)]


def _matrices(scene: Scene) -> list[Table]:
    """Return the matrix of the view that is on, whole: what the screen leaves out for want of room too."""
    found = scene.matrix(scene.choice.view)
    if found is None:
        return []
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (asset, *line) for asset, line in zip(found.assets, found.values, strict=True)
    )
    scope = "all" if scene.choice.all_assets else clean(scene.scope)
    return [Table(name=f"matrix-{scope}-{scene.choice.view}", head=("", *found.assets), rows=rows)]


def _journal(scene: Scene) -> Table:
    g, wanted = scene.glyphs, scene.choice.filter.strip()
    found = [feed_row(g, event, scene.deck.orders) for event in reversed(scene.deck.feed)]
    rows = tuple(
        (iso(row.at), row.word, row.subject, " ".join((text.covered(g, row.said), *row.pairs)).strip())
        for row in found
        if not wanted or row.holds(wanted)
    )
    return Table(name="journal", head=("at", "what", "subject", "words"), rows=rows)


def cell(value: Cell) -> str:
    """Return what stands in a cell of a file: nothing where a value is undefined, numbers as they are."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def as_rows(table: Table) -> Sequence[Sequence[str]]:
    """Return a table as lines of cells, its head first."""
    return [table.head, *([cell(value) for value in row] for row in table.rows)]
