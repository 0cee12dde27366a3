"""One sweep of 200 rows in three places, a worker killed in the middle of each: the same results, and how long it took.

`python -m support.sweep_race` (`make sweep`): this process, two local processes, two workers of a local Dask scheduler
(where the extra `cluster` is installed). The market is made up.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from engine.domain.units import HOUR_MS, Ms, iso
from engine.lab.sweep import RowResult, Sweep, read_grid
from engine.lab.sweep_run import Executors, dask_cluster, local_processes, run_sweep
from support.books import START
from support.markets import switching_closes

CONFIG = """
[[basket]]
name = "layer-1"
thesis = "they move together"
share = 1.0
assets = [{asset = "AAA"}, {asset = "BBB"}, {asset = "CCC"}]
"""
GRID = """
[grid]
"rules.alert_shift" = [0.30, 0.35, 0.40, 0.45, 0.50]
"rules.restore_at" = [0.10, 0.15, 0.20, 0.30, 0.50]
"rules.watch_delta" = [0.15, 0.20, 0.25, 0.30]
"sizing.rho" = ["max", "30d"]
[split]
train_days = 30
test_days = 10
"""
HOURS, WARM = 4300, 2165
Pids = Callable[[], list[int]]


def made_up(directory: Path, grid: str = GRID) -> Sweep:
    """Return the sweep of a grid over a market that is written to `directory`."""
    closes = switching_closes(5, HOURS, 3, together={2300: 40, 3000: 60, 3900: 30})
    lines = [f"{iso(Ms(START + k * HOUR_MS))},{','.join(map(repr, row.tolist()))}" for k, row in enumerate(closes)]
    (directory / "prices.csv").write_text("\n".join(["timestamp,AAA,BBB,CCC", *lines]) + "\n")
    (directory / "grid.toml").write_text(grid)
    rows, train, test = read_grid(directory / "grid.toml")
    return Sweep(
        config=CONFIG,
        rows=rows,
        prices=directory / "prices.csv",
        begin=Ms(START + WARM * HOUR_MS),
        end=Ms(START + HOURS * HOUR_MS),
        train_days=train,
        test_days=test,
    )


class Killing:
    """Kills one worker when half of the rows are done; hears of progress."""

    def __init__(self, pids: Pids) -> None:
        self._pids = pids
        self.killed = 0

    def __call__(self, done: int, of: int) -> None:
        """Take in that `done` of `of` rows are finished."""
        if not self.killed and done >= of // 2:
            self.killed = self._pids()[0]
            os.kill(self.killed, signal.SIGKILL)


def here() -> AbstractContextManager[Executor]:
    """Return this process as an executor."""
    return ThreadPoolExecutor(1)


def children() -> list[int]:
    """Return the processes of a local pool."""
    return [child.pid for child in psutil.Process().children()]


@contextmanager
def two_dask_workers() -> Iterator[tuple[Executors, Pids]]:
    """Run a local Dask scheduler with two workers; give its executors and the processes of its workers."""
    import distributed

    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield dask_cluster(cluster.scheduler_address), lambda: list(client.run(os.getpid).values())


def race(sweep: Sweep, say: Callable[[str], object]) -> bool:
    """Print a line per place; return True where all results are equal and each lost a worker."""
    expected, seconds = _timed(lambda: run_sweep(sweep, here))
    say(f"this process      {seconds:6.1f} s, {len(expected)} rows\n")
    same = True
    killing = Killing(children)
    found, seconds = _timed(lambda: run_sweep(sweep, local_processes(2), progress=killing))
    same &= _told("2 local processes", seconds, found == expected, killing, say)
    if find_spec("distributed") is None:
        say("2 Dask workers    not installed here: pip install 'driftdeck[cluster]'\n")
        return same
    with two_dask_workers() as (executors, pids):
        killing = Killing(pids)
        found, seconds = _timed(lambda: run_sweep(sweep, executors, progress=killing))
    return _told("2 Dask workers", seconds, found == expected, killing, say) and same


def _timed(work: Callable[[], list[RowResult]]) -> tuple[list[RowResult], float]:
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def _told(where: str, seconds: float, same: bool, killing: Killing, say: Callable[[str], object]) -> bool:
    lost = f"worker {killing.killed} killed half-way" if killing.killed else "NO worker was killed"
    say(f"{where:<17} {seconds:6.1f} s, {'the same results' if same else 'OTHER results'}, {lost}\n")
    return same and bool(killing.killed)


def main(arguments: list[str], say: Callable[[str], object]) -> int:
    """Run the race; fail where a result differs."""
    argparse.ArgumentParser(prog="python -m support.sweep_race").parse_args(arguments)
    with TemporaryDirectory() as name:
        return 0 if race(made_up(Path(name)), say) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout.write))
