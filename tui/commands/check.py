"""Owns `driftdeck check`: reads the config, prints every warning and one line that sums it up.

Mistakes leave as the adapter's ConfigError, all at once; with --json they are a document too. Dials nothing.
"""

from pathlib import Path

from engine.adapters.config_file import LoadedConfig, load_config
from engine.adapters.paths import config_path, user_keys_file
from engine.domain.config import Config
from engine.domain.errors import ConfigError
from tui.commands.output import print_json, say


def check(config: Path | None, *, as_json: bool = False) -> None:
    """Judge the config. Raises ConfigError where there is a mistake."""
    path = config_path(config)
    try:
        loaded = load_config(path)
        if user_keys_file().exists():
            from tui.cockpit.keymap import own_keys

            own_keys(user_keys_file())
    except ConfigError as error:
        if as_json:
            print_json({"config": str(path), "ok": False, "errors": error.problems or (str(error),)})
        raise
    if as_json:
        print_json(_document(path, loaded))
        return
    for line in loaded.warnings:
        say(f"warning: {path}: {line}")
    print(f"{path} is fine: {_summary(loaded.config)}")


def _summary(config: Config) -> str:
    baskets, assets = len(config.baskets), len(config.symbols)
    venue = config.venue
    return (
        f"{_counted(baskets, 'basket')}, {_counted(assets, 'asset')}, {venue.id} {venue.market} in {venue.quote}, "
        f"{venue.mode} mode, equity {config.account.equity:,} {config.account.currency}"
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _document(path: Path, loaded: LoadedConfig) -> dict[str, object]:
    config = loaded.config
    return {
        "config": str(path),
        "ok": True,
        "baskets": [basket.name for basket in config.baskets],
        "assets": list(config.symbols),
        "venue": {"id": config.venue.id, "market": config.venue.market, "quote": config.venue.quote},
        "mode": config.venue.mode,
        "warnings": loaded.warnings,
    }
