"""Owns `driftdeck init`: asks five questions (or none with --yes) and writes a commented config, private to its owner.

Never overwrites without --force and never leaves a half-written file or one that `driftdeck check` would refuse.
"""

import os
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

import typer

from engine.adapters.basket_themes import BasketTheme, load_theme, theme_files
from engine.adapters.config_checks import ccxt_ids
from engine.adapters.config_file import load_config
from engine.adapters.config_problems import did_you_mean
from engine.adapters.config_template import STARTER_BASKETS, InitChoices, config_text
from engine.adapters.paths import CONFIG_VARIABLE, config_path, user_themes_dir
from engine.domain.basket import DecisionMode
from engine.domain.errors import ConfigError, RefusedError, StoreError

Answer = TypeVar("Answer")


def init(config: Path | None, *, yes: bool = False, force: bool = False) -> None:
    """Write the config and say what comes next. Raises RefusedError, ConfigError or StoreError."""
    path = config_path(config)
    if path.exists() and not force:
        raise RefusedError(f"{path} exists already; --force overwrites it, --config FILE writes another")
    if not yes and not sys.stdin.isatty():
        raise ConfigError("nobody is here to answer (stdin is no terminal); `driftdeck init --yes` takes the defaults")
    choices, names = (InitChoices(), STARTER_BASKETS) if yes else _asked()
    _write(path, config_text(choices, _themes(names)))
    flag = "" if config is None and CONFIG_VARIABLE not in os.environ else f" --config {shlex.quote(str(path))}"
    print(f"wrote {path} with {len(names)} baskets. Next: driftdeck check{flag}, then driftdeck run{flag}")
    print(f"first without a venue: driftdeck demo --config {shlex.quote(str(path))}")


def _asked() -> tuple[InitChoices, tuple[str, ...]]:
    """Return the answers of the person at the terminal; Enter takes the default."""
    default = InitChoices()
    print("five questions; Enter takes what stands in brackets")
    venue = _ask("exchange (a ccxt id)", default.venue, _venue)
    market = _ask("market, swap or spot", default.market, _market)
    equity = _ask("paper equity", f"{default.equity:f}", _equity)
    known = list(theme_files(user_themes_dir()))
    starters = [name for name in STARTER_BASKETS if market == "swap" or not _is_hedged(name)]
    print(f"baskets there are: {', '.join(known)}")
    names = _ask("baskets, separated by commas", ",".join(starters), lambda text: _names(text, known))
    print(
        "when correlation rises: ask = you approve each cut; auto_reduce = cuts go out by themselves; auto = all does"
    )
    decision = _ask("who decides, ask, auto_reduce or auto", default.decision, _decision)
    return InitChoices(venue=venue, market=market, equity=equity, decision=decision), names


def _ask(question: str, default: str, read: Callable[[str], Answer]) -> Answer:
    """Ask until `read` accepts the answer."""
    while True:
        try:
            return read(str(typer.prompt(question, default=default)).strip())
        except ValueError as error:
            print(f"  {error}")


def _venue(text: str) -> str:
    known = ccxt_ids()
    if text not in known:
        raise ValueError(f"ccxt knows no exchange of that name{did_you_mean(text, known)}")
    return text


def _market(text: str) -> str:
    if text not in {"swap", "spot"}:
        raise ValueError("write swap or spot")
    return text


def _decision(text: str) -> str:
    if text not in set(DecisionMode):
        raise ValueError(f"write {', '.join(DecisionMode)}")
    return text


def _equity(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation:
        raise ValueError("write a number such as 50000") from None
    if not (amount.is_finite() and 0 < amount <= 10**12):
        raise ValueError("write a positive amount such as 50000")
    return amount


def _names(text: str, known: list[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in known:
            raise ValueError(f'there is no theme "{name}"{did_you_mean(name, known)}')
    if not names:
        raise ValueError("name at least one")
    return names


def _is_hedged(name: str) -> bool:
    return any("short" in str(theme.table) for theme in _themes((name,)))


def _themes(names: tuple[str, ...]) -> tuple[BasketTheme, ...]:
    found = (load_theme(name, user_themes_dir()) for name in names)
    return tuple(theme for theme in found if theme is not None)


def _write(path: Path, text: str) -> None:
    """Write `text` beside `path`, prove that it loads, then put it in place: 0600, all or nothing."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        load_config(beside)
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}); choose another place with --config") from None
    finally:
        with suppress(OSError):
            beside.unlink()
