"""Owns `driftdeck build`: candidate baskets of a price file or of the stored bars, ranked, with every refusal's reason.

How they are said stands in `build_text`; with --write one of them goes into the config (`build_writing`).
"""

from dataclasses import dataclass
from pathlib import Path

from engine.adapters.basket_themes import load_theme
from engine.adapters.config_file import load_config
from engine.adapters.paths import user_themes_dir
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.config import AccountConfig, Config
from engine.domain.errors import ConfigError, RefusedError
from engine.domain.units import Asset
from engine.lab.basket_cost import Trading, without_thin
from engine.lab.builder import rank_baskets
from engine.lab.candidates import MEMORY_DAYS, candidate_map
from engine.lab.hedge_leg import Shape
from tui.commands.build_text import Built, document, lines
from tui.commands.build_writing import write_basket
from tui.commands.output import print_json, say
from tui.commands.replay import instant
from tui.commands.stored_prices import config_beside, stored_prices, stored_volumes

SMALLEST, LARGEST = 2, 5
LIQUIDITY_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildChoice:
    """What a person asked for on the command line."""

    prices: Path | None
    config: Path | None
    state: Path | None
    candidates: str
    theme: str
    size: str
    shape: str
    notional: float
    at: str
    write: str
    pick: int
    expect: str
    yes: bool
    as_json: bool


def build(choice: BuildChoice) -> None:
    """Print the ranking, or write one basket of it. Raises ConfigError, RefusedError, StoreError."""
    shape, sizes = _shape(choice.shape), _sizes(choice.size)
    if not 0 < choice.notional < 1e12:
        raise ConfigError(f"--notional {choice.notional:g}: take an amount of money above 0")
    at = instant("--at", choice.at)
    place = config_beside(choice.config, choice.state, prices=choice.prices)
    config = load_config(place).config if choice.config is not None or place.exists() else None
    table, trading = _market(choice, config)
    for warning in table.warnings:
        say(f"warning: {warning}")
    wanted, absent = _candidates(choice, table)
    found = without_thin(candidate_map(table, wanted, at=at), trading, largest=sizes[-1])
    kept = tuple(dict.fromkeys(max(size - (shape is not Shape.LONG), 1) for size in sizes))
    existing = [(basket.name, basket.assets) for basket in config.baskets] if config is not None else []
    ranking = rank_baskets(found, sizes=kept, existing=existing, shape=shape, notional=choice.notional)
    built = Built(found=found, ranking=ranking, shape=shape, trading=trading, absent=absent)
    if choice.as_json:
        print_json(document(built))
    else:
        print(*lines(built), sep="\n")
    if choice.write:
        write_basket(place, choice.write, built, pick=choice.pick, expect=choice.expect, yes=choice.yes)


def _market(choice: BuildChoice, config: Config | None) -> tuple[PriceTable, Trading]:
    """Return the prices to judge by, and what trading costs there. Raises ConfigError, RefusedError."""
    account = config.account if config is not None else AccountConfig()
    volumes: dict[Asset, float] = {}
    if choice.prices is not None:
        table: PriceTable | None = read_prices(choice.prices)
    elif config is None:
        raise ConfigError("no --prices FILE, and no config whose stored bars could be read: give one of them")
    else:
        table = stored_prices(config, choice.state, days=MEMORY_DAYS)
        volumes = stored_volumes(config, choice.state, days=LIQUIDITY_DAYS)
    if table is None:
        raise RefusedError("no bars are stored yet: give --prices FILE, or try again when an engine has its history")
    return table, Trading(
        notional=choice.notional, fee_bps=account.fee_bps, slippage_bps=account.slippage_bps, volumes=volumes
    )


def _shape(text: str) -> Shape:
    if text not in set(Shape):
        raise ConfigError(f"--shape {text}: there are {', '.join(Shape)}")
    return Shape(text)


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


def _candidates(choice: BuildChoice, table: PriceTable) -> tuple[tuple[Asset, ...], tuple[Asset, ...]]:
    """Return the candidates, and the assets of the theme that have no price here. Raises ConfigError."""
    named = [word.strip() for word in choice.candidates.split(",") if word.strip()]
    unknown = [name for name in named if name not in table.assets]
    where = "the file" if choice.prices is not None else "the stored bars"
    if unknown:
        has = "has" if choice.prices is not None else "have"
        raise ConfigError(f"--candidates {','.join(unknown)}: not in {where}, which {has} {', '.join(table.assets)}")
    themed: list[str] = []
    if choice.theme:
        theme = load_theme(choice.theme, user_themes_dir())
        if theme is None:
            raise ConfigError(f"--theme {choice.theme}: there is no such basket theme")
        themed = [str(leg["asset"]) for leg in theme.table["assets"]]  # type: ignore[attr-defined]
    there = [name for name in themed if name in table.assets]
    if themed and not [*named, *there]:
        raise ConfigError(f"--theme {choice.theme}: {where} has no price of {', '.join(themed)}")
    wanted = tuple(dict.fromkeys(Asset(name) for name in [*named, *there]))
    absent = tuple(Asset(name) for name in themed if name not in table.assets)
    return wanted or tuple(Asset(name) for name in table.assets), absent
