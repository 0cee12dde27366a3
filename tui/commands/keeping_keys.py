"""Owns `driftdeck credentials`: a key of a venue typed without echo, kept encrypted, never printed."""

import getpass
import os
import sys

from engine.adapters.paths import keys_file
from engine.adapters.venue_keys import PASSPHRASE_VARIABLE, VenueKeys, forget_keys, kept_venues, write_keys
from engine.domain.errors import RefusedError
from tui.commands.output import say


def keep(venue: str) -> None:
    """Ask for key and secret and write them. Raises RefusedError."""
    key = _asked(f"key of {venue}")
    secret = _asked("secret")
    passphrase = _asked("passphrase of the key, if the venue has one (else enter)", empty=True)
    word = _passphrase("passphrase of the file (at least 8 characters)")
    typed = sys.stdin.isatty() and not os.environ.get(PASSPHRASE_VARIABLE)
    new = typed and not keys_file().exists()  # a file that is there tells by itself whether the word is right
    if new and _asked("the same once more", empty=True) != word:
        raise RefusedError("the two passphrases differ: nothing was changed")
    write_keys(venue, VenueKeys(key=key, secret=secret, passphrase=passphrase), file=keys_file(), passphrase=word)
    say(f"kept, encrypted, in {keys_file()}; the engine needs {PASSPHRASE_VARIABLE} to open it")


def show() -> None:
    """Print of which venues keys are kept. Raises RefusedError."""
    found = kept_venues(keys_file(), _passphrase("passphrase of the file")) if keys_file().exists() else ()
    print(*(found or ("no keys are kept",)), sep="\n")


def forget(venue: str) -> None:
    """Take a venue's keys out. Raises RefusedError."""
    if not keys_file().exists() or not forget_keys(venue, file=keys_file(), passphrase=_passphrase("passphrase")):
        raise RefusedError(f"no keys of {venue} are kept in {keys_file()}")
    say(f"the keys of {venue} are gone; revoke them at the venue too where they may be known")


def _passphrase(prompt: str) -> str:
    return os.environ.get(PASSPHRASE_VARIABLE) or _asked(prompt)


def _asked(prompt: str, *, empty: bool = False) -> str:
    """Ask without echo on a terminal; else take a line. Raises RefusedError for nothing."""
    typed = getpass.getpass(f"{prompt}: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not typed.strip() and not empty:
        raise RefusedError("nothing was given: nothing was changed")
    return typed.strip()
