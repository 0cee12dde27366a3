"""Owns `driftdeck import`: history from a price file or from CoinGecko into the bar store of a state directory.

An engine holds its store, so that nothing is written while one runs; what is slow is done before the store is taken.
The exchange's bars are never replaced (`price_import`), and where both meet is printed.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from engine.adapters.config_file import load_config
from engine.adapters.paths import config_path, prepare_state_dir, state_dir
from engine.adapters.price_file import read_prices
from engine.adapters.price_import import Filled, Holding, Incoming, holding_of, import_bars, targets_of
from engine.adapters.sqlite_bars import FILE_NAME, SqliteBars
from engine.domain.config import Config, MarketSource
from engine.domain.errors import ConfigError, DriftdeckError, NoEngineError, RefusedError
from engine.domain.units import Asset, Ms, iso, parse_iso
from engine.runtime.bootstrap import market_identity
from engine.runtime.lock import Holder, StateLock, holder_of
from tui.commands.coingecko_fetch import Fetched, fetch
from tui.commands.import_text import filled_document, holding_document, holding_table, seam_worries, worries
from tui.commands.output import one_line, print_json, say
from tui.commands.stored_prices import config_beside

NAMED = 8  # strangers of a file that are named
FAR_OFF = parse_iso("9999-01-01T00:00:00Z")


def import_csv(file: Path, config: Path | None, state: Path | None, *, named: Sequence[str], as_json: bool) -> None:
    """Import a price file. Raises ConfigError naming line and column, RefusedError, StoreError."""
    path = config_path(config)
    settings = load_config(path).config
    directory = _free(state)
    table = read_prices(file, bar_ms=settings.rules.bar_ms)
    meant, others = targets_of(table.assets, settings.symbols, pairs("--asset-map", named, example="A=SYMBOL"))
    if not meant:
        raise ConfigError(
            f"{file} holds {', '.join(table.assets)}, none of which the config has ({', '.join(settings.symbols)}); "
            "say what is what with --asset-map A=SYMBOL"
        )
    warnings = list(table.warnings)
    if others:
        more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
        warnings.append(f"{file.name}: not in the config and left out: {', '.join(others[:NAMED])}{more}")
    incoming = []
    for column, name in enumerate(table.assets):
        if name in meant:
            held = ~np.isnan(table.closes[:, column])
            opens, closes = table.open_ms[held], table.closes[held, column]
            incoming.append(
                Incoming(target=meant[name], source=f"csv:{one_line(file.name)}", open_ms=opens, closes=closes)
            )
    filled = _store(incoming, settings, path, directory)
    _tell(filled, warnings, directory, as_json=as_json)


def import_coingecko(
    coins: Sequence[str],
    config: Path | None,
    state: Path | None,
    *,
    named: Sequence[str],
    days: int,
    grace_minutes: int,
    as_json: bool,
) -> None:
    """Import from CoinGecko. What came before a failure is kept. Raises DriftdeckError."""
    path = config_path(config)
    settings = load_config(path).config
    directory = _free(state)
    fetched = Fetched()
    failure: DriftdeckError | None = None
    try:
        told = pairs("--asset", named, example="ID=ETH")
        asyncio.run(
            fetch(coins, settings, fetched, named=told, days=days, grace_minutes=grace_minutes, now_ms=_now(), say=say)
        )
    except DriftdeckError as error:
        if not fetched.incoming:
            raise
        failure = error
    filled = _store(fetched.incoming, settings, path, directory)
    _tell(filled, fetched.warnings, directory, as_json=as_json)
    if failure is not None:
        raise failure


def list_holdings(config: Path | None, state: Path | None, *, as_json: bool) -> None:
    """Show what is stored of the config's assets. Raises NoEngineError where there is no store."""
    settings = load_config(config_beside(config, state, prices=None)).config
    directory = state_dir(state)
    with _opened(directory) as store:
        holdings = [_holding(store, settings, asset) for asset in settings.symbols]
    if as_json:
        print_json({"state": str(directory), "symbols": [holding_document(holding) for holding in holdings]})
        return
    print(*holding_table(holdings), sep="\n")
    for holding in holdings:
        for line in seam_worries(holding):
            say(f"warning: {line}")


