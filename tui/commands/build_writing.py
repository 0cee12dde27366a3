"""Owns the way of a ranked basket into the config: the preview, the question, the writing; comments and order stay.

Nothing is written before the whole file with the basket in it has been read as a config. Ranks nothing.
"""

import os
import tempfile
from pathlib import Path

import tomlkit

from engine.adapters.config_file import load_config
from engine.domain.errors import ConfigError, RefusedError, StoreError
from tui.commands.basket_toml import basket_table
from tui.commands.build_text import Built
from tui.commands.output import say
from tui.commands.question import refuse_unattended, says_yes


def write_basket(path: Path, name: str, built: Built, *, pick: int, expect: str, yes: bool) -> None:
    """Put a basket into the config after a yes. Raises ConfigError, RefusedError, StoreError."""
    baskets = built.ranking.baskets
    if not 1 <= pick <= len(baskets):
        raise ConfigError(f"--pick {pick}: there are {len(baskets)} baskets")
    picked = baskets[pick - 1]
    assets = (*picked.assets, *((picked.hedge.asset,) if picked.hedge else ()))
    if expect and tuple(expect.split(",")) != assets:
        raise RefusedError(f"place {pick} is now {','.join(assets)}, not {expect}: rank again and choose")
    if name in {basket.name for basket in load_config(path).config.baskets}:
        raise RefusedError(f"{path} has a basket {name} already: choose another name")
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    table = basket_table(name, picked, built.shape, built.trading.notional)
    document.setdefault("basket", tomlkit.aot()).append(table)
    text = tomlkit.dumps(document)
    load_config(path, text=text)
    say(f"this goes into {path}:\n\n[[basket]]\n{table.as_string()}")
    if not yes:
        refuse_unattended("writing the config")
        if not says_yes("write it?"):
            say("nothing was written")
            return
    _replace(path, text)
    say(f"{name} is in {path}; 'driftdeck check' judges it, a restart of the engine takes it up")


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all, as private as it was. Raises StoreError."""
    path = path.resolve()
    try:
        descriptor, new = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(new).chmod(path.stat().st_mode & 0o777)
        Path(new).replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; check the folder") from error
