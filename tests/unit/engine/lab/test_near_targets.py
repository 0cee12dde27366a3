"""What is seen ahead of a book's distance from its targets is what the rebalance room measures at each bar."""

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.units import HOUR_MS, BasketName, Ms
from engine.lab.near_targets import CLOSE, NearTargets
from engine.lab.paper_book import PaperBook
from engine.lab.price_path import PricePath, price_path
from engine.rebalance.targets import distance, excess
from support.books import START, long_basket, small_config
from support.markets import Floats, switching_closes, table_of

NAMES = ("AAA", "BBB", "CCC", "DDD")
ROWS = 200


def made(*, funded: bool) -> tuple[PricePath, dict[BasketName, Floats]]:
    closes = switching_closes(3, ROWS, 4)
    closes[60, 1] = np.nan
    books = (long_basket("one", "AAA", "BBB"), replace(long_basket("two", "CCC", "DDD"), share=0.3))
    rates = np.full((ROWS, 4), 1e-4) if funded else None
    path = price_path(
        small_config(*books), table_of(closes, *NAMES), begin=Ms(START + 20 * HOUR_MS), end=None, funding=rates
    )
    rng = np.random.default_rng(1)
    return path, {book.name: rng.uniform(0.0, 0.5, (ROWS, 2)) for book in books}


@pytest.mark.parametrize("funded", [False, True])
def test_a_distance_that_was_seen_ahead_is_that_of_its_bar(funded: bool) -> None:
    path, sizes = made(funded=funded)
    book = PaperBook(path)
    near = NearTargets(path, book, sizes)
    assert np.isnan(near.away(path.start)).all()  # nothing is held
    for row in range(path.start + 1, path.last + 1):
        if row % 31 == 0:  # between two looks
            book.trade(row, np.array([1.0, 2.0, 3.0, 4.0]) * (1 + row / 100))
        found = zip(path.books, near.away(row), near.over(row), strict=True)
        equity, values = book.equity(row), book.values(row)
        for each, away, over in found:
            if np.isnan(path.closes[row, each.columns]).any() or row < 31:
                assert np.isnan(away) and np.isnan(over)
                continue
            held, target = values[each.places], sizes[each.basket.name][row] * each.notional(equity)
            assert away == pytest.approx(distance(held, target), rel=1e-9)
            reduced = np.minimum(held, target)  # only what is too large
            assert excess(held, reduced) <= over <= excess(held, reduced) + 1.01 * CLOSE


def test_a_basket_without_sizes_of_its_own_is_never_known() -> None:
    path, sizes = made(funded=False)
    del sizes[BasketName("two")]
    book = PaperBook(path)
    book.trade(path.start + 1, np.ones(4))
    one, two = NearTargets(path, book, sizes).away(path.start + 2)
    assert one > 0
    assert np.isnan(two)
