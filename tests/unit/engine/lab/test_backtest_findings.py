"""What the lab says of a backtest: parts that add up, an edge only where there is one, crashes in hindsight."""

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.config import Estimator, SizingConfig
from engine.domain.units import HOUR_MS, Ms
from engine.lab.attribution import at_equal_exposure, attribution
from engine.lab.backtest import Backtest, backtest_decisions
from engine.lab.backtest_words import findings
from engine.lab.crash_episodes import crash_episodes
from engine.lab.liquidations import liquidations
from engine.lab.paper_book import BookRun, PaperBook
from engine.lab.price_path import PricePath, price_path
from engine.quant.block_bootstrap import block_draws
from engine.quant.drawdown import drawdowns
from support.books import START, long_basket, small_config
from support.known_answer import differences
from support.markets import table_of

NAMES = ("AAA", "BBB")


def falling() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return closes that wander, fall by 30 % between hours 400 and 450, and wander on."""
    rng = np.random.default_rng(3)
    moves = 0.002 * rng.standard_normal((800, 2))
    moves[400:450] += np.log(0.7) / 50
    closes: np.ndarray[tuple[int, int], np.dtype[np.float64]] = 100 * np.exp(np.cumsum(moves, axis=0))
    return closes


def backtest(*, leverage: float = 1.0, at: tuple[int, ...] = (200, 425)) -> Backtest:
    book = replace(long_basket("one", *NAMES), share=1.0, leverage=leverage)
    config = replace(small_config(book), sizing=SizingConfig(rho="7d", estimator=Estimator.PEARSON))
    instants = [Ms(START + (row + 1) * HOUR_MS) for row in at]
    path = price_path(config, table_of(falling(), *NAMES), begin=instants[0], end=None)
    return backtest_decisions(path, instants)


def held(path: PricePath, quantities: list[float]) -> BookRun:
    book = PaperBook(path)
    book.trade(path.start + 1, np.array(quantities))
    return book.run()


def test_exposure_timing_and_tilt_are_the_whole_difference() -> None:
    parts = attribution(backtest())
    assert parts.exposure + parts.timing + parts.tilt == pytest.approx(parts.total, abs=1e-12)


def test_a_large_fall_is_found_with_its_cut_and_what_freezing_would_have_done() -> None:
    found = backtest()
    (episode,) = crash_episodes(found)
    run, start = found.runs["driftdeck"], found.path.start
    top, bottom = (found.path.row_closed_by(at) - start for at in (episode.top, episode.bottom))
    marks = found.path.marks[start:, found.path.columns]
    frozen = run.equity[top] + run.quantities[top] @ (marks[bottom] - marks[top])
    assert episode.saved == pytest.approx((run.equity[bottom] - frozen) / run.equity[top])
    assert 0.28 < episode.fall < 0.36
    assert 0.05 < episode.cut < 1
    assert 0.3 < episode.fall_done < 0.8


def test_a_leveraged_position_is_counted_gone_where_its_margin_is() -> None:
    path = backtest(leverage=5.0).path
    price = path.marks[path.start + 1]
    worth = float(path.config.baskets[0].notional) / 2
    assert liquidations(path, held(path, (worth / price).tolist())).isolated == 2
    assert liquidations(path, held(path, (0.2 * worth / price).tolist())).isolated == 0
    assert liquidations(path, held(path, (10 * 25_000 / price).tolist())).cross == 1


def test_the_words_say_how_much_is_only_lower_exposure_and_what_cannot_be_shown() -> None:
    said = " ".join(findings(backtest()).words)
    assert "comes from holding less" in said
    assert "At the same average exposure: Sharpe" in said
    assert "too short a time to say more" in said
    assert "1 fall of 15 %" in said


@pytest.mark.parametrize("seed", [1, 2])
def test_no_edge_is_found_where_correlation_never_changes(seed: int) -> None:
    sharpe, drawdown = differences(seed)
    assert sharpe.low < sharpe.high
    assert drawdown.low < drawdown.high
    assert sharpe.covers_zero


def test_an_edge_is_found_where_there_is_one() -> None:
    rng = np.random.default_rng(1)
    days = rng.standard_normal(400) * 0.02
    curve = np.repeat(np.cumprod(1 + days), 24)
    better = np.repeat(np.cumprod(1 + days + 0.002), 24)
    runs = [replace(_flat(len(curve)), equity=np.concatenate(([1.0], each))) for each in (better, curve)]
    sharpe, drawdown = at_equal_exposure(runs[0], runs[1], HOUR_MS)
    assert sharpe.low > 0
    assert drawdown.value > 0


def _flat(bars: int) -> BookRun:
    empty = np.zeros(bars + 1)
    return BookRun(equity=empty, gross=empty, net=empty, quantities=empty[:, None], fills=())


def test_blocks_keep_days_and_series_together() -> None:
    rows = np.column_stack([np.arange(50.0), 100 + np.arange(50.0)])
    drawn = block_draws(rows, block=10, draws=200, seed=4)
    assert (drawn[:, :, 1] - drawn[:, :, 0] == 100).all()
    steps = np.diff(drawn[:, :, 0], axis=1) % 50
    assert (steps == 1).mean() > 0.85
    with pytest.raises(ValueError, match="cannot be drawn"):
        block_draws(rows, block=51, draws=1, seed=1)


def test_a_drawdown_is_measured_from_the_highest_point_so_far() -> None:
    assert drawdowns(np.array([[1.0, 2.0, 1.0, 3.0]])).tolist() == [[0.0, 0.0, 0.5, 0.0]]
