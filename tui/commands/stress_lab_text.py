"""Owns how the stress lab's findings are said: JSON beside CONTRACT's `stress --json`, and lines for a person."""

import math
from collections.abc import Sequence

from engine.lab.stress_lab import EPISODES, Cascade, LabBook
from engine.quant.liquidation_walk import Walk
from tui.commands.output import number


def lab_document(found: Sequence[LabBook]) -> dict[str, object]:
    """Return the key `lab`, one entry per book and null for the account's name; no key where the lab was not asked."""
    return {"lab": [_book(book) for book in found]} if found else {}


def _book(book: LabBook) -> dict[str, object]:
    return {
        "basket": book.stake.basket,
        "margin": number(float(book.stake.margins.sum())),
        "collateral": number(book.stake.balance),
        "legs": [
            {
                "asset": asset,
                "value": number(value),
                "margin": number(margin),
                "liquidation_distance": number(distance),
            }
            for asset, value, margin, distance in zip(
                book.stake.assets,
                book.stake.values.tolist(),
                book.stake.margins.tolist(),
                book.distances,
                strict=True,
            )
        ],
        "cascades": [
            {
                "name": cascade.name,
                "unknown": list(cascade.unknown),
                "isolated": _walk(book, cascade, cascade.isolated),
                "cross": _walk(book, cascade, cascade.cross),
            }
            for cascade in book.cascades
        ],
        "unstored": [name for name, _, _ in EPISODES if name not in {cascade.name for cascade in book.cascades}],
        "odds": {
            name: {str(each.days): {"isolated": number(each.isolated), "cross": number(each.cross)} for each in odds}
            for name, odds in book.odds
        },
    }


def _walk(book: LabBook, cascade: Cascade, walk: Walk | None) -> dict[str, object] | None:
    if walk is None:
        return None
    order = [{"asset": book.stake.assets[taken.leg], "share": float(cascade.shares[taken.row])} for taken in walk.taken]
    return {"loss": number(walk.loss), "liquidated": order}


def lab_lines(found: Sequence[LabBook]) -> list[str]:
    """Return the findings for a person; nothing where the lab was not asked."""
    return [line for book in found for line in _lines(book)]


def _lines(book: LabBook) -> list[str]:
    stake = book.stake
    name = stake.basket or "account"
    head = f"{name}: margin {stake.margins.sum():,.0f}; collateral, shared when cross, {stake.balance:,.0f}"
    rows = [line for cascade in book.cascades for line in _told(book, cascade)]
    days = [each.days for each in book.odds[0][1]]
    heads = "".join(f"{f'{day} d':>8}" for day in days)
    odds = [
        f"  {name:<22}"
        + "".join(f"{_share(each.isolated):>8}" for each in one)
        + "    "
        + "".join(f"{_share(each.cross):>8}" for each in one)
        for name, one in book.odds
    ]
    return ["", head, *rows, f"  {'any liquidation within':<22}{heads}    {heads}  (isolated, cross)", *odds]


def _told(book: LabBook, cascade: Cascade) -> list[str]:
    if cascade.isolated is None or cascade.cross is None:
        return [f"  {cascade.name:<16}not known: no price of {', '.join(cascade.unknown)}"]
    return [
        f"  {cascade.name:<16}isolated  {_ends(book, cascade, cascade.isolated)}",
        f"  {'':<16}cross     {_ends(book, cascade, cascade.cross)}",
    ]


def _ends(book: LabBook, cascade: Cascade, walk: Walk) -> str:
    order = ", ".join(f"{book.stake.assets[each.leg]} at {cascade.shares[each.row]:.0%}" for each in walk.taken)
    return f"loss {walk.loss:,.0f}, " + (f"liquidates {order} of the way" if order else "nothing liquidated")


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1%}"
