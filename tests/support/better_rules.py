"""Other forms of the cut, tried on real prices: does any beat the stated rule, or a constant book, at equal exposure?

`python -m support.better_rules` (`make candidates`). Each form chooses its setting on 180 days and is judged on the
60 that follow, against base weights of the same mean gross in the same days. Only those test days count.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np

from engine.adapters.config_file import load_config
from engine.adapters.price_file import read_prices
from engine.domain.config import Estimator
from engine.domain.units import DAY_MS, HOUR_MS
from engine.lab.attribution import Difference, at_equal_exposure
from engine.lab.batch_correlation import BatchCorrelation
from engine.lab.paper_book import BookRun, PaperBook
from engine.lab.price_path import PricePath, price_path
from engine.lab.rule_backtest import first_instant
from engine.lab.signal_table import SignalTable
from engine.lab.strategies import base_weights, constant, rebalanced, weekly_rows
from engine.lab.strategy_figures import simple_returns
from engine.quant.arrays import Floats
from engine.quant.overfitting import ratios
from engine.quant.rolling import rolling_sums
from engine.signals.regime import RegimeFilter
from support.real_book import BOOK
from support.shared_material import shared

TRAIN, TEST, CHECK = 180, 60, 4
TRADE_AT = 0.15  # of gross: how far the target lies away before a basket is traded, as `restore_at`


@dataclass(frozen=True, kw_only=True)
class Market:
    """What every form reads, by row: mean rho per leg (30 days, now), breadth of volatility, odds of stress, sd."""

    path: PricePath
    rho_month: Floats
    rho_now: Floats
    breadth: Floats
    stress: Floats
    calmness: Floats  # usual over present volatility of the market, at most 1


@dataclass(frozen=True, kw_only=True)
class Form:
    """One form of the cut: factors per row and leg [T, L], and how much longer than a cut a return waits."""

    factors: Floats
    restore_at: float = TRADE_AT
    wait_hours: int = 0


def market_of() -> Market:
    """Return the market of all hourly prices."""
    prices = read_prices(shared("data", "hourly_close_2021_2024.csv.gz"))
    config = load_config(Path("book.toml"), text=BOOK).config
    path = price_path(config, prices, begin=first_instant(config, prices), end=None).following_equity()
    table = SignalTable(config, prices)
    correlation = BatchCorrelation(path, table)
    books = range(len(path.books))
    month, now = (np.hstack([_leg_means(correlation, path, book, k) for book in books]) for k in (0, 1))
    judged = np.maximum(np.count_nonzero(~np.isnan(table.returns[Estimator.PEARSON]), axis=1), 1)
    hot_day = rolling_sums(table.hot.T.astype(np.float64), 24).T > 0.5
    moved = np.nanmean(np.nan_to_num(table.returns[Estimator.WINSORIZED]), axis=1)
    week, year = (np.sqrt(rolling_sums(moved[None] ** 2, hours)[0] / hours) for hours in (168, 90 * 24))
    return Market(
        path=path,
        rho_month=month,
        rho_now=now,
        breadth=hot_day.sum(axis=1) / judged,
        stress=_stress(table),
        calmness=np.minimum(1.0, year / np.maximum(week, 1e-12)),
    )


def _leg_means(correlation: BatchCorrelation, path: PricePath, book: int, which: int) -> Floats:
    """Return each leg's mean correlation with the others of its basket [T, n]."""
    legs = path.books[book]
    found = correlation.pairs.history(path.config.sizing.estimator, 30).of(
        correlation.pairs.places(legs.columns.tolist())
    )
    pairs = (found.window, found.now)[which].T
    every = list(combinations(range(len(legs.base)), 2))
    return np.column_stack([pairs[:, [leg in pair for pair in every]].mean(axis=1) for leg in range(len(legs.base))])


def _stress(table: SignalTable) -> Floats:
    """Return the filtered probability of stress at each row, as the engine would have known it; 0 before it knows."""
    regime, samples, found = RegimeFilter(), table.samples(), np.zeros(table.rows)
    for row in range(table.rows):
        if row in samples:
            regime.take(table.closed(row), samples[row])
        known = regime.reading.probability
        found[row] = 0.0 if np.isnan(known) else known
    return found


def forms(market: Market) -> dict[str, list[Form]]:
    """Return every form with its few settings."""
    rho = np.maximum(market.rho_month, market.rho_now)
    stated = np.clip(1.0 - rho, 0.0, 1.0)
    column = partial(np.expand_dims, axis=1)
    legs = np.concatenate([np.full(len(book.base), len(book.base)) for book in market.path.books])
    return {
        "as stated": [Form(factors=stated)],
        "30 days only": [Form(factors=np.clip(1.0 - market.rho_month, 0.0, 1.0))],
        "cut now, restore slowly": [
            Form(factors=stated, restore_at=at, wait_hours=hours) for at in (0.30, 0.50) for hours in (24, 72, 168)
        ],
        "breadth of volatility first": [
            Form(factors=stated * column(np.where(market.breadth >= at, cut, 1.0)))
            for at in (0.3, 0.5, 0.8)
            for cut in (0.5, 0.0)
        ],
        "probability of stress": [Form(factors=stated * column(1.0 - part * market.stress)) for part in (0.5, 1.0)],
        "stress alone": [
            Form(factors=np.broadcast_to(column(1.0 - part * market.stress), stated.shape)) for part in (0.5, 1.0)
        ],
        "effective leverage": [Form(factors=1.0 / np.sqrt(1.0 + (legs - 1) * np.maximum(rho, 0.0)))],
        "usual over present volatility": [
            Form(factors=np.broadcast_to(column(market.calmness**power), stated.shape)) for power in (1.0, 2.0)
        ],
    }


