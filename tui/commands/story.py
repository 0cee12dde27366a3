"""Owns the journal in words: a sentence per fact that a trader understands, none for what only the engine needs.

Folds the facts in order, because a decision names a proposal and a reader wants to know what that was. Reads nothing
by itself: `history` gives it the journal's facts, `headless` those that come over the wire.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from engine.domain.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    AlertSnoozed,
    AlertWorsened,
    EngineStarted,
    Event,
    RegimeChanged,
    VolatilityBroadened,
    VolatilityFell,
    WatchRaised,
)
from engine.domain.facts import (
    Actor,
    BookFact,
    ConfigLoaded,
    Deposited,
    FeeCharged,
    FillRecorded,
    ForeignCounted,
    FundingPaid,
    InterestPaid,
    OrderFact,
    OrderIntended,
    OrderReported,
    PositionAdopted,
    ProposalDecided,
    ProposalDrafted,
    ProposalEnded,
    ReconcileFact,
    SymbolFrozen,
    SymbolReleased,
    TradingHalted,
    TradingResumed,
    Withdrawn,
)
from engine.domain.order import Order, OrderState
from engine.domain.proposal import Decision, Proposal
from engine.domain.units import ClientOrderId, Ms, ProposalId
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.panels.venue_rows import of_no_basket
from tui.cockpit.text import date, delta, dollars, hour_minute, price, quantity, signed, spoken
from tui.commands.output import one_line

G = UNICODE
OURS = ("engine", "start")  # terminals of an actor that is no person
AUTOMATIC = {"auto": "the engine (auto)", "auto_reduce": "the engine (auto_reduce)", "demo": "the demo"}
TROUBLE = (OrderState.CANCELED, OrderState.REJECTED, OrderState.UNKNOWN)


class Story:
    """Tells one journal. `me` is the login name of who reads: what he did himself is told as "you"."""

    def __init__(self, me: str = "") -> None:
        self._me = me
        self._proposals: dict[ProposalId, Proposal] = {}
        self._orders: dict[ClientOrderId, Order] = {}

    def tell(self, event: Event) -> str:
        """Return the sentence for one event, empty where there is nothing to tell."""
        return one_line(self._told(event))

    def _told(self, event: Event) -> str:
        match event:
            case ProposalDrafted() | ProposalDecided() | ProposalEnded():
                return self._proposal(event)
            case OrderIntended() | OrderReported():
                return self._order(event)
            case ForeignCounted() | SymbolFrozen() | SymbolReleased():
                return self._compared(event)
            case TradingHalted() | TradingResumed():
                word = "halted trading" if isinstance(event, TradingHalted) else "let trading go on"
                return f"{self._who(event.actor)} {word}{_note(event.note)}"
            case (
                Deposited()
                | Withdrawn()
                | PositionAdopted()
                | FillRecorded()
                | FundingPaid()
                | FeeCharged()
                | InterestPaid()
            ):
                return self._money(event)
            case _:
                return self._signal(event)

    def _compared(self, event: ReconcileFact) -> str:
        match event:
            case SymbolFrozen():
                there = f"the venue holds {signed(G, event.venue)}, the books {signed(G, event.books)}"
                return f"{event.asset} is frozen: {there}"
            case SymbolReleased():
                return f"{event.asset} may be traded again: {event.why}"
            case ForeignCounted():
                return f"{of_no_basket(G, event)}: {event.why}"

    def legs(self, proposal: Proposal) -> str:
        """Return the trades of a proposal: `sell 0.41 ETH, buy 3 SOL`."""
        return ", ".join(f"{leg.side} {quantity(leg.quantity)} {leg.asset}" for leg in proposal.legs)

    def _who(self, actor: Actor) -> str:
        if actor.terminal in OURS:
            return AUTOMATIC.get(actor.who, "the engine")
        return self._name(actor.who)

    def _name(self, who: str) -> str:
        return "you" if self._me and who == self._me else who

    def _proposal(self, event: ProposalDrafted | ProposalDecided | ProposalEnded) -> str:
        match event:
            case ProposalDrafted(proposal=made):
                self._proposals[made.id] = made
                instead = f", in place of {made.supersedes}" if made.supersedes else ""
                cost = _money(made.cost)
                return f"{made.id} proposes to {made.kind} {made.basket}{instead}: {made.reason}; it would cost {cost}"
            case ProposalDecided(decision=Decision.APPROVE):
                said = f"{self._who(event.actor)} approved {event.proposal}"
                known = self._proposals.get(event.proposal)
                if known is not None:
                    said += f": {self.legs(known)}, cost {_money(known.cost)}"
                return said + _note(event.note)
            case ProposalDecided(decision=Decision.SNOOZE):
                until = f" until {_moment(event.until)}" if event.until is not None else ""
                return f"{self._who(event.actor)} put {event.proposal} off{until}{_note(event.note)}"
            case ProposalDecided():
                return f"{self._who(event.actor)} decided against {event.proposal}{_note(event.note)}"
            case ProposalEnded():
                return f"{event.proposal} {event.state.clause}{': ' + event.why if event.why else ''}"

    def _order(self, event: OrderFact) -> str:
        if isinstance(event, OrderIntended):
            self._orders[event.order.client_order_id] = event.order
            return ""  # its approval was told, and its fills are
        order = self._orders.get(event.client_order_id)
        if event.state not in TROUBLE or order is None:
            return ""
        asked = f"{order.side} {quantity(order.quantity)} {order.asset}"
        word = "it is not known what became of" if event.state is OrderState.UNKNOWN else f"{event.state}:"
        filled = f", {quantity(event.filled)} of it filled" if event.filled else ""
        return f"{word} {asked}{filled}{_note(event.note)}"

    def _money(self, event: BookFact) -> str:
        match event:
            case Deposited():
                said = f"{self._who(event.actor)} paid in {_money(event.amount)}{_note(event.note)}"
            case Withdrawn():
                said = f"{self._who(event.actor)} took out {_money(event.amount)}{_note(event.note)}"
            case PositionAdopted():
                said = f"{self._who(event.actor)} {_handed_over(event)}{_note(event.note)}"
            case FillRecorded():
                said = _filled(event)
            case FundingPaid():
                said = _funding([event])
            case FeeCharged():
                said = f"{event.basket} paid a fee of {_money(event.amount)}{_note(event.note)}"
            case InterestPaid():
                said = f"{event.basket} paid {_money(event.amount)} interest{_note(event.note)}"
        return said

    def _signal(self, event: Event) -> str:
        said = ""
        match event:
            case EngineStarted():
                many = f"{event.baskets} basket{'s' * (event.baskets != 1)}"
                said = f"the engine came up: {many}, {event.mode} money, {event.market} market"
            case ConfigLoaded(changes=changes) if changes:
                said = f"the config: {'; '.join(changes)}"
            case AlertRaised() | AlertWorsened() | AlertCleared() | AlertAcknowledged() | AlertSnoozed():
                said = self._alert(event)
            case VolatilityBroadened(started=True):
                said = f"volatility broke out in {event.breadth:.0%} of the assets: checks run fast"
            case VolatilityFell():
                said = "volatility is back to normal: checks run at their usual pace"
            case RegimeChanged():
                said = f"the market turned {event.regime or 'unknown'}: {', '.join(event.reasons)}"
            case WatchRaised():
                pairs = ", ".join(f"{move.first}·{move.second} {delta(G, move.delta)}" for move in event.pairs)
                said = f"WATCH {event.basket}: {pairs}"
            case _:
                pass
        return said

    def _alert(self, event: AlertRaised | AlertWorsened | AlertCleared | AlertAcknowledged | AlertSnoozed) -> str:
        match event:
            case AlertRaised(evidence=evidence):
                subject = f"{event.asset} in {event.basket}" if event.asset else event.basket or "the market"
                return f"ALERT {subject}: {evidence.words}, shift {delta(G, evidence.shift)}"
            case AlertWorsened():
                return f"alert {event.id} worsened to {delta(G, event.evidence.shift)}"
            case AlertCleared():
                why = f" ({event.why})" if event.why else ""
                return f"alert {event.id} is over after {spoken(event.lasted_ms / 1000)}{why}"
            case AlertAcknowledged():
                return f"{self._name(event.who)} saw alert {event.id}{_note(event.note)}"
            case AlertSnoozed():
                return f"{self._name(event.who)} silenced alert {event.id} until {_moment(event.until)}"


def _handed_over(event: PositionAdopted) -> str:
    at = f"at {price(G, float(event.price))}"
    if event.quantity < 0 and ":" not in event.symbol:  # a coin: nobody is short of it
        return f"took {quantity(-event.quantity)} {event.asset} {at} out of {event.basket}"
    return f"gave {event.quantity:+f} {event.asset} {at} to {event.basket}"


def _filled(event: FillRecorded) -> str:
    word = "bought" if event.side.sign > 0 else "sold"
    what = f"{quantity(event.quantity)} {event.asset} at {price(G, float(event.price))}"
    source = f" ({event.proposal})" if event.proposal else " (the venue closed it)"
    kept = f" in {event.asset}" if event.fee_in_kind else ""
    fee = f"{event.elsewhere}, not in these books" if event.elsewhere else f"{_money(event.fee)}{kept}"
    return f"{event.basket} {word} {what}, fee {fee}{source}"


def told(events: Iterable[Event], me: str) -> Iterator[tuple[Ms, str]]:
    """Return instant and sentence of what is worth telling; funding that fell due together is one sentence."""
    story = Story(me)
    for (_, funding), run in groupby(events, key=lambda event: (event.at, isinstance(event, FundingPaid))):
        if funding:
            charges = [event for event in run if isinstance(event, FundingPaid)]
            yield charges[0].at, _funding(charges)
            continue
        for event in run:
            sentence = story.tell(event)
            if sentence:
                yield event.at, sentence


def _funding(charges: Sequence[FundingPaid]) -> str:
    by_basket: dict[str, Decimal] = {}
    for charge in charges:
        by_basket[charge.basket] = by_basket.get(charge.basket, Decimal(0)) + charge.amount
    total = sum(by_basket.values(), Decimal(0))
    sign = 1 if total >= 0 else -1
    parts = ", ".join(f"{basket} {_money(amount * sign)}" for basket, amount in by_basket.items())
    return f"funding {'paid' if sign > 0 else 'received'}: {_money(abs(total))} ({parts})"


def _money(amount: Decimal) -> str:
    return dollars(G, float(amount))


def _note(text: str) -> str:
    return f' ("{text}")' if text else ""


def _moment(at: Ms) -> str:
    return f"{date(at)} {hour_minute(at)}"
