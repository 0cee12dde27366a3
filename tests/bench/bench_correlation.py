"""`make bench`: the correlation update against its peers and the copy floor, in one run on one thread; prints a table.

A clock on a busy machine is noisy, so nothing here fails: bars are replayed and the fastest of each counts. Peers that
are not installed are named. Peers that need seconds per bar are timed on some pairs and scaled (marked ~).
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from engine.quant.comoments import CoMoments
from engine.quant.kernels import kernel_for
from support.quant_oracles import Floats, exact_pearson, nasty_returns, worst_difference

WINDOWS = (720, 1440, 2160)
BARS = 72
PEERS = ("river", "numbagg", "polars")
US = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Microseconds per bar: of a usual one and, midnights included, on average; NaN where it does not apply."""

    usual: float
    mean: float
    scaled: bool = False


ABSENT = Timing(usual=np.nan, mean=np.nan)


def returns_of(assets: int, missing: float) -> Floats:
    """Return one-factor returns of `assets`, a share of them missing."""
    rng = np.random.default_rng(assets)
    rows = WINDOWS[-1] + 2 * BARS
    returns: Floats = (rng.standard_t(4, (rows, 1)) + rng.standard_t(4, (rows, assets))) * 0.006
    returns[rng.random(returns.shape) < missing] = np.nan
    return returns


def fastest(work: Callable[[], object], seconds: float = 0.6) -> float:
    """Return the shortest time of a call in microseconds, called for about `seconds` and at least twice."""
    work()
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < 2 or time.perf_counter() < until:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * US


def ours(returns: Floats, *, fast: bool, runs: int) -> Timing:
    """Time appending a bar and reading the three windows; each bar counts with its fastest replay."""
    if fast and find_spec("numba") is None:
        return ABSENT
    width = returns.shape[1]
    times: list[list[float]] = []
    for _ in range(runs):
        state = CoMoments(width, 24, windows=tuple((slots, 0) for slots in WINDOWS), kernel=kernel_for(width, fast))
        state.load(0, returns[: -2 * BARS])
        one = []
        for row in returns[-2 * BARS :]:
            start = time.perf_counter()
            state.append(row)
            for slots in WINDOWS:
                state.window(slots)
            one.append(time.perf_counter() - start)
        times.append(one[-BARS:])  # the first three days warm up
    best = np.min(np.array(times), axis=0) * US
    return Timing(usual=float(np.median(best)), mean=float(best.mean()))


def copy_floor(assets: int) -> Timing:
    """Time copying three [N, N]."""
    sources = [np.random.default_rng(k).random((assets, assets)) for k in range(3)]
    targets = [np.empty_like(source) for source in sources]

    def copy() -> None:
        for source, target in zip(sources, targets, strict=True):
            np.copyto(target, source)

    found = fastest(copy)
    return Timing(usual=found, mean=found)


def corrcoef(returns: Floats) -> Timing:
    """Time np.corrcoef of the three windows; it knows no gaps."""
    if np.isnan(returns).any():
        return ABSENT
    found = fastest(lambda: [np.corrcoef(returns[-slots:], rowvar=False) for slots in WINDOWS])
    return Timing(usual=found, mean=found)


