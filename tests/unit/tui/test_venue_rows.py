"""What the feed and the journal say where books and venue differ: which way round each number is."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.facts import ForeignCounted, ReconcileFact, SymbolFrozen
from engine.domain.units import Symbol
from support.books import START
from support.some_facts import ACTOR, ETH
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.panels.venue_rows import venue_row
from tui.commands.story import told

SYMBOL = Symbol("ETH/USDT:USDT")


def frozen(books: str, venue: str, foreign: str = "0") -> SymbolFrozen:
    return SymbolFrozen(
        at=START, asset=ETH, symbol=SYMBOL, venue=Decimal(venue), books=Decimal(books), foreign=Decimal(foreign)
    )


def foreign(quantity: str) -> ForeignCounted:
    return ForeignCounted(at=START, symbol=SYMBOL, quantity=Decimal(quantity), why="adopted", actor=ACTOR)


@pytest.mark.parametrize(
    ("fact", "feed", "journal"),
    [
        (
            frozen("3", "-3", "-0.5"),
            "the books hold 3 and −0.5 beside them, the venue −3",
            "ETH is frozen: the venue holds −3, the books 3",
        ),
        (
            foreign("-0.5"),
            "−0.5 ETH of the account belong to no basket (adopted): not touched",
            "−0.5 ETH of the account belong to no basket: adopted",
        ),
        (
            foreign("0"),
            "all of ETH belongs to baskets again (adopted)",
            "all of ETH belongs to baskets again: adopted",
        ),
    ],
)
def test_a_difference_is_told_with_its_signs(fact: ReconcileFact, feed: str, journal: str) -> None:
    row = venue_row(UNICODE, fact)
    assert (row.subject, row.said[: len(feed)]) == ("ETH", feed)
    assert [sentence for _, sentence in told([fact], "root")] == [journal]


def test_hidden_amounts_hide_their_signs_too() -> None:
    hidden = replace(UNICODE, mask=UNICODE.cover)
    assert "the books hold •••, the venue •••" in venue_row(hidden, frozen("3", "-3")).said
