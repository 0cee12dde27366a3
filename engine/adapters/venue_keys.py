"""Owns where the keys of a venue come from: environment, an encrypted file, or the system's keyring. Never the config.

Keys live in one object that prints as nothing, and are told to the redaction before anybody else sees them. A file that
others can read is refused. They go to the trading client alone.
"""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from engine.adapters.redaction import remember_secrets
from engine.domain.errors import RefusedError

PASSPHRASE_VARIABLE = "DRIFTDECK_KEYS_PASSPHRASE"
VERSION = 1  # of the file; one without a number is of this version
_SCRYPT = {"n": 2**15, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueKeys:
    """A key of a venue; `passphrase` is the venue's own, where it has one. Never printed."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)


def read_keys(venue: str, *, environ: Mapping[str, str], file: Path) -> VenueKeys:
    """Return the keys of a venue, from the first place that has them. Raises RefusedError with what to do."""
    found = _from_environment(venue, environ) or _from_file(venue, environ, file) or _from_keyring(venue)
    if found is None:
        name = _variable(venue)
        raise RefusedError(
            f"no key for {venue}: 'driftdeck credentials set {venue}' keeps one, encrypted; or set {name}_KEY and "
            f"{name}_SECRET"
        )
    remember_secrets(found.key, found.secret, found.passphrase)
    return found


def write_keys(venue: str, keys: VenueKeys, *, file: Path, passphrase: str) -> None:
    """Put keys into the encrypted file, beside those of other venues. Raises RefusedError."""
    kept = _opened(file, passphrase) if file.exists() else {}
    kept[venue] = {"key": keys.key, "secret": keys.secret, "passphrase": keys.passphrase}
    _write(file, kept, passphrase)


def forget_keys(venue: str, *, file: Path, passphrase: str) -> bool:
    """Take a venue's keys out of the file; return whether there were any. Raises RefusedError."""
    kept = _opened(file, passphrase) if file.exists() else {}
    if kept.pop(venue, None) is None:
        return False
    _write(file, kept, passphrase)
    return True


def kept_venues(file: Path, passphrase: str) -> tuple[str, ...]:
    """Return the venues that the file has keys of. Raises RefusedError."""
    return tuple(sorted(_opened(file, passphrase))) if file.exists() else ()


def refuse_open_file(file: Path) -> None:
    """Refuse a file of secrets that others own or can read. Raises RefusedError."""
    found = file.stat()
    if found.st_uid != os.getuid():
        raise RefusedError(f"{file} belongs to somebody else: keys are read from your own files only")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise RefusedError(
            f"{file} can be read by others: 'chmod 600 {file}', and better make new keys: these may be known"
        )


def _variable(venue: str) -> str:
    return f"DRIFTDECK_{venue.upper()}"


def _from_environment(venue: str, environ: Mapping[str, str]) -> VenueKeys | None:
    name = _variable(venue)
    key, secret = environ.get(f"{name}_KEY", ""), environ.get(f"{name}_SECRET", "")
    if bool(key) != bool(secret):
        raise RefusedError(f"{name}_KEY and {name}_SECRET go together: one of them is not set")
    return VenueKeys(key=key, secret=secret, passphrase=environ.get(f"{name}_PASSPHRASE", "")) if key else None


def _from_file(venue: str, environ: Mapping[str, str], file: Path) -> VenueKeys | None:
    if not file.exists():
        return None
    passphrase = environ.get(PASSPHRASE_VARIABLE, "")
    if not passphrase:
        refuse_open_file(file)
        raise RefusedError(f"{file} is encrypted: set {PASSPHRASE_VARIABLE} where the engine starts")
    entry = _opened(file, passphrase).get(venue)
    return VenueKeys(**entry) if entry is not None else None


def _from_keyring(venue: str) -> VenueKeys | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        text = keyring.get_password("driftdeck", venue)
    except KeyringError:
        return None  # a box without a desktop has none
    return VenueKeys(**json.loads(text)) if text else None


def _opened(file: Path, passphrase: str) -> dict[str, dict[str, str]]:
    refuse_open_file(file)
    try:
        told = json.loads(file.read_text(encoding="ascii"))
        if told.get("version", 1) != VERSION:
            raise RefusedError(f"{file} was written by another driftdeck (version {told['version']}): update driftdeck")
        salt, nonce, sealed = (bytes.fromhex(told[part]) for part in ("salt", "nonce", "sealed"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(
            f"{file} is no file of keys ({type(error).__name__}): move it away and set them anew"
        ) from error
    try:
        opened: dict[str, dict[str, str]] = json.loads(AESGCM(_derived(passphrase, salt)).decrypt(nonce, sealed, None))
    except InvalidTag:
        raise RefusedError(f"{file} does not open with this passphrase") from None
    return opened


def _write(file: Path, kept: Mapping[str, Mapping[str, str]], passphrase: str) -> None:
    if len(passphrase) < 8:
        raise RefusedError("a passphrase needs at least 8 characters")
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_derived(passphrase, salt)).encrypt(nonce, json.dumps(kept).encode(), None)
    text = json.dumps({"version": VERSION, "salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()})
    fresh = file.with_suffix(".new")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)  # one that was left over keeps its own mode, or leads elsewhere
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(text)
    fresh.replace(file)


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase.encode())
