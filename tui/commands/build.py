"""Owns `driftdeck build`: candidate baskets of a price file, ranked, with the reasons of every refusal.

With --write it puts one of them into the config, after showing it and asking; comments and order stay as they are.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from engine.adapters.basket_themes import load_theme
from engine.adapters.config_file import load_config
from engine.adapters.paths import config_path, user_themes_dir
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.errors import ConfigError, RefusedError
from engine.domain.units import Asset, iso
from engine.lab.builder import RankedBasket, Ranking, rank_baskets
from engine.lab.candidates import WINDOWS, CandidateMap, candidate_map, in_band
from tui.commands.output import number, print_json, say
from tui.commands.question import refuse_unattended, says_yes
from tui.commands.replay import instant

SMALLEST, LARGEST = 2, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildChoice:
    """What a person asked for on the command line."""

    prices: Path
    config: Path | None
    candidates: str
    theme: str
    size: str
    at: str
    write: str
    pick: int
    yes: bool
    as_json: bool


def build(choice: BuildChoice) -> None:
    """Print the ranking, or write one basket of it. Raises ConfigError, RefusedError."""
    sizes = _sizes(choice.size)
    at = instant("--at", choice.at)
    table = read_prices(choice.prices)
    for warning in table.warnings:
        say(f"warning: {warning}")
    found = candidate_map(table, _candidates(choice, table), at=at)
    ranking = rank_baskets(found, sizes=sizes, existing=_existing(choice.config))
    if choice.as_json:
        print_json(document(found, ranking))
    else:
        print(*lines(found, ranking), sep="\n")
    if choice.write:
        _write(choice, ranking)


def _sizes(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    if not first.isdigit() or (last and not last.isdigit()):
        raise ConfigError(f"--size {text}: write it as 3-5, or 4")
    low, high = int(first), int(last or first)
    if not SMALLEST <= low <= high <= LARGEST:
        raise ConfigError(
            f"--size {text}: a basket has {SMALLEST} to {LARGEST} assets; above five nothing is left to hedge"
        )
    return tuple(range(low, high + 1))


def _candidates(choice: BuildChoice, table: PriceTable) -> tuple[Asset, ...]:
    named = [word.strip() for word in choice.candidates.split(",") if word.strip()]
    if choice.theme:
        theme = load_theme(choice.theme, user_themes_dir())
        if theme is None:
            raise ConfigError(f"--theme {choice.theme}: there is no such basket theme")
        named += [str(leg["asset"]) for leg in theme.table["assets"]]  # type: ignore[attr-defined]
    unknown = [name for name in named if name not in table.assets]
    if unknown:
        raise ConfigError(f"--candidates {','.join(unknown)}: not in the file, which has {', '.join(table.assets)}")
    return tuple(Asset(name) for name in dict.fromkeys(named)) or tuple(Asset(name) for name in table.assets)


def _existing(config: Path | None) -> list[tuple[str, tuple[Asset, ...]]]:
    path = config_path(config)
    if config is None and not path.exists():
        return []
    return [(basket.name, basket.assets) for basket in load_config(path).config.baskets]


def document(found: CandidateMap, ranking: Ranking) -> dict[str, object]:
    """Return CONTRACT's `build --json`."""
    return {
        "at": iso(found.at),
        "baskets": [_basket(found, basket) for basket in ranking.baskets],
        "candidates": [
            {"asset": asset, "days": number(days), "used": not why}
            for asset, days, why in zip(found.assets, found.days, found.refused, strict=True)
        ],
        "refused": [
            *({"asset": asset, "why": why} for asset, why in zip(found.assets, found.refused, strict=True) if why),
            *({"asset": asset, "why": why} for asset, why in ranking.outside),
        ],
        "pruned": list(ranking.pruned),
    }


