"""Owns the refusal of keys in plain files: finds what looks like a secret and takes it out before anyone reads on.

Never returns, stores or prints a value: a finding is a key path and a reason. What is left of the table goes to the
config adapter, so that no later message can repeat a secret.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.adapters.config_problems import join_key

WHERE_KEYS_LIVE = (
    "keys never stand in this file; delete it here (and revoke it if the file was shared) and use the OS keyring, "
    "DRIFTDECK_<VENUE>_KEY / _SECRET / _PASSPHRASE, or the encrypted key file"
)

_SECRET_NAMES = re.compile(
    r"api_?key|secret|pass_?phrase|passw(or)?d|private_?key|mnemonic|seed_?phrase|access_?key|credential|(^|_)token"
    r"|(^|_)keys?$|(^|_)pwd$|(^|_)uid$"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX = re.compile(r"(0x)?[0-9a-fA-F]{32,}")
_DENSE = re.compile(r"[A-Za-z0-9+/=]{16,}")
# Free text and file names may look dense without being keys.
_NEVER_SECRET = frozenset({"thesis", "identity", "ca_file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFound:
    """One place of a file where a secret stands; never the secret itself."""

    key: str
    reason: str


def take_out_secrets(table: Mapping[str, object]) -> tuple[dict[str, object], tuple[SecretFound, ...]]:
    """Return `table` without whatever looks like a secret, and where that was."""
    found: list[SecretFound] = []
    return _cleaned_table(table, "", found), tuple(found)


def _cleaned_table(table: Mapping[str, object], prefix: str, found: list[SecretFound]) -> dict[str, object]:
    cleaned: dict[str, object] = {}
    for name, value in table.items():
        key = join_key(prefix, name)
        normal = re.sub(r"[^a-z0-9]+", "_", name.lower())
        if _SECRET_NAMES.search(normal) and not isinstance(value, Mapping):
            found.append(SecretFound(key=key, reason=f"looks like a key or secret by its name: {WHERE_KEYS_LIVE}"))
        elif normal in _NEVER_SECRET and isinstance(value, str) and "-----BEGIN" not in value:
            cleaned[name] = value
        elif (kept := _cleaned(value, key, found)) is not None:
            cleaned[name] = kept
    return cleaned


def _cleaned(value: object, key: str, found: list[SecretFound]) -> object | None:
    """Return `value` without secrets, None where it is one itself."""
    if isinstance(value, Mapping):
        return _cleaned_table(value, key, found)
    if isinstance(value, list):
        items = (_cleaned(item, f"{key}[{index}]", found) for index, item in enumerate(value))
        return [item for item in items if item is not None]
    if isinstance(value, str) and looks_secret(value):
        found.append(SecretFound(key=key, reason=f"its value looks like a key or secret: {WHERE_KEYS_LIVE}"))
        return None
    return value


def looks_secret(text: str) -> bool:
    """Return True where `text` has the form of an exchange key, a UUID passphrase, a PEM block or a login in a URL."""
    if "-----BEGIN" in text or re.search(r"://[^/\s]*@", text):
        return True
    if _UUID.fullmatch(text) or _HEX.fullmatch(text):
        return True
    if not _DENSE.fullmatch(text):
        return False
    digits = sum(char.isdigit() for char in text)
    mixed = any(char.islower() for char in text) and any(char.isupper() for char in text)
    return digits >= 3 and (mixed or len(text) >= 24)
