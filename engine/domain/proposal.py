"""Owns what a person is asked to decide: a proposal with its legs, its cost, and the risk before and after.

Every number that is on the screen is a field here and goes into the hash that a decision carries. Made by the
rebalance room, journaled whole, never changed: a newer one supersedes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import msgspec

from engine.domain.order import OrderSide
from engine.domain.units import Asset, BasketName, Ms, ProposalId, Symbol


class ProposalKind(StrEnum):
    """Why there is a proposal (DESIGN 2)."""

    OPEN = "open"
    REBALANCE = "rebalance"
    RESTORE = "restore"
    REDUCE = "reduce"
    CLOSE = "close"


class ProposalState(StrEnum):
    """Where a proposal stands."""

    PENDING = "pending"
    APPROVED = "approved"
    HELD = "held"
    SNOOZED = "snoozed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    EXECUTING = "executing"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"

    @property
    def clause(self) -> str:
        """Return the state as a sentence ends with it: `is done`, `has failed`."""
        ends = {"partial": "is done in part", "failed": "has failed", "expired": "has expired"}
        return ends.get(self, f"is {self}")


class Decision(StrEnum):
    """What can be said to a proposal."""

    APPROVE = "approve"
    HOLD = "hold"
    SNOOZE = "snooze"


class ProposalLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One trade: the difference between what is held and the target, both signed quantities.

    `low` and `high` are the price band: outside of it the proposal is no longer what was decided on.
    """

    asset: Asset
    symbol: Symbol
    side: OrderSide
    quantity: Decimal
    price: Decimal
    notional: Decimal
    fee: Decimal
    reduces: bool
    held: Decimal
    target: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedLeg:
    """A leg that is not traded, and why."""

    asset: Asset
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSummary:
    """CONTRACT's risk figures of one book; NaN where undefined. Losses and `es95_1d` are money, `carry_day` too."""

    gross: float
    net: float
    vol_ann: float
    hidden_leverage: float
    effective_bets: float
    es95_1d: float
    es95_rho95: float
    es95_hedge_break: float
    liquidation_distance: float
    carry_day: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal. `valid_ms` is host time: how long it may be decided on. `hash` covers all other fields."""

    id: ProposalId
    basket: BasketName
    kind: ProposalKind
    cause: str  # id of the alert, or empty
    reason: str  # in words: what the screen says, or the trader's note
    created_at: Ms
    valid_ms: int
    legs: tuple[ProposalLeg, ...]
    skipped: tuple[SkippedLeg, ...]
    cost: Decimal
    cost_bps: float
    cost_share_year: float  # of what the basket's trading has cost in a year so far; NaN without any
    turnover: float
    factor: float  # gross target / base notional
    equal_risk_factor: float  # what the equal-risk multiplier would have made of it
    carry_day: float
    before: RiskSummary
    after: RiskSummary
    account_before: RiskSummary
    account_after: RiskSummary
    warnings: tuple[str, ...]
    supersedes: ProposalId | None
    hash: str
    edited: bool = False  # a person changed what the rule had drafted


def no_proposal(ident: str, waiting: Sequence[str]) -> str:
    """Return the sentence for an id under which nothing waits: what does instead."""
    verb = "waits" if len(waiting) < 2 else "wait"
    return f"there is no proposal {ident}; {', '.join(waiting) or 'nothing'} {verb} for a decision"