def run_form(market: Market, form: Form) -> BookRun:
    """Return the book of a form: a basket is traded at a check where its target lies far enough away."""
    path = market.path
    base, columns = base_weights(path), path.columns
    book, cut_at = PaperBook(path), np.full(len(path.books), -(10**9))
    every = CHECK * HOUR_MS
    for row in range(path.start, path.last):
        if path.closed(row) % every:
            continue
        target = base * form.factors[row] * path.notionals(book.equity(row))
        held, wanted = book.values(row), np.full(len(base), np.nan)
        for place, each in enumerate(path.books):
            own, aim = held[each.places], target[each.places]
            gross, away = np.abs(own).sum(), np.abs(aim - own).sum()
            if np.isnan(aim).any():
                continue
            grows = np.abs(aim).sum() > gross
            limit = form.restore_at if grows else TRADE_AT
            late = row - cut_at[place] >= form.wait_hours
            if gross == 0 or (away >= limit * gross and (late or not grows)):
                wanted[each.places] = aim
                cut_at[place] = cut_at[place] if grows else row
        if not np.isnan(wanted).all():
            book.trade(row + 1, wanted / path.closes[row, columns])
    return book.run()


def tested_days(market: Market, runs: list[BookRun], plain: BookRun) -> tuple[Floats, Floats]:
    """Return the days [T] of a form over all test periods, and those of base weights of the same mean gross in each."""
    per_day = DAY_MS // market.path.bar_ms
    days = np.column_stack([simple_returns(run.equity[1::per_day]) for run in runs])
    gross = np.column_stack([_gross_days(run, per_day, len(days)) for run in runs])
    base, base_gross = simple_returns(plain.equity[1::per_day]), _gross_days(plain, per_day, len(days))
    mine, other = [], []
    for begin in range(0, len(days) - TRAIN - TEST + 1, TEST):
        train, test = slice(begin, begin + TRAIN), slice(begin + TRAIN, begin + TRAIN + TEST)
        alike = gross[train].mean(axis=0) / base_gross[train].mean()
        best = int(np.argmax(np.nan_to_num(ratios(days[train] - alike * base[train, None]), nan=-np.inf)))
        mine.append(days[test, best])
        other.append(base[test] * gross[test, best].mean() / base_gross[test].mean())
    return np.concatenate(mine), np.concatenate(other)


def _gross_days(run: BookRun, per_day: int, days: int) -> Floats:
    mean: Floats = run.gross[1 : 1 + days * per_day].reshape(days, per_day).mean(axis=1)
    return mean


def compared(mine: Floats, other: Floats) -> tuple[Difference, Difference]:
    """Return differences of Sharpe and of drawdown with the 95 % intervals of a block bootstrap."""
    return at_equal_exposure(_run_of(mine), _run_of(other), DAY_MS)


def _run_of(days: Floats) -> BookRun:
    equity = np.concatenate(([1.0, 1.0], np.cumprod(1.0 + days)))
    nothing = np.zeros(len(equity))
    return BookRun(equity=equity, gross=nothing, net=nothing, quantities=nothing[:, None], fills=())


def tested(market: Market) -> dict[str, tuple[Floats, Floats]]:
    """Return every form's test days and those of the same exposure."""
    path = market.path
    plain = rebalanced(path, weekly_rows(path, path.start), constant(base_weights(path)))
    every = forms(market).items()
    return {name: tested_days(market, [run_form(market, each) for each in row], plain) for name, row in every}


def main(say: Callable[[str], object]) -> int:
    """Print the table."""
    market = market_of()
    free = replace(market.path.config.account, fee_bps=0.0, slippage_bps=0.0)
    found = tested(market)
    gratis = tested(replace(market, path=replace(market.path, config=replace(market.path.config, account=free))))
    stated = found["as stated"][0]
    say("| form | a year | Sharpe less the constant book's | the same without costs | drawdown smaller by |")
    say(" Sharpe less the stated rule's |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
    for name, (mine, other) in found.items():
        sharpe, drawdown = compared(mine, other)
        shown = (sharpe, compared(*gratis[name])[0], drawdown, compared(mine, stated)[0])
        said = " | ".join(_words(each) for each in shown)
        say(f"| {name} | {mine.mean() * 365.25:+.1%} | {said} |\n")
    say(f"{len(stated)} test days, {len(found)} forms\n")
    return 0


def _words(found: Difference) -> str:
    return f"{found.value:+.2f} ({found.low:+.2f} to {found.high:+.2f})"


if __name__ == "__main__":
    sys.exit(main(sys.stdout.write))
