"""Part of `make bench`: a whole backtest of 25 assets beside pandas, vectorbt and bt doing comparable work in one run.

Ours does more: signals at every check, drafts, nine books. The peers get the strategy's own weights at its own trades
and run one book. The correlation part stands alone: 30-day and now-estimate of the pairs within baskets, at every bar.
Seconds of processor, imports not counted; a peer that is not installed says so in its row.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.cluster.hierarchy  # noqa: F401  what one of the books imports when it first needs it

from engine.adapters.config_file import load_config
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.config import Config
from engine.lab.backtest import DRIFTDECK
from engine.lab.backtest_words import findings
from engine.lab.rule_backtest import RuleBacktest, backtest_rules
from engine.quant.arrays import Floats
from engine.quant.pair_history import pair_history
from engine.quant.returns import log_returns
from support.markets import switching_closes, table_of
from support.real_book import ASSETS, BOOK
from support.shared_material import place_of

HOURS, WINDOW, HALFLIFE = 32_856, 720, 24.0
BUDGET_S, BUDGET_BARS = 5.0, 45_000


@dataclass(frozen=True, kw_only=True)
class Work:
    """What every runner gets: closes of the backtest, the strategy's weights [K, N] and the rows that trade to them."""

    closes: pd.DataFrame
    weights: pd.DataFrame
    returns: Floats
    first: np.ndarray[tuple[int], np.dtype[np.intp]]
    second: np.ndarray[tuple[int], np.dtype[np.intp]]


def prices() -> tuple[PriceTable, str]:
    """Return the real prices where they are, else a made-up market of the same size."""
    real = place_of("data", "hourly_close_2021_2024.csv.gz")
    if real.exists():
        return read_prices(real), "real prices"
    crises = dict.fromkeys(range(3000, HOURS, 2500), 48)
    return table_of(switching_closes(1, HOURS, len(ASSETS), together=crises), *ASSETS), "a made-up market"


def work_of(config: Config, found: RuleBacktest) -> Work:
    """Return the strategy's trades as weights of equity per asset, the baskets' legs of one asset together."""
    path, run = found.backtest.path, found.backtest.runs[DRIFTDECK]
    rows = [fill.row for fill in run.fills]
    held = np.zeros((len(rows), len(path.assets)))
    for place, row in enumerate(rows):
        values = run.quantities[row - path.start] * np.nan_to_num(path.marks[row, path.columns])
        np.add.at(held[place], path.columns, values / run.equity[row - path.start])
    index = pd.to_datetime(path.first_open + np.arange(len(path.closes)) * path.bar_ms, unit="ms")
    closes = pd.DataFrame(path.marks, index=index, columns=list(path.assets)).iloc[path.start : path.last + 1]
    weights = pd.DataFrame(held, index=index[rows], columns=list(path.assets))
    columns = [book.columns for book in path.books]
    pairs = [(a, b) for each in columns for k, a in enumerate(each) for b in each[k + 1 :]]
    first, second = np.array(pairs, dtype=np.intp).T
    return Work(closes=closes, weights=weights, returns=log_returns(path.closes), first=first, second=second)


def own_correlation(work: Work) -> object:
    """Return both estimates of all pairs at every bar."""
    return pair_history(work.returns, work.first, work.second, halflife_bars=HALFLIFE, base_slots=WINDOW)


def pandas_correlation(work: Work) -> object:
    """Return the same from pandas, pair by pair."""
    table = pd.DataFrame(work.returns)
    found = []
    for one, other in zip(work.first.tolist(), work.second.tolist(), strict=True):
        a, b = table[one], table[other]
        found.append((a.rolling(WINDOW).corr(b), a.ewm(halflife=HALFLIFE).corr(b)))
    return found


def run_vectorbt(work: Work) -> object:
    """Run one book of the given weights in vectorbt, compiled before it is timed."""
    import vectorbt as vbt

    sizes = work.weights.reindex(work.closes.index)
    return vbt.Portfolio.from_orders(
        work.closes,
        size=sizes,
        size_type="targetpercent",
        group_by=True,
        cash_sharing=True,
        call_seq="auto",
        fees=0.00055,
        slippage=0.0002,
        freq="1h",
    ).value()


def run_bt(work: Work) -> object:
    """Run the same book in bt."""
    import bt

    steps = [
        bt.algos.RunOnDate(*work.weights.index),
        bt.algos.WeighTarget(work.weights),
        bt.algos.Rebalance(),
    ]
    book = bt.Backtest(
        bt.Strategy("given", steps),
        work.closes,
        commissions=lambda quantity, price: abs(quantity) * price * 0.00075,
        integer_positions=False,
        progress_bar=False,
    )
    return bt.run(book)


def seconds(task: Callable[[], object], *, times: int = 1) -> float:
    """Return the least processor time of a few runs."""
    found = []
    for _ in range(times):
        begun = time.process_time()
        task()
        found.append(time.process_time() - begun)
    return min(found)


def row(title: str, spent: float, own: float, note: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{title:<42} {spent:8.2f} s  {spent / own:6.2f}x  {note}\n")


def main() -> int:
    """Print the table."""
    argparse.ArgumentParser(prog="bench_backtest").parse_args()
    table, what = prices()
    config = load_config(Path("book.toml"), text=BOOK).config
    begun = time.process_time()
    found = backtest_rules(config, table, begin=None, end=None)
    findings(found.backtest, found.replay.events, found.drafted)
    whole = time.process_time() - begun
    work, bars = work_of(config, found), found.backtest.path.bars
    said = f"{len(found.drafted)} proposals, {len(work.weights)} trades, 9 books"
    sys.stdout.write(f"{len(ASSETS)} assets, {bars:,} hourly bars, checks every 4 h, {what}\n")
    row("whole backtest, driftdeck", whole, whole, said)
    row(f"  budget for so many bars ({BUDGET_S:.0f} s for 45,000)", BUDGET_S * bars / BUDGET_BARS, whole, "")
    own = seconds(lambda: own_correlation(work), times=3)
    other = seconds(lambda: pandas_correlation(work), times=3)
    one_book = "pandas' correlations and one book of the given weights"
    for name, run in (("vectorbt", run_vectorbt), ("bt", run_bt)):
        if find_spec(name) is None:
            sys.stdout.write(f"{'  ' + name:<42} not installed here\n")
            continue
        run(work) if name == "vectorbt" else None  # compiles
        book = seconds(lambda run=run: run(work))  # type: ignore[misc]
        row(f"  pandas and {name}", other + book, whole, f"{one_book} ({book:.2f} s)")
    sys.stdout.write(f"correlation alone: {len(work.first)} pairs, 30 days and now, at every bar\n")
    row("  driftdeck", own, own, "")
    row("  pandas rolling and ewm", other, own, "")
    sys.stdout.write(
        "  vectorbt, bt                               no rolling correlation of their own: they use pandas'\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
