"""Owns the judgment of settings against each other: what each value alone cannot show.

Notes mistakes and warnings; never changes a value. The tables come in typed from `config_model` and complete from
`engine.domain.config`.
"""

import importlib.util
import ipaddress
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from engine.adapters.config_problems import Problems, did_you_mean
from engine.adapters.config_values import duration_text
from engine.domain.config import (
    AccountConfig,
    Config,
    MarketSource,
    Mode,
    NotifyConfig,
    RulesConfig,
    SimulationConfig,
    SizingConfig,
    VenueConfig,
)
from engine.domain.units import DAY_MS

PORTFOLIO_FLOOR = Decimal(10_000)


def check_venue(venue: VenueConfig, key: str, problems: Problems) -> None:
    """Judge one venue: the id is one of ccxt's, a self-made CA never reaches live money, the files exist."""
    known = ccxt_ids()
    if known and venue.id not in known:
        problems.add(f"{key}.id", f'"{venue.id}" is not an exchange that ccxt knows{did_you_mean(venue.id, known)}')
    if venue.ca_file and venue.mode is Mode.LIVE:
        problems.add(
            f"{key}.ca_file",
            'is never honored with mode = "live" (whoever owns that CA could read every order); empty it',
        )
    elif venue.ca_file and not Path(venue.ca_file).is_file():
        problems.add(f"{key}.ca_file", "names a file that does not exist; empty it or give the full path")


def check_notify(notify: NotifyConfig, baskets: Collection[str], problems: Problems) -> None:
    """A basket that messages are wanted about exists: a typing mistake must not be silence."""
    for name in notify.baskets:
        if name not in baskets:
            problems.add("notify.baskets", f'"{name}" is no basket of this file{did_you_mean(name, baskets)}')


def check_simulation(simulation: SimulationConfig, venue: VenueConfig, problems: Problems) -> None:
    """A simulated market is honored only through a proxy on this machine: real prices never get a fake clock."""
    if simulation.source is MarketSource.REAL:
        if simulation.speed != 1.0:
            problems.add("simulation.speed", 'has no meaning without source = "sim" or "replay"; delete it')
        return
    if not on_loopback(venue.proxy):
        problems.add(
            "simulation.source",
            "is honored only with venue.proxy on this machine (http://127.0.0.1:port); delete the [simulation] table, "
            "`driftdeck demo` writes its own",
        )
    if venue.mode not in (Mode.PAPER, Mode.DEMO):  # demo: the drill's orders go to an account of the simulation
        problems.add("simulation.source", 'needs venue.mode = "paper"; a simulated market trades no other money')


def check_rules(rules: RulesConfig, problems: Problems, broken: Collection[str]) -> None:
    """Judge the rules against each other: limits in order, checks on the UTC grid, windows that hold the baseline.

    `broken` names keys that carry a mistake already: nothing is judged against their defaults.
    """

    def note(name: str, beside: str, reason: str) -> None:
        if not {f"rules.{name}", f"rules.{beside}"} & set(broken):
            problems.add(f"rules.{name}", reason)

    if rules.watch_clear >= rules.watch_delta:
        note("watch_clear", "watch_delta", f"must be below rules.watch_delta ({rules.watch_delta:g}), or it would flap")
    if DAY_MS % rules.check_every_ms:
        text = duration_text(rules.check_every_ms)
        reason = f'"{text}" does not divide a day, so checks would leave the UTC grid'
        note("check_every", "bar", f"{reason}; use 1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h")
    if rules.check_every_ms % rules.fast_check_every_ms:
        note("fast_check_every", "check_every", 'must divide rules.check_every, such as "15m" or "1h"')
    if rules.vol_alert_breadth < rules.fast_breadth:
        note("vol_alert_breadth", "fast_breadth", f"must not be below rules.fast_breadth ({rules.fast_breadth:g})")
    longest = max(rules.windows_days)
    if rules.baseline_days > longest:
        reason = f"must not be longer than the longest of rules.windows_days ({longest}): no more history is kept"
        note("baseline_days", "windows_days", reason)


def check_sizing(sizing: SizingConfig, rules: RulesConfig, key: str, problems: Problems, *, name: str = "") -> None:
    """A sizing window must be covered by the history that is kept."""
    if sizing.rho != "max" and int(sizing.rho.removesuffix("d")) > max(rules.windows_days):
        longest = max(rules.windows_days)
        problems.add(f"{key}.rho", f'"{sizing.rho}" is longer than the longest window ({longest} days)', name=name)


def book_warnings(config: Config) -> list[str]:
    """Return what is allowed but should be known: a small account, a book past its own limit, nothing to watch."""
    warnings = []
    account: AccountConfig = config.account
    if account.equity < PORTFOLIO_FLOOR:
        warnings.append(
            f"account.equity: {account.equity:,} is below {PORTFOLIO_FLOOR:,}; lot sizes and minimum orders will "
            "distort the targets"
        )
    planned = sum((basket.notional for basket in config.baskets), Decimal(0))
    allowed = account.equity * Decimal(str(config.limits.max_gross))
    if planned > allowed:
        warnings.append(
            f"limits.max_gross: the baskets add up to {planned:,.0f}, more than {config.limits.max_gross:g} times "
            f"equity ({allowed:,.0f}); the risk gate will refuse the last ones"
        )
    if not config.baskets:
        warnings.append("basket: there is none, so nothing will be watched; add one [[basket]]")
    if 30 not in config.rules.windows_days:
        warnings.append("rules.windows_days: without 30 the risk figures still use 30 days, but no panel shows them")
    return warnings


def on_loopback(proxy: str) -> bool:
    """Return True where the proxy's host is this machine."""
    host = urlsplit(proxy).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ccxt_ids() -> frozenset[str]:
    """Return ccxt's exchange ids by looking at its folder: importing ccxt costs a second."""
    spec = importlib.util.find_spec("ccxt")
    if spec is None or spec.origin is None:
        return frozenset()
    folder = Path(spec.origin).parent / "async_support"
    return frozenset(path.stem for path in folder.glob("[a-z]*.py"))
