"""A backtest by rules is the core's own drafting on a table: blind to the future, and its shortcuts change nothing."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.adapters.price_file import PriceTable
from engine.core.signal_state import Signals
from engine.domain.basket import Side
from engine.domain.config import Config, Estimator
from engine.domain.errors import ConfigError
from engine.domain.proposal import ProposalKind
from engine.domain.units import HOUR_MS, Ms
from engine.lab.batch_correlation import BatchCorrelation
from engine.lab.near_targets import NearTargets
from engine.lab.price_path import PricePath, price_path
from engine.lab.replay import Listener, replay
from engine.lab.replay_output import document
from engine.lab.rule_backtest import RuleBacktest, backtest_rules, first_instant, rule_replay
from engine.lab.rule_desk import RuleDesk
from engine.lab.signal_table import SignalTable
from engine.lab.table_correlation import TableCorrelation
from engine.market.correlation_state import CorrelationState, Matrix
from support.books import START, basket, long_basket, small_config
from support.markets import Floats, switching_closes, table_of

NAMES = ("AAA", "BBB", "CCC", "DDD", "EEE")
HOURS, BEGIN = 3300, Ms(START + 2400 * HOUR_MS)
SHARED = replace(long_basket("two", "CCC", "DDD", "EEE"), share=0.5)
CONFIG = small_config(
    long_basket("one", "AAA", "BBB", "CCC"), SHARED, basket("hedged", {"AAA": Side.LONG, "EEE": Side.SHORT})
)


@cache
def closes() -> Floats:
    found = switching_closes(4, HOURS, 5, together={1500: 60, 2700: 70, 3000: 40})
    found[2706:2709, 1] = np.nan
    found[2950:2953] = np.nan
    return found


def prices(rows: int = HOURS) -> PriceTable:
    return table_of(closes()[:rows], *NAMES)


@cache
def whole() -> RuleBacktest:
    return backtest_rules(CONFIG, prices(), begin=BEGIN, end=None)


class ExactCorrelation(BatchCorrelation):
    """Matrices made row by row from the rows up to it, as the live state makes them."""

    def window(self, days: int, estimator: Estimator) -> Matrix:
        return TableCorrelation.window(self, days, estimator)

    def now(self, estimator: Estimator) -> Matrix:
        return TableCorrelation.now(self, estimator)


class PatientDesk(RuleDesk):
    """A desk that lets the core judge every wish on matrices of its row, without the batch sizes."""

    def __init__(self, path: PricePath, signals: Signals) -> None:
        super().__init__(path, signals, ExactCorrelation(path))
        self._near = NearTargets(path, self._book, {})


def by_core_alone(config: Config) -> PatientDesk:
    path, desks = price_path(config, prices(), begin=BEGIN, end=None), list[PatientDesk]()

    def listening(signals: Signals, table: SignalTable) -> Listener:
        desks.append(PatientDesk(path, signals))
        return desks[0].take

    replay(config, prices(), begin=path.begin, end=path.end, listening=listening)
    return desks[0]


def test_every_kind_of_reaction_is_drafted_and_filled_a_bar_later() -> None:
    kinds = {each.proposal.kind for each in whole().drafted}
    assert kinds >= {ProposalKind.OPEN, ProposalKind.RESTORE, ProposalKind.REDUCE, ProposalKind.REBALANCE}
    path, fills = whole().backtest.path, whole().backtest.runs["driftdeck"].fills
    decided = {path.row_closed_by(each.proposal.created_at) + 1 for each in whole().drafted}
    assert {fill.row for fill in fills} <= decided
    assert len(fills) > 5


def test_batches_and_what_nobody_reads_left_out_change_no_proposal_and_no_money() -> None:
    patient, quick = by_core_alone(CONFIG), whole()
    said = [(each.proposal.id, each.proposal.kind, each.proposal.created_at, each.direction) for each in quick.drafted]
    assert said == [
        (each.proposal.id, each.proposal.kind, each.proposal.created_at, each.direction) for each in patient.drafted
    ]
    slow, run = patient.run(), quick.backtest.runs["driftdeck"]
    np.testing.assert_allclose(run.equity, slow.equity, rtol=1e-11)
    prices = quick.backtest.path.marks[quick.backtest.path.start :][:, quick.backtest.path.columns]
    weights = [each.quantities * np.nan_to_num(prices) / each.equity[:, None] for each in (run, slow)]
    np.testing.assert_allclose(weights[0], weights[1], atol=1e-12)


def test_the_ledger_and_the_curve_agree_on_the_money() -> None:
    apart = small_config(long_basket("one", "AAA", "BBB"), SHARED)  # baskets that cross would pay once on the curve
    path = price_path(apart, prices(), begin=BEGIN, end=None)
    _, desk = rule_replay(path, prices())
    run, account = desk.run(), desk.state.trading.account
    worth = float(account.cash) + sum(
        float(each.quantity) * path.marks[path.last, path.assets.index(each.asset)] for each in account.netted
    )
    assert run.equity[-1] == pytest.approx(worth, rel=1e-10)


def test_truncating_the_future_changes_no_trade() -> None:
    short = backtest_rules(CONFIG, prices(2900), begin=BEGIN, end=None)
    mine, theirs = short.backtest.runs["driftdeck"], whole().backtest.runs["driftdeck"]
    assert mine.equity.tolist() == theirs.equity[: len(mine.equity)].tolist()


def test_nothing_opens_before_ninety_days_of_history() -> None:
    assert first_instant(CONFIG, prices()) == START + 90 * 24 * HOUR_MS
    early = backtest_rules(CONFIG, prices(2500), begin=Ms(START + HOUR_MS), end=None)
    first = early.backtest.runs["driftdeck"].fills[0]
    assert early.backtest.path.closed(first.row - 1) == START + 90 * 24 * HOUR_MS
    with pytest.raises(ConfigError, match="ninety days"):
        first_instant(CONFIG, prices(900))


def test_a_replay_lists_its_proposals_as_the_contract_does() -> None:
    found = document(whole().replay, [each.proposal for each in whole().drafted])["proposals"]
    assert isinstance(found, list)
    assert {"at", "basket", "id", "kind", "turnover", "cost_bps"} <= set(found[0])
    assert [each["kind"] for each in found[:3]] == ["open"] * 3
    assert found[0]["cost_bps"] == pytest.approx(7.5)
    assert len({each["id"] for each in found}) == len(found)


@pytest.mark.parametrize("estimator", [Estimator.PEARSON, Estimator.WINSORIZED])
def test_columns_of_pairs_are_the_matrices_of_their_rows(estimator: Estimator) -> None:
    path = price_path(CONFIG, prices(), begin=BEGIN, end=None)
    batch, exact = BatchCorrelation(path), TableCorrelation(path)
    for row in (2399, 2707, 2951, 3299):
        batch.move_to(row)
        exact.move_to(row)
        for mine, theirs in (
            (batch.window(30, estimator).rho, exact.window(30, estimator).rho),
            (batch.now(estimator).rho, exact.now(estimator).rho),
        ):
            known = ~np.isnan(mine)
            assert known[0, 1]
            assert known[2, 4]
            assert not known[0, 3]  # no basket holds both
            np.testing.assert_allclose(mine[known], theirs[known], atol=1e-11)


@pytest.mark.parametrize("row", [2399, 2707, 2951, 3299])
@pytest.mark.parametrize("estimator", [Estimator.PEARSON, Estimator.WINSORIZED])
def test_the_table_reads_what_the_live_state_reads(row: int, estimator: Estimator) -> None:
    path = price_path(CONFIG, prices(), begin=BEGIN, end=None)
    table, live = TableCorrelation(path), CorrelationState(path.assets, CONFIG.rules)
    table.move_to(row)
    live.warm_up(START, path.closes[: row + 1])
    for days in (30, 90):
        np.testing.assert_allclose(table.window(days, estimator).rho, live.window(days, estimator).rho, atol=1e-12)
    np.testing.assert_allclose(table.now(estimator).rho, live.now(estimator).rho, atol=1e-9)
    np.testing.assert_allclose(table.sigma_ann(), live.sigma_ann(), rtol=1e-12)
    assert table.used().tolist() == live.used().tolist()


def test_funding_is_paid_by_longs_and_followed_by_the_share() -> None:
    rates = np.zeros((HOURS, len(NAMES)))
    rates[2500::8] = 0.0005
    paying = backtest_rules(CONFIG, prices(), begin=BEGIN, end=None, funding=rates)
    mine, free = paying.backtest.runs["driftdeck"], whole().backtest.runs["driftdeck"]
    assert mine.equity[-1] < free.equity[-1]
    assert mine.equity[100] == pytest.approx(free.equity[100])
    _, desk = rule_replay(paying.backtest.path, prices())
    desk.run()
    assert float(sum(book.funding for book in desk.state.trading.account.books)) > 0
