"""Owns the strategies that trade at given rows: sizes by the rule at listed instants, and the books held beside them.

Sizes come from the rebalance room, money from the paper book. Every strategy runs on the same bars, money and costs: a
decision on the close of row t is filled at the close of row t + 1, at weights of the base notional of that moment.
"""

from collections.abc import Callable, Sequence

import numpy as np

from engine.domain.config import SizingConfig
from engine.domain.units import DAY_MS
from engine.lab.paper_book import BookRun, PaperBook
from engine.lab.price_path import BasketLegs, PricePath
from engine.lab.table_correlation import TableCorrelation
from engine.quant.arrays import Flags, Floats
from engine.quant.correlation import signed
from engine.rebalance.targets import RHO_MAX, sized_targets, sizing_rho

Weights = Callable[[PaperBook, int], Floats]  # at a row: signed fractions of base notional per leg; NaN keeps the leg
RISK_DAYS = 30
_WEEK_MS, _FIRST_MONDAY = 7 * DAY_MS, 4 * DAY_MS  # the epoch was a Thursday
_MATCH_ROUNDS, _MATCHED = 40, 1e-10


def rebalanced(path: PricePath, rows: Sequence[int], weights: Weights) -> BookRun:
    """Return a strategy that decides on the closes of `rows`, ascending; none fills beyond the end."""
    book = PaperBook(path)
    for row in rows:
        fill = row + 1
        if fill > path.last:
            break
        book.hold(fill, weights(book, row))
    return book.run()


def base_weights(path: PricePath) -> Floats:
    """Return the signed base weight of each leg [L]: what factor 1 holds."""
    return np.concatenate([each.signs * each.base for each in path.books])


def equal_weights(path: PricePath) -> Floats:
    """Return signed equal weights within each basket [L]."""
    return np.concatenate([each.signs / len(each.base) for each in path.books])


def constant(weights: Floats) -> Weights:
    """Return a strategy that always wants the same weights [L]."""
    return lambda book, row: weights


def sized(path: PricePath, market: TableCorrelation, sizing: SizingConfig | None = None, *, aged: bool) -> Weights:
    """Return the sizing rule of the config (or `sizing`) on the correlations of the row.

    `aged` leaves out assets younger than ninety days, as the engine does; without it a window of its own length is
    enough, for decisions that a person lists.
    """
    own = dict(path.config.basket_sizing)

    def weights(book: PaperBook, row: int) -> Floats:
        market.move_to(row)
        sigma, used, equity = market.sigma_ann(), market.used() if aged else None, book.equity(row)
        values = book.values(row)
        parts = []
        for each in path.books:
            rule = sizing or own.get(each.basket.name, path.config.sizing)
            parts.append(_basket_weights(each, rule, market, used, sigma, values[each.places], each.notional(equity)))
        return np.concatenate(parts)

    return weights


def _basket_weights(
    book: BasketLegs,
    rule: SizingConfig,
    market: TableCorrelation,
    used: Flags | None,
    sigma: Floats,
    held: Floats,
    notional: float,
) -> Floats:
    """Return one basket's weights [n]; NaN for legs whose correlation is undefined: they keep what they hold."""
    days = RISK_DAYS if rule.rho == RHO_MAX else int(rule.rho.removesuffix("d"))
    cells = np.ix_(book.columns, book.columns)
    signs = book.signs if used is None else np.where(used[book.columns], book.signs, np.nan)
    window = signed(market.window(days, rule.estimator).rho[cells], signs)
    now = signed(market.now(rule.estimator).rho[cells], signs) if rule.rho == RHO_MAX else window
    targets = sized_targets(
        book.basket,
        notional,
        rule,
        rho_eff=sizing_rho(rule, window, now),
        sigma=sigma[book.columns],
        held=held,
        figured=False,
    )
    if not notional > 0:
        return np.zeros(len(held))
    kept = np.array([asset in targets.kept for asset in book.basket.assets])
    return np.where(kept, np.nan, targets.values / notional)


def weekly_rows(path: PricePath, first: int) -> list[int]:
    """Return `first` and every row from there on that closes at 00:00 UTC on a Monday."""
    rows = np.arange(first + 1, path.last)
    closed = path.first_open + (rows + 1) * path.bar_ms
    return [first, *rows[(closed - _FIRST_MONDAY) % _WEEK_MS == 0].tolist()]


def matched(path: PricePath, rows: Sequence[int], figure: Callable[[BookRun], float], wanted: float) -> BookRun:
    """Return base weights times one constant, rebalanced at `rows`, whose `figure` is `wanted`.

    The constant is found by hindsight on purpose: it is the comparison, not a strategy. Both figures that are matched
    grow with it almost in proportion, so it is scaled until they agree to 1e-10.
    """
    factor = 1.0
    run = rebalanced(path, rows, constant(base_weights(path)))
    if not wanted > 0:
        return rebalanced(path, rows, constant(np.zeros(len(path.columns))))
    for _ in range(_MATCH_ROUNDS):
        have = figure(run)
        if abs(have / wanted - 1.0) <= _MATCHED:
            break
        factor *= wanted / have if have > 0 else 0.25  # a book that was ruined says nothing: try a smaller one
        run = rebalanced(path, rows, constant(factor * base_weights(path)))
    return run


def following(path: PricePath, leader: BookRun, shape: Callable[[BasketLegs, Floats, Floats], Floats]) -> BookRun:
    """Return a strategy that trades where `leader` trades, basket by basket, to weights that `shape` makes of its own.

    `shape` gets the basket, the leader's weights after each fill [K, n], and their gross [K, 1]; it returns weights
    [K, n]. A basket that did not trade is left alone.
    """
    rows = np.array([fill.row for fill in leader.fills], dtype=np.intp)
    places = rows - path.start
    held, notionals = leader.quantities[places], path.notionals(leader.equity[places, None])
    moved = (held != leader.quantities[places - 1]) & (notionals > 0)
    values = np.where(held == 0.0, 0.0, held * path.leg_marks[rows])
    wanted = np.full(held.shape, np.nan)
    for each in path.books:
        traded = moved[:, each.places].any(axis=1)
        own = values[traded, each.places] / notionals[traded, each.places]
        wanted[traded, each.places] = shape(each, own, np.abs(own).sum(axis=1, keepdims=True))
    decided = dict(zip((rows - 1).tolist(), wanted, strict=True))
    return rebalanced(path, list(decided), lambda book, row: decided[row])


def renormalised(book: BasketLegs, weights: Floats, gross: Floats) -> Floats:
    """Return the leader's weights scaled to the gross of the base: the tilt without the exposure."""
    return weights / np.where(gross > 0, gross, 1.0)


def base_at_gross(book: BasketLegs, weights: Floats, gross: Floats) -> Floats:
    """Return base weights at the leader's gross: the exposure without the tilt."""
    return book.signs * book.base * gross
