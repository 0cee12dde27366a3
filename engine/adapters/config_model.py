"""Owns the form of the config file: one pydantic model per table, one field per key, unknown keys refused.

A field that is None was not given: the defaults live in `engine.domain.config` alone. Judging values against each
other is done in `config_checks` and `config_baskets`; nothing here reads a file.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.adapters.config_problems import shown
from engine.adapters.config_values import (
    choice,
    duration,
    flag,
    money,
    number,
    option,
    refusal,
    text,
    whole,
    word,
)
from engine.domain.basket import DecisionMode, Side
from engine.domain.config import Estimator, MarketSource, Mode
from engine.domain.market import MarketKind
from engine.domain.notice import Level
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

_PART = r"[^\s/:\x00-\x1f\x7f-\x9f]{1,30}"
Flag = Annotated[bool, flag()]
Fraction = Annotated[float, number(above=0, at_most=1)]
Bps = Annotated[float, number(at_least=0, at_most=10_000)]
Name = Annotated[str, word(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", "a name of up to 32 letters, digits, '-', '_' or '.'")]


def _bar(value: object) -> int:
    """Only hourly bars can carry an alert."""
    if value != "1h":
        raise refusal(
            f'must be "1h", not {shown(value)}: windows, thresholds and the alert rule are calibrated on hourly bars '
            "(30 daily points cannot carry an alert)"
        )
    return HOUR_MS


def _windows(value: object) -> tuple[int, ...]:
    """Between one and five different windows in whole days, sorted."""
    days = value if isinstance(value, list) else None
    if not days or any(isinstance(day, bool) or not isinstance(day, int) for day in days):
        raise refusal(f"must be a list of whole days such as [30, 60, 90], not {shown(value)}")
    if not all(7 <= day <= 365 for day in days):
        raise refusal(f"each window must be 7 to 365 days, not {shown(next(d for d in days if not 7 <= d <= 365))}")
    if len(set(days)) < len(days):
        raise refusal("names a window twice; keep one of each")
    if len(days) > 5:
        raise refusal(f"names {len(days)} windows; at most 5 can be shown")
    return tuple(sorted(days))


def _asset_list(value: object) -> list[object]:
    """The entries stay raw: each is read on its own, so that one mistake does not hide another."""
    if not isinstance(value, list):
        raise refusal(f'must be a list such as [{{asset = "ETH"}}, {{asset = "SOL"}}], not {shown(value)}')
    return value


class Table(BaseModel):
    """A table of the file: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class VenueModel(Table):
    """[venue] and [venues.NAME]."""

    id: Annotated[str, word(r"[a-z][a-z0-9]{1,31}", 'a ccxt exchange id in lower case such as "bybit"')] | None = None
    market: Annotated[MarketKind, BeforeValidator(choice(*MarketKind))] | None = None
    quote: Annotated[str, word(r"[A-Z0-9]{2,10}", 'a currency in capitals such as "USDT"')] | None = None
    mode: Annotated[Mode, BeforeValidator(choice(*Mode))] | None = None
    stream: Flag | None = None
    poll_every: Annotated[int, duration(at_least=SECOND_MS, at_most=10 * MINUTE_MS)] | None = None
    requests_per_second: Annotated[float, number(at_least=0, at_most=1000)] | None = None
    proxy: Annotated[str, word(r"|https?://[^\s/@]+:\d{1,5}/?", 'empty or of the form "http://host:port"')] | None = (
        None
    )
    ca_file: Annotated[str, text(longest=1000)] | None = None


