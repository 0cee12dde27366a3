"""Owns how the facts of money read in the drift feed: proposals, decisions, orders, fills, funding, deposits, halts.

One sentence each, and of several fills in a row one sentence for all. Orders speak only where something went wrong:
that they went out and were filled is said by the fills.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import assert_never

from engine.domain.events import Event
from engine.domain.facts import (
    AccountValued,
    Actor,
    ConfigLoaded,
    Deposited,
    Fact,
    FeeCharged,
    FillRecorded,
    ForeignCounted,
    FundingPaid,
    InterestPaid,
    OrderIntended,
    OrderReported,
    PositionAdopted,
    ProposalDecided,
    ProposalDrafted,
    ProposalEnded,
    SymbolFrozen,
    SymbolReleased,
    TradingHalted,
    TradingResumed,
    Withdrawn,
)
from engine.domain.order import Order, OrderState
from engine.domain.proposal import Decision, ProposalKind, ProposalState
from engine.domain.units import BasketName, ClientOrderId, Ms
from tui.cockpit import reviews, text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, TEXT, WATCH, Paint
from tui.cockpit.panels.feed_words import FeedRow
from tui.cockpit.panels.venue_rows import venue_row

_TROUBLE = (OrderState.UNKNOWN, OrderState.REJECTED, OrderState.CANCELED)
_AUTO = ("auto", "auto_reduce")


def speaks(event: Fact) -> bool:
    """Return whether a fact of money has a row of its own."""
    match event:
        case AccountValued() | OrderIntended():
            return False
        case OrderReported():
            return event.state in _TROUBLE
        case ConfigLoaded():
            return bool(event.changes)
        case _:
            return True


def trade_row(  # noqa: PLR0911 - one return per kind of fact
    g: Glyphs, event: Fact, orders: Mapping[ClientOrderId, Order]
) -> FeedRow:
    """Return the words for a fact of money."""
    match event:
        case ProposalDrafted() | ProposalDecided() | ProposalEnded():
            return _proposal(g, event)
        case FillRecorded():
            return fills_row(g, [event])
        case OrderIntended() | OrderReported():
            return _order(g, event, orders)
        case TradingHalted() | TradingResumed():
            return _halt(g, event)
        case ForeignCounted() | SymbolFrozen() | SymbolReleased():
            return venue_row(g, event)
        case ConfigLoaded():
            said = "; ".join(clean(change) for change in event.changes) or "unchanged"
            return _row(event.at, g.info, "CONFIG", "engine", said)
        case AccountValued():
            said = f"equity {text.money_full(g, float(event.equity))}, gross {text.money(g, float(event.gross))}"
            return _row(event.at, g.info, "EQUITY", "account", said + ", partial" * event.partial)
        case _:
            return _money(g, event)


def by(actor: Actor) -> str:
    """Return who acted and from where: `by ada on /dev/pts/3`, `by the engine (auto_reduce)`."""
    if actor.who in _AUTO:
        return f"by the engine ({actor.who})"
    where = f" on {clean(actor.terminal)}" if actor.terminal else ""
    return f"by {clean(actor.who)}{where}"


def fills_row(g: Glyphs, fills: Sequence[FillRecorded]) -> FeedRow:
    """Return one row for fills that follow each other, newest first."""
    newest = fills[0]
    baskets = dict.fromkeys(fill.basket for fill in fills)
    subject = clean(newest.basket) if len(baskets) == 1 else f"{len(baskets)} baskets"
    if len(fills) == 1:
        size, price = text.held(g, newest.quantity), text.price(g, float(newest.price))
        said = f"{newest.side} {size} {clean(newest.asset)} at {price}, fee {text.dollars(g, float(newest.fee))}"
        return _row(newest.at, g.done, "FILL", subject, said, body=TEXT)
    notional = sum((fill.quantity * fill.price for fill in fills), Decimal(0))
    fees = sum((fill.fee for fill in fills), Decimal(0))
    assets = list(dict.fromkeys(clean(fill.asset) for fill in reversed(fills)))
    named = " ".join(assets[:6]) + (f" and {len(assets) - 6} more" if len(assets) > 6 else "")
    size = f"{text.dollars(g, float(notional))} in all"
    said = f"{len(fills)} fills, {size}, fees {text.dollars(g, float(fees))}: {named}"
    return _row(newest.at, g.done, "FILLS", subject, said, body=TEXT)


def money_row(g: Glyphs, run: Sequence[Event]) -> FeedRow | None:
    """Return the one row of a run of fills, or of funding; None where it is neither."""
    fills = [fact for fact in run if isinstance(fact, FillRecorded)]
    if fills:
        return fills_row(g, fills)
    charges = [fact for fact in run if isinstance(fact, FundingPaid)]
    if len(charges) < 2:
        return None
    baskets = dict.fromkeys(charge.basket for charge in charges)
    subject = clean(charges[0].basket) if len(baskets) == 1 else f"{len(baskets)} baskets"
    total = float(sum((charge.amount for charge in charges), Decimal(0)))
    way = "received" if total < 0 else "paid"
    said = f"funding of {len(charges)} positions, {way} {text.dollars(g, abs(total))} in all"
    return _row(charges[0].at, g.info, "FUNDING", subject, said)


def _row(at: Ms, shape: str, word: str, subject: str, said: str, *, ink: Paint = DIM, body: Paint = DIM) -> FeedRow:
    return FeedRow(at=at, shape=shape, word=word, subject=subject, said=said, ink=ink, body=body)


def _proposal(g: Glyphs, event: ProposalDrafted | ProposalDecided | ProposalEnded) -> FeedRow:
    match event:
        case ProposalDrafted(proposal=made):
            quiet = made.kind is ProposalKind.RESTORE
            said = f"{reviews.headline(g, made)}, cost {text.dollars(g, float(made.cost))}"
            stress = f", loss at {g.rho} .95 {reviews.stress(g, made)}"
            return FeedRow(
                at=event.at,
                shape=g.proposal,
                word="PROPOSAL",
                subject=clean(made.basket),
                said=f"{said}{stress}   {clean(made.id)}",
                ink=ALERT_INK,
                body=TEXT,
                about=made.id,
                strong=not quiet,
            )
        case ProposalDecided():
            return _decided(g, event)
        case ProposalEnded():
            return _ended(g, event)


def _decided(g: Glyphs, event: ProposalDecided) -> FeedRow:
    note = f": {clean(event.note)}" if event.note else ""
    tail = f" {by(event.actor)}{note}   {clean(event.proposal)}"
    subject = clean(event.basket)
    match event.decision:
        case Decision.APPROVE:
            return _row(event.at, g.done, "APPROVED", subject, f"approved{tail}", ink=BOLD, body=TEXT)
        case Decision.HOLD:
            return _row(event.at, g.info, "HELD", subject, f"not traded, held{tail}", body=TEXT)
        case Decision.SNOOZE:
            until = f" until {text.hour_minute(event.until)}" if event.until is not None else ""
            return _row(event.at, g.info, "SNOOZE", subject, f"decided later{until},{tail}", body=TEXT)


def _ended(g: Glyphs, event: ProposalEnded) -> FeedRow:
    good = event.state is ProposalState.DONE
    bad = event.state in (ProposalState.PARTIAL, ProposalState.FAILED)
    why = f": {clean(event.why)}" if event.why else ""
    word = {ProposalState.DONE: "DONE", ProposalState.SUPERSEDED: "RE-QUOTE", ProposalState.EXPIRED: "EXPIRED"}
    return _row(
        event.at,
        g.done if good else g.caution if bad else g.info,
        word.get(event.state, str(event.state).upper()),
        clean(event.basket),
        f"{_SAYS.get(event.state, str(event.state))}{why}   {clean(event.proposal)}",
        ink=ALERT_INK if bad else DIM,
        body=TEXT if good or bad else DIM,
    )


_SAYS = {
    ProposalState.DONE: "executed",
    ProposalState.PARTIAL: "executed in part",
    ProposalState.FAILED: "not executed",
    ProposalState.SUPERSEDED: "another one took its place",
    ProposalState.EXPIRED: "expired without an answer",
}


def _order(g: Glyphs, event: OrderIntended | OrderReported, orders: Mapping[ClientOrderId, Order]) -> FeedRow:
    if isinstance(event, OrderIntended):
        order, state, note = event.order, "about to be sent", ""
    else:
        found = orders.get(event.client_order_id)
        note = f": {clean(event.note)}" if event.note else ""
        state = str(event.state)
        if found is None:
            return _row(
                event.at, g.caution, "ORDER", clean(event.client_order_id), f"{state}{note}", ink=WATCH, body=TEXT
            )
        order = found
    baskets: dict[BasketName, None] = dict.fromkeys(part.basket for part in order.allocations)
    subject = clean(next(iter(baskets))) if len(baskets) == 1 else f"{len(baskets)} baskets"
    said = f"{order.side} {text.held(g, order.quantity)} {clean(order.asset)} {state}{note}"
    state_now = event.state if isinstance(event, OrderReported) else OrderState.INTENT
    ink = ALERT_INK if state_now is OrderState.UNKNOWN else WATCH if state_now in _TROUBLE else DIM
    shape, body = (g.info, DIM) if ink is DIM else (g.caution, TEXT)
    return _row(event.at, shape, "ORDER", subject, said, ink=ink, body=body)


def _halt(g: Glyphs, event: TradingHalted | TradingResumed) -> FeedRow:
    note = f": {clean(event.note)}" if event.note else ""
    if isinstance(event, TradingResumed):
        return _row(
            event.at, g.done, "RESUMED", "account", f"orders may leave again, {by(event.actor)}{note}", body=TEXT
        )
    said = f"no order leaves any more, {by(event.actor)}{note}"
    return _row(event.at, g.caution, "HALTED", "account", said, ink=ALERT_INK, body=TEXT)


def _money(
    g: Glyphs, event: Deposited | Withdrawn | PositionAdopted | FeeCharged | FundingPaid | InterestPaid
) -> FeedRow:
    note = f": {clean(event.note)}" if not isinstance(event, FundingPaid) and event.note else ""
    match event:
        case Deposited() | Withdrawn():
            came = isinstance(event, Deposited)
            size = text.dollars(g, float(event.amount))
            said = f"{size} {'came in' if came else 'went out'}, {by(event.actor)}{note}"
            return _row(event.at, g.info, "DEPOSIT" if came else "WITHDRAW", "account", said, body=TEXT)
        case PositionAdopted():
            swap = ":" in event.symbol  # nobody is short of a coin
            way = "short " if event.quantity < 0 and swap else ""
            size, price = text.held(g, event.quantity), text.price(g, float(event.price))
            went = "taken in" if event.quantity > 0 or swap else "let go"
            said = f"{way}{size} {clean(event.asset)} at {price} {went}, {by(event.actor)}{note}"
            return _row(event.at, g.info, "ADOPTED", clean(event.basket), said, body=TEXT)
        case FundingPaid():
            way = "received" if event.amount < 0 else "paid"
            rate = f"{event.rate * 100:+.4f}%".replace("-", g.minus)
            said = f"{clean(event.asset)} funding {way} {text.dollars(g, abs(float(event.amount)))}, rate {rate}"
            return _row(event.at, g.info, "FUNDING", clean(event.basket), said)
        case FeeCharged() | InterestPaid():
            word = "FEE" if isinstance(event, FeeCharged) else "INTEREST"
            said = f"{text.dollars(g, float(event.amount))} charged{note}"
            return _row(event.at, g.info, word, clean(event.basket), said)
        case _:
            assert_never(event)
