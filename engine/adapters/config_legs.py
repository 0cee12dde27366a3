"""Owns the way from a basket's `assets` entries to legs: each entry on its own, then duplicates, venues and weights.

Notes every mistake with its key and the basket's name. Knows nothing of themes, money or files: `config_baskets`
calls it once per basket.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.adapters.config_model import AssetModel
from engine.adapters.config_problems import Parsed, Problems, did_you_mean, parse, shown
from engine.domain.basket import Leg, Side
from engine.domain.config import Mode, VenueConfig
from engine.domain.market import MarketKind
from engine.domain.renames import conversion, former_name, new_name
from engine.domain.units import Asset, Symbol
from engine.domain.venue_names import asset_at, symbol_at

_MULTIPLE = re.compile(r"^(10+|1M|k)(?=[A-Z])")
SUM_TOLERANCE = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegReader:
    """Reads the entries of one basket; `key` is the basket's, `name` what a person calls it.

    `default` is the venue that the basket names for all its assets, empty for the book's own.
    """

    key: str
    name: str
    venue: VenueConfig
    venues: Mapping[str, VenueConfig]
    problems: Problems
    default: str = ""

    def read(self, entries: Sequence[object]) -> tuple[Leg, ...] | None:
        """Return the legs in order, or None after noting why there are none."""
        before = len(self.problems)
        parsed = [self._entry(entry, index) for index, entry in enumerate(entries)]
        found = [(index, item.model) for index, item in enumerate(parsed) if item.model is not None]
        for index, entry in found:
            if entry.venue is not None:
                self.check_venue(f"{self.key}.assets[{index}].venue", entry.venue)
        self._check_assets(found)
        weights_known = not any("weight" in item.broken or item.model is None for item in parsed)
        weights = self._weights([entry for _, entry in found]) if weights_known else None
        if len(self.problems) > before or weights is None:
            return None
        return tuple(self._leg(entry, weight) for (_, entry), weight in zip(found, weights, strict=True))

    def check_venue(self, place: str, name: str) -> None:
        """A named venue must be defined; beside the default one it trades paper only."""
        meant = self._meant(name)
        if meant is None:
            hint = did_you_mean(name, (self.venue.id, *self.venues))
            reason = f"{shown(name)} is not defined{hint}; add [venues.{name}] or delete the key"
        elif meant != self.venue and {meant.mode, self.venue.mode} != {Mode.PAPER}:
            reason = (
                f"{shown(name)} is another venue than [venue], and only paper money trades on several at once: make "
                'both mode = "paper", or give this basket a config and a state directory of its own'
            )
        elif meant != self.venue and _market(meant) == _market(self.venue):
            reason = f"{shown(name)} is the same market as [venue]; delete the key, or make the two tables equal"
        elif twin := next((k for k, v in self.venues.items() if k != name and _market(v) == _market(meant)), None):
            reason = f"[venues.{name}] and [venues.{twin}] are the same market; keep one of them"
        else:
            return
        self.problems.add(place, reason, name=self.name)

    def _meant(self, name: str) -> VenueConfig | None:
        return self.venues.get(name) or (self.venue if name == self.venue.id else None)

    def _place(self, entry: AssetModel) -> tuple[str, VenueConfig]:
        """Return the name of the venue beside the default one, empty for the default, and the venue."""
        name = self.default if entry.venue is None else entry.venue
        meant = self._meant(name) if name else None
        return ("", self.venue) if meant is None or meant == self.venue else (name, meant)

    def _leg(self, entry: AssetModel, weight: float) -> Leg:
        """Return the leg; what another venue trades carries that venue's name in every name of it."""
        name, venue = self._place(entry)
        symbol, former = self._symbol(entry, venue), self._former(entry, venue)
        return Leg(
            asset=asset_at(entry.asset, name) if name else Asset(entry.asset),
            symbol=symbol_at(symbol, venue.id) if name else symbol,
            side=entry.side,
            weight=weight,
            formerly=symbol_at(former, venue.id) if name and former is not None else former,
            venue=name,
        )

    def _entry(self, entry: object, index: int) -> Parsed[AssetModel]:
        """Return one entry; a bare "ETH" means {asset = "ETH"}."""
        table = {"asset": entry} if isinstance(entry, str) else entry
        return parse(AssetModel, table, key=f"{self.key}.assets[{index}]", problems=self.problems, name=self.name)

    def _check_assets(self, entries: Sequence[tuple[int, AssetModel]]) -> None:
        seen: set[tuple[str, str]] = set()
        for index, entry in entries:
            place = f"{self.key}.assets[{index}].asset"
            name, venue = self._place(entry)
            if (entry.asset, name) in seen:
                self.problems.add(place, f'"{entry.asset}" stands in this basket twice; take one out', name=self.name)
            elif entry.asset.isalpha() and entry.asset.islower():
                self.problems.add(place, f'write it in capitals: "{entry.asset.upper()}"', name=self.name)
            elif venue.market is MarketKind.SPOT and entry.side is Side.SHORT:
                reason = (
                    f'{entry.asset} cannot be short on market = "spot": nothing is borrowed there; use market = '
                    '"swap", or take the short out'
                )
                self.problems.add(place.removesuffix(".asset"), reason, name=self.name)
            elif misfit := _misfit(entry, venue):
                self.problems.add(place.removesuffix("asset") + "symbol", misfit, name=self.name)
            seen.add((entry.asset, name))
            self._check_former(f"{self.key}.assets[{index}].formerly", entry)

    def _check_former(self, place: str, entry: AssetModel) -> None:
        if entry.formerly is None:
            return
        units = conversion(Asset(entry.formerly), Asset(entry.asset))
        if entry.formerly == entry.asset:
            self.problems.add(place, f'"{entry.asset}" is its name now; give the old one, or delete it', name=self.name)
        elif units is not None:
            reason = (
                f"one {entry.formerly} became {units:,} {entry.asset}: a conversion, no rename, so the old prices are "
                "of another unit and cannot be joined; delete the key"
            )
            self.problems.add(place, reason, name=self.name)

    def _weights(self, entries: Sequence[AssetModel]) -> tuple[float, ...] | None:
        """Return the weights in order; entries without one share what the others leave."""
        total = sum((entry.weight for entry in entries if entry.weight is not None), Decimal(0))
        unset = [entry.asset for entry in entries if entry.weight is None]
        if entries and not unset and abs(total - 1) > SUM_TOLERANCE:
            reason = (
                f"weights sum to {total.normalize():f} and must sum to 1; change one, or leave one out and it takes "
                "the rest"
            )
        elif unset and total >= 1:
            reason = (
                f"the given weights sum to {total.normalize():f} and leave nothing for {', '.join(unset)}; all must "
                "sum to 1, so lower some"
            )
        else:
            rest = (1 - total) / len(unset) if unset else Decimal(0)
            return tuple(float(rest if entry.weight is None else entry.weight) for entry in entries)
        self.problems.add(f"{self.key}.assets", reason, name=self.name)
        return None

    def _symbol(self, entry: AssetModel, venue: VenueConfig) -> Symbol:
        """Return the given symbol, or the venue's usual one: ETH/USDT:USDT on swaps, ETH/USDT on spot."""
        return Symbol(entry.symbol) if entry.symbol is not None else _usual_symbol(entry.asset, venue)

    def _former(self, entry: AssetModel, venue: VenueConfig) -> Symbol | None:
        """Return the market under the former name, as given or as known of an asset that names no symbol."""
        known = former_name(Asset(entry.asset)) if entry.symbol is None else None
        name = entry.formerly or known
        return None if name is None else _usual_symbol(name, venue)


