"""Where things live: arguments before environment before platform, private directories, short sockets."""

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters import paths
from engine.adapters.paths import (
    LONGEST_SOCKET_PATH,
    config_path,
    prepare_state_dir,
    socket_path,
    state_dir,
    user_themes_dir,
)
from engine.domain.errors import StoreError


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DRIFTDECK_CONFIG", "DRIFTDECK_STATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_argument_wins_over_the_environment_and_that_over_the_platform(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    platform_config, platform_state = config_path(), state_dir()
    assert platform_config.name == "config.toml"
    assert user_themes_dir() == platform_config.parent / "themes" / "baskets"
    monkeypatch.setenv("DRIFTDECK_CONFIG", str(tmp_path / "env.toml"))
    monkeypatch.setenv("DRIFTDECK_STATE", str(tmp_path / "env"))
    assert config_path() == tmp_path / "env.toml" != platform_config
    assert state_dir() == tmp_path / "env" != platform_state
    assert config_path(tmp_path / "arg.toml") == tmp_path / "arg.toml"
    assert state_dir(tmp_path / "arg") == tmp_path / "arg"


def test_a_relative_path_and_a_tilde_become_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert config_path(Path("a/../my.toml")) == tmp_path / "my.toml"
    assert state_dir(Path("~/deck")) == tmp_path / "home" / "deck"


def test_asking_for_paths_creates_nothing(tmp_path: Path) -> None:
    assert not state_dir().exists()
    assert not config_path().exists()
    assert list(tmp_path.iterdir()) == []


def test_the_state_directory_is_made_private_with_its_parents(tmp_path: Path) -> None:
    made = prepare_state_dir(tmp_path / "a" / "b")
    assert made == tmp_path / "a" / "b"
    assert mode(made) == 0o700


def test_an_open_directory_of_ours_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    assert mode(prepare_state_dir(tmp_path / "open")) == 0o700


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="is a file; choose another with --state"):
        prepare_state_dir(tmp_path / "file")
    with pytest.raises(StoreError, match="lies below a file"):
        prepare_state_dir(tmp_path / "file" / "state")


def test_places_that_others_use_are_refused_and_left_as_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    for place in (shared, home, Path("/")):
        before = mode(place)
        with pytest.raises(StoreError, match="choose a folder inside it"):
            prepare_state_dir(place)
        assert mode(place) == before


def test_a_directory_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    with pytest.raises(StoreError, match="belongs to another user"):
        prepare_state_dir(theirs)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_directory_below_a_read_only_one_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be made"):
        prepare_state_dir(tmp_path / "state")
    tmp_path.chmod(0o700)


def test_the_socket_lies_in_the_state_directory_where_its_path_is_short() -> None:
    with tempfile.TemporaryDirectory(prefix="dd") as folder:
        state = Path(folder).resolve()
        assert socket_path(state) == state / "engine.sock"


@pytest.fixture
def short_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a short name of its own instead of the system's."""
    with tempfile.TemporaryDirectory(prefix="dd", dir="/tmp") as folder:
        monkeypatch.setattr(paths, "SHORT_PLACE", Path(folder))
        yield Path(folder)


def long_state(tmp_path: Path) -> Path:
    return prepare_state_dir(tmp_path / ("deep" * 15) / ("deeper" * 15))


def test_a_long_state_directory_gets_a_short_private_socket_that_binds(tmp_path: Path, short_place: Path) -> None:
    state = long_state(tmp_path)
    found = socket_path(state)
    assert found == socket_path(state)
    assert found.parent == short_place / f"driftdeck-{os.getuid()}"
    assert mode(found.parent) == 0o700
    assert len(os.fsencode(found)) <= LONGEST_SOCKET_PATH
    assert found != socket_path(prepare_state_dir(state / "other"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(found))
    assert found.is_socket()


def test_engine_and_client_agree_whatever_their_environments_say(
    tmp_path: Path, short_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = long_state(tmp_path)
    found = socket_path(state)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert socket_path(state) == found
    assert found.is_relative_to(short_place)


def test_a_socket_folder_that_is_a_link_is_refused(tmp_path: Path, short_place: Path) -> None:
    state = long_state(tmp_path)
    (short_place / f"driftdeck-{os.getuid()}").symlink_to(tmp_path)
    with pytest.raises(StoreError, match="is not a directory; use a shorter --state"):
        socket_path(state)


def test_where_no_socket_folder_can_be_made_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = long_state(tmp_path)
    monkeypatch.setattr(paths, "SHORT_PLACE", tmp_path / "nowhere")
    with pytest.raises(StoreError, match="shorter --state"):
        socket_path(state)


def test_importing_it_costs_nothing_heavy() -> None:
    code = "import sys, engine.adapters.paths; print(sorted({'numpy','pydantic','pandas','ccxt'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
