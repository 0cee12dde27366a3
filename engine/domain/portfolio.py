"""Owns what is held: positions, one virtual book per basket, the account, and what they are worth at given prices.

Frozen values of Decimal money, made by the portfolio room. Quantities are signed: negative is short. Prices, costs and
values are in the account's currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import reduce

import msgspec

from engine.domain.units import Asset, BasketName, Symbol

ZERO = Decimal(0)
EXACT = Context(prec=80)  # sums and products of money never round in it
_SHOWN = Context(prec=28)  # a quotient has to
_COST_STEP = Decimal("1E-18")


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum without rounding."""
    return reduce(EXACT.add, amounts, ZERO)


def average_cost(quantity: Decimal, cost: Decimal, traded: Decimal, price: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Return quantity, cost and realized profit after a trade, by average cost; quantities and cost are signed.

    What grows adds its cost; what shrinks releases its share of it (rounded at 10^-18, so that cost and profit still
    add up exactly); what goes through zero closes and opens the other way.
    """
    after = EXACT.add(quantity, traded)
    if not quantity or not traded or (quantity > 0) == (traded > 0):
        return after, EXACT.fma(traded, price, cost), ZERO
    with localcontext(EXACT):
        closing = -quantity if quantity * after <= 0 else traded
        released = cost if closing == -quantity else (cost * -closing / quantity).quantize(_COST_STEP)
        return after, cost - released + (traded - closing) * price, -closing * price - released


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """A basket's quantity of one symbol. `cost` is signed: what was paid for what is still open."""

    asset: Asset
    symbol: Symbol
    quantity: Decimal
    cost: Decimal
    realized: Decimal
    funding: Decimal  # paid; negative where it was received

    @property
    def average_price(self) -> Decimal | None:
        """Return the average entry price; None where nothing is open."""
        return _SHOWN.divide(self.cost, self.quantity) if self.quantity else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A basket's book over the account. `cash` is what its trades, fees, funding and interest left, from 0."""

    basket: BasketName
    cash: Decimal
    realized: Decimal
    fees: Decimal
    funding: Decimal
    interest: Decimal
    traded: Decimal  # sum of absolute notionals of all fills
    positions: tuple[Position, ...]  # in order of first appearance, closed ones too

    @property
    def flat(self) -> bool:
        """Return True where nothing is held."""
        return not any(position.quantity for position in self.positions)

    def quantity(self, asset: Asset) -> Decimal:
        """Return what is held of an asset; several symbols of one asset add up."""
        return exact_sum(each.quantity for each in self.positions if each.asset == asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All books over one account; `paid_in` is deposits less withdrawals.

    `netted` is one position per symbol as the venue has it, by average cost of what reached the venue: books on
    opposite sides of a symbol have costs of their own that do not add up to its.
    """

    paid_in: Decimal
    books: tuple[Book, ...]
    netted: tuple[Position, ...] = ()

    @property
    def cash(self) -> Decimal:
        """Return the cash: what was paid in and what all books left."""
        return exact_sum((self.paid_in, *(book.cash for book in self.books)))

    @property
    def wallet(self) -> Decimal:
        """Return the balance as a swap venue shows it: without open profit."""
        return exact_sum((self.cash, *(position.cost for position in self.netted)))

    def book(self, basket: BasketName) -> Book:
        """Return a basket's book, empty where nothing ever happened."""
        return next((book for book in self.books if book.basket == basket), None) or empty_book(basket)

    def net(self, symbol: Symbol) -> Decimal:
        """Return the venue's view of a symbol: the sum over the books."""
        return exact_sum(p.quantity for book in self.books for p in book.positions if p.symbol == symbol)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Return all symbols that any book ever held, in order of first appearance per book."""
        return tuple(dict.fromkeys(p.symbol for book in self.books for p in book.positions))


def empty_book(basket: BasketName) -> Book:
    """Return a book in which nothing happened."""
    return Book(
        basket=basket,
        cash=ZERO,
        realized=ZERO,
        fees=ZERO,
        funding=ZERO,
        interest=ZERO,
        traded=ZERO,
        positions=(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionValue:
    """An open position at a price; without one (`mark` is None) it stands at its cost."""

    asset: Asset
    symbol: Symbol
    quantity: Decimal
    average_price: Decimal
    mark: Decimal | None
    value: Decimal
    unrealized: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BookValue:
    """A book at given prices. `unpriced` names what stands at cost: totals with any are partial."""

    basket: BasketName
    gross: Decimal
    net: Decimal
    realized: Decimal
    unrealized: Decimal
    fees: Decimal
    funding: Decimal
    interest: Decimal
    positions: tuple[PositionValue, ...]
    unpriced: tuple[Asset, ...]

    @property
    def pnl(self) -> Decimal:
        """Return all the book made: realized and open profit less fees, funding and interest."""
        spent = exact_sum((self.fees, self.funding, self.interest))
        return exact_sum((self.realized, self.unrealized, spent.copy_negate()))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountValue:
    """The account at given prices; gross adds the books up, `positions` is netted as at the venue."""

    equity: Decimal
    cash: Decimal
    wallet: Decimal
    gross: Decimal
    net: Decimal
    books: tuple[BookValue, ...]
    positions: tuple[PositionValue, ...]
    unpriced: tuple[Asset, ...]
