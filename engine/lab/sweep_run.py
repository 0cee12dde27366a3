"""Owns where the rows of a sweep run: local processes or a Dask cluster, and that an interrupted sweep goes on.

Every executor is a standard one, so results are the same wherever they are made. A row that is finished is written to
the results file at once. Never judges a row.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import cast

import msgspec

from engine.domain.errors import ConfigError, RefusedError, StoreError
from engine.lab.sweep import RowResult, Sweep, Values, run_row

Executors = Callable[[], AbstractContextManager[Executor]]
MOST_LOSSES = 5  # workers that may die before a sweep gives up
Progress = Callable[[int, int], None]


def local_processes(workers: int) -> Executors:
    """Return executors of so many local processes."""
    return partial(ProcessPoolExecutor, workers)


def dask_cluster(address: str) -> Executors:
    """Return executors of a Dask cluster; its workers need this package and see the price file by its path.

    Raises ConfigError without the extra `cluster`, RefusedError where nobody answers at the address.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ConfigError("--dask needs the extra: pip install 'driftdeck[cluster]'") from None

    @contextmanager
    def executor() -> Iterator[Executor]:
        try:
            client = Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise RefusedError(f"no Dask scheduler answers at {address} ({type(error).__name__})") from None
        with client, cast(AbstractContextManager[Executor], client.get_executor(pure=False)) as pool:
            yield pool

    return executor


def run_sweep(
    sweep: Sweep, executors: Executors, *, results: Path | None = None, progress: Progress = lambda done, of: None
) -> list[RowResult]:
    """Return the results of all rows in their order, those in the `results` file without running them again.

    A local pool that lost a worker is made anew for what is left. Raises RefusedError after five losses, StoreError
    where the file cannot be used.
    """
    known = {} if results is None else read_results(results)
    if results is not None:
        drop_unfinished_line(results)
    keys = [sweep.key(row) for row in sweep.rows]
    for _ in range(MOST_LOSSES):
        left = [row for row, key in zip(sweep.rows, keys, strict=True) if key not in known]
        progress(len(keys) - len(left), len(keys))
        if not left:
            return [known[key] for key in keys]
        try:
            with executors() as pool:
                for found in _results(pool, sweep, left):
                    known[found.key] = found
                    if results is not None:
                        append_result(results, found)
                    progress(sum(key in known for key in keys), len(keys))
        except BrokenProcessPool:
            continue
    if all(key in known for key in keys):
        return [known[key] for key in keys]
    raise RefusedError(f"workers died {MOST_LOSSES} times; what is finished is kept in the results file")


def _results(pool: Executor, sweep: Sweep, rows: Sequence[Values]) -> Iterable[RowResult]:
    futures = [pool.submit(run_row, sweep, row) for row in rows]
    for future in as_completed(futures):
        yield future.result()


def read_results(path: Path) -> dict[str, RowResult]:
    """Return what a results file holds; a last line that was cut off is left out. Raises StoreError."""
    try:
        lines = path.read_bytes().splitlines() if path.exists() else []
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}; choose another --results file") from error
    found = {}
    for number, line in enumerate(lines, start=1):
        try:
            result = msgspec.json.decode(line, type=RowResult)
        except msgspec.DecodeError:
            if number == len(lines):
                continue
            raise StoreError(f"{path}: line {number} is no result of a sweep; choose another --results file") from None
        found[result.key] = result
    return found


def drop_unfinished_line(path: Path) -> None:
    """Cut a last line that was not written whole, so that the next result begins a line. Raises StoreError."""
    try:
        content = path.read_bytes() if path.exists() else b""
        if content and not content.endswith(b"\n"):
            path.write_bytes(content[: content.rfind(b"\n") + 1])
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; choose another --results file") from error


def append_result(path: Path, result: RowResult) -> None:
    """Add one line to a results file. Raises StoreError."""
    try:
        with path.open("ab") as file:
            file.write(msgspec.json.encode(result) + b"\n")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; choose another --results file") from error
