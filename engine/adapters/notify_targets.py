"""Owns where messages go: apprise URLs and a heartbeat's address, which hold tokens. Never from the config.

From the environment, a file that nobody else can read, or the system's keyring: the first place that has any. All of
them are told to the redaction before anybody else sees them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from engine.adapters.redaction import remember_secrets
from engine.adapters.venue_keys import refuse_open_file
from engine.domain.errors import RefusedError

URLS_VARIABLE = "DRIFTDECK_NOTIFY"
HEARTBEAT_VARIABLE = "DRIFTDECK_HEARTBEAT"
TOKEN_LENGTH = 8  # shorter parts of an address are words, not tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Where to: none, one or many. Never printed; `source` says where they were found."""

    urls: tuple[str, ...] = field(default=(), repr=False)
    heartbeat: str = field(default="", repr=False)
    source: str = ""


def read_targets(*, environ: Mapping[str, str], file: Path) -> Targets:
    """Return where messages go. Raises RefusedError where the file is open to others or the address is none."""
    urls = tuple(environ.get(URLS_VARIABLE, "").split())
    heartbeat = environ.get(HEARTBEAT_VARIABLE, "").strip()
    found = Targets(urls=urls, heartbeat=heartbeat, source="the environment")
    if not (urls or heartbeat):
        found = _from_file(file) or _from_keyring() or Targets()
    if found.heartbeat and urlsplit(found.heartbeat).scheme not in ("http", "https"):
        raise RefusedError(f"the heartbeat of {found.source} is no http address: write https://...")
    for address in (*found.urls, found.heartbeat):
        remember_secrets(address, *_tokens(address))
    return found


def _tokens(address: str) -> list[str]:
    """Return the parts of an address that may be a token: user, password, long parts of path and query."""
    parts = urlsplit(address)
    pieces = [parts.username or "", parts.password or "", *parts.path.split("/")]
    pieces += [value for pair in parts.query.split("&") for value in pair.split("=")[1:]]
    if parts.scheme not in ("http", "https", "json", "jsons"):
        pieces.append(parts.hostname or "")  # tgram://TOKEN/chat: what stands where a host would is none
    pieces += [unquote(piece) for piece in pieces]
    return [piece for piece in pieces if len(piece) >= TOKEN_LENGTH]


def _parsed(lines: list[str], source: str) -> Targets:
    urls, heartbeat = [], ""
    for line in lines:
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        if word.startswith("heartbeat "):
            heartbeat = word.removeprefix("heartbeat ").strip()
        else:
            urls.append(word)
    return Targets(urls=tuple(urls), heartbeat=heartbeat, source=source)


def _from_file(file: Path) -> Targets | None:
    if not file.exists():
        return None
    refuse_open_file(file)
    try:
        return _parsed(file.read_text(encoding="utf-8").splitlines(), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"{file} cannot be read ({type(error).__name__}): one address per line, UTF-8") from None


def _from_keyring() -> Targets | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        text = keyring.get_password("driftdeck", "notify")
    except KeyringError:
        return None  # a box without a desktop has none
    return _parsed(text.splitlines(), "the keyring") if text else None
