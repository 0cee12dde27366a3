"""Owns the comparison of an engine's books with what a simulated exchange itself knows: lost, doubled, or otherwise.

`books_of` says of the books what is compared, as plain values that a child process can print; `disagreement` holds it
against the exchange's truth, which is read past every fault. On spot what is held are coins (ADR 0011): the balance is
cash, and what is too little to be sold is foreign.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.core.trading import Trading
from engine.domain.facts import FillRecorded, TradeFact
from engine.domain.market import MarketKind
from engine.venue_sim.catalog import CATALOG
from support.sameness import same

CENT = Decimal("0.000001")
MONEY = "USDT"
STEPS = {str(each.asset): Decimal(each.lot) for each in CATALOG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """What does not agree after a crash: orders or fills that are lost, doubled, and anything else."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    @property
    def trouble(self) -> str:
        """Return all of it in words, empty where all agrees."""
        return "; ".join((*self.lost, *self.doubled, *self.other))


def books_of(trading: Trading, facts: Iterable[TradeFact]) -> dict[str, Any]:
    """Return the books, the orders, and what must hold of any run; `facts` are those that are durable."""
    kept = list(facts)
    again = Trading(kept)
    fills = [fact for fact in kept if isinstance(fact, FillRecorded)]
    orders = trading.orders.all()
    return {
        "wallet": str(trading.account.wallet),
        "cash": str(trading.account.cash),
        "foreign": {symbol.partition("/")[0]: str(held) for symbol, held in trading.foreign.items() if held},
        "books": {
            book.basket: {
                "cash": str(book.cash.normalize()),
                "fees": str(book.fees.normalize()),
                "realized": str(book.realized.normalize()),
                "traded": str(book.traded.normalize()),
                "held": {p.asset: str(p.quantity.normalize()) for p in book.positions},
            }
            for book in sorted(trading.account.books, key=lambda book: book.basket)
        },
        "fold_is_state": same(again.account, trading.account)
        and repr(again.orders.all()) == repr(orders),  # an unknown latency is NaN, equal to nothing
        "fills_twice": len(fills) - len({(f.fill_id, f.basket, f.symbol) for f in fills}),
        "booked": {str(t.order.client_order_id): str(t.booked) for t in orders},
        "unsettled": [f"{t.order.client_order_id} is {t.state}" for t in trading.orders.unsettled()],
        "overfilled": [str(t.order.client_order_id) for t in orders if t.booked > t.order.quantity],
    }


def disagreement(found: dict[str, Any], truth: dict[str, Any], market: MarketKind = MarketKind.SWAP) -> Broken:
    """Return what books and exchange do not agree on, in an account that trades this market."""
    doubled = [f"{name} was accepted {count} times" for name, count in truth["accepted"].items() if count != 1]
    if found["fills_twice"] or found["overfilled"]:
        doubled.append(f"booked twice: {found['fills_twice']} fills, orders {found['overfilled']}")
    executed: dict[str, Decimal] = {}
    for each in truth["executions"]:
        if each["kind"] == "trade":
            executed[each["client_id"]] = executed.get(each["client_id"], Decimal(0)) + Decimal(each["quantity"])
    lost = [f"{name} is in no book" for name in truth["accepted"] if name not in found["booked"]]
    lost += [
        f"{name}: booked {found['booked'][name]}, executed {quantity}"
        for name, quantity in executed.items()
        if name in found["booked"] and Decimal(found["booked"][name]) != quantity
    ]
    return Broken(lost=tuple(lost), doubled=tuple(doubled), other=tuple(_others(found, truth, market)))


def _others(found: dict[str, Any], truth: dict[str, Any], market: MarketKind) -> list[str]:
    held: dict[str, Decimal] = {}
    for book in found["books"].values():
        for asset, quantity in book["held"].items():
            held[asset] = held.get(asset, Decimal(0)) + Decimal(quantity)
    wrong = _coins(found, truth, held) if market is MarketKind.SPOT else _positions(found, truth, held)
    if not found["fold_is_state"]:
        wrong.append("the journal does not fold into the state")
    return wrong + list(found["unsettled"])


def _positions(found: dict[str, Any], truth: dict[str, Any], held: dict[str, Decimal]) -> list[str]:
    there = {asset: Decimal(each["quantity"]) for asset, each in truth["positions"].items()}
    wrong = _apart(held, there)
    gap = Decimal(found["wallet"]) - Decimal(truth["wallet"][MONEY])
    if all(abs(gap - late) > CENT for late in late_funding(truth)):
        wrong.append(f"the wallet differs by {gap}")
    return wrong


def _coins(found: dict[str, Any], truth: dict[str, Any], held: dict[str, Decimal]) -> list[str]:
    there = {coin: Decimal(amount) for coin, amount in truth["spot_wallet"].items()}
    money = there.pop(MONEY)
    beside = {asset: Decimal(quantity) for asset, quantity in found["foreign"].items()}
    wrong = _apart(
        {asset: held.get(asset, Decimal(0)) + beside.get(asset, Decimal(0)) for asset in held | beside}, there
    )
    most = len(found["books"])  # each basket leaves less than one step
    wrong += [
        f"{asset}: {quantity} is called foreign"
        for asset, quantity in beside.items()
        if quantity >= most * STEPS[asset]
    ]
    gap = Decimal(found["cash"]) - money
    if abs(gap) > CENT:
        wrong.append(f"the cash differs by {gap}")
    return wrong


def _apart(books: dict[str, Decimal], exchange: dict[str, Decimal]) -> list[str]:
    return [
        f"{asset}: books {books.get(asset)}, exchange {exchange.get(asset)}"
        for asset in books | exchange
        if books.get(asset, Decimal(0)) != exchange.get(asset, Decimal(0))
    ]


def late_funding(truth: dict[str, Any]) -> list[Decimal]:
    """Return what the last funding payments come to, none of them first: the engine asks for funding once a minute."""
    found = [Decimal(0)]
    for each in reversed(truth["executions"]):
        if each["kind"] == "funding":
            found.append(found[-1] + Decimal(each["fee"]))
    return found
