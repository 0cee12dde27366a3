"""Owns joining imported prices to the bar store: which asset a name means, which bars count, where the seam lies.

The venue's bars are never replaced: imported ones fill the slots that it left empty, and how well both fit is measured,
not mended. Never reads a file or a host. Bars go into the store, what happened goes to the command.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.adapters.price_columns import asset_of
from engine.adapters.sqlite_bars import VENUE, HeldBar, SqliteBars
from engine.domain.errors import ConfigError
from engine.domain.market import Bar
from engine.domain.units import HOUR_MS, Asset, Ms, Symbol
from engine.domain.venue_names import bare_asset

WARN_ABOVE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a name of the source means here: the market whose slots it fills, and contracts of how many units."""

    asset: Asset
    symbol: Symbol
    units: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """The bars of one market from one source: int64 open times and positive closes, both shape (K,)."""

    target: Target
    source: str
    open_ms: NDArray[np.int64]
    closes: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """Where imported bars meet the venue's: opens of the bars on both sides, and how far the close jumps."""

    before: Ms
    at: Ms
    jump: float

    @property
    def hours(self) -> float:
        """Return how many hours lie between the two closes: the market moved for so long too."""
        return (self.at - self.before) / HOUR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What the store holds of one market: the venue's bars and imported ones, and every seam between them."""

    asset: Asset
    symbol: Symbol
    first: Ms | None
    last: Ms | None
    bars: int
    sources: tuple[tuple[str, int], ...]  # imported ones only, each with its bars
    seams: tuple[Seam, ...]

    @property
    def imported(self) -> int:
        """Return how many bars were imported."""
        return sum(count for _, count in self.sources)

    @property
    def seam(self) -> Seam | None:
        """Return the seam with the largest jump, None where the sources do not meet."""
        return max(self.seams, key=lambda seam: abs(seam.jump), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What one import did to one market.

    `common` counts the slots that the venue holds too; `difference` is the median of imported / exchange close - 1 over
    them, NaN where there are none: how well the source fits, without the market's own moves.
    """

    holding: Holding
    source: str
    offered: int
    taken: int
    unfinished: int
    common: int
    difference: float


def targets_of(
    names: Sequence[str], symbols: Mapping[Asset, Symbol], named: Mapping[str, str]
) -> tuple[dict[str, Target], tuple[str, ...]]:
    """Return what each name means to this config, and the names that mean nothing to it.

    `named` says what a name means where it does not say so itself: an asset or a symbol of the config. Raises
    ConfigError where that is neither, where it names what is not there, and where two names mean one market.
    """
    wanted = {_same(name, names): _named(name, told, symbols) for name, told in named.items()}
    found = {name: wanted.get(name) or _guessed(name, symbols) for name in names}
    meant = {name: target for name, target in found.items() if target is not None}
    for symbol, count in Counter(target.symbol for target in meant.values()).items():
        if count > 1:
            twice = ", ".join(name for name, target in meant.items() if target.symbol == symbol)
            raise ConfigError(f"{twice} all mean {symbol}; import one of them")
    return meant, tuple(name for name in names if name not in meant)


def import_bars(store: SqliteBars, incoming: Incoming, *, step_ms: int, now_ms: Ms) -> Filled:
    """Fill the slots of one market that the venue left empty. Raises StoreError. A bar that is not over stays out."""
    target = incoming.target
    over = incoming.open_ms + step_ms <= now_ms
    opens, closes = incoming.open_ms[over], incoming.closes[over] * target.units
    bars = [
        Bar(symbol=target.symbol, open_ms=Ms(int(at)), close=float(close), volume=math.nan)
        for at, close in zip(opens, closes, strict=True)
    ]
    taken = store.fill(bars, source=incoming.source)
    held = store.load_held(target.symbol, since_ms=Ms(0))
    exchange = {one.bar.open_ms: one.bar.close for one in held if one.source == VENUE}
    ratios = [bar.close / exchange[bar.open_ms] - 1.0 for bar in bars if bar.open_ms in exchange]
    return Filled(
        holding=holding_of(target.asset, target.symbol, held),
        source=incoming.source,
        offered=len(bars),
        taken=taken,
        unfinished=int(np.count_nonzero(~over)),
        common=len(ratios),
        difference=float(np.median(ratios)) if ratios else math.nan,
    )


def holding_of(asset: Asset, symbol: Symbol, held: Sequence[HeldBar]) -> Holding:
    """Return what ascending bars of one market are made of."""
    seams = tuple(
        Seam(before=one.bar.open_ms, at=two.bar.open_ms, jump=two.bar.close / one.bar.close - 1.0)
        for one, two in pairwise(held)
        if (one.source == VENUE) != (two.source == VENUE)
    )
    return Holding(
        asset=asset,
        symbol=symbol,
        first=held[0].bar.open_ms if held else None,
        last=held[-1].bar.open_ms if held else None,
        bars=len(held),
        sources=tuple(sorted(Counter(one.source for one in held if one.source != VENUE).items())),
        seams=seams,
    )


def _same(name: str, names: Sequence[str]) -> str:
    """Return the source's name that a person meant by `name`: ETHUSDT is read as ETH. Raises ConfigError."""
    found = next((each for each in (name, asset_of(name)) if each in names), None)
    if found is None:
        raise ConfigError(f"{name}: there is no such name in what is imported; it has {', '.join(names)}")
    return found


def _named(name: str, told: str, symbols: Mapping[Asset, Symbol]) -> Target:
    asset = Asset(told)
    if asset in symbols:
        return Target(asset=asset, symbol=symbols[asset], units=_units(asset, symbols[asset]))
    for each, symbol in symbols.items():
        if symbol == told:
            return Target(asset=each, symbol=symbol)
    raise ConfigError(f"{name}={told}: the config has no asset {told}; it has {', '.join(symbols)}")


def _guessed(name: str, symbols: Mapping[Asset, Symbol]) -> Target | None:
    """Return the market that a name means by itself: an asset, or the base of a symbol such as 1000PEPE."""
    if Asset(name) in symbols:
        return _named(name, name, symbols)
    beside = [each for each in symbols if bare_asset(each) == name]  # another venue's, where the default has none
    if beside:
        return _named(name, beside[0], symbols)
    for asset, symbol in symbols.items():
        if symbol.partition("/")[0] == name:
            return Target(asset=asset, symbol=symbol)
    return None


def _units(asset: Asset, symbol: Symbol) -> float:
    """Return how many units of `asset` one price of `symbol` is for: a thousand PEPE in 1000PEPE/USDT:USDT."""
    base, asset = symbol.partition("/")[0], bare_asset(asset)
    if base == asset or asset not in base:
        return 1.0
    many = base.removeprefix(asset) if base.startswith(asset) else base.removesuffix(asset)
    return float(many) if re.fullmatch(r"10+", many) else 1.0
