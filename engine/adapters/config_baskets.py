"""Owns the way from basket tables to `engine.domain.basket.Basket`: themes, names, money, counts.

Every mistake is noted with its key and the basket's name; a basket with one is left out. Sizing numbers and prices
come later, elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from engine.adapters.basket_themes import load_theme, theme_files
from engine.adapters.config_legs import LegReader
from engine.adapters.config_model import BasketModel
from engine.adapters.config_problems import Parsed, Problems, did_you_mean, parse, shown
from engine.adapters.secrets_guard import take_out_secrets
from engine.domain.basket import Basket, Leg
from engine.domain.config import VenueConfig
from engine.domain.errors import ConfigError
from engine.domain.market import MarketKind
from engine.domain.units import Asset, BasketName, Symbol

WARN_ABOVE = 4
REFUSE_ABOVE = 5
RESERVED = {"all", "portfolio", "account"}  # names of scopes and rows that are no baskets


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a basket is read against."""

    venue: VenueConfig
    venues: Mapping[str, VenueConfig]
    equity: Decimal
    themes_dir: Path | None
    elsewhere: dict[str, Sequence[str]]


@dataclass(slots=True, kw_only=True)
class BasketReader:
    """Reads one basket table after the other, collecting mistakes and warnings."""

    around: Surroundings
    problems: Problems
    warnings: list[str]
    names: dict[str, str] = field(default_factory=dict)  # of the baskets read so far, each with its key

    def read(self, table: object, key: str) -> tuple[Basket, BasketModel] | None:
        """Return the basket of one table and the table itself, or None where it has a mistake."""
        if not isinstance(table, dict):
            self.problems.add(key, "must be a table: write [[basket]]")
            return None
        before = len(self.problems)
        merged = self._with_theme(table, key)
        if merged is None:
            return None
        name = merged.get("name")
        label = name if isinstance(name, str) and name.isprintable() and len(name) <= 32 else ""
        parsed = parse(
            BasketModel, merged, key=key, problems=self.problems, elsewhere=self.around.elsewhere, name=label
        )
        if parsed.model is None:
            return None
        self._check_name(parsed, key)
        notional = self._notional(parsed, key)
        legs = self._legs(parsed, key)
        self._check_leverage(parsed.model, legs or (), key)
        if len(self.problems) > before or notional is None or legs is None:
            return None
        return _basket(parsed.model, legs, notional), parsed.model

    def _with_theme(self, table: dict[str, object], key: str) -> dict[str, object] | None:
        """Return `table` on top of the theme it names; a given size replaces the theme's."""
        theme = table.get("theme")
        if not isinstance(theme, str):
            return table
        found = self._theme_table(theme, key)
        if found is None:
            return None
        if "share" in table or "notional" in table:
            found = {name: value for name, value in found.items() if name not in {"share", "notional"}}
        return {**found, **table}

    def _theme_table(self, theme: str, key: str) -> dict[str, object] | None:
        try:
            found = load_theme(theme, self.around.themes_dir)
        except ConfigError as error:
            self.problems.add(f"{key}.theme", str(error))
            return None
        if found is None:
            known = theme_files(self.around.themes_dir)
            reason = f"no theme is called {shown(theme)}{did_you_mean(theme, known)}; there are {', '.join(known)}"
            self.problems.add(f"{key}.theme", reason)
            return None
        inside = Problems(found.source)
        table, secrets = take_out_secrets(found.table)
        for secret in secrets:
            inside.add(secret.key, secret.reason)
        parse(BasketModel, table, key="", problems=inside)
        self.problems.merge(inside)
        return None if inside else table

    def _check_name(self, parsed: Parsed[BasketModel], key: str) -> None:
        name = parsed.model.name if parsed.model else None
        if name is None and "name" not in parsed.broken:
            self.problems.add(f"{key}.name", "is missing; give the basket a name")
        elif name is not None and name.lower() in RESERVED:
            self.problems.add(f"{key}.name", f'"{name}" is reserved; choose another name')
        elif name is not None:
            first = self.names.setdefault(name.lower(), key)
            if first != key:
                self.problems.add(f"{key}.name", f'"{name}" is the name of {first} too; choose another')

    def _notional(self, parsed: Parsed[BasketModel], key: str) -> Decimal | None:
        model = parsed.model
        if model is None or parsed.broken & {"notional", "share"}:
            return None
        name = model.name or ""
        if model.notional is not None and model.share is not None:
            self.problems.add(f"{key}.share", "stands beside notional; keep one of the two", name=name)
            return None
        if model.share is not None:
            return self.around.equity * model.share
        if model.notional is None:
            reason = "is missing; write notional = 12_000, or share = 0.25 of equity"
            self.problems.add(f"{key}.notional", reason, name=name)
        return model.notional

    def _legs(self, parsed: Parsed[BasketModel], key: str) -> tuple[Leg, ...] | None:
        model = parsed.model
        if model is None:
            return None
        around, name = self.around, model.name or ""
        reader = LegReader(
            key=key,
            name=name,
            venue=around.venue,
            venues=around.venues,
            problems=self.problems,
            default=model.venue or "",
        )
        if model.venue is not None:
            reader.check_venue(f"{key}.venue", model.venue)
        if "assets" in parsed.broken:
            return None
        legs = reader.read(model.assets)
        self._check_count(model, key)
        return legs

    def _check_leverage(self, model: BasketModel, legs: tuple[Leg, ...], key: str) -> None:
        around = self.around
        markets = {(around.venues[leg.venue] if leg.venue else around.venue).market for leg in legs}
        if model.leverage > 1 and markets == {MarketKind.SPOT}:
            reason = (
                f'{model.leverage:g} cannot be had on market = "spot": nothing is borrowed there; delete the key, or '
                'use market = "swap"'
            )
            self.problems.add(f"{key}.leverage", reason, name=model.name or "")

    def _check_count(self, model: BasketModel, key: str) -> None:
        name, count, place = model.name or "", len(model.assets), f"{key}.assets"
        if count < 2:
            self.problems.add(place, f"holds {count}; a basket needs at least two assets", name=name)
        elif count > REFUSE_ABOVE and not model.allow_large:
            reason = (
                f"holds {count}; above {REFUSE_ABOVE} a basket is refused (correlation does the diversifying, not the "
                "count): take some out, or write allow_large = true"
            )
            self.problems.add(place, reason, name=name)
        elif count > WARN_ABOVE:
            pairs = count * (count - 1) // 2
            self.warnings.append(
                f"{place} ({name}): holds {count} assets, {pairs} pairs; above {WARN_ABOVE} costs grow faster than "
                "diversification"
            )


