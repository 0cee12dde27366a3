"""Owns a proposal as a person judges it in ten seconds: legs, cost, risk before and after side by side, time left.

Plain text of at most a hundred columns, without colors, so that it can be piped and pasted. Nothing here fetches.
"""

import math
from collections.abc import Callable

from engine.domain.order import OrderState
from engine.domain.proposal import ProposalKind, ProposalLeg, ProposalState, RiskSummary
from engine.domain.trade_views import OrderView, ProposalsView, ProposalView
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.text import decimals, dollars, factor, minutes, price, quantity, share, signed
from tui.commands.output import one_line

G = UNICODE


def full_lines(view: ProposalView) -> list[str]:
    """Return everything that a decision needs."""
    proposal = view.proposal
    head = f"{proposal.id}  {proposal.kind} {proposal.basket}  {_standing(view)}"
    return [
        head,
        f"  {one_line(proposal.reason)}",
        "",
        *(_leg(leg) for leg in proposal.legs),
        *(f"  not traded  {leg.asset}: {leg.why}" for leg in proposal.skipped),
        "",
        *_cost(view),
        "",
        *_risk(view),
        *(f"  ! {warning}" for warning in proposal.warnings),
        *([f"  ! it would be refused right now: {view.refusal}"] if view.refusal else []),
    ]


def table_lines(view: ProposalsView) -> list[str]:
    """Return one line per proposal, those that wait first."""
    if not view.pending and not view.recent:
        return ["no proposals"]
    head = f"{'id':<18}{'kind':<11}{'state':<12}{'left':>6}{'trades':>10}{'cost':>9}{'loss at rho .95':>20}  why"
    return [head, *(_row(each) for each in (*view.pending, *view.recent))]


def order_line(order: OrderView) -> str:
    """Return what became of one order."""
    asked = f"{order.side:<4} {quantity(order.quantity)} {order.asset}"
    if order.average_price is not None and order.filled:
        got = "" if order.filled == order.quantity else f"{quantity(order.filled)} of it "
        filled = f"{got}at {price(G, float(order.average_price))} ({order.slippage_bps:+.1f} bps)"
    else:
        filled = f"planned at {price(G, float(order.price))}"
    note = f": {order.note}" if order.note and order.state is not OrderState.FILLED else ""
    return f"  {asked:<26} {order.state:<9} {filled}{note}"


def traded(view: ProposalView) -> float:
    """Return the sum of absolute notionals."""
    return float(sum(leg.notional for leg in view.proposal.legs))


def _standing(view: ProposalView) -> str:
    if not math.isnan(view.left_s):
        snoozed = "snoozed, " if view.state is ProposalState.SNOOZED else ""
        return f"{snoozed}{minutes(G, view.left_s)} left to decide"
    return f"{view.state}{' (' + view.ended_why + ')' if view.ended_why else ''}"


def _leg(leg: ProposalLeg) -> str:
    money = dollars(G, float(leg.notional))
    word = "reduces" if leg.reduces else "adds"
    return (
        f"  {leg.side:<4} {leg.asset:<7}{quantity(leg.quantity):>10} at {price(G, float(leg.price)):>10}"
        f"{money:>10}  fee {dollars(G, float(leg.fee)):>6}  {word:<7}  {_held(leg)}"
    )


def _held(leg: ProposalLeg) -> str:
    return f"held {signed(G, leg.held)} → {signed(G, leg.target)}"


def _cost(view: ProposalView) -> list[str]:
    proposal = view.proposal
    size = f"{share(G, proposal.turnover)} of the basket's base" if not math.isnan(proposal.turnover) else ""
    year = ""
    if not math.isnan(proposal.cost_share_year):
        year = f", {share(G, proposal.cost_share_year)} of what its trading has cost in a year so far"
    sizes = f"  factor {decimals(G, proposal.factor)} of the base"
    if not math.isnan(proposal.equal_risk_factor) and proposal.kind is not ProposalKind.CLOSE:
        sizes += f"; sized to equal risk it would be {decimals(G, proposal.equal_risk_factor)}"
    return [
        f"  trades {dollars(G, traded(view))}, {size}",
        f"  costs {dollars(G, float(proposal.cost))} ({proposal.cost_bps:.1f} bps){year}; "
        f"carry {dollars(G, proposal.carry_day)} a day",
        sizes,
    ]


def _percent(value: float) -> str:
    return share(G, value)


def _dollars(value: float) -> str:
    return dollars(G, value)


_FIGURES: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("gross", "gross", _dollars),
    ("net", "net", _dollars),
    ("volatility a year", "vol_ann", _percent),
    ("hidden leverage", "hidden_leverage", lambda value: factor(G, value)),
    ("effective bets", "effective_bets", lambda value: decimals(G, value)),
    ("loss, worst 5 % of days", "es95_1d", _dollars),
    ("  with rho at .95", "es95_rho95", _dollars),
    ("  with the hedge broken", "es95_hedge_break", _dollars),
    ("liquidation distance", "liquidation_distance", _percent),
)


def _risk(view: ProposalView) -> list[str]:
    proposal = view.proposal
    lines = [f"  {'':<25}{proposal.basket:^22}   {'account':^22}".rstrip()]
    for label, name, shown in _FIGURES:
        basket = _move(proposal.before, proposal.after, name, shown)
        account = _move(proposal.account_before, proposal.account_after, name, shown)
        lines.append(f"  {label:<25}{basket}   {account}".rstrip())
    return lines


def _move(before: RiskSummary, after: RiskSummary, name: str, shown: Callable[[float], str]) -> str:
    return f"{shown(getattr(before, name)):>9} → {shown(getattr(after, name)):<10}"


def _row(view: ProposalView) -> str:
    proposal = view.proposal
    left = minutes(G, view.left_s) if not math.isnan(view.left_s) else ""
    loss = f"{dollars(G, proposal.before.es95_rho95)} → {dollars(G, proposal.after.es95_rho95)}"
    why = one_line(proposal.reason if not view.ended_why else f"{proposal.reason} [{view.ended_why}]")
    return (
        f"{proposal.id:<18}{proposal.kind:<11}{view.state:<12}{left:>6}{dollars(G, traded(view)):>10}"
        f"{dollars(G, float(proposal.cost)):>9}{loss:>20}  {why}"
    )
