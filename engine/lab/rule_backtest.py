"""Owns the backtest by rules: signals and reactions of the engine over a price table, and what they are compared with.

Joins the replay (signals), the rule desk (money) and the benchmarks. Never decides and never prints.
"""

from dataclasses import dataclass

import numpy as np

from engine.adapters.price_file import PriceTable
from engine.core.signal_state import Signals
from engine.domain.config import Config
from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, Ms
from engine.lab.backtest import Backtest, compared
from engine.lab.batch_correlation import BatchCorrelation
from engine.lab.price_path import PricePath, price_path
from engine.lab.replay import Listener, Replay, replay
from engine.lab.rule_desk import Drafted, RuleDesk
from engine.lab.signal_table import SignalTable
from engine.market.usage import used_history
from engine.quant.arrays import Floats
from engine.quant.returns import log_returns


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBacktest:
    """A backtest by rules with the replay it came from and the proposals, oldest first."""

    backtest: Backtest
    replay: Replay
    drafted: tuple[Drafted, ...]


def first_instant(config: Config, prices: PriceTable) -> Ms:
    """Return when every asset of some basket first counts for correlation: the earliest opening by the rules.

    Raises ConfigError where that never happens in the file.
    """
    assets = list(config.symbols)
    closes = prices.closes[:, [prices.assets.index(asset) for asset in assets]]
    used = used_history(~np.isnan(closes), log_returns(closes), DAY_MS // prices.bar_ms)
    for row in np.flatnonzero(used.any(axis=1)).tolist():
        if any(used[row, [assets.index(asset) for asset in each.assets]].all() for each in config.baskets):
            return Ms(int(prices.open_ms[row]) + prices.bar_ms)
    raise ConfigError(
        "no basket has ninety days of history in the price file for all of its assets: take a longer file, or fewer "
        "assets"
    )


def backtest_rules(
    config: Config, prices: PriceTable, *, begin: Ms | None, end: Ms | None, funding: Floats | None = None
) -> RuleBacktest:
    """Return the backtest of the engine's rules, every proposal approved at once. Raises ConfigError."""
    begin = first_instant(config, prices) if begin is None else begin
    path = price_path(config, prices, begin=begin, end=end, funding=funding)
    run, desk = rule_replay(path, prices, unwatched=True)
    book = desk.run()
    said = ["no basket was ever opened: none has ninety days of history for its assets"] if not book.fills else []
    if config.rules.baseline != "rolling":
        said.append("rules.baseline is anchored: the lab reads the rolling baseline, which the alerts may differ from")
    first = next((fill.row - 1 for fill in book.fills), path.start)
    found = compared(path, desk.market, book, first=first, aged=True, warnings=said)
    return RuleBacktest(backtest=found, replay=run, drafted=tuple(desk.drafted))


def rule_replay(path: PricePath, prices: PriceTable, *, unwatched: bool = False) -> tuple[Replay, RuleDesk]:
    """Return the replay of the signals over a path, and the desk that heard all of it; `unwatched` as `replay` says."""
    desks: list[RuleDesk] = []

    def listening(signals: Signals, table: SignalTable) -> Listener:
        desks.append(RuleDesk(path, signals, BatchCorrelation(path, table)))
        return desks[0].take

    run = replay(path.config, prices, begin=path.begin, end=path.end, listening=listening, unwatched=unwatched)
    return run, desks[0]
