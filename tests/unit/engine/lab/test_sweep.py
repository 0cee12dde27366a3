"""A sweep gives the same rows wherever they run, survives a dead worker, goes on where it was, and warns of luck."""

from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.domain.errors import ConfigError, StoreError
from engine.domain.units import HOUR_MS, Ms, iso
from engine.lab.sweep import RowResult, Sweep, config_of, read_grid
from engine.lab.sweep_run import local_processes, read_results, run_sweep
from engine.lab.walk_forward import walk_forward
from engine.quant.overfitting import overfitting_probability, rank_stability
from support.books import START
from support.markets import switching_closes
from support.sweep_race import CONFIG, Killing, two_dask_workers

GRID = """
[grid]
"rules.restore_at" = [0.1, 0.3]
"rules.alert_shift" = [0.3, 0.4, 0.5]
[split]
train_days = 6
test_days = 3
"""
HOURS = 2500


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    closes = switching_closes(5, HOURS, 3, together={2300: 40})
    lines = [f"{iso(Ms(START + k * HOUR_MS))},{','.join(map(repr, row.tolist()))}" for k, row in enumerate(closes)]
    (tmp_path / "prices.csv").write_text("\n".join(["timestamp,AAA,BBB,CCC", *lines]) + "\n")
    (tmp_path / "grid.toml").write_text(GRID)
    rows, train, test = read_grid(tmp_path / "grid.toml")
    return Sweep(
        config=CONFIG,
        rows=rows,
        prices=tmp_path / "prices.csv",
        begin=Ms(START + 2165 * HOUR_MS),
        end=Ms(START + HOURS * HOUR_MS),
        train_days=train,
        test_days=test,
    )


def in_this_process() -> AbstractContextManager[Executor]:
    return ThreadPoolExecutor(1)


def nowhere() -> AbstractContextManager[Executor]:
    raise AssertionError("every row is known: nothing may run")


def test_rows_are_the_same_in_this_process_and_in_two_others_one_of_which_is_killed(sweep: Sweep) -> None:
    killed: list[int] = []

    def kill_one(done: int, of: int) -> None:
        if done == 2 and not killed:
            worker = psutil.Process().children()[0]
            killed.append(worker.pid)
            worker.kill()

    expected = run_sweep(sweep, in_this_process)
    assert run_sweep(sweep, local_processes(2), progress=kill_one) == expected
    assert killed
    assert len({result.trades for result in expected}) > 1


def test_a_sweep_goes_on_from_its_results_file(sweep: Sweep, tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    expected = run_sweep(sweep, in_this_process, results=file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:4]) + lines[4][:30])  # cut off in the middle of a line
    assert len(read_results(file)) == 4
    assert run_sweep(sweep, in_this_process, results=file) == expected
    assert run_sweep(sweep, nowhere, results=file) == expected


def test_rows_are_the_same_on_a_dask_cluster_that_loses_a_worker(sweep: Sweep) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed: no Dask to try")
    with two_dask_workers() as (executors, pids):
        killing = Killing(pids)
        found = run_sweep(sweep, executors, progress=killing)
    assert found == run_sweep(sweep, in_this_process)
    assert killing.killed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[grid]\n", "write \\[grid\\]"),
        ('[grid]\n"venue.id" = ["x"]\n', "no setting of"),
        ('[grid]\n"rules.alert_shift" = 3\n', "needs a list"),
        ('[grid]\n"rules.alert_shift" = [0.4]\n[split]\ntrain_days = 0\n', "train_days"),
        ("grid = [", "mend the file"),
    ],
)
def test_a_bad_sweep_file_is_one_clear_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "grid.toml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_grid(tmp_path / "grid.toml")


def test_a_row_with_a_bad_setting_names_it() -> None:
    with pytest.raises(ConfigError, match=r"rules\.alert_shift = 40"):
        config_of(CONFIG, (("rules.alert_shift", 40),))
    assert config_of(CONFIG, (("rules.check_every", "8h"),)).rules.check_every_ms == 8 * HOUR_MS


def test_another_file_is_not_taken_for_results(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello\nworld\n")
    with pytest.raises(StoreError, match="line 1 is no result"):
        read_results(tmp_path / "notes.txt")


def rows_of(days: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[RowResult]:
    return [
        RowResult(
            key=str(k),
            values=(("rules.alert_shift", k),),
            excess=tuple(column.tolist()),
            total_return=0.0,
            max_drawdown=0.0,
            avg_gross=0.3,
            trades=1,
        )
        for k, column in enumerate(days.T)
    ]


def test_noise_is_called_luck_and_a_lasting_difference_is_not(sweep: Sweep) -> None:
    noise = np.random.default_rng(2).standard_normal((300, 20)) * 0.01
    lucky, real = (walk_forward(sweep, rows_of(days)) for days in (noise, noise + np.linspace(0, 0.02, 20)))
    assert "Warning: choosing the best row of this table would be choosing luck. Keep the defaults." in lucky.words
    assert not any("Warning" in word for word in real.words)
    assert real.overfitting < 0.05
    assert lucky.overfitting > 0.2
    assert real.stability > 0.4 > abs(lucky.stability)


def test_what_is_too_short_is_undefined() -> None:
    assert np.isnan(overfitting_probability(np.zeros((5, 3))))
    assert np.isnan(rank_stability(np.array([1.0, 2.0]), np.array([1.0, 2.0])))
