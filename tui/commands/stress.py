"""Owns `driftdeck stress`: what the book loses when correlations go to 1, a hedge breaks or the market falls.

Positions are the running engine's, on its stored bars, or the config's base exposure on a price file.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.adapters.config_file import load_config
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.config import Config
from engine.domain.errors import ConfigError, RefusedError
from engine.domain.units import Asset, BasketName, Ms, iso
from engine.domain.views import BooksView, HealthView, Section
from engine.lab.sized_book import sized_positions
from engine.lab.stress_book import (
    Positions,
    Shock,
    StressedBook,
    StressMarket,
    base_positions,
    stress_baskets,
    stress_market,
)
from engine.lab.stress_lab import lab_book, stakes
from tui.commands.asking import ask_for, engine_socket
from tui.commands.output import number, print_json, say
from tui.commands.replay import instant, with_assets_of
from tui.commands.stored_prices import ALL_DAYS, config_beside, stored_prices
from tui.commands.stress_lab_text import lab_document, lab_lines

ACCOUNT = "account"
STORED_DAYS = 75  # thirty, the limits of the oldest of them, and some to spare
MOST_LEVERAGE = 125
SHOCK = re.compile(r"([A-Za-z0-9]+)=([+-]?\d+(?:\.\d+)?)(%?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class StressChoice:
    """What a person asked for on the command line."""

    config: Path | None
    state: Path | None
    prices: Path | None
    at: str
    basket: str
    rho: tuple[str, ...]
    shock: tuple[str, ...]
    lab: bool
    lab_of: str
    leverage: float | None
    base: bool
    sized: bool
    as_json: bool


def stress(choice: StressChoice) -> None:
    """Print the figures. Raises ConfigError, NoEngineError."""
    levels, shocks = _levels(choice.rho), tuple(_shock(text) for text in choice.shock)
    at = instant("--at", choice.at)
    config = _at_leverage(
        load_config(config_beside(choice.config, choice.state, prices=choice.prices)).config, choice.leverage
    )
    _check_named("--basket", choice.basket, config, others=())
    _check_named("--lab-of", choice.lab_of, config, others=(ACCOUNT,))
    held = _held(choice, config, at)
    for shock in shocks:
        if shock.asset not in held.prices.assets:
            there = ", ".join(held.prices.assets[:20])
            raise ConfigError(f"--shock {shock.asset}: the prices have no column for it; they have {there}")
    benchmarks = tuple(dict.fromkeys(shock.asset for shock in shocks))
    market = stress_market(with_assets_of(config, held.prices), held.prices, at=at, benchmarks=benchmarks)
    positions = sized_positions(config, market, held.prices) if choice.sized else held.positions
    _say_undefined(market, positions)
    account, *books = stress_baskets(config, market, positions, equity=held.equity, levels=levels, shocks=shocks)
    shown = [book for book in books if choice.basket in ("", book.basket)]
    wanted = {choice.lab_of} if choice.lab_of else {ACCOUNT, *(book.basket for book in shown)}
    found = [
        lab_book(stake, market, held.prices, shocks, level=levels[0])
        for stake in (stakes(config, positions, equity=held.equity) if choice.lab or choice.lab_of else ())
        if (stake.basket or ACCOUNT) in wanted
    ]
    if choice.as_json:
        print_json({**document(market.at, account, shown), **lab_document(found)})
        return
    print(*lines(market.at, [account, *shown]), *lab_lines(found), sep="\n")


def _say_undefined(market: StressMarket, positions: Positions) -> None:
    """Say whose missing prices leave figures undefined: a dash alone gives no reason."""
    defined = {asset for asset, sigma in zip(market.assets, market.sigma, strict=True) if not math.isnan(sigma)}
    lacking = sorted({asset for legs in positions.values() for asset in legs if asset not in defined})
    if lacking:
        say(f"warning: too few prices of {', '.join(lacking)} in the last 30 days: figures that need them are a dash")


def _check_named(option: str, name: str, config: Config, *, others: tuple[str, ...]) -> None:
    """Refuse a name that is no basket of the config and none of `others`. Raises ConfigError."""
    known = [*others, *(basket.name for basket in config.baskets)]
    if name and name not in known:
        raise ConfigError(f"{option} {name}: there is no such basket; there are {', '.join(known)}")


def _at_leverage(config: Config, leverage: float | None) -> Config:
    """Return the config with every basket at this leverage, unchanged where none was given. Raises ConfigError."""
    if leverage is None:
        return config
    if not 0 < leverage <= MOST_LEVERAGE:
        raise ConfigError(f"--leverage {leverage:g}: take a number above 0 and up to {MOST_LEVERAGE}")
    return replace(config, baskets=tuple(replace(basket, leverage=leverage) for basket in config.baskets))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    positions: Positions
    equity: float
    prices: PriceTable


def _held(choice: StressChoice, config: Config, at: Ms | None) -> _Held:
    """Return what is held, the equity under it, and the prices to judge it by."""
    if choice.prices is not None:
        table = read_prices(choice.prices).covering(config.symbols)
        for warning in table.warnings:
            say(f"warning: {warning}")
        return _Held(positions=base_positions(config), equity=float(config.account.equity), prices=table)
    if at is not None:
        raise ConfigError("--at needs --prices: the running engine is asked about now")
    all_of_it = choice.lab or choice.lab_of or choice.sized  # past crashes lie where they lie; a size needs ninety days
    days = ALL_DAYS if all_of_it else STORED_DAYS
    if choice.base or choice.sized:
        stored = _stored(config, choice.state, days)
        return _Held(positions=base_positions(config), equity=float(config.account.equity), prices=stored)
    socket = engine_socket(choice.state)
    books = ask_for(socket, Section.BOOKS, BooksView)
    held: dict[BasketName, dict[Asset, float]] = {
        view.name: {leg.asset: leg.weight * leg.side.sign * view.notional for leg in view.assets}
        for view in books.baskets
        if not view.planned
    }
    if not held:
        raise RefusedError("nothing is held: --base stresses what the config would hold, --prices FILE on other prices")
    stored = _stored(config, choice.state, days)
    return _Held(positions=held, equity=ask_for(socket, Section.HEALTH, HealthView).equity, prices=stored)


def _stored(config: Config, state: Path | None, days: int) -> PriceTable:
    """Return the bars that the engine stored. Raises RefusedError where there are none."""
    stored = stored_prices(config, state, days=days)
    if stored is None:
        raise RefusedError("no bars are stored yet: try again when the engine has loaded its history")
    return stored


def _levels(words: tuple[str, ...]) -> tuple[float, ...]:
    found = []
    for word in words:
        try:
            level = float(word)
        except ValueError:
            level = math.nan
        if not -1 <= level <= 1:
            raise ConfigError(f"--rho {word}: take a correlation from -1 to 1, such as 0.95")
        found.append(level)
    return tuple(found)


def _shock(text: str) -> Shock:
    found = SHOCK.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"--shock {text}: write it as BTC=-8%")
    asset, size, percent = found.groups()
    move = float(size) / (100 if percent else 1)
    if not -1 < move < 10:
        raise ConfigError(f"--shock {text}: a price cannot move by {move:.0%}; write it as BTC=-8%")
    return Shock(asset=Asset(asset.upper()), move=move)


def document(at: Ms, account: StressedBook, books: Sequence[StressedBook]) -> dict[str, object]:
    """Return CONTRACT's `stress --json`."""
    return {
        "at": iso(at),
        "portfolio": _document(account),
        "baskets": [{"basket": book.basket, **_document(book)} for book in books],
    }


