"""Owns a proposal as CONTRACT's JSON: `proposals --json`.

Market times are ISO; `expires_at` is wall time, because how long a person has to decide runs on the host's clock.
Undefined numbers are null. Nothing here fetches.
"""

import math
from decimal import Decimal

from engine.domain.proposal import Proposal, ProposalLeg, RiskSummary
from engine.domain.trade_views import OrderView, ProposalsView, ProposalView
from engine.domain.units import Ms, iso
from tui.commands.output import number

RISK_FIGURES = (
    "gross",
    "net",
    "vol_ann",
    "hidden_leverage",
    "effective_bets",
    "es95_1d",
    "es95_rho95",
    "es95_hedge_break",
    "liquidation_distance",
    "carry_day",
)


def proposals_document(view: ProposalsView, *, wall_ms: int) -> list[dict[str, object]]:
    """Return all proposals: those that wait, then the last ones that do not."""
    return [proposal_document(each, wall_ms=wall_ms) for each in (*view.pending, *view.recent)]


def proposal_document(view: ProposalView, *, wall_ms: int) -> dict[str, object]:
    """Return one proposal."""
    proposal = view.proposal
    return {
        "id": proposal.id,
        "basket": proposal.basket,
        "kind": proposal.kind,
        "state": view.state,
        "created_at": iso(proposal.created_at),
        "expires_at": None if math.isnan(view.left_s) else iso(Ms(wall_ms + round(view.left_s) * 1000)),
        "hash": proposal.hash,
        "cause": proposal.cause or None,
        "reason": proposal.reason,
        "legs": [_leg(leg) for leg in proposal.legs],
        "skipped": [{"asset": leg.asset, "why": leg.why} for leg in proposal.skipped],
        **_figures(proposal),
        "warnings": list(proposal.warnings),
        "supersedes": proposal.supersedes,
        "refusal": view.refusal or None,
        "decided_by": view.decided_by or None,
        "decided_at": _instant(view.decided_ms),
        "note": view.note or None,
        "snoozed_until": _instant(view.snoozed_until_ms),
        "ended_at": _instant(view.ended_ms),
        "ended_why": view.ended_why or None,
        "orders": [order.client_order_id for order in view.orders],
    }


def order_document(order: OrderView) -> dict[str, object]:
    """Return one order as `orders --json` has it; one that serves several baskets names them all in `allocations`."""
    return {
        "client_order_id": order.client_order_id,
        "venue_order_id": order.venue_order_id,
        "proposal": order.proposals[0] if order.proposals else None,
        "basket": order.baskets[0] if order.baskets else None,
        "allocations": [
            {"proposal": proposal, "basket": basket}
            for proposal, basket in zip(order.proposals, order.baskets, strict=True)
        ],
        "asset": order.asset,
        "symbol": order.symbol,
        "side": order.side,
        "qty": amount(order.quantity),
        "price": amount(order.price),
        "filled": amount(order.filled),
        "avg_price": amount(order.average_price),
        "state": order.state,
        "reduces": order.reduce_only,
        "latency_ms": number(order.latency_ms),
        "slippage_bps": number(order.slippage_bps),
        "updated_at": iso(order.updated_ms),
        "note": order.note,
    }


def amount(value: Decimal | None) -> float | None:
    """Return an agreed amount as a plain number."""
    return None if value is None else float(value)


def _instant(at: Ms | None) -> str | None:
    return None if at is None else iso(at)


def _leg(leg: ProposalLeg) -> dict[str, object]:
    return {
        "asset": leg.asset,
        "symbol": leg.symbol,
        "side": leg.side,
        "qty": amount(leg.quantity),
        "price": amount(leg.price),
        "notional": amount(leg.notional),
        "fee": amount(leg.fee),
        "reduces": leg.reduces,
        "held": amount(leg.held),
        "target": amount(leg.target),
        "low": amount(leg.low),
        "high": amount(leg.high),
    }


def _figures(proposal: Proposal) -> dict[str, object]:
    return {
        "cost": amount(proposal.cost),
        "cost_bps": number(proposal.cost_bps),
        "cost_share_year": number(proposal.cost_share_year),
        "turnover": number(proposal.turnover),
        "factor": number(proposal.factor),
        "equal_risk_factor": number(proposal.equal_risk_factor),
        "carry_day": number(proposal.carry_day),
        "before": _risk(proposal.before),
        "after": _risk(proposal.after),
        "account_before": _risk(proposal.account_before),
        "account_after": _risk(proposal.account_after),
    }


def _risk(summary: RiskSummary) -> dict[str, object]:
    return {name: number(getattr(summary, name)) for name in RISK_FIGURES}