def _usual_symbol(base: str, venue: VenueConfig) -> Symbol:
    settle = f":{venue.quote}" if venue.market is MarketKind.SWAP else ""
    return Symbol(f"{base}/{venue.quote}{settle}")


def _misfit(entry: AssetModel, venue: VenueConfig) -> str:
    """Return why the symbol of an entry cannot be a market of its asset on this venue, "" where it can."""
    if entry.symbol is None:
        return ""
    pair, _, settle = entry.symbol.partition(":")
    base, _, quote = pair.partition("/")
    if not _same_coin(base, entry.asset):
        return (
            f'"{entry.symbol}" is a market of {base}, not of {entry.asset}; write asset = "{base}", or the symbol of '
            f"{entry.asset}"
        )
    if venue.market is MarketKind.SPOT and settle:
        return f'"{entry.symbol}" is a swap and market = "spot"; write "{pair}", or market = "swap"'
    if venue.market is MarketKind.SWAP and not settle:
        return f'"{entry.symbol}" is a spot market and market = "swap"; write "{pair}:{quote}", or market = "spot"'
    if settle and settle != quote:
        return f'"{entry.symbol}" settles in {settle}; only swaps that settle in their quote work: "{pair}:{quote}"'
    return ""


def _same_coin(base: str, asset: str) -> bool:
    """Return True where `base` is the asset, a multiple of it (1000PEPE, 1MBABYDOGE, kPEPE), LUNA2, or its other name.

    >>> _same_coin("1000PEPE", "PEPE"), _same_coin("POL", "MATIC"), _same_coin("ETHFI", "ETH")
    (True, True, False)
    """
    names = {asset, new_name(Asset(asset)), former_name(Asset(asset))}
    return any(name in names for name in (base, base.strip("0123456789"), _MULTIPLE.sub("", base)))


def _market(venue: VenueConfig) -> tuple[str, MarketKind, str]:
    return (venue.id, venue.market, venue.quote)
