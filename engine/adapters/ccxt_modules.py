"""Owns how much of ccxt is imported: its base and the venues that are used, not all hundred and more of them.

ccxt's packages import every venue in their `__init__`, which takes half a second of a start and sixty megabytes. Here
that is put off: a venue's own module is imported, and the `__init__` runs, as ever, at the first name that is missing.
Nothing of ccxt is changed, and where somebody has imported it already nothing is put off.
"""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

POLLING, STREAMING = "ccxt.async_support", "ccxt.pro"
_HOMES = ("ccxt.base.errors", "ccxt.base.exchange")  # where the names live that its modules take from `ccxt` itself
_LOADING = RLock()


def speaks(package: str, venue_id: str) -> bool:
    """Return True where a package of ccxt has this venue; imports nothing."""
    return venue_id in {path.stem for path in _folder(package).glob("[a-z]*.py")}


def venue_class(package: str, venue_id: str) -> type[Any]:
    """Return ccxt's class for a venue that the package `speaks`."""
    for name in ("ccxt", POLLING, STREAMING):
        _put_off(name)
    if package == STREAMING:
        venue_class(POLLING, venue_id)  # the streaming class asks its package for it by name
    found: type[Any] = getattr(import_module(f"{package}.{venue_id}"), venue_id)
    return found


class _PutOff(ModuleType):
    """A package whose `__init__` has not run yet."""

    def __setattr__(self, name: str, value: object) -> None:
        """Keep a venue's class under its name, not its module: so does the `__init__`."""
        super().__setattr__(name, vars(value).get(name, value) if isinstance(value, ModuleType) else value)

    def __getattr__(self, name: str) -> Any:
        if self.__name__ == "ccxt":
            for home in _HOMES:
                if name in vars(import_module(home)):
                    return vars(sys.modules[home])[name]
        with _LOADING:
            if self.__class__ is _PutOff:
                super().__setattr__("__class__", ModuleType)
                spec = self.__spec__
                assert spec is not None
                assert spec.loader is not None
                spec.loader.exec_module(self)
        return getattr(self, name)


def _put_off(name: str) -> None:
    if name in sys.modules:
        return
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module = module_from_spec(spec)
    module.__class__ = _PutOff
    sys.modules[name] = module
    parent, _, own = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own, module)


def _folder(package: str) -> Path:
    spec = find_spec("ccxt")  # the package of all: the name of a part of it would import the whole
    if spec is None or spec.origin is None:
        return Path()
    return Path(spec.origin).parent / package.partition(".")[2]
