"""Owns the drafting of proposals: targets into legs, their cost, the risk before and after, warnings, expiry, hash.

Pure: the core says what, when and why; the proposal says everything that a person needs to decide. Never decides and
never sends. A proposal without legs says why nothing is traded and is not worth a decision.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import msgspec
import numpy as np

from engine.domain.basket import Basket
from engine.domain.portfolio import ZERO, Book, Position
from engine.domain.proposal import Proposal, ProposalKind, ProposalLeg, RiskSummary, SkippedLeg
from engine.domain.units import Ms, ProposalId, Symbol
from engine.quant.arrays import Floats
from engine.quant.costs import TradingCost, half_spread, trading_cost
from engine.rebalance.cautions import warnings_of
from engine.rebalance.figures import Holding, Picture, account_summary, after_legs, book_summary, holdings
from engine.rebalance.legs import LegRules, Wish, make_legs
from engine.rebalance.targets import Targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why there is a proposal now: `cause` is an alert's id or empty, `reason` is in words."""

    id: ProposalId
    kind: ProposalKind
    cause: str
    reason: str
    at: Ms
    supersedes: ProposalId | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is held: the basket's book, the account's positions netted per symbol, its equity.

    `cost_year` is what this basket's trading has cost in a year so far.
    """

    book: Book
    account: tuple[Position, ...]
    equity: Decimal
    cost_year: Decimal
    margins: Mapping[Symbol, float] | None = None  # isolated: behind each symbol of the account; None: cross


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the config says: costs, how long a proposal may be decided on (host time), and its price band.

    Without `figured` its risk is undefined and it has no hash: a backtest makes thousands of drafts that nobody reads.
    """

    fee_bps: float
    slippage_bps: float
    valid_ms: int
    band: float
    net_tolerance: float
    figured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Risk:
    """Basket and account before and after the legs; `values` [N] is money per leg of the basket after them."""

    before: RiskSummary
    after: RiskSummary
    account_before: RiskSummary
    account_after: RiskSummary
    values: Floats


_BPS = Decimal("0.0001")
_NOTHING = RiskSummary(**dict.fromkeys(RiskSummary.__dataclass_fields__, float("nan")))


def held_values(basket: Basket, book: Book, picture: Picture) -> Floats:
    """Return what the book holds of each leg [N] in signed money; NaN where it has no price."""
    values, held = [], _held(book)
    for leg in basket.legs:
        price = picture.price(leg.symbol)
        quantity = held.get(leg.symbol, ZERO)
        values.append(float(quantity * price) if price is not None else (float("nan") if quantity else 0.0))
    return np.array(values)


def draft(
    basket: Basket,
    notional: Decimal,
    targets: Targets,
    occasion: Occasion,
    standing: Standing,
    picture: Picture,
    terms: Terms,
) -> Proposal:
    """Return the proposal that brings the basket from what it holds to `targets`."""
    legs, skipped = _trades(basket, targets, standing.book, picture, terms)
    spreads = _spreads(legs, picture)
    cost = _leg_cost(legs, spreads, terms, float(notional))
    risk = _risk(basket, float(notional), targets, standing, legs, picture) if terms.figured else _unknown_risk(basket)
    proposal = Proposal(
        id=occasion.id,
        basket=basket.name,
        kind=occasion.kind,
        cause=occasion.cause,
        reason=occasion.reason,
        created_at=occasion.at,
        valid_ms=terms.valid_ms,
        legs=legs,
        skipped=skipped,
        cost=Decimal(str(cost.total)),
        cost_bps=cost.bps,
        cost_share_year=cost.total / float(standing.cost_year) if standing.cost_year > 0 else float("nan"),
        turnover=cost.turnover,
        factor=targets.factor,
        equal_risk_factor=targets.equal_risk_factor,
        carry_day=risk.after.carry_day,
        before=risk.before,
        after=risk.after,
        account_before=risk.account_before,
        account_after=risk.account_after,
        warnings=warnings_of(
            basket,
            targets,
            legs,
            risk.values,
            cost=cost,
            equity=standing.equity,
            spreads_known=spreads,
            net_tolerance=terms.net_tolerance,
        ),
        supersedes=occasion.supersedes,
        hash="",
        edited=occasion.edited,
    )
    return replace(proposal, hash=_digest(proposal)) if terms.figured else proposal


