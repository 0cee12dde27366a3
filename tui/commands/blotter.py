"""Owns `driftdeck proposals`, `orders` and `positions`: what waits, was sent, is held, as JSON or as tables."""

import time
from pathlib import Path

from engine.domain.order import OrderState
from engine.domain.trade_views import BlotterView, OrderView, PositionView, ProposalsView
from engine.domain.units import iso
from engine.domain.views import Section
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.text import dollars, price, quantity, share, signed
from tui.commands.asking import ask_for, engine_socket
from tui.commands.output import number, print_json
from tui.commands.proposal_json import amount, order_document, proposals_document
from tui.commands.proposal_text import table_lines

G = UNICODE


def proposals(state: Path | None, *, as_json: bool) -> None:
    """Print what waits for a decision, then what became of the last ones. Raises NoEngineError."""
    view = ask_for(engine_socket(state), Section.PROPOSALS, ProposalsView)
    if as_json:
        print_json(proposals_document(view, wall_ms=time.time_ns() // 1_000_000))
        return
    print(*table_lines(view), sep="\n")


def orders(state: Path | None, *, as_json: bool) -> None:
    """Print the last orders, newest first. Raises NoEngineError."""
    view = ask_for(engine_socket(state), Section.BLOTTER, BlotterView)
    if as_json:
        print_json([order_document(order) for order in view.orders])
        return
    print(*order_table(view), sep="\n")


def positions(state: Path | None, *, as_json: bool) -> None:
    """Print what is held, net as at the venue, and how the baskets share it. Raises NoEngineError."""
    view = ask_for(engine_socket(state), Section.BLOTTER, BlotterView)
    if as_json:
        print_json([position_document(position) for position in view.positions])
        return
    print(*position_table(view), sep="\n")


def order_table(view: BlotterView) -> list[str]:
    """Return the orders as a table for a person."""
    if not view.orders:
        return ["no orders"]
    head = (
        f"{'updated':<21}{'proposal':<18}{'side':<5}{'quantity':>10} {'asset':<7}{'filled':>10}{'price':>11}"
        f"{'worse bps':>10}  state"
    )
    return [head, *(_order(order) for order in view.orders)]


def position_table(view: BlotterView) -> list[str]:
    """Return the positions as a table for a person."""
    if not view.positions:
        return ["no positions"]
    head = f"{'asset':<8}{'quantity':>11}{'entry':>11}{'mark':>11}{'value':>11}{'open P&L':>10}{'liq':>8}  baskets"
    return [head, *(_position(position) for position in view.positions)]


def position_document(position: PositionView) -> dict[str, object]:
    """Return one position as `positions --json` has it."""
    return {
        "asset": position.asset,
        "symbol": position.symbol,
        "qty": amount(position.quantity),
        "avg_price": amount(position.average_price),
        "mark": amount(position.mark),
        "value": amount(position.value),
        "unrealized": amount(position.unrealized),
        "liquidation_distance": number(position.liquidation_distance),
        "baskets": {basket: amount(part) for basket, part in position.baskets},
        "foreign": amount(position.foreign),
        "frozen": position.frozen,
    }


def _order(order: OrderView) -> str:
    at = order.average_price if order.average_price is not None else order.price
    worse = "" if order.average_price is None else f"{order.slippage_bps:+.1f}"
    name = f"  {order.client_order_id}" if order.state is OrderState.UNKNOWN else ""  # what `resolve` asks for
    note = f"{name}  {order.note}" if order.note else name
    return (
        f"{iso(order.updated_ms)[:19]:<21}{','.join(order.proposals):<17} {order.side:<5}"
        f"{quantity(order.quantity):>10} {order.asset:<7}{quantity(order.filled):>10}{price(G, float(at)):>11}"
        f"{worse:>10}  {order.state}{note}"
    )


def _position(position: PositionView) -> str:
    mark = float(position.mark) if position.mark is not None else float("nan")
    shares = [f"{basket} {signed(G, part)}" for basket, part in position.baskets]
    shares += [f"{signed(G, position.foreign)} of no basket"] if position.foreign else []
    parts = ", ".join(shares) + (f"  FROZEN: {position.frozen}" if position.frozen else "")
    return (
        f"{position.asset:<8}{signed(G, position.quantity):>11}{price(G, float(position.average_price)):>11}"
        f"{price(G, mark):>11}{dollars(G, float(position.value)):>11}{dollars(G, float(position.unrealized)):>10}"
        f"{share(G, position.liquidation_distance):>8}  {parts}"
    )
