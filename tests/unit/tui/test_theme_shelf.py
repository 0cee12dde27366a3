"""The trader's own color themes: found beside the shipped ones, refused with the reason, read again when saved."""

import os
from importlib.resources import files
from pathlib import Path

import pytest

from engine.domain.errors import ConfigError
from tui.cockpit import theme as themes
from tui.cockpit.ink import Role
from tui.cockpit.theme import ColorSystem
from tui.cockpit.theme_shelf import ThemeShelf

GRAPHITE = (files("themes") / "colors" / "graphite.toml").read_text(encoding="utf-8")


def save(folder: Path, text: str, *, at_s: int = 1) -> None:
    """Save the theme `mine`, at a time of its own."""
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at_s, at_s))


def test_an_own_theme_stands_after_the_shipped_ones_under_its_files_name(tmp_path: Path) -> None:
    save(tmp_path, GRAPHITE.replace("#72d2f2", "#00ff00"))
    shelf = ThemeShelf(tmp_path, ColorSystem.TRUE)
    assert shelf.names() == (*themes.names(), "mine")
    mine = shelf.load("mine")
    assert (mine.name, mine.value(Role.GAIN)) == ("mine", "#00ff00")


def test_a_shipped_theme_is_not_replaced_by_a_file_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "graphite.toml").write_text("nonsense", encoding="utf-8")
    shelf = ThemeShelf(tmp_path, ColorSystem.TRUE)
    assert shelf.names() == themes.names()
    assert shelf.load("graphite").value(Role.BG) == "#0b0d11"


def test_a_folder_that_is_not_there_has_no_themes(tmp_path: Path) -> None:
    assert ThemeShelf(tmp_path / "none", ColorSystem.TRUE).names() == themes.names()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"#72d2f2"', '"sky"', "roles.gain must be a color such as #72d2f2, not 'sky'"),
        ("117, 14]", "999, 14]", "roles.gain must be a color number from 0 to 255"),
        ("gain =", "profit =", "roles.profit is not known"),
        ("gain =", "# gain =", "roles.gain is missing"),
        ('["#72d2f2", 117, 14]', '["#72d2f2", 117]', "roles.gain has 2 values and needs 3"),
        ('"10/0", "2/0"', '"16/0", "2/0"', "ramps.rho.x16.minus must be background/foreground"),
        ("DDDDDLLLLLLLLLLLLDDDD", "DDDDD", "ramps.rho.true.text must be L and D, one a level"),
        ("dark = true", 'dark = "yes"', "dark takes true or false"),
        ('["━", "╍", "╌"]', '["━━", "╍", "╌"]', "ramps.rho.mono.minus must be one character"),
        ("[roles]", "[roles", "Expected"),
    ],
)
def test_a_bad_file_is_refused_with_the_place_and_the_reason(tmp_path: Path, old: str, new: str, why: str) -> None:
    assert old in GRAPHITE
    save(tmp_path, GRAPHITE.replace(old, new, 1))
    with pytest.raises(ConfigError) as refusal:
        ThemeShelf(tmp_path, ColorSystem.TRUE).load("mine")
    assert "color theme mine.toml: " in str(refusal.value)
    assert why in str(refusal.value)


def test_an_own_theme_is_read_again_once_after_it_was_saved(tmp_path: Path) -> None:
    save(tmp_path, GRAPHITE)
    shelf = ThemeShelf(tmp_path, ColorSystem.TRUE)
    shelf.load("mine")
    assert shelf.renewed("mine") is None
    save(tmp_path, GRAPHITE.replace("#72d2f2", "#00ff00"), at_s=2)
    again = shelf.renewed("mine")
    assert again is not None
    assert again.value(Role.GAIN) == "#00ff00"
    assert shelf.renewed("mine") is None
    save(tmp_path, "broken", at_s=3)
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        shelf.renewed("mine")
    assert shelf.renewed("mine") is None  # said once
    (tmp_path / "mine.toml").unlink()
    assert shelf.renewed("mine") is None
    assert shelf.renewed("graphite") is None