def forget_imported(assets: Sequence[str], config: Path | None, state: Path | None, *, as_json: bool) -> None:
    """Drop imported bars. Raises ConfigError for what the config does not have, RefusedError, NoEngineError."""
    path = config_path(config)
    settings = load_config(path).config
    directory = _free(state)
    for asset in assets:
        if Asset(asset) not in settings.symbols:
            raise ConfigError(f"{asset}: the config has no such asset; it has {', '.join(settings.symbols)}")
    dropped: dict[str, int] = {}
    with _opened(directory) as store, StateLock(directory, since=iso(_now()), config=path):
        for asset in assets:
            dropped[asset] = store.forget_imported(settings.symbols[Asset(asset)])
    if as_json:
        print_json({"state": str(directory), "forgotten": dropped})
        return
    print(*(f"{asset}: {count:,} imported bars forgotten" for asset, count in dropped.items()), sep="\n")


def pairs(option: str, given: Sequence[str], *, example: str) -> Mapping[str, str]:
    """Return A=B options as a table. Raises ConfigError."""
    found: dict[str, str] = {}
    for text in given:
        name, sign, told = (part.strip() for part in text.partition("="))
        if not (name and sign and told):
            raise ConfigError(f"{option} {text}: write {example}")
        if name in found:
            raise ConfigError(f"{option} {text}: {name} was named before")
        found[name] = told
    return found


def _now() -> Ms:
    return Ms(time.time_ns() // 1_000_000)


def _judged_by(settings: Config) -> Ms:
    """Return the instant by which a bar must be over; a simulated market's time is not ours, and is not asked for."""
    return _now() if settings.simulation.source is MarketSource.REAL else FAR_OFF


def _free(state: Path | None) -> Path:
    """Return the state directory. Raises RefusedError where an engine runs on it."""
    directory = state_dir(state)
    holder = holder_of(directory)
    if holder is not None:
        raise _held(directory, holder)
    return directory


def _held(directory: Path, holder: Holder) -> RefusedError:
    return RefusedError(
        f"an engine (pid {holder.pid}) works on the bars of {directory}: end it with 'driftdeck stop', import, and "
        "start it again"
    )


def _store(incoming: Sequence[Incoming], settings: Config, config: Path, directory: Path) -> list[Filled]:
    """Write under the engine's own lock, so that none starts in between. Raises RefusedError, StoreError."""
    directory = prepare_state_dir(directory)
    step_ms = settings.rules.bar_ms
    with StateLock(directory, since=iso(_now()), config=config):
        store = SqliteBars(directory / FILE_NAME)
        try:
            store.claim(market_identity(settings))
            return [import_bars(store, one, step_ms=step_ms, now_ms=_judged_by(settings)) for one in incoming]
        finally:
            store.close()


@contextmanager
def _opened(directory: Path) -> Iterator[SqliteBars]:
    if not (directory / FILE_NAME).exists():
        raise NoEngineError(f"no bars are stored for {directory}: import some, or start an engine with 'driftdeck run'")
    store = SqliteBars(directory / FILE_NAME)
    try:
        yield store
    finally:
        store.close()


def _holding(store: SqliteBars, settings: Config, asset: Asset) -> Holding:
    symbol = settings.symbols[asset]
    return holding_of(asset, symbol, store.load_held(symbol, since_ms=Ms(0)))


def _tell(filled: Sequence[Filled], warnings: Sequence[str], directory: Path, *, as_json: bool) -> None:
    """Print what happened: one document, or a table with a summary and the warnings."""
    said = [*warnings, *(line for one in filled for line in worries(one))]
    if as_json:
        document = {"state": str(directory), "symbols": [filled_document(one) for one in filled], "warnings": said}
        print_json(document)
        return
    print(*holding_table([one.holding for one in filled]), sep="\n")
    for line in said:
        say(f"warning: {line}")
    offered, taken = sum(one.offered for one in filled), sum(one.taken for one in filled)
    kept = f"; for {offered - taken:,} the exchange's own stand" if offered > taken else ""
    say(f"{taken:,} of {offered:,} bars were imported into {directory}{kept}")
