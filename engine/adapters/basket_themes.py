"""Owns the market themes: finds basket tables by name among the starter themes and in the trader's own folder.

A theme file holds the keys of one [[basket]]; the trader's file of the same name wins. Never judges the content:
`config_baskets` does, with the file's own path in its messages.
"""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from engine.domain.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketTheme:
    """One theme as its file says it; `source` names the file in messages."""

    name: str
    source: Path
    table: dict[str, object]


def theme_files(user_dir: Path | None = None) -> dict[str, Traversable | Path]:
    """Return every theme's file by theme name, sorted; those in `user_dir` override the starters."""
    found: dict[str, Traversable | Path] = {}
    for entry in files("themes").joinpath("baskets").iterdir():
        if entry.name.endswith(".toml"):
            found[entry.name.removesuffix(".toml")] = entry
    if user_dir is not None and user_dir.is_dir():
        found |= {path.stem: path for path in user_dir.glob("*.toml")}
    return dict(sorted(found.items()))


def load_theme(name: str, user_dir: Path | None = None) -> BasketTheme | None:
    """Return the theme called `name`, None where there is no such file. Raises ConfigError where it is broken."""
    entry = theme_files(user_dir).get(name)
    if entry is None:
        return None
    source = Path(str(entry))
    try:
        table = tomllib.loads(entry.read_text(encoding="utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source} is not valid TOML: {error}; mend that line") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{source} cannot be read ({type(error).__name__}); check the file") from None
    return BasketTheme(name=name, source=source, table={"name": name, **table})
