"""Markets without any edge: correlation and volatility never change, so whatever the lab finds beyond exposure is luck.

`python -m support.known_answer --seeds 100` (`make edge`) counts how often the lab's interval covers zero.
"""

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from engine.domain.units import HOUR_MS, Ms
from engine.lab.attribution import Difference, at_equal_exposure
from engine.lab.rule_backtest import backtest_rules
from support.books import START, long_basket, small_config
from support.markets import switching_closes, table_of

NAMES = ("AAA", "BBB", "CCC")
WARM, HOURS = 2200, 6600


def differences(seed: int) -> tuple[Difference, Difference]:
    """Return Sharpe and drawdown of the strategy against the book of the same exposure, in the market of a seed."""
    book = replace(long_basket("one", *NAMES), share=1.0)
    prices = table_of(switching_closes(seed, HOURS, len(NAMES), rho=0.7), *NAMES)
    found = backtest_rules(small_config(book), prices, begin=Ms(START + WARM * HOUR_MS), end=None).backtest
    return at_equal_exposure(found.runs["driftdeck"], found.runs["exposure_matched"], found.path.bar_ms)


def main(arguments: list[str], say: Callable[[str], object]) -> int:
    """Print how many intervals cover zero; fail below nine of ten."""
    parser = argparse.ArgumentParser(prog="python -m support.known_answer")
    parser.add_argument("--seeds", type=int, default=100)
    seeds = parser.parse_args(arguments).seeds
    with ProcessPoolExecutor(2) as workers:
        found = list(workers.map(differences, range(seeds)))
    counts = [sum(pair[k].covers_zero for pair in found) for k in range(2)]
    for name, count in zip(("Sharpe", "drawdown"), counts, strict=True):
        say(f"{name}: the interval covers zero in {count} of {seeds} markets without an edge\n")
    return 0 if min(counts) >= 0.9 * seeds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout.write))
