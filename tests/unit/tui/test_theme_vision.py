"""Color themes through other eyes: what must be told apart stays apart under three color vision deficiencies."""

import numpy as np
import pytest

from support.color_vision import Vision, delta_e, distance
from tui.cockpit import theme as themes
from tui.cockpit.color import contrast, of_index
from tui.cockpit.ink import FILLS, Ramp, Role
from tui.cockpit.theme import ColorSystem, Theme

# xterm's own palette: the sixteen colors are the user's to choose, this is the one that can be measured.
XTERM = (
    *("#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5"),
    *("#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"),
)
EVERYBODY = tuple(Vision)
MADE_FOR = {
    "redgreen": (Vision.NORMAL, Vision.PROTAN, Vision.DEUTAN),
    "blueyellow": (Vision.NORMAL, Vision.TRITAN),
}
CASES = [(name, system) for name in themes.names() for system in (ColorSystem.TRUE, ColorSystem.X256)]


def seen(value: str | int) -> str:
    """Return a theme's color value as hex."""
    if isinstance(value, int):
        return XTERM[value] if value < 16 else of_index(value)
    return "#000000" if value == "default" else value


def apart(theme: Theme, one: Role, other: Role, vision: Vision) -> float:
    """Return the distance of two roles."""
    return distance(seen(theme.value(one)), seen(theme.value(other)), vision)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_distance_is_the_published_one(one: tuple[float, ...], other: tuple[float, ...], expected: float) -> None:
    assert delta_e(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("name", "system"), CASES, ids=str)
def test_gain_and_loss_are_told_apart_by_everybody_and_best_by_whom_the_theme_is_for(
    name: str, system: ColorSystem
) -> None:
    theme = themes.load(name, system)
    for vision in EVERYBODY:
        audience = vision in MADE_FOR.get(name, EVERYBODY)
        assert apart(theme, Role.GAIN, Role.LOSS, vision) >= (35 if audience else 10), vision


@pytest.mark.parametrize(("name", "system"), CASES, ids=str)
def test_alert_levels_are_told_apart_by_everybody(name: str, system: ColorSystem) -> None:
    theme = themes.load(name, system)
    for vision in EVERYBODY:
        if theme.system is not ColorSystem.X16:  # there both are yellow: watch is text, an alert a filled strip
            assert apart(theme, Role.WATCH, Role.ALERT, vision) >= 12, vision
        assert apart(theme, Role.ALERT, Role.LIVE, vision) >= 15, vision
        assert apart(theme, Role.LOSS, Role.ALERT, vision) >= 8, vision
        assert apart(theme, Role.DIM, Role.WATCH, vision) >= 7, vision


@pytest.mark.parametrize(("name", "system"), CASES, ids=str)
def test_the_ends_of_a_heat_ramp_never_look_alike(name: str, system: ColorSystem) -> None:
    theme = themes.load(name, system)
    for ramp in Ramp:
        top = theme.levels(ramp)
        for vision in EVERYBODY:
            low, high = (seen(theme.heat(ramp, level)[0]) for level in (-top, top))
            assert distance(low, high, vision) >= 25, (ramp, vision)


@pytest.mark.parametrize(("name", "system"), CASES, ids=str)
def test_the_sign_of_a_strong_cell_is_seen_at_every_level(name: str, system: ColorSystem) -> None:
    theme = themes.load(name, system)
    first = 2 if theme.system is not ColorSystem.X16 else 3  # below, sixteen colors paint the number, not the cell
    for ramp in Ramp:
        for level in range(first, theme.levels(ramp) + 1):
            for vision in EVERYBODY:
                minus, plus = (seen(theme.heat(ramp, sign * level)[0]) for sign in (-1, 1))
                assert distance(minus, plus, vision) >= 11, (ramp, level, vision)


def test_sixteen_colors_are_readable_on_the_palette_that_can_be_measured() -> None:
    theme = themes.load("ansi16", ColorSystem.TRUE)
    assert theme.system is ColorSystem.X16
    for role in (Role.DIM, Role.ACCENT, Role.GAIN, Role.LOSS, Role.STALE, Role.WATCH, Role.ALERT_INK):
        assert contrast(seen(theme.value(role)), seen(theme.value(Role.PANEL))) >= 4.5, role
    for fill in FILLS:
        assert contrast(seen(theme.ink(fill)), seen(theme.value(fill))) >= 4.5, fill
    assert themes.load("ansi16", ColorSystem.MONO).system is ColorSystem.MONO