def frame_corr(returns: Floats) -> Timing:
    """Time DataFrame.corr of the three windows; beyond 100 assets of the shortest one, scaled."""
    frame = pd.DataFrame(returns)
    windows = WINDOWS if returns.shape[1] <= 100 else WINDOWS[:1]
    found = fastest(lambda: [frame.iloc[-slots:].corr(min_periods=2 * slots // 3) for slots in windows])
    found *= sum(WINDOWS) / sum(windows)
    return Timing(usual=found, mean=found, scaled=len(windows) < 3)


def _some_pairs(assets: int, most: int) -> tuple[list[tuple[int, int]], float]:
    """Return a few pairs and what to multiply their time with to have all pairs."""
    pairs = list(combinations(range(assets), 2))
    some = pairs[:: max(1, len(pairs) // most)]
    return some, len(pairs) / len(some)


def rolling(returns: Floats) -> Timing:
    """Time pandas' rolling correlation of one 720 window, per bar of a whole history."""
    some, factor = _some_pairs(returns.shape[1], 30)
    frame = pd.DataFrame(returns)

    def work() -> None:
        for i, j in some:
            frame[i].rolling(720, min_periods=480).corr(frame[j])

    found = fastest(work) * factor / len(returns)
    return Timing(usual=found, mean=found, scaled=factor > 1)


def river(returns: Floats) -> Timing:
    """Time river's update and revert of one covariance window; no gaps, not normalized."""
    if np.isnan(returns).any():
        return ABSENT
    width = min(returns.shape[1], 100)
    covariance: Any = import_module("river.covariance").EmpiricalCovariance()
    rows = [dict(enumerate(row)) for row in returns[:30, :width].tolist()]
    for row in rows:
        covariance.update(row)
    at = iter(range(10**9))

    def work() -> None:
        k = next(at) % len(rows)
        covariance.update(rows[k])
        covariance.revert(rows[k])

    found = fastest(work) * (returns.shape[1] / width) ** 2
    return Timing(usual=found, mean=found, scaled=width < returns.shape[1])


def numbagg(returns: Floats) -> Timing:
    """Time numbagg's moving correlation of one 720 window, live: the last window of every pair."""
    library: Any = import_module("numbagg")
    some, factor = _some_pairs(returns.shape[1], 300)
    left = np.ascontiguousarray(returns[-720:, [i for i, _ in some]].T)
    right = np.ascontiguousarray(returns[-720:, [j for _, j in some]].T)
    found = fastest(lambda: library.move_corr(left, right, window=720, min_count=480)) * factor
    return Timing(usual=found, mean=found, scaled=factor > 1)


def polars(returns: Floats) -> Timing:
    """Time polars' pairwise correlations of one 720 window, live."""
    library: Any = import_module("polars")
    some, factor = _some_pairs(returns.shape[1], 300)
    frame = library.DataFrame({str(k): returns[-720:, k] for k in range(returns.shape[1])}, nan_to_null=True)
    asked = [library.corr(str(i), str(j)).alias(f"{i}-{j}") for i, j in some]
    found = fastest(lambda: frame.select(asked)) * factor
    return Timing(usual=found, mean=found, scaled=factor > 1)


RIVALS: dict[str, Callable[[Floats], Timing]] = {
    "np.corrcoef x3": corrcoef,
    "df.corr x3": frame_corr,
    "pandas rolling": rolling,
    "river": river,
    "numbagg": numbagg,
    "polars": polars,
}


def report() -> None:
    """Print the table: a line per size and gaps, microseconds, and each peer's time over ours."""
    absent = [name for name in PEERS if find_spec(name) is None]
    print(
        "append one bar and have the 30/60/90-day matrices; microseconds, one thread, usual bar (mean with midnights)"
    )
    print(
        "peers: their time / numpy kernel / fast kernel; ~ scaled from some pairs; the last four do one 720 window only"
    )
    print(f"{'N':>4} {'gaps':>4} {'copy':>7} {'numpy':>15} {'fast':>15} {'fast/copy':>9}", end="")
    print("".join(f" {name:>23}" for name in RIVALS))
    for assets in (5, 25, 100, 500):
        for missing in (0.0, 0.05):
            returns = returns_of(assets, missing)
            copy, runs = copy_floor(assets).usual, 16 if assets < 500 else 4
            numpy, fast = ours(returns, fast=False, runs=runs), ours(returns, fast=True, runs=runs)
            print(f"{assets:>4} {missing:>4.0%} {copy:>7.1f} {_us(numpy):>15} {_us(fast):>15}", end="")
            print(f" {fast.usual / copy:>9.1f}", end="", flush=True)
            for name, rival in RIVALS.items():
                timing = ABSENT if name in absent else rival(returns)
                print(f" {_against(timing, numpy, fast):>23}", end="", flush=True)
            print()
    print(f"absent here: {', '.join(absent) or 'none'}; '-': does not know gaps")
    if find_spec("numba") is None:
        print("no numba: the fast kernel was not timed (extra 'fast')")


def _us(timing: Timing) -> str:
    return "-" if np.isnan(timing.usual) else f"{timing.usual:.0f} ({timing.mean:.0f})"


def _short(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 0.1 else f"{ratio:.2f}"


def _against(peer: Timing, numpy: Timing, fast: Timing) -> str:
    if np.isnan(peer.usual):
        return "-"
    over = " / ".join(f"{_short(peer.usual / own.usual)}x" for own in (numpy, fast) if not np.isnan(own.usual))
    return f"{'~' if peer.scaled else ''}{peer.usual:.0f} {over}"


def accuracy(updates: int) -> None:
    """Print the largest error over `updates` nasty bars of eight assets, against 80-bit two-pass."""
    for fast in [False, True] if find_spec("numba") else [False]:
        state = CoMoments(8, 24, windows=tuple((slots, 0) for slots in WINDOWS), kernel=kernel_for(8, fast))
        rng, worst, checks, seen = np.random.default_rng(1), 0.0, 0, np.empty((0, 8))
        for part in range(updates // 10_000):
            rows = nasty_returns(rng, 10_000)
            state.append(rows[0]) if part else state.load(0, rows[:1])
            for row in rows[1:]:
                state.append(row)
                if fast:
                    state.window(720)
            seen = np.concatenate((seen, rows))[-2160:]
            for slots in WINDOWS:
                worst = max(
                    worst, worst_difference(state.window(slots).rho, exact_pearson(seen[-slots:], 2 * slots // 3))
                )
                checks += 1
            state.drop_before(state.end - 2500)
        name = "fast" if fast else "numpy"
        print(f"accuracy, {name}: {updates:.0e} nasty bars, {checks} windows, largest error {worst:.1e} (budget 1e-12)")


def other_costs(assets: int) -> None:
    """Print what else a bar or a tick costs, with the numpy kernel."""
    returns = returns_of(assets, 0.0)
    state = CoMoments(assets, 24, kernel=kernel_for(assets, fast=False))
    state.load(0, returns)
    tick = returns[-1] * 1.1
    state.overlay_row(720, 0, tick)
    spent = {
        "now-estimate": fastest(lambda: state.now(24)),
        "overlay row of a tick": fastest(lambda: state.overlay_row(720, 3, tick)),
        "warm start (load, 3 windows, now)": fastest(lambda: _warm(returns)),
        "correction (2 returns, 3 windows anew)": fastest(lambda: _corrected(state)),
    }
    print(f"N={assets}: " + "; ".join(f"{name} {value:.0f} us" for name, value in spent.items()))


def _warm(returns: Floats) -> None:
    state = CoMoments(returns.shape[1], 24, kernel=kernel_for(returns.shape[1], fast=False))
    state.load(0, returns)
    _read(state)


def _corrected(state: CoMoments) -> None:
    state.replace(state.end - 100, 0, np.array([0.01, -0.01]))
    _read(state)


def _read(state: CoMoments) -> None:
    for slots in WINDOWS:
        state.window(slots)
    state.now(24)


def on_one_thread() -> None:
    """Start this program again where a library might use more: they look at these names when they are imported."""
    names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")
    if any(os.environ.get(name) != "1" for name in names):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | dict.fromkeys(names, "1"))


if __name__ == "__main__":
    on_one_thread()
    began = time.perf_counter()
    report()
    other_costs(100)
    accuracy(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(f"{time.perf_counter() - began:.0f} s in all; load {median(os.getloadavg()):.1f} on {os.cpu_count()} cores")
