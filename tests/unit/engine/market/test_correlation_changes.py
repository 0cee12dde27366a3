"""Whatever happens to the state, it reads like one that knew everything from the start; the overlay commits nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import HOUR_MS, Asset, Ms
from engine.market.correlation_state import CorrelationState
from support.quant_kernels import BOTH_KERNELS
from support.quant_oracles import Floats, fat_returns, worst_difference

ETH, SOL, AVAX, NEAR, POL = (Asset(name) for name in ("ETH", "SOL", "AVAX", "NEAR", "POL"))
ASSETS = (ETH, SOL, AVAX)
START = Ms(1_693_440_000_000 + 9 * HOUR_MS)
RULES = RulesConfig()
SHORT = RulesConfig(windows_days=(2, 3), baseline_days=2)
BOTH = (Estimator.PEARSON, Estimator.WINSORIZED)
both_kernels = pytest.mark.parametrize("fast", BOTH_KERNELS)


def _closes(rng: np.random.Generator, rows: int, width: int, missing: float = 0.0) -> Floats:
    closes: Floats = 100 * np.exp(np.cumsum(fat_returns(rng, rows, width), axis=0))
    closes[rng.random(closes.shape) < missing] = np.nan
    return closes


class _Told:
    """A state, and beside it the plain table of all closes it was ever told, by asset."""

    def __init__(self, assets: tuple[Asset, ...], closes: Floats, rules: RulesConfig, *, fast: bool) -> None:
        self.rules, self.fast, self.assets = rules, fast, assets
        self.table = {asset: list(closes[:, k]) for k, asset in enumerate(assets)}
        self.state = CorrelationState(assets, rules, fast=fast)
        self.state.warm_up(START, closes)

    @property
    def rows(self) -> int:
        return len(self.table[self.assets[0]])

    def append(self, closes: Floats) -> None:
        self.state.append(Ms(START + self.rows * HOUR_MS), closes)
        for asset, close in zip(self.assets, closes, strict=True):
            self.table[asset].append(float(close))

    def correct(self, row: int, asset: Asset, close: float) -> None:
        self.table[asset][row] = close
        self.state.correct(Ms(START + row * HOUR_MS), asset, close)

    def set_assets(self, assets: tuple[Asset, ...], history: dict[Asset, Floats]) -> None:
        self.state.set_assets(assets, history)
        rows = self.rows
        kept = {asset: self.table[asset] for asset in assets if asset in self.table}
        fresh = {a: list(history.get(a, np.full(rows, np.nan))) for a in assets if a not in kept}
        self.assets, self.table = assets, kept | fresh

    def closes(self) -> Floats:
        return np.array([self.table[asset] for asset in self.assets]).T

    def check(self) -> None:
        fresh = CorrelationState(self.assets, self.rules, fast=self.fast)
        fresh.warm_up(START, self.closes())
        for mine, theirs in zip(_readouts(self.state, self.rules), _readouts(fresh, self.rules), strict=True):
            assert worst_difference(mine, theirs) < 1e-12
        np.testing.assert_array_equal(self.state.history_days(), fresh.history_days())
        np.testing.assert_array_equal(self.state.used(), fresh.used())
        frame = pd.DataFrame(np.log(self.closes())).diff()
        for days in self.rules.windows_days:
            theirs = frame.iloc[-24 * days :].corr(min_periods=16 * days).to_numpy()
            assert worst_difference(self.state.window(days, Estimator.PEARSON).rho, theirs) < 1e-12


def _readouts(state: CorrelationState, rules: RulesConfig) -> list[Floats]:
    found = [state.sigma_ann()]
    for kind in BOTH:
        found += [state.window(days, kind).rho for days in rules.windows_days]
        found += [state.base(kind).rho, state.now(kind).rho, state.returns(kind, 900)]
    return found


@settings(deadline=None, max_examples=15)
@given(data=st.data(), seed=st.integers(0, 1000), gaps=st.sampled_from([0.0, 0.01]))
@both_kernels
def test_any_sequence_of_bars_gaps_corrections_and_listings_equals_a_rebuild(
    fast: bool, data: st.DataObject, seed: int, gaps: float
) -> None:
    rng = np.random.default_rng(seed)
    told = _Told(ASSETS, _closes(rng, 440, 3, gaps), SHORT, fast=fast)
    for _ in range(data.draw(st.integers(1, 6))):
        for _ in range(data.draw(st.integers(0, 40))):
            told.append(_closes(rng, 1, len(told.assets), gaps)[0])
            _readouts(told.state, SHORT)
        match data.draw(st.sampled_from(["correct", "withdraw", "list", "list empty", "delist"])):
            case "correct":
                told.correct(data.draw(st.integers(0, told.rows - 1)), told.assets[-1], data.draw(st.floats(90, 110)))
            case "withdraw":
                told.correct(data.draw(st.integers(0, told.rows - 1)), told.assets[0], float("nan"))
            case "list" if not {NEAR, POL} & set(told.assets):
                told.set_assets((NEAR, *told.assets, POL), {POL: _closes(rng, told.rows, 1, gaps)[:, 0]})
            case "list empty" if NEAR not in told.assets:
                told.set_assets((*told.assets, NEAR), {})
            case "delist" if len(told.assets) > 2:
                told.set_assets(told.assets[:0:-1], {})
    told.check()


@both_kernels
def test_a_listing_leaves_the_numbers_of_the_others_alone(fast: bool) -> None:
    rng = np.random.default_rng(7)
    told = _Told(ASSETS, _closes(rng, 2905, 3), RULES, fast=fast)
    before = [np.array(matrix) for matrix in _readouts(told.state, RULES)[1:]]
    version = told.state.version
    told.set_assets((NEAR, *ASSETS), {})
    assert told.state.version == version + 1
    for mine, theirs in zip(_readouts(told.state, RULES)[1:], before, strict=True):
        if mine.shape[0] == 4:
            assert worst_difference(mine[1:, 1:], theirs) < 1e-13
            assert np.isnan(mine[0]).all()
        else:
            np.testing.assert_array_equal(mine[:, 1:], theirs)
    told.append(np.array([5.0, *told.closes()[-1, 1:]]))
    assert told.state.history_days()[0] == 1 / 24


def test_a_set_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    told = _Told(ASSETS, _closes(np.random.default_rng(8), 60, 3), SHORT, fast=False)
    version = told.state.version
    with pytest.raises(ValueError, match="history of POL must hold 60 closes, from first_open to last_open"):
        told.state.set_assets((*ASSETS, POL), {POL: np.ones(59)})
    with pytest.raises(ValueError, match="not a positive price"):
        told.state.set_assets((*ASSETS, POL), {POL: np.zeros(60)})
    with pytest.raises(ValueError, match="may stand once"):
        told.state.set_assets((ETH, ETH))
    assert (told.state.version, told.state.assets) == (version, ASSETS)
    assert (told.state.first_open, told.state.last_open) == (START, START + 59 * HOUR_MS)


def test_assets_can_be_set_before_the_first_bar() -> None:
    state = CorrelationState(ASSETS, SHORT)
    assert state.first_open is None
    state.set_assets((ETH, POL))
    state.append(START, np.array([1.0, 2.0]))
    assert state.history_days().tolist() == [1 / 24, 1 / 24]


@both_kernels
@pytest.mark.parametrize("hours", [0, 14, 15])  # 15: the unfinished bar is the first of its UTC day
def test_the_overlay_reads_what_the_bar_would_bring_and_is_gone_after(fast: bool, hours: int) -> None:
    rng = np.random.default_rng(9)
    closes = _closes(rng, 2905 + hours, 3)
    told = _Told(ASSETS, closes, RULES, fast=fast)
    provisional = closes[-1] * np.array([1.01, 0.99, 1.3])
    quiet = [np.array(matrix) for matrix in _readouts(told.state, RULES)]
    rows = {
        (days, kind, asset): told.state.overlay_row(days, kind, asset, provisional)
        for days in (*RULES.windows_days, None)
        for kind in BOTH
        for asset in ASSETS
    }
    for mine, theirs in zip(_readouts(told.state, RULES), quiet, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    told.append(provisional)
    for (days, kind, asset), row in rows.items():
        matrix = told.state.now(kind) if days is None else told.state.window(days, kind)
        assert worst_difference(row, matrix.rho[ASSETS.index(asset)]) < 1e-12


def test_the_overlay_before_the_first_bar_is_undefined_and_bad_prices_are_refused() -> None:
    state = CorrelationState(ASSETS, RULES)
    assert np.isnan(state.overlay_row(30, Estimator.PEARSON, ETH, np.ones(3))).all()
    state.append(START, np.ones(3))
    with pytest.raises(ValueError, match="not a positive price"):
        state.overlay_row(30, Estimator.PEARSON, ETH, np.zeros(3))
    with pytest.raises(ValueError, match="closes of 2 assets, expected 3"):
        state.overlay_row(30, Estimator.PEARSON, ETH, np.ones(2))
    with pytest.raises(ValueError, match="spearman is not kept live"):
        state.overlay_row(30, Estimator.SPEARMAN, ETH, np.ones(3))
