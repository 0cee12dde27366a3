"""Owns a demo on the trader's own config: its baskets, rules and limits on the simulated exchange instead of a venue.

Takes the file as it stands and puts only the market in its place; what the simulated market does not trade is refused
by name. Starts nothing.
"""

from collections.abc import Collection
from pathlib import Path

import tomlkit

from engine.adapters.config_file import load_config
from engine.domain.config import Config
from engine.domain.errors import ConfigError
from engine.domain.market import MarketKind


def judged_config(path: Path, *, listed: Collection[str], market: MarketKind) -> Config:
    """Return the config of `path`, which a market that trades `listed` can play.

    Raises ConfigError for the config's own mistakes and for assets that this market does not have.
    """
    settings = load_config(path).config
    elsewhere = sorted({leg.venue for basket in settings.baskets for leg in basket.legs if leg.venue})
    if elsewhere:
        raise ConfigError(
            f"{path}: baskets name {', '.join(elsewhere)}; the demo has one venue: take `venue` out of them for a try"
        )
    absent = [asset for asset in settings.symbols if asset not in listed]
    if absent:
        raise ConfigError(
            f"{path}: the simulated exchange does not trade {', '.join(absent)}; it has {', '.join(sorted(listed))}: "
            "take others, or play a price file that has them with --replay"
        )
    for basket in settings.baskets:
        shorts = [leg.asset for leg in basket.legs if leg.side.sign < 0]
        if shorts and market is MarketKind.SPOT:
            raise ConfigError(
                f"{path}: {basket.name} is short {', '.join(shorts)}, which spot does not do: --market swap"
            )
    return settings


def own_config(path: Path, settings: Config, market_tables: str) -> str:
    """Return the judged config of `path` on a simulated market; `market_tables` says where that is.

    Baskets start flat, as with a real venue.
    """
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    for name in ("venue", "venues", "simulation", "notify"):  # nobody's phone rings for a made-up market
        document.pop(name, None)
    made = tomlkit.parse(market_tables)
    document["venue"], document["simulation"] = made["venue"], made["simulation"]
    document["simulation"]["open_baskets"] = False
    band = max(settings.limits.max_slippage_bps, float(str(made["limits"]["max_slippage_bps"])))
    document.setdefault("limits", tomlkit.table())["max_slippage_bps"] = band
    return tomlkit.dumps(document)