def _trades(
    basket: Basket, targets: Targets, book: Book, picture: Picture, terms: Terms
) -> tuple[tuple[ProposalLeg, ...], tuple[SkippedLeg, ...]]:
    rules = LegRules(fee=Decimal(str(terms.fee_bps)) * _BPS, band=Decimal(terms.band))
    return make_legs(_wishes(basket, targets, book), picture.quotes, picture.instruments, rules)


def content_hash(proposal: Proposal) -> str:
    """Return 16 hex digits that change with any number, word or leg of the proposal."""
    return _digest(replace(proposal, hash=""))


def _digest(bare: Proposal) -> str:
    return hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()[:16]


def _leg_cost(legs: Sequence[ProposalLeg], spreads: Floats, terms: Terms, gross_base: float) -> TradingCost:
    """Return what these legs cost; where a venue gives no bid and ask the spread counts as nothing (and is told)."""
    return trading_cost(
        np.array([float(leg.notional) for leg in legs]),
        np.where(np.isnan(spreads), 0.0, spreads),
        fee_bps=terms.fee_bps,
        slippage_bps=terms.slippage_bps,
        gross_base=gross_base,
    )


def _risk(
    basket: Basket,
    notional: float,
    targets: Targets,
    standing: Standing,
    legs: Sequence[ProposalLeg],
    picture: Picture,
) -> _Risk:
    margins = {
        leg.symbol: abs(float(value)) / basket.leverage for leg, value in zip(basket.legs, targets.base, strict=True)
    }
    held, account = holdings(standing.book.positions), holdings(standing.account)
    after, equity = after_legs(held, legs), float(standing.equity)
    return _Risk(
        before=book_summary(held, picture, equity_base=notional, margins=margins),
        after=book_summary(after, picture, equity_base=notional, margins=margins),
        account_before=account_summary(account, picture, equity=equity, margins=standing.margins),
        account_after=account_summary(after_legs(account, legs), picture, equity=equity, margins=standing.margins),
        values=_values(basket, after, picture),
    )


def _unknown_risk(basket: Basket) -> _Risk:
    values = np.full(len(basket.legs), np.nan)
    return _Risk(before=_NOTHING, after=_NOTHING, account_before=_NOTHING, account_after=_NOTHING, values=values)


def _spreads(legs: Sequence[ProposalLeg], picture: Picture) -> Floats:
    quotes = [picture.quotes[leg.symbol] for leg in legs]
    return np.array([half_spread(float(q.bid or "nan"), float(q.ask or "nan")) for q in quotes], dtype=np.float64)


def _held(book: Book) -> dict[Symbol, Decimal]:
    return {each.symbol: each.quantity for each in book.positions}


def _wishes(basket: Basket, targets: Targets, book: Book) -> list[Wish]:
    """Return one wish per leg, and one to close whatever the book holds that is no leg any more."""
    held = _held(book)
    wishes = [
        Wish(asset=leg.asset, symbol=leg.symbol, held=held.get(leg.symbol, ZERO), target=target, base=base)
        for leg, target, base in zip(basket.legs, targets.values.tolist(), targets.base.tolist(), strict=True)
    ]
    own = {leg.symbol for leg in basket.legs}
    wishes += [
        Wish(asset=each.asset, symbol=each.symbol, held=each.quantity, target=0.0, base=0.0)
        for each in book.positions
        if each.symbol not in own and each.quantity
    ]
    return wishes


def _values(basket: Basket, held: Sequence[Holding], picture: Picture) -> Floats:
    """Return the signed money per leg [N] of what is held after the legs."""
    found = {each.symbol: each.quantity for each in held}
    prices = [picture.price(leg.symbol) for leg in basket.legs]
    return np.array(
        [
            float(found.get(leg.symbol, ZERO) * price) if price is not None else float("nan")
            for leg, price in zip(basket.legs, prices, strict=True)
        ]
    )
