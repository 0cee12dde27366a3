"""Owns where things live on this machine: the config file, the state directory, the socket, the trader's themes.

Stays light (the cockpit's start passes here): stdlib only, platformdirs on first need. Never writes a file; makes
private directories and refuses those that are not ours.
"""

import os
import stat
from pathlib import Path

from engine.domain.errors import StoreError

APP = "driftdeck"
CONFIG_VARIABLE = "DRIFTDECK_CONFIG"
STATE_VARIABLE = "DRIFTDECK_STATE"
SOCKET_NAME = "engine.sock"
# Not TMPDIR and not XDG_RUNTIME_DIR: an engine started by systemd and a client in an SSH session have others, and the
# latter goes when its user logs out. The folder inside is ours alone (0700, owner checked).
SHORT_PLACE = Path("/tmp")
LONGEST_SOCKET_PATH = 100  # AF_UNIX holds 108 bytes on Linux and 104 on macOS, the closing zero included


def config_path(chosen: Path | None = None) -> Path:
    """Return the config file: `chosen`, else $DRIFTDECK_CONFIG, else the platform's place."""
    return _resolved(chosen, CONFIG_VARIABLE) or _platform_config_dir() / "config.toml"


def state_dir(chosen: Path | None = None) -> Path:
    """Return the state directory: `chosen`, else $DRIFTDECK_STATE, else the platform's place. Creates nothing."""
    found = _resolved(chosen, STATE_VARIABLE)
    if found is not None:
        return found
    import platformdirs

    return platformdirs.user_state_path(APP, appauthor=False)


def keys_file() -> Path:
    """Return the encrypted file of keys, beside the config; it need not exist."""
    return _platform_config_dir() / "keys.json"


def notify_file() -> Path:
    """Return the file of the addresses that messages go to, beside the config; it need not exist."""
    return _platform_config_dir() / "notify.urls"


def user_themes_dir() -> Path:
    """Return the folder of the trader's own basket themes; it need not exist."""
    return _platform_config_dir() / "themes" / "baskets"


def user_colors_dir() -> Path:
    """Return the folder of the trader's own color themes; it need not exist."""
    return _platform_config_dir() / "themes" / "colors"


def user_keys_file() -> Path:
    """Return the file of the trader's own keys; it need not exist."""
    return _platform_config_dir() / "keys.toml"


def prepare_state_dir(path: Path) -> Path:
    """Return `path` as an existing private directory (0700) of this user. Raises StoreError."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = path.resolve(strict=True)
    except FileExistsError:
        raise StoreError(f"the state directory {path} is a file; choose another with --state") from None
    except NotADirectoryError:
        raise StoreError(f"the state directory {path} lies below a file; choose another with --state") from None
    except OSError as error:
        raise StoreError(f"the state directory {path} cannot be made ({error.strerror}); choose another") from None
    _refuse_shared(path)
    return _made_private(path, "state directory", "choose another with --state")


def socket_path(state: Path) -> Path:
    """Return the engine's socket for a state directory; where that path is too long, a hashed one in a private folder.

    Engine and clients get the same answer for the same directory. Raises StoreError where no short place is safe.
    """
    direct = state.resolve() / SOCKET_NAME
    if len(os.fsencode(direct)) <= LONGEST_SOCKET_PATH:
        return direct
    import hashlib

    digest = hashlib.sha256(os.fsencode(direct)).hexdigest()[:20]
    base = SHORT_PLACE / f"{APP}-{os.getuid()}"
    try:
        base.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the path of {direct} is too long for a socket and {base} cannot be made ({error.strerror}); "
            "use a shorter --state"
        ) from error
    return _made_private(base, "socket directory", "use a shorter --state") / f"{digest}.sock"


def _resolved(chosen: Path | None, variable: str) -> Path | None:
    """Return the absolute path that was given by argument or environment."""
    given = chosen or (Path(value) if (value := os.environ.get(variable)) else None)
    return Path(os.path.abspath(given.expanduser())) if given else None  # noqa: PTH100  (absolute() keeps "..")


def _platform_config_dir() -> Path:
    import platformdirs

    return platformdirs.user_config_path(APP, appauthor=False)


def _refuse_shared(path: Path) -> None:
    """Places that others use must not become 0700."""
    if path in {Path(path.anchor), Path.home().resolve()} or path.stat().st_mode & stat.S_ISVTX:
        raise StoreError(f"{path} is not a place for a state directory (others use it); choose a folder inside it")


def _made_private(path: Path, what: str, advice: str) -> Path:
    """Return `path` after making it 0700; refuse what is no directory, not ours or not writable."""
    try:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise StoreError(f"the {what} {path} is not a directory; {advice}")
        if found.st_uid != os.getuid():
            raise StoreError(f"the {what} {path} belongs to another user; {advice}")
        if stat.S_IMODE(found.st_mode) & 0o777 != 0o700:
            path.chmod(0o700)
    except OSError as error:
        raise StoreError(f"the {what} {path} cannot be made private ({error.strerror}); {advice}") from None
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise StoreError(f"the {what} {path} is not writable; {advice}")
    return path
