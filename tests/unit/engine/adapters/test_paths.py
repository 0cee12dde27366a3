"""Where things live: arguments before environment before platform, private directories, short sockets."""

import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

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
    for name in ("DRIFTDECK_CONFIG", "DRIFTDECK_STATE", "XDG_RUNTIME_DIR"):
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


@pytest.mark.parametrize("runtime", [True, False])
def test_a_long_state_directory_gets_a_short_private_socket_that_binds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, runtime: bool
) -> None:
    state = prepare_state_dir(tmp_path / ("deep" * 15) / ("deeper" * 15))
    with tempfile.TemporaryDirectory(prefix="dd") as folder:
        base = Path(folder)
        if runtime:
            monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        found = socket_path(state)
        assert found == socket_path(state)
        assert found.parent == base / ("driftdeck" if runtime else f"driftdeck-{os.getuid()}")
        assert mode(found.parent) == 0o700
        assert len(os.fsencode(found)) <= LONGEST_SOCKET_PATH
        assert found != socket_path(prepare_state_dir(state / "other"))
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(found))
        assert found.is_socket()


def test_a_runtime_folder_that_is_a_link_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = prepare_state_dir(tmp_path / ("deep" * 15) / ("deeper" * 15))
    with tempfile.TemporaryDirectory(prefix="dd") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        (Path(folder) / f"driftdeck-{os.getuid()}").symlink_to(tmp_path)
        with pytest.raises(StoreError, match="is not a directory; set XDG_RUNTIME_DIR"):
            socket_path(state)


def test_where_every_place_is_too_long_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = prepare_state_dir(tmp_path / ("deep" * 15) / ("deeper" * 15))
    monkeypatch.setattr(tempfile, "tempdir", str(state))
    with pytest.raises(StoreError, match="shorter --state"):
        socket_path(state)


def test_importing_it_costs_nothing_heavy() -> None:
    code = "import sys, engine.adapters.paths; print(sorted({'numpy','pydantic','pandas','ccxt'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
