"""Owns the configuration as the engine reads it: typed, complete, already validated.

Reading TOML and judging it is the config adapter's work; every field and default here is CONTRACT's. Durations are
milliseconds, fractions are fractions, money is Decimal. No key or secret ever has a field here.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from engine.domain.basket import Basket
from engine.domain.market import MarketKind
from engine.domain.notice import Level
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Asset, BasketName, Ms, Symbol


class Mode(StrEnum):
    """What money is at stake."""

    PAPER = "paper"
    DEMO = "demo"
    TESTNET = "testnet"
    LIVE = "live"


class Estimator(StrEnum):
    """How a correlation is estimated from returns."""

    PEARSON = "pearson"
    WINSORIZED = "winsorized"
    SPEARMAN = "spearman"


class MarketSource(StrEnum):
    """Where prices come from: said on every screen unless it is a real venue."""

    REAL = "real"
    SIM = "sim"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueConfig:
    """One venue to read from and trade on."""

    id: str = "bybit"
    market: MarketKind = MarketKind.SWAP
    quote: str = "USDT"
    mode: Mode = Mode.PAPER
    stream: bool = True
    poll_every_ms: int = 5 * SECOND_MS
    requests_per_second: float = 0.0
    proxy: str = ""
    ca_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationConfig:
    """Set by `driftdeck demo` only: the venue is simulated and market time runs at `speed` times real time.

    `identity` names the simulated market (seed or replayed file), so that a state directory is never continued with
    bars of another one. `start_ms` is market time when the demo began: the clock before the first answer.
    """

    source: MarketSource = MarketSource.REAL
    speed: float = 1.0
    identity: str = ""
    start_ms: Ms = Ms(0)  # noqa: RUF009
    open_baskets: bool = False  # the demo opens its baskets by itself, and journals that it did


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfig:
    """The account's currency, paper equity and assumed costs."""

    currency: str = "USD"
    equity: Decimal = Decimal(50_000)
    fee_bps: float = 5.5
    slippage_bps: float = 2.0
    margin: str = "isolated"  # or "cross": how paper positions are margined
    paper_depth: Decimal = Decimal(0)  # money that one quote fills per symbol, the rest on later ones; 0 = all at once


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesConfig:
    """The rules of DESIGN 2 and CALIBRATION, with their defaults."""

    bar_ms: int = HOUR_MS
    windows_days: tuple[int, ...] = (30, 60, 90)
    check_every_ms: int = 4 * HOUR_MS
    fast_check_every_ms: int = 15 * MINUTE_MS
    fast_breadth: float = 0.20
    fast_hold_ms: int = 12 * HOUR_MS
    vol_sigma: float = 3.0
    vol_alert_breadth: float = 0.50
    watch_delta: float = 0.15
    watch_clear: float = 0.10
    watch_estimator: Estimator = Estimator.WINSORIZED
    now_halflife_ms: int = 24 * HOUR_MS
    baseline_days: int = 30
    baseline: str = "rolling"
    alert_shift: float = 0.40
    alert_exit: float = 0.60
    asset_excess: float = 0.25
    alert_on: str = "confirmed"
    proposal_expires_ms: int = 30 * MINUTE_MS
    restore_at: float = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingConfig:
    """How base weights become target weights."""

    method: str = "one_minus_rho"
    rho: str = "max"
    estimator: Estimator = Estimator.WINSORIZED
    renormalise: bool = False
    net_tolerance: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsConfig:
    """The risk gate."""

    max_order_notional: Decimal = Decimal(10_000)
    max_gross: float = 3.0
    max_orders_per_hour: int = 60
    max_price_age_ms: int = 15 * SECOND_MS
    max_slippage_bps: float = 50.0
    style: str = "market"
    auto_max_turnover_day: float = 0.5
    auto_max_orders_day: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyConfig:
    """What is told to a person who does not look; where to is a secret and stands elsewhere."""

    quiet_hours: str = ""  # local time, such as "22:00-07:00": only what is urgent goes out, the rest after them
    level: Level = Level.WARNING  # the least that is told
    per_hour: int = 12  # messages; what comes beyond is told together later
    baskets: tuple[str, ...] = ()  # only these; none named are all


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything the engine was told, in one immutable value."""

    venue: VenueConfig = field(default_factory=VenueConfig)
    account: AccountConfig = field(default_factory=AccountConfig)
    rules: RulesConfig = field(default_factory=RulesConfig)
    sizing: SizingConfig = field(default_factory=SizingConfig)
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    simulation: SimulationConfig = field(default_factory=SimulationConfig)
    notify: NotifyConfig = field(default_factory=NotifyConfig)
    baskets: tuple[Basket, ...] = ()
    basket_sizing: tuple[tuple[BasketName, SizingConfig], ...] = ()  # only baskets that say something of their own
    venues: tuple[tuple[str, VenueConfig], ...] = ()  # [venues.NAME], beside the default one

    @property
    def symbols(self) -> dict[Asset, Symbol]:
        """Return the watched assets in order of first appearance, each with its market symbol."""
        return {leg.asset: leg.symbol for basket in self.baskets for leg in basket.legs}

    @property
    def book_venues(self) -> dict[str, VenueConfig]:
        """Return the venues of the book by name: the default one, called "", first; then those that baskets name."""
        named = dict(self.venues)
        used = dict.fromkeys(leg.venue for basket in self.baskets for leg in basket.legs if leg.venue)
        return {"": self.venue, **{name: named[name] for name in used}}

    def symbols_at(self, name: str) -> tuple[Symbol, ...]:
        """Return the watched markets of the venue called `name`."""
        return tuple(dict.fromkeys(leg.symbol for each in self.baskets for leg in each.legs if leg.venue == name))

    @property
    def leverage(self) -> dict[Symbol, Decimal]:
        """Return what each market is opened at: the largest leverage of the baskets that hold it, 1 on spot."""
        spot = {name for name, venue in self.book_venues.items() if venue.market is MarketKind.SPOT}
        found: dict[Symbol, Decimal] = {}
        for basket in self.baskets:
            for leg in basket.legs:
                wanted = Decimal(1) if leg.venue in spot else max(Decimal(str(basket.leverage)), Decimal(1))
                found[leg.symbol] = max(found.get(leg.symbol, wanted), wanted)
        return found

    @property
    def former(self) -> dict[Asset, Symbol]:
        """Return the former market of each renamed asset."""
        legs = [leg for basket in self.baskets for leg in basket.legs]
        return {leg.asset: leg.formerly for leg in legs if leg.formerly is not None}

    @property
    def history_ms(self) -> int:
        """Return how much history the longest window needs: 31 more days for its oldest winsor limits (DESIGN 6)."""
        return (max(self.rules.windows_days) + 31) * DAY_MS
