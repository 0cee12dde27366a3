"""Owns the comparison of an engine's books with what a simulated exchange itself knows: lost, doubled, or otherwise.

`books_of` says of the books what is compared, as plain values that a child process can print; `disagreement` holds it
against the exchange's truth, which is read past every fault.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.core.trading import Trading
from engine.domain.facts import FillRecorded, TradeFact
from support.sameness import same

CENT = Decimal("0.000001")


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


def disagreement(found: dict[str, Any], truth: dict[str, Any]) -> Broken:
    """Return what books and exchange do not agree on."""
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
    return Broken(lost=tuple(lost), doubled=tuple(doubled), other=tuple(_others(found, truth)))


def _others(found: dict[str, Any], truth: dict[str, Any]) -> list[str]:
    held: dict[str, Decimal] = {}
    for book in found["books"].values():
        for asset, quantity in book["held"].items():
            held[asset] = held.get(asset, Decimal(0)) + Decimal(quantity)
    there = {asset: Decimal(each["quantity"]) for asset, each in truth["positions"].items()}
    wrong = [
        f"{asset}: books {held.get(asset)}, exchange {there.get(asset)}"
        for asset in held | there
        if held.get(asset, Decimal(0)) != there.get(asset, Decimal(0))
    ]
    gap = Decimal(found["wallet"]) - Decimal(truth["wallet"]["USDT"])
    if all(abs(gap - late) > CENT for late in late_funding(truth)):
        wrong.append(f"the wallet differs by {gap}")
    if not found["fold_is_state"]:
        wrong.append("the journal does not fold into the state")
    return wrong + list(found["unsettled"])


def late_funding(truth: dict[str, Any]) -> list[Decimal]:
    """Return what the last funding payments come to, none of them first: the engine asks for funding once a minute."""
    found = [Decimal(0)]
    for each in reversed(truth["executions"]):
        if each["kind"] == "funding":
            found.append(found[-1] + Decimal(each["fee"]))
    return found