def _names(value: object) -> tuple[str, ...]:
    """Names of baskets; whether they exist is judged where the baskets are known."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise refusal(f'must be a list of baskets such as ["layer-1"], not {shown(value)}')
    return tuple(value)


class AccountModel(Table):
    """[account]."""

    currency: Annotated[str, word(r"[A-Z]{3,5}", 'a currency in capitals such as "USD"')] | None = None
    equity: Annotated[Decimal, money(above=0)] | None = None
    fee_bps: Annotated[float, number(at_least=-100, at_most=1000)] | None = None
    slippage_bps: Annotated[float, number(at_least=0, at_most=1000)] | None = None
    margin: Annotated[str, option("isolated", "cross")] | None = None
    paper_depth: Annotated[Decimal, money(at_least=0)] | None = None


class RulesModel(Table):
    """[rules]."""

    bar: Annotated[int, BeforeValidator(_bar)] | None = None
    windows_days: Annotated[tuple[int, ...], BeforeValidator(_windows)] | None = None
    check_every: Annotated[int, duration(at_least=HOUR_MS, at_most=DAY_MS)] | None = None
    fast_check_every: Annotated[int, duration(at_least=MINUTE_MS, at_most=DAY_MS)] | None = None
    fast_breadth: Fraction | None = None
    fast_hold: Annotated[int, duration(at_least=MINUTE_MS, at_most=30 * DAY_MS)] | None = None
    vol_sigma: Annotated[float, number(above=0, at_most=20)] | None = None
    vol_alert_breadth: Fraction | None = None
    watch_delta: Annotated[float, number(above=0, below=2)] | None = None
    watch_clear: Annotated[float, number(above=0, below=2)] | None = None
    watch_estimator: Annotated[Estimator, BeforeValidator(choice(Estimator.WINSORIZED, Estimator.PEARSON))] | None = (
        None
    )
    now_halflife: Annotated[int, duration(at_least=HOUR_MS, at_most=30 * DAY_MS)] | None = None
    baseline_days: Annotated[int, whole(at_least=7, at_most=365)] | None = None
    baseline: Annotated[str, option("rolling", "anchored")] | None = None
    alert_shift: Annotated[float, number(above=0, at_most=5)] | None = None
    alert_exit: Annotated[float, number(above=0, below=1)] | None = None
    asset_excess: Annotated[float, number(above=0, at_most=5)] | None = None
    alert_on: Annotated[str, option("confirmed", "watch")] | None = None
    proposal_expires: Annotated[int, duration(at_least=MINUTE_MS, at_most=DAY_MS)] | None = None
    restore_at: Fraction | None = None


class SizingModel(Table):
    """[sizing]; any of these keys may stand in a basket too."""

    method: Annotated[str, option("one_minus_rho", "equal_risk", "inverse_vol", "hrp", "equal")] | None = None
    rho: Annotated[str, word(r"max|[1-9]\d{0,2}d", '"max" or a window such as "30d"')] | None = None
    estimator: Annotated[Estimator, BeforeValidator(choice(Estimator.WINSORIZED, Estimator.PEARSON))] | None = None
    renormalise: Flag | None = None
    net_tolerance: Annotated[float, number(at_least=0, at_most=1)] | None = None


class LimitsModel(Table):
    """[limits]."""

    max_order_notional: Annotated[Decimal, money(above=0)] | None = None
    max_gross: Annotated[float, number(above=0, at_most=125)] | None = None
    max_orders_per_hour: Annotated[int, whole(at_least=1, at_most=100_000)] | None = None
    max_price_age: Annotated[int, duration(at_least=SECOND_MS, at_most=HOUR_MS)] | None = None
    max_slippage_bps: Bps | None = None
    style: Annotated[str, option("market", "limit_then_cross")] | None = None
    auto_max_turnover_day: Annotated[float, number(at_least=0, at_most=100)] | None = None
    auto_max_orders_day: Annotated[int, whole(at_least=0, at_most=100_000)] | None = None


class NotifyModel(Table):
    """[notify]; where messages go to is a secret and stands elsewhere."""

    quiet_hours: (
        Annotated[
            str,
            word(
                r"|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d",
                'empty or hours of the form "22:00-07:00"',
            ),
        ]
        | None
    ) = None
    level: Annotated[Level, BeforeValidator(choice(*Level))] | None = None
    per_hour: Annotated[int, whole(at_least=1, at_most=1000)] | None = None
    baskets: Annotated[tuple[str, ...], BeforeValidator(_names)] | None = None


class SimulationModel(Table):
    """[simulation], written by `driftdeck demo` only."""

    source: Annotated[MarketSource, BeforeValidator(choice(*MarketSource))] | None = None
    speed: Annotated[float, number(above=0, at_most=1_000_000)] | None = None
    identity: Annotated[str, text(longest=500)] | None = None
    start_ms: Annotated[int, whole(at_least=0, at_most=2**53)] | None = None
    open_baskets: Flag | None = None


class AssetModel(Table):
    """One entry of a basket's `assets`."""

    asset: Annotated[str, word(r"[A-Za-z0-9_]{1,20}", 'an asset such as "ETH"')]
    side: Annotated[Side, BeforeValidator(choice(*Side))] = Side.LONG
    weight: Annotated[Decimal, money(above=0, at_most=1)] | None = None
    symbol: Annotated[str, word(rf"{_PART}/{_PART}(:{_PART})?", 'a market symbol such as "ETH/USDT:USDT"')] | None = (
        None
    )
    formerly: Annotated[str, word(r"[A-Za-z0-9_]{1,20}", 'the former name of the asset such as "MATIC"')] | None = None
    venue: Name | None = None


class BasketModel(SizingModel):
    """One [[basket]], and one theme file."""

    name: Name | None = None
    theme: Name | None = None
    thesis: Annotated[str, text()] = ""
    notional: Annotated[Decimal, money(above=0)] | None = None
    share: Annotated[Decimal, money(above=0, at_most=100)] | None = None
    leverage: Annotated[float, number(at_least=1, at_most=125)] = 1.0
    decision: Annotated[DecisionMode, BeforeValidator(choice(*DecisionMode))] = DecisionMode.ASK
    on_no_answer: Annotated[str, option("nothing", "auto_reduce")] = "nothing"
    no_answer_after: Annotated[int, duration(at_least=MINUTE_MS, at_most=DAY_MS)] = 20 * MINUTE_MS
    allow_large: Flag = False
    venue: Name | None = None
    assets: Annotated[list[object], BeforeValidator(_asset_list)] = Field(default_factory=list)


SECTIONS: dict[str, type[Table]] = {
    "venue": VenueModel,
    "account": AccountModel,
    "rules": RulesModel,
    "sizing": SizingModel,
    "limits": LimitsModel,
    "notify": NotifyModel,
    "simulation": SimulationModel,
}
TABLES = (*SECTIONS, "venues", "basket")
