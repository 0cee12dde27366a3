"""Owns everything about money that must survive a restart: books, orders, proposals, the halt, the equity curve.

A fold of facts: `apply` is the only door, live and after a start, so what the journal holds is what the engine knows.
What dies with the process (what was sent, when something was first seen) is `core.attempt`'s.
"""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from itertools import takewhile

from engine.domain.config import Config
from engine.domain.facts import (
    AccountValued,
    BookFact,
    Deposited,
    FillRecorded,
    ForeignCounted,
    FundingPaid,
    OrderIntended,
    OrderReported,
    ProposalDecided,
    ProposalDrafted,
    ProposalEnded,
    ReconcileFact,
    SymbolFrozen,
    SymbolReleased,
    TradeFact,
    TradingHalted,
    TradingResumed,
    Withdrawn,
)
from engine.domain.order import Order
from engine.domain.portfolio import ZERO, Account, exact_sum
from engine.domain.proposal import Decision
from engine.domain.units import DAY_MS, BasketName, Ms, Symbol, floor_to
from engine.execution.orders import Orders
from engine.portfolio.ledger import Ledger
from engine.portfolio.valuation import DayStart
from engine.rebalance.proposal_board import ProposalBoard

AUTOMATIC = ("auto", "auto_reduce")
YEAR_MS = 365 * DAY_MS
CURVE_POINTS = 2_000
FILLS_SHOWN = 200


