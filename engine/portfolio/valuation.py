"""Owns what books are worth at given prices: gross, net, open profit, equity, and the profit of the day.

Never guesses a price: a position without one stands at its cost and is named, so that totals are marked partial.
Values go to the views, to proposals (before) and to the risk gate.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from engine.domain.portfolio import (
    EXACT,
    ZERO,
    Account,
    AccountValue,
    Book,
    BookValue,
    Position,
    PositionValue,
    exact_sum,
)
from engine.domain.units import Asset, Ms, Symbol

Marks = Mapping[Symbol, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStart:
    """The account at 00:00 UTC: what the profit of the day is counted from."""

    at: Ms
    equity: Decimal
    paid_in: Decimal


def value_book(book: Book, marks: Marks) -> BookValue:
    """Return a book at these prices."""
    with localcontext(EXACT):
        positions = tuple(_value(position, marks) for position in book.positions if position.quantity)
        return BookValue(
            basket=book.basket,
            gross=sum((abs(each.value) for each in positions), ZERO),
            net=sum((each.value for each in positions), ZERO),
            realized=book.realized,
            unrealized=sum((each.unrealized for each in positions), ZERO),
            fees=book.fees,
            funding=book.funding,
            interest=book.interest,
            positions=positions,
            unpriced=_unpriced(positions),
        )


def value_account(account: Account, marks: Marks) -> AccountValue:
    """Return the account at these prices: the books one by one, and the positions netted as the venue sees them."""
    with localcontext(EXACT):
        books = tuple(value_book(book, marks) for book in account.books)
        net = sum((book.net for book in books), ZERO)
        positions = tuple(_value(position, marks) for position in account.netted if position.quantity)
        return AccountValue(
            equity=account.cash + net,
            cash=account.cash,
            wallet=account.wallet,
            gross=sum((book.gross for book in books), ZERO),
            net=net,
            books=books,
            positions=positions,
            unpriced=tuple(dict.fromkeys(asset for book in books for asset in book.unpriced)),
        )


def account_equity(account: Account, marks: Marks) -> Decimal:
    """Return the equity of `value_account` alone: cash, and every position at its price or else at its cost."""
    with localcontext(EXACT):
        held = (position for book in account.books for position in book.positions if position.quantity)
        worth = (
            position.cost if (mark := marks.get(position.symbol)) is None else position.quantity * mark
            for position in held
        )
        return account.cash + sum(worth, ZERO)


def day_profit(value: AccountValue, paid_in: Decimal, start: DayStart) -> Decimal:
    """Return the profit since 00:00 UTC, deposits and withdrawals excluded (CONTRACT, `pnl_day`)."""
    before = exact_sum((start.equity, paid_in))
    return exact_sum((value.equity, start.paid_in, before.copy_negate()))


def _value(position: Position, marks: Marks) -> PositionValue:
    mark, average = marks.get(position.symbol), position.average_price
    assert average is not None  # asked for open positions only
    value = position.cost if mark is None else position.quantity * mark
    return PositionValue(
        asset=position.asset,
        symbol=position.symbol,
        quantity=position.quantity,
        average_price=average,
        mark=mark,
        value=value,
        unrealized=value - position.cost,
    )


def _unpriced(positions: Iterable[PositionValue]) -> tuple[Asset, ...]:
    return tuple(dict.fromkeys(each.asset for each in positions if each.mark is None))
