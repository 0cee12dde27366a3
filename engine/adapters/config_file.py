"""Owns the reading of the config file: TOML text in, one validated `Config` and its warnings out, or every mistake.

Never prints, never writes and never repeats a secret. What each value must be stands in `config_model`, how values
fit together in `config_checks` and `config_baskets`; defaults are those of `engine.domain.config`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from engine.adapters.config_baskets import BasketReader, Surroundings, check_symbols
from engine.adapters.config_checks import (
    book_warnings,
    check_notify,
    check_rules,
    check_simulation,
    check_sizing,
    check_venue,
)
from engine.adapters.config_model import SECTIONS, TABLES, BasketModel, VenueModel
from engine.adapters.config_problems import Problems, parse, shown, unknown_key
from engine.adapters.paths import user_themes_dir
from engine.adapters.secrets_guard import take_out_secrets
from engine.domain.basket import Basket
from engine.domain.config import Config, SizingConfig, VenueConfig
from engine.domain.errors import ConfigError
from engine.domain.units import BasketName

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Part = TypeVar("Part", bound=DataclassInstance)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfig:
    """A config without mistakes, and what the trader should know about it all the same."""

    config: Config
    warnings: tuple[str, ...] = ()


def load_config(path: Path, *, themes_dir: Path | None = None, text: str | None = None) -> LoadedConfig:
    """Return the config at `path`. Raises ConfigError with every mistake at once.

    `themes_dir` is the trader's own folder of basket themes (the platform's by default). `text` is read instead of the
    file, whose name messages keep.
    """
    table, secrets = take_out_secrets(_read(path, text))
    problems = Problems(path)
    for secret in secrets:
        problems.add(secret.key, secret.reason)
    elsewhere = _homes()
    for name in sorted(table.keys() - set(TABLES)):
        problems.add(name, unknown_key(name, TABLES, elsewhere))
    config = _sections(table, problems, elsewhere)
    warnings: list[str] = []
    around = Surroundings(
        venue=config.venue,
        venues=dict(config.venues),
        equity=config.account.equity,
        themes_dir=user_themes_dir() if themes_dir is None else themes_dir,
        elsewhere=elsewhere,
    )
    reader = BasketReader(around=around, problems=problems, warnings=warnings)
    config = _with_baskets(config, table.get("basket", []), reader)
    problems.raise_any()
    return LoadedConfig(config=config, warnings=(*warnings, *book_warnings(config)))


def _read(path: Path, text: str | None) -> dict[str, object]:
    """Return the file's raw tables; decimals stay exact."""
    try:
        written = path.read_text(encoding="utf-8-sig") if text is None else text
        return tomllib.loads(written, parse_float=Decimal)
    except FileNotFoundError:
        raise ConfigError(f"there is no config file at {path}; `driftdeck init` writes one") from None
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).partition(" (at ")
        place = where.rstrip(")") or "an unknown place"
        raise ConfigError(f"{path}: {place}: not valid TOML: {_no_quotes(what)}; mend that line") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); check the path and its permissions") from None


def _no_quotes(what: str) -> str:
    """Return the parser's sentence without what it quotes from the file: that could be a key."""
    return re.sub(r"'[^']{3,}'", "a text", what)


def _homes() -> dict[str, Sequence[str]]:
    """Return the tables each key may stand in, for keys found in the wrong one."""
    homes: dict[str, list[str]] = {}
    for section, model in SECTIONS.items():
        for name in model.model_fields:
            homes.setdefault(name, []).append(f"[{section}]")
    for name in BasketModel.model_fields.keys() - homes.keys():
        homes[name] = ["[[basket]]"]
    return dict(homes)


def _sections(table: Mapping[str, object], problems: Problems, elsewhere: dict[str, Sequence[str]]) -> Config:
    """Return the config without baskets; a key with a mistake keeps its default, to judge the rest."""
    parsed = {
        section: parse(model, table[section], key=section, problems=problems, elsewhere=elsewhere)
        for section, model in SECTIONS.items()
        if section in table
    }
    models = {section: found.model for section, found in parsed.items()}
    blank = Config()
    config = replace(
        blank,
        venue=_venue(models.get("venue")),
        account=_given(blank.account, models.get("account")),
        rules=_given(blank.rules, models.get("rules")),
        sizing=_given(blank.sizing, models.get("sizing")),
        limits=_given(blank.limits, models.get("limits")),
        simulation=_given(blank.simulation, models.get("simulation")),
        notify=_given(blank.notify, models.get("notify")),
        venues=_venues(table.get("venues", {}), problems, elsewhere),
    )
    broken = {f"{section}.{name}" for section, found in parsed.items() for name in found.broken}
    check_venue(config.venue, "venue", problems)
    for name, venue in config.venues:
        check_venue(venue, f"venues.{name}", problems)
    check_rules(config.rules, problems, broken)
    check_sizing(config.sizing, config.rules, "sizing", problems)
    if not broken & {"venue.proxy", "venue.mode"}:
        for venue in (config.venue, *dict(config.venues).values()):
            check_simulation(config.simulation, venue, problems)
    return config


def _venues(
    table: object, problems: Problems, elsewhere: dict[str, Sequence[str]]
) -> tuple[tuple[str, VenueConfig], ...]:
    if not isinstance(table, Mapping) or not all(isinstance(entry, Mapping) for entry in table.values()):
        problems.add("venues", "must hold tables with a name: write [venues.NAME]")
        return ()
    found = []
    for name, entry in table.items():
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name):
            problems.add("venues", f"{shown(name)} is not a name of up to 32 letters, digits, '-' or '_'")
        else:
            parsed = parse(VenueModel, entry, key=f"venues.{name}", problems=problems, elsewhere=elsewhere)
            found.append((name, _venue(parsed.model)))
    return tuple(found)


def _venue(model: BaseModel | None) -> VenueConfig:
    """Return the venue that `model` describes, its CA file as a full path."""
    venue = _given(VenueConfig(), model)
    return replace(venue, ca_file=str(Path(venue.ca_file).expanduser())) if venue.ca_file else venue


def _with_baskets(config: Config, tables: object, reader: BasketReader) -> Config:
    """Return `config` with its baskets and what they say about sizing."""
    if not isinstance(tables, list):
        reader.problems.add("basket", "must be a list of tables: write [[basket]], with two brackets")
        return config
    baskets: list[tuple[str, Basket]] = []
    sizing: list[tuple[BasketName, SizingConfig]] = []
    for index, table in enumerate(tables):
        key = f"basket[{index}]"
        built = reader.read(table, key)
        if built is None:
            continue
        basket, model = built
        baskets.append((key, basket))
        own = _given(config.sizing, model)
        if own != config.sizing:
            check_sizing(own, config.rules, key, reader.problems, name=basket.name)
            sizing.append((basket.name, own))
    check_symbols(baskets, reader.problems)
    check_notify(config.notify, [basket.name for _, basket in baskets], reader.problems)
    return replace(config, baskets=tuple(basket for _, basket in baskets), basket_sizing=tuple(sizing))


def _given(part: "Part", model: BaseModel | None) -> "Part":
    """Return `part` with the values that the file gave; what is written as a duration gains `_ms` in its name."""
    if model is None:
        return part
    given: dict[str, object] = {}
    for field in fields(part):
        key = field.name if field.name in type(model).model_fields else field.name.removesuffix("_ms")
        if key in model.model_fields_set:
            given[field.name] = getattr(model, key)
    return replace(part, **given)