def _basket(model: BasketModel, legs: tuple[Leg, ...], notional: Decimal) -> Basket:
    return Basket(
        name=BasketName(model.name or ""),
        thesis=model.thesis,
        legs=legs,
        notional=notional,
        leverage=model.leverage,
        decision=model.decision,
        on_no_answer=model.on_no_answer,
        no_answer_after_ms=model.no_answer_after,
        share=None if model.share is None else float(model.share),
    )


def check_symbols(baskets: Sequence[tuple[str, Basket]], problems: Problems) -> None:
    """Judge the baskets beside each other: one symbol per asset, one asset per symbol."""
    symbols: dict[Asset, tuple[Symbol, BasketName]] = {}
    assets: dict[Symbol, Asset] = {}
    for key, basket in baskets:
        for index, leg in enumerate(basket.legs):
            symbol, owner = symbols.setdefault(leg.asset, (leg.symbol, basket.name))
            other = assets.setdefault(leg.symbol, leg.asset)
            place = f"{key}.assets[{index}].symbol"
            if symbol != leg.symbol:
                reason = f'{leg.asset} is "{leg.symbol}" here and "{symbol}" in {owner}; an asset has one symbol'
                problems.add(place, reason, name=basket.name)
            elif other != leg.asset:
                reason = f'"{leg.symbol}" is both {other} and {leg.asset}; one market is one asset'
                problems.add(place, reason, name=basket.name)
