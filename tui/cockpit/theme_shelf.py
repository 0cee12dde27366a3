"""Owns which color themes there are: the shipped ones and the trader's own files, checked, and read again when saved.

A file of one's own has the shape of `themes/colors/graphite.toml` (or of `ansi16.toml`, with `only`); what does not fit
is refused with the place and the reason, and changes nothing. Never paints: the app puts a theme on.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from engine.domain.errors import ConfigError
from tui.cockpit import theme
from tui.cockpit.theme import ColorSystem, Theme

_KINDS = {
    "a color such as #72d2f2": re.compile(r"#[0-9a-fA-F]{6}"),
    "background/foreground such as 5/15 or d/7": re.compile(r"(d|1[0-5]|\d)/(d|1[0-5]|\d)"),
    "L and D, one a level": re.compile(r"[LD]{3,}"),
}


class ThemeShelf:
    """The themes for one color system; `folder` holds the trader's own, `red_up` is the convention of all."""

    def __init__(self, folder: Path | None, system: ColorSystem, *, red_up: bool = False) -> None:
        self._folder = folder
        self._system = system
        self._red_up = red_up
        self._saved: dict[str, int] = {}

    def names(self) -> tuple[str, ...]:
        """Return the shipped themes, then the trader's own."""
        own = self._folder.glob("*.toml") if self._folder is not None else ()
        return (*theme.names(), *sorted({path.stem for path in own} - set(theme.names())))

    def load(self, name: str) -> Theme:
        """Return a theme. Raises ConfigError with what is wrong with its file, or with the names there are."""
        if name in theme.names():
            return theme.load(name, self._system, red_up=self._red_up)
        if name not in self.names():
            raise ConfigError(f"there is no color theme '{name}': the themes are {', '.join(self.names())}")
        path = self._path(name)
        self._saved[name] = self._time(path)
        return Theme({**read_theme(path), "name": name}, self._system, red_up=self._red_up)

    def renewed(self, name: str) -> Theme | None:
        """Return the trader's own theme `name` if its file was saved since it was read last. Raises ConfigError."""
        if name not in self._saved or self._time(self._path(name)) in (self._saved[name], 0):
            return None
        return self.load(name)

    def _path(self, name: str) -> Path:
        return (self._folder or Path()) / f"{name}.toml"

    def _time(self, path: Path) -> int:
        """Return when the file was saved; 0 while it is not there, as in the middle of being saved."""
        try:
            return path.stat().st_mtime_ns
        except OSError:
            return 0


def read_theme(path: Path) -> dict[str, Any]:
    """Return a checked theme file. Raises ConfigError with file, place and reason."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"color theme {path.name}: {error}") from error
    misfit = _misfit(theme.table("ansi16" if "only" in given else "graphite"), given, "")
    if misfit:
        raise ConfigError(f"color theme {path.name}: {misfit}")
    return given


def _misfit(model: object, given: object, where: str) -> str:
    """Return the first place where `given` has not the shape of `model`, and why; empty where it fits."""
    if isinstance(model, dict) and isinstance(given, dict):
        strange = [key for key in given if key not in model]
        missing = [key for key in model if key not in given and (where or key != "name")]  # the file's name serves
        if strange or missing:
            at = f"{where}.{(strange or missing)[0]}".lstrip(".")
            return f"{at} is {'not known' if strange else 'missing'}"
        found = (_misfit(model[key], given[key], f"{where}.{key}".lstrip(".")) for key in given)
        return next((said for said in found if said), "")
    if isinstance(model, list) and isinstance(given, list):
        if len(model) != len(given):
            return f"{where} has {len(given)} values and needs {len(model)}"
        found = (_misfit(*pair, where) for pair in zip(model, given, strict=True))
        return next((said for said in found if said), "")
    return _wrong_value(model, given, where)


def _wrong_value(model: object, given: object, where: str) -> str:
    if isinstance(model, bool) or isinstance(given, bool):
        return "" if type(model) is type(given) else f"{where} takes true or false where graphite.toml does, only there"
    if isinstance(model, int) or model == "default":
        fits = given == "default" or (isinstance(given, int) and 0 <= given <= 255)
        return "" if fits else f'{where} must be a color number from 0 to 255, or "default", not {given!r}'
    if not isinstance(given, str) or not isinstance(model, str):
        return f"{where} has not the shape it has in graphite.toml"
    for said, kind in _KINDS.items():
        if kind.fullmatch(model):
            same = len(model) == len(given) or said.startswith("background")
            return "" if kind.fullmatch(given) and same else f"{where} must be {said}, not {given!r}"
    if where == "only" and given != model:
        return f"only must be {model}"
    return "" if where in ("name", "only") or len(given) == 1 else f"{where} must be one character, not {given!r}"
