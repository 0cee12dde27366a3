"""Owns the map of candidate assets at an instant: who can be used and why not, and what each pair looks like.

Batch, by the definitions of the live figures; columns of a row are made of rows up to it alone. Ranks nothing: the
builder reads the map.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.adapters.price_file import PriceTable
from engine.core.regime_history import learn_silently, regime_samples, sample_rows
from engine.domain.config import RulesConfig
from engine.domain.units import DAY_MS, HOUR_MS, Asset, Ms
from engine.lab.correlate import closed_rows
from engine.market.usage import used_history
from engine.quant.arrays import Flags, Floats
from engine.quant.comoments import required
from engine.quant.correlation import pearson
from engine.quant.deviations import deviations
from engine.quant.returns import log_returns
from engine.quant.volatility import usual_size_history
from engine.quant.winsor import winsorize
from engine.signals.regime import RegimeFilter

DAY = DAY_MS // HOUR_MS
WINDOWS = (30, 60, 90)
BAND = (0.6, 0.9)
YEAR_DAYS = 365
MEMORY_DAYS = YEAR_DAYS + 125  # a year of looks, each at a month whose limits need another; ninety days to learn from
LOOK_EVERY_DAYS = 7
FAT_TAILS = 2.0  # variance of a correlation of hourly crypto returns over a Gaussian one's (FACTS: kurtosis)
Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateMap:
    """Everything about N candidates at `at`: matrices are [N, N], NaN where undefined.

    `rho` by window in days; `calm` and `stress` over the bars of each regime; `rise` = stress - calm and `rise_error`
    half its 90 % interval; `share_year` of weekly looks with the pair inside the band. `refused` says why an asset
    cannot be used, empty where it can.
    """

    at: Ms
    assets: tuple[Asset, ...]
    days: tuple[float, ...]
    refused: tuple[str, ...]
    sigma: Floats
    rho: dict[int, Floats]
    calm: Floats
    stress: Floats
    rise: Floats
    rise_error: Floats
    share_year: Floats

    @property
    def usable(self) -> tuple[int, ...]:
        """Return the places of the assets that can be used."""
        return tuple(place for place, why in enumerate(self.refused) if not why)


def candidate_map(table: PriceTable, candidates: Sequence[str], *, at: Ms | None) -> CandidateMap:
    """Return the map of `candidates`, all of them columns of the table. Raises ConfigError outside the file."""
    rows = closed_rows(table, at)
    begin = max(0, rows - MEMORY_DAYS * DAY)
    begin += -int(table.open_ms[begin] // HOUR_MS) % DAY if begin else 0
    columns = [table.assets.index(asset) for asset in candidates]
    market = table.closes[begin:rows]
    first_open = Ms(int(table.open_ms[begin]))
    every = log_returns(market)
    widely = winsorize(every, first_open // HOUR_MS, DAY)
    known = used_history(~np.isnan(market), every, DAY)[-1]
    calm, stress, errors = _by_regime(every, widely, known, columns, first_open)
    clipped, used = widely[:, columns], known[columns]
    return CandidateMap(
        at=at if at is not None else Ms(int(table.open_ms[rows - 1]) + table.bar_ms),
        assets=tuple(Asset(name) for name in candidates),
        days=tuple(_days(table.closes[:rows, column]) for column in columns),
        refused=tuple(_refused(table.closes[:rows, c], bool(used[k])) for k, c in enumerate(columns)),
        sigma=deviations(clipped[-30 * DAY :], required(30 * DAY)) * np.sqrt(365 * DAY),
        rho={days: pearson(clipped[-days * DAY :], required(days * DAY)) for days in WINDOWS},
        calm=calm,
        stress=stress,
        rise=stress - calm,
        rise_error=errors,
        share_year=_share_of_year(clipped),
    )


def in_band(rho: Floats) -> Flags:
    """Return where a correlation lies inside the band; an undefined one does not."""
    result: Flags = (rho >= BAND[0]) & (rho <= BAND[1])
    return result


def _by_regime(
    returns: Floats, clipped: Floats, known: Flags, columns: Sequence[int], first_open: Ms
) -> tuple[Floats, Floats, Floats]:
    """Return calm and stress correlation of the candidates, and half of the 90 % interval of their difference.

    Calm and stress are the market's: told from all assets of the table, so that they do not depend on the candidates.
    """
    rules = RulesConfig()
    mean, sd = usual_size_history(returns)
    with np.errstate(invalid="ignore"):
        hot: Flags = np.abs(returns) > mean + rules.vol_sigma * sd
    samples = regime_samples(
        sample_rows(first_open, HOUR_MS, len(returns)),
        clipped[:, known] if known.any() else clipped,
        hot=hot[:, known] if known.any() else hot,
        judged=~np.isnan(mean[:, known] if known.any() else mean),
        halflife_bars=rules.now_halflife_ms / HOUR_MS,
    )
    kept = learn_silently(RegimeFilter(), samples, clipped[:, columns], first_open=first_open, bar_ms=HOUR_MS)
    (calm, calm_bars), (stress, stress_bars) = kept.matrix(stress=False), kept.matrix(stress=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (1 - calm**2) ** 2 / calm_bars + (1 - stress**2) ** 2 / stress_bars
    return calm, stress, Z90 * np.sqrt(FAT_TAILS * variance)


def _share_of_year(clipped: Floats) -> Floats:
    """Return, per pair, the share of weekly 30-day correlations of the last year inside the band; NaN without any."""
    size, slots = clipped.shape[1], 30 * DAY
    inside, seen = np.zeros((size, size)), np.zeros((size, size))
    for back in range(0, YEAR_DAYS, LOOK_EVERY_DAYS):
        end = len(clipped) - back * DAY
        if end < slots:
            break
        rho = pearson(clipped[end - slots : end], required(slots))
        inside += in_band(rho)
        seen += ~np.isnan(rho)
    with np.errstate(invalid="ignore"):
        return np.where(seen > 0, inside / seen, np.nan)


def _days(closes: Floats) -> float:
    """Return how many days ago the first bar of an asset opened; 0 where it has none."""
    there = ~np.isnan(closes)
    return float(len(closes) - int(there.argmax())) / DAY if there.any() else 0.0


def _refused(closes: Floats, used: bool) -> str:
    """Return why an asset cannot be used, or nothing."""
    there = np.flatnonzero(~np.isnan(closes))
    if not len(there):
        return "it has no bar"
    silent = (len(closes) - 1 - int(there[-1])) / DAY
    days = (len(closes) - int(there[0])) / DAY
    if silent >= 1:
        return f"no bar for {silent:.0f} days: delisted, renamed or halted"
    if days < max(WINDOWS):
        return f"{days:.0f} days of history, {max(WINDOWS)} are needed"
    if not used:
        recent = closes[-DAY - 1 :]
        if np.nanmax(recent) == np.nanmin(recent):
            return "its price has not moved for a day: a halted market"
        return "too many hours without a bar in the last 90 days"
    return ""