def _document(book: StressedBook) -> dict[str, object]:
    scenarios: list[dict[str, object]] = [
        {
            "name": scenario.name,
            "vol_ann": number(scenario.figures.vol_ann),
            "hidden_leverage": number(scenario.figures.hidden_leverage),
            "effective_bets": number(scenario.figures.effective_bets),
            "es95_1d": number(scenario.figures.es95_1d),
            "es95_1d_sigma_1.5": number(scenario.wild.es95_1d),
            "worst_liquidation_distance": number(book.worst_liquidation_distance),
        }
        for scenario in book.scenarios
    ]
    scenarios += [{"name": shock_name(shock), "loss": number(loss)} for shock, loss in book.losses]
    return {
        "gross": number(book.gross),
        "net": number(book.net),
        "vol_ann": number(book.figures.vol_ann),
        "hidden_leverage": number(book.figures.hidden_leverage),
        "effective_bets": number(book.figures.effective_bets),
        "es95_1d": number(book.figures.es95_1d),
        "scenarios": scenarios,
    }


def shock_name(shock: Shock) -> str:
    """Return a shock as CONTRACT names it: `shock:BTC=-8%`."""
    return f"shock:{shock.asset}={shock.move * 100:+g}%".replace("+", "")


def lines(at: Ms, every: Sequence[StressedBook]) -> list[str]:
    """Return the figures for a person: a row per book, loss on the worst 5 % of days now and under each scenario."""
    names = [scenario.name for scenario in every[0].scenarios]
    shocks = [shock_name(shock) for shock, _ in every[0].losses]
    head = f"{'':<16}{'gross':>10}{'net':>10}{'hidden':>7}{'bets':>6}{'es95 1d':>8}"
    head += "".join(f"{name:>{len(name) + 2}}" for name in (*names, *shocks))
    return [
        f"stress on the bars closed by {iso(at)}",
        "es95 is the mean loss of the worst 5 % of days",
        head,
        *(_row(book, shocks) for book in every),
    ]


def _row(book: StressedBook, shocks: list[str]) -> str:
    figures = book.figures
    row = f"{book.basket or 'account':<16}{_money(book.gross):>10}{_money(book.net):>10}"
    row += f"{_plain(figures.hidden_leverage):>7}{_plain(figures.effective_bets):>6}{_money(figures.es95_1d):>8}"
    row += "".join(f"{_money(each.figures.es95_1d):>{len(each.name) + 2}}" for each in book.scenarios)
    return row + "".join(
        f"{_money(loss):>{len(name) + 2}}" for name, (_, loss) in zip(shocks, book.losses, strict=True)
    )


def _money(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.0f}"


def _plain(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"
