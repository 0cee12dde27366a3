"""Owns the fold of facts into books: one virtual book per basket over one account, by average cost.

Never asks a venue and never decides. Arithmetic is exact but for the one rounding of average cost, so cash, cost and
realized profit always add up to the last digit. Snapshots go to valuation and the views.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import TypeVar

from engine.domain.errors import StoreError
from engine.domain.facts import (
    BookFact,
    Deposited,
    FeeCharged,
    FillRecorded,
    FundingPaid,
    InterestPaid,
    PositionAdopted,
    Withdrawn,
)
from engine.domain.portfolio import EXACT, ZERO, Account, Book, Position, average_cost
from engine.domain.units import Asset, BasketName, FillId, Ms, Symbol

K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class _Position:
    asset: Asset
    symbol: Symbol
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO
    funding: Decimal = ZERO

    def trade(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Take in a signed quantity at a price; return the profit it realized."""
        self.quantity, self.cost, profit = average_cost(self.quantity, self.cost, quantity, price)
        self.realized += profit
        return profit

    def frozen(self) -> Position:
        return Position(
            asset=self.asset,
            symbol=self.symbol,
            quantity=self.quantity,
            cost=self.cost,
            realized=self.realized,
            funding=self.funding,
        )


@dataclass(slots=True)
class _Book:
    basket: BasketName
    cash: Decimal = ZERO
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    interest: Decimal = ZERO
    traded: Decimal = ZERO
    positions: dict[Symbol, _Position] = field(default_factory=dict)

    def position(self, asset: Asset, symbol: Symbol) -> _Position:
        if symbol not in self.positions:
            self.positions[symbol] = _Position(asset, symbol)
        return self.positions[symbol]

    def trade(self, asset: Asset, symbol: Symbol, quantity: Decimal, price: Decimal) -> None:
        self.realized += self.position(asset, symbol).trade(quantity, price)
        self.cash -= quantity * price

    def frozen(self) -> Book:
        return Book(
            basket=self.basket,
            cash=self.cash,
            realized=self.realized,
            fees=self.fees,
            funding=self.funding,
            interest=self.interest,
            traded=self.traded,
            positions=tuple(position.frozen() for position in self.positions.values()),
        )


class Ledger:
    """The books of one account, brought up fact by fact."""

    def __init__(self, facts: Iterable[BookFact] = ()) -> None:
        self._paid_in = ZERO
        self._books: dict[BasketName, _Book] = {}
        self._net: dict[Symbol, _Position] = {}  # as the venue has it: what crosses between baskets never reached it
        self._frozen: dict[BasketName, Book] = {}  # as they were given out, until a fact touches them
        self._frozen_net: dict[Symbol, Position] = {}
        self._fills: set[tuple[Symbol, FillId, BasketName]] = set()
        self._charged: set[tuple[Symbol, Ms]] = set()
        for fact in facts:
            self.apply(fact)

    def knows(self, symbol: Symbol, fill_id: FillId, basket: BasketName) -> bool:
        """Return True where this part of a fill is in the books. Venues number fills per symbol."""
        return (symbol, fill_id, basket) in self._fills

    def charged(self, symbol: Symbol, at: Ms) -> bool:
        """Return True where the funding of this symbol at this instant is in the books."""
        return (symbol, at) in self._charged

    def apply(self, fact: BookFact) -> bool:
        """Take in one fact; a part of a fill that is known already changes nothing and gives False.

        Raises StoreError for a fact that cannot be: a quantity or a price that is not positive.
        """
        _refuse_impossible(fact)
        with localcontext(EXACT):
            match fact:
                case FillRecorded():
                    return self._fill(fact)
                case PositionAdopted():
                    self._book(fact.basket).trade(fact.asset, fact.symbol, fact.quantity, fact.price)
                    self._at_venue(fact.asset, fact.symbol).trade(fact.quantity, fact.price)
                case FundingPaid():
                    book = self._book(fact.basket)
                    book.position(fact.asset, fact.symbol).funding += fact.amount
                    self._at_venue(fact.asset, fact.symbol).funding += fact.amount
                    book.funding += fact.amount
                    book.cash -= fact.amount
                    self._charged.add((fact.symbol, fact.at))
                case FeeCharged():
                    book = self._book(fact.basket)
                    book.fees += fact.amount
                    book.cash -= fact.amount
                case InterestPaid():
                    book = self._book(fact.basket)
                    book.interest += fact.amount
                    book.cash -= fact.amount
                case Deposited():
                    self._paid_in += fact.amount
                case Withdrawn():
                    self._paid_in -= fact.amount
        return True

    def account(self) -> Account:
        """Return what the books hold now."""
        return Account(
            paid_in=self._paid_in,
            books=tuple(self._kept(self._frozen, name, book.frozen) for name, book in self._books.items()),
            netted=tuple(self._kept(self._frozen_net, symbol, each.frozen) for symbol, each in self._net.items()),
        )

    @staticmethod
    def _kept(known: dict[K, V], key: K, make: Callable[[], V]) -> V:
        """Return what nothing has touched since it was asked for last, or make it anew."""
        if key not in known:
            known[key] = make()
        return known[key]

    def _book(self, basket: BasketName) -> _Book:
        self._frozen.pop(basket, None)
        if basket not in self._books:
            self._books[basket] = _Book(basket)
        return self._books[basket]

    def _at_venue(self, asset: Asset, symbol: Symbol) -> _Position:
        self._frozen_net.pop(symbol, None)
        if symbol not in self._net:
            self._net[symbol] = _Position(asset, symbol)
        return self._net[symbol]

    def _fill(self, fact: FillRecorded) -> bool:
        key = (fact.symbol, fact.fill_id, fact.basket)
        if key in self._fills:
            return False
        self._fills.add(key)
        book = self._book(fact.basket)
        self._trade(book, fact, fact.side.sign * fact.quantity)
        if fact.fee_in_kind:
            self._trade(book, fact, -fact.fee_in_kind)  # the coin is sold, and what it brought is paid as the fee
        book.traded += fact.quantity * fact.price
        book.fees += fact.fee
        book.cash -= fact.fee
        return True

    def _trade(self, book: _Book, fact: FillRecorded, quantity: Decimal) -> None:
        book.trade(fact.asset, fact.symbol, quantity, fact.price)
        if fact.client_order_id:  # a crossing has none
            self._at_venue(fact.asset, fact.symbol).trade(quantity, fact.price)


def _refuse_impossible(fact: BookFact) -> None:
    """Raise where numbers of a fact are none: the books would be wrong for good."""
    positive: tuple[Decimal, ...] = ()
    finite: tuple[Decimal, ...] = ()
    match fact:
        case FillRecorded():
            positive, finite = (fact.quantity, fact.price), (fact.fee, fact.fee_in_kind)
        case PositionAdopted():
            positive, finite = (fact.price,), (fact.quantity,)
        case Deposited() | Withdrawn():
            positive = (fact.amount,)
        case FundingPaid() | FeeCharged() | InterestPaid():
            finite = (fact.amount,)
    if not all(map(Decimal.is_finite, (*positive, *finite))) or (positive and min(positive) <= 0):
        raise StoreError(f"{fact} cannot be booked: quantities, prices and amounts must be positive numbers")
