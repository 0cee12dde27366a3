"""Fees that a venue takes in the traded coin itself: less is held, and the fee is money as everywhere."""

from decimal import Decimal

import msgspec

from engine.domain.facts import Deposited
from engine.domain.order import OrderSide
from engine.portfolio.ledger import Ledger
from engine.portfolio.valuation import value_account
from support.books import START, symbol_of
from support.some_facts import ACTOR, LAYER_1, fill

ETH = symbol_of("ETH")
PAID_IN = Deposited(at=START, amount=Decimal(1000), note="", actor=ACTOR)


def test_a_fee_in_kind_is_sold_at_the_price_of_the_fill_and_paid_as_the_fee() -> None:
    """Buy 2 at 100 and 1 at 130, each for a thousandth of itself: 2.997 are held, and 300 * .001 + 30 * .001 paid."""
    bought = [
        msgspec.structs.replace(fill(1, "2", "100", fee="0.2"), fee_in_kind=Decimal("0.002")),
        msgspec.structs.replace(fill(2, "1", "130", fee="0.13"), fee_in_kind=Decimal("0.001")),
    ]
    account = Ledger([PAID_IN, *bought]).account()
    book = account.book(LAYER_1)
    assert (account.net(ETH), account.cash, book.fees, book.traded) == (
        Decimal("2.997"),
        Decimal(670),
        Decimal("0.33"),
        Decimal(330),
    )
    (net,) = account.netted
    assert net.quantity == Decimal("2.997")
    assert net.cost == account.wallet - account.cash
    value = value_account(account, {ETH: Decimal(120)})
    assert value.equity == 670 + Decimal("2.997") * 120
    assert value.books[0].pnl == value.equity - 1000
    sold = fill(3, "2.997", "140", side=OrderSide.SELL, fee="0.42")
    assert Ledger([PAID_IN, *bought, sold]).account().cash == 670 + Decimal("2.997") * 140 - Decimal("0.42")
