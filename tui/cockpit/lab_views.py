"""Owns what the lab pages read of the commands' JSON: small typed views, undefined as NaN, curves thinned for a screen.

Decodes and nothing else: panels format, `lab_jobs` brings the bytes. The rest of the JSON is skipped.
"""

import math
from collections.abc import Sequence

import msgspec
from msgspec import Struct, field

MOST_POINTS = 1_600  # two dots a column on the widest screen, and some to spare
MOST_FILLS = 60
Number = float | None


def known(value: Number) -> float:
    """Return a number of JSON as the panels take it: NaN where it is undefined."""
    return math.nan if value is None else value


class Scenario(Struct, frozen=True):
    """A book under one scenario; a shock has a loss, the others a loss of the worst days."""

    name: str
    es95_1d: Number = None
    wild: Number = field(default=None, name="es95_1d_sigma_1.5")
    hidden_leverage: Number = None
    worst_liquidation_distance: Number = None
    loss: Number = None


class StressBook(Struct, frozen=True):
    """One basket's figures, or the account's."""

    gross: Number
    net: Number
    hidden_leverage: Number
    effective_bets: Number
    es95_1d: Number
    scenarios: tuple[Scenario, ...]
    basket: str = "account"

    def scenario(self, start: str) -> Scenario | None:
        """Return the first scenario whose name begins so."""
        return next((each for each in self.scenarios if each.name.startswith(start)), None)


class Leg(Struct, frozen=True):
    """One leg of a book and how far it is from its liquidation."""

    asset: str
    value: Number
    margin: Number
    liquidation_distance: Number


class Taken(Struct, frozen=True):
    """One leg that is liquidated, and at which share of the way."""

    asset: str
    share: float


class Ended(Struct, frozen=True):
    """Where a path leaves a book."""

    loss: Number
    liquidated: tuple[Taken, ...]


class Cascade(Struct, frozen=True):
    """A shock or a past crash, walked on each leg's own margin and on shared money; None where prices lack."""

    name: str
    unknown: tuple[str, ...]
    isolated: Ended | None
    cross: Ended | None


class Chance(Struct, frozen=True):
    """The probability of any liquidation."""

    isolated: Number
    cross: Number


class LabBook(Struct, frozen=True):
    """The lab of one book: odds by assumption, then by days."""

    margin: Number
    collateral: Number
    legs: tuple[Leg, ...]
    cascades: tuple[Cascade, ...]
    unstored: tuple[str, ...]
    odds: dict[str, dict[str, Chance]]
    basket: str | None = None


class StressView(Struct, frozen=True):
    """The answer of `stress --json`; `lab` where it was asked for."""

    at: str
    portfolio: StressBook
    baskets: tuple[StressBook, ...]
    lab: tuple[LabBook, ...] = ()

    @property
    def books(self) -> tuple[StressBook, ...]:
        """Return the account, then the baskets."""
        return (self.portfolio, *self.baskets)


class Hedge(Struct, frozen=True):
    """The leg against a basket."""

    asset: str
    correlation: Number
    now: Number
    beta: Number
    residual_beta: Number
    es95_1d: Number
    hedge_break: Number


class Pair(Struct, frozen=True):
    """One pair of a ranked basket."""

    pair: tuple[str, str]
    rho: dict[str, Number]
    calm: Number
    stress: Number
    share_year: Number
    in_band: bool


class Ranked(Struct, frozen=True):
    """One ranked basket."""

    assets: tuple[str, ...]
    share_calm: Number
    share_year: Number
    mean_calm: Number
    mean_stress: Number
    hidden_leverage: Number
    hidden_leverage_stress: Number
    cost: Number
    cost_bps: Number
    pairs: tuple[Pair, ...]
    toml: str
    overlap: str | None = None
    hedge: Hedge | None = None
    thinnest: str | None = None
    median_daily_volume: Number = None
    share_of_volume: Number = None


class Refused(Struct, frozen=True):
    """An asset that is left out, and why."""

    asset: str
    why: str