class Trading:
    """Books, orders and proposals of one account."""

    def __init__(self, facts: Iterable[TradeFact] = ()) -> None:
        self.ledger = Ledger()
        self.orders = Orders()
        self.board = ProposalBoard()
        self.halted: str | None = None  # why, while trading is halted
        self.curve: deque[AccountValued] = deque(maxlen=CURVE_POINTS)
        self.fills: deque[FillRecorded] = deque(maxlen=FILLS_SHOWN)
        self.day: DayStart | None = None
        self.funded_until: Ms | None = None
        self.opened_at: Ms | None = None  # when money or a position first came in
        self.moved: set[str] = set()  # the venue's records of money that are booked
        self.foreign: dict[Symbol, Decimal] = {}  # what the account holds beside the books
        self.frozen: dict[Symbol, SymbolFrozen] = {}
        self.automatic: deque[tuple[Ms, Decimal, int]] = deque()  # decided by the engine: when, traded, orders
        self._costs: dict[BasketName, deque[tuple[Ms, Decimal]]] = {}
        self._cost: dict[BasketName, Decimal] = {}  # the sum of `_costs`, exact
        self._account: Account | None = None
        self._holding: frozenset[BasketName] | None = None
        for fact in facts:
            self.apply(fact)

    @property
    def account(self) -> Account:
        """Return what the books hold now."""
        if self._account is None:
            self._account = self.ledger.account()
        return self._account

    @property
    def holding(self) -> frozenset[BasketName]:
        """Return the baskets whose books hold anything."""
        if self._holding is None:
            self._holding = frozenset(book.basket for book in self.account.books if not book.flat)
        return self._holding

    def apply(self, fact: TradeFact) -> None:
        """Take in one fact."""
        match fact:
            case ProposalDrafted() | ProposalDecided() | ProposalEnded():
                self.board.apply(fact)
                if isinstance(fact, ProposalDecided):
                    self._count_automatic(fact)
            case OrderIntended() | OrderReported():
                self.orders.apply(fact)
            case ForeignCounted() | SymbolFrozen() | SymbolReleased():
                self._compared(fact)
            case TradingHalted():
                self.halted = fact.note or f"by {fact.actor.who}"
            case TradingResumed():
                self.halted = None
            case AccountValued():
                self._value(fact)
            case _:
                self._book(fact)

    def _compared(self, fact: ReconcileFact) -> None:
        match fact:
            case ForeignCounted(symbol=symbol, quantity=quantity):
                self.foreign[symbol] = quantity
            case SymbolFrozen(symbol=symbol):
                self.frozen[symbol] = fact
            case SymbolReleased(symbol=symbol):
                self.frozen.pop(symbol, None)

    def booked_until(self, now: Ms) -> Ms:
        """Return the instant before which everything that the venue executed is in the books."""
        if self.opened_at is None:
            return now
        newest = [fill.at for fill in list(self.fills)[-1:]] + [valued.at for valued in list(self.curve)[-1:]]
        waiting = [track.intended_at for track in self.orders.unsettled()]
        return min([max([self.opened_at, *newest]), *waiting])

    def cost_of_year(self, basket: BasketName, at: Ms) -> Decimal:
        """Return what a basket's trading has cost in the year before `at`: fees, and fills worse than planned."""
        costs = self._costs.get(basket, ())
        over = takewhile(lambda each: each[0] <= at - YEAR_MS, costs)
        return exact_sum((self._cost.get(basket, ZERO), *(cost.copy_negate() for _, cost in over)))

    def _book(self, fact: BookFact) -> None:
        if isinstance(fact, FillRecorded):
            self._fill(fact)
        elif isinstance(fact, FundingPaid):
            self._funded(fact.at)
        self.ledger.apply(fact)
        self._account = self._holding = None
        self.opened_at = fact.at if self.opened_at is None else self.opened_at
        if isinstance(fact, Deposited | Withdrawn):
            self.moved.add(fact.venue_id)
        if self.day is None and isinstance(fact, Deposited):  # a new account: its first day begins here
            self.day = DayStart(at=fact.at, equity=fact.amount, paid_in=fact.amount)

    def _fill(self, fact: FillRecorded) -> None:
        if self.ledger.knows(fact.symbol, fact.fill_id, fact.basket):
            return
        track = self.orders.get(fact.client_order_id)
        self.orders.apply(fact)
        self.fills.append(fact)
        slipped = (fact.price - track.order.price) * fact.side.sign * fact.quantity if track is not None else ZERO
        costs = self._costs.setdefault(fact.basket, deque())
        costs.append((fact.at, fact.fee + slipped))
        gone = []
        while costs and costs[0][0] <= fact.at - YEAR_MS:
            gone.append(costs.popleft()[1].copy_negate())
        self._cost[fact.basket] = exact_sum((self._cost.get(fact.basket, ZERO), fact.fee + slipped, *gone))

    def _value(self, fact: AccountValued) -> None:
        if fact.equity or fact.paid_in:  # before its first balance is read a real account is worth nothing known
            self.curve.append(fact)
        if self.day is None or floor_to(fact.at, DAY_MS) > floor_to(self.day.at, DAY_MS):
            self.day = DayStart(at=fact.at, equity=fact.equity, paid_in=fact.paid_in)
        self._funded(Ms(fact.at - 1))  # what fell due before this check was charged; due with it, perhaps not yet

    def _funded(self, until: Ms) -> None:
        self.funded_until = until if self.funded_until is None else max(self.funded_until, until)

    def _count_automatic(self, fact: ProposalDecided) -> None:
        entry = self.board.get(fact.proposal)
        if entry is None or fact.decision is not Decision.APPROVE or fact.actor.who not in AUTOMATIC:
            return
        legs = entry.proposal.legs
        self.automatic.append((fact.at, exact_sum(leg.notional for leg in legs), len(legs)))
        while self.automatic and self.automatic[0][0] <= fact.at - DAY_MS:
            self.automatic.popleft()


def planned_margins(config: Config) -> dict[Symbol, Decimal]:
    """Return the money behind each symbol at base size: notional / leverage, held constant while the factor cuts."""
    found: dict[Symbol, Decimal] = {}
    for basket in config.baskets:
        for leg in basket.legs:
            base = basket.notional * Decimal(str(leg.weight)) / Decimal(str(basket.leverage))
            found[leg.symbol] = found.get(leg.symbol, ZERO) + base
    return found


def working_orders(trading: Trading) -> list[tuple[Order, Decimal]]:
    """Return the orders that a venue of paper still has open, with what is booked of each.

    It took an order that it answered for, or that it filled in part; one that is booked whole has nothing left.
    """
    return [
        (track.order, track.booked)
        for track in trading.orders.unsettled()
        if (track.venue_order_id is not None or track.fills)
        and not track.state.over
        and track.booked < track.order.quantity
    ]