def _basket(found: CandidateMap, basket: RankedBasket) -> dict[str, object]:
    pairs = [(i, j) for k, i in enumerate(basket.places) for j in basket.places[k + 1 :]]
    return {
        "assets": list(basket.assets),
        "score": number(basket.score),
        "share_calm": number(basket.share_calm),
        "share_year": number(basket.share_year),
        "mean_calm": number(basket.mean_calm),
        "mean_stress": number(basket.mean_stress),
        "hidden_leverage": number(basket.hidden_leverage),
        "hidden_leverage_stress": number(basket.hidden_leverage_stress),
        "overlap": basket.overlap or None,
        "days": {asset: number(found.days[k]) for asset, k in zip(basket.assets, basket.places, strict=True)},
        "pairs": [_pair(found, i, j) for i, j in pairs],
    }


def _pair(found: CandidateMap, i: int, j: int) -> dict[str, object]:
    rise, error = float(found.rise[i, j]), float(found.rise_error[i, j])
    return {
        "pair": [found.assets[i], found.assets[j]],
        "rho": {str(days): number(float(found.rho[days][i, j])) for days in WINDOWS},
        "calm": number(float(found.calm[i, j])),
        "stress": number(float(found.stress[i, j])),
        "rise": number(rise),
        "rise_interval": None if math.isnan(error) else [rise - error, rise + error],
        "share_year": number(float(found.share_year[i, j])),
        "in_band": bool(in_band(found.calm[i, j])),
    }


def lines(found: CandidateMap, ranking: Ranking) -> list[str]:
    """Return the ranking for a person."""
    head = f"{'':<4}{'basket':<30}{'in band':>9}{'year':>7}{'calm':>7}{'stress':>8}{'hidden':>8}{'in stress':>11}"
    rows = [
        f"{place:>2}. {' '.join(basket.assets):<30}{basket.share_calm:>9.0%}{_share(basket.share_year):>7}"
        f"{_plain(basket.mean_calm):>7}{_plain(basket.mean_stress):>8}{_plain(basket.hidden_leverage):>8}"
        f"{_plain(basket.hidden_leverage_stress):>11}" + (f"  like {basket.overlap}" if basket.overlap else "")
        for place, basket in enumerate(ranking.baskets, 1)
    ]
    refused = [f"{asset}: {why}" for asset, why in zip(found.assets, found.refused, strict=True) if why]
    refused += [f"{asset}: {why}" for asset, why in ranking.outside]
    pruned = [f"not searched (the search takes 40): {', '.join(ranking.pruned)}"] if ranking.pruned else []
    return [
        f"baskets on the bars closed by {iso(found.at)}; in band: pairs between 0.6 and 0.9 in calm",
        head,
        *(rows or ["no basket can be made of these"]),
        *(["", "left out"] if refused else []),
        *refused,
        *pruned,
    ]


def _write(choice: BuildChoice, ranking: Ranking) -> None:
    """Put a basket into the config. Raises ConfigError, RefusedError."""
    path = config_path(choice.config)
    if not 1 <= choice.pick <= len(ranking.baskets):
        raise ConfigError(f"--pick {choice.pick}: there are {len(ranking.baskets)} baskets")
    if choice.write in {basket.name for basket in load_config(path).config.baskets}:
        raise RefusedError(f"{path} has a basket {choice.write} already: choose another name")
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    table = tomlkit.table()
    table["name"] = choice.write
    table["thesis"] = "say here why these belong together"
    table["notional"] = 12_000
    legs = tomlkit.array()
    for asset in ranking.baskets[choice.pick - 1].assets:
        legs.append(tomlkit.inline_table().append("asset", asset))
    table["assets"] = legs
    baskets = document.setdefault("basket", tomlkit.aot())
    baskets.append(table)
    say(f"this goes into {path}:\n\n[[basket]]\n{table.as_string()}")
    if not choice.yes:
        refuse_unattended("writing the config")
        if not says_yes("write it?"):
            say("nothing was written")
            return
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    load_config(path)
    say(f"{choice.write} is in {path}; 'driftdeck check' judges it, a restart of the engine takes it up")


def _plain(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"