class BuildView(Struct, frozen=True):
    """The answer of `build --json`."""

    at: str
    shape: str
    notional: float
    baskets: tuple[Ranked, ...]
    refused: tuple[Refused, ...]
    pruned: tuple[str, ...]


class Liquidations(Struct, frozen=True):
    """How often a margin would have been gone."""

    isolated: int
    cross: int


class Strategy(Struct, frozen=True):
    """One row of a backtest's table."""

    total_return: Number = field(name="return")
    max_drawdown: Number
    vol_ann: Number
    sharpe: Number
    turnover: Number
    cost: Number
    rebalances: int
    avg_gross: Number
    liquidations: Liquidations


class Episode(Struct, frozen=True):
    """One large fall of the market and what the strategy did in it."""

    top: str
    bottom: str
    fall: Number
    cut: Number
    fall_done: Number
    saved: Number


class Fill(Struct, frozen=True):
    """One rebalance of the strategy."""

    filled_at: str
    traded: Number
    cost: Number
    equity: Number


class _Curves(Struct, frozen=True):
    timestamp: tuple[str, ...]
    driftdeck: tuple[Number, ...]
    standard: tuple[Number, ...]
    exposure_matched: tuple[Number, ...]


class _Backtest(Struct, frozen=True):
    begin: str = field(name="from")
    end: str = field(name="to")
    bars: int
    strategies: dict[str, Strategy]
    equity: _Curves
    words: tuple[str, ...] = ()
    episodes: tuple[Episode, ...] = ()
    fills: tuple[Fill, ...] = ()
    warnings: tuple[str, ...] = ()


class Course(Struct, frozen=True):
    """A curve of equity and its fall from the highest close so far, thinned."""

    equity: tuple[float, ...]
    drawdown: tuple[float, ...]


class BacktestView(Struct, frozen=True):
    """The answer of `backtest --json`, as much of it as a screen shows: courses by strategy, the newest fills."""

    begin: str
    end: str
    bars: int
    words: tuple[str, ...]
    strategies: dict[str, Strategy]
    courses: dict[str, Course]
    episodes: tuple[Episode, ...]
    fills: tuple[Fill, ...]
    warnings: tuple[str, ...]


def stress_view(answer: bytes) -> StressView:
    """Return the stress figures. Raises msgspec.DecodeError."""
    return msgspec.json.decode(answer, type=StressView)


def build_view(answer: bytes) -> BuildView:
    """Return the ranking. Raises msgspec.DecodeError."""
    return msgspec.json.decode(answer, type=BuildView)


def backtest_view(answer: bytes) -> BacktestView:
    """Return the backtest with its courses thinned. Raises msgspec.DecodeError."""
    found = msgspec.json.decode(answer, type=_Backtest)
    curves = {name: getattr(found.equity, name) for name in ("driftdeck", "standard", "exposure_matched")}
    points = len(found.equity.timestamp)
    every = -(-points // MOST_POINTS) if points else 1
    return BacktestView(
        begin=found.begin,
        end=found.end,
        bars=found.bars,
        words=found.words,
        strategies=found.strategies,
        courses={name: course([known(value) for value in values], every) for name, values in curves.items()},
        episodes=found.episodes,
        fills=found.fills[-MOST_FILLS:],
        warnings=found.warnings,
    )


def course(equity: Sequence[float], every: int) -> Course:
    """Return the curve, one point of `every` values: the last equity and the deepest fall among them."""
    peak, falls = -math.inf, []
    for value in equity:
        peak = max(peak, value) if not math.isnan(value) else peak
        falls.append(value / peak - 1.0 if peak > 0 else math.nan)
    parts = range(0, len(equity), every)
    deepest = [min((f for f in falls[at : at + every] if not math.isnan(f)), default=math.nan) for at in parts]
    return Course(equity=tuple(equity[min(at + every, len(equity)) - 1] for at in parts), drawdown=tuple(deepest))
