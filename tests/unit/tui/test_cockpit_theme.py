"""Color themes: complete, readable, exactly the designed values per color system."""

import re

import pytest
from rich.color import ColorType
from rich.style import Style

from engine.domain.errors import ConfigError
from tui.cockpit import theme as themes
from tui.cockpit.color import contrast, grey, luminance, of_index, readable
from tui.cockpit.ink import FILLS, Heat, Paint, Ramp, Role, badge
from tui.cockpit.theme import EDGES, ColorSystem, Theme, system_of

NAMES = ("ansi16", "blueyellow", "contrast", "daylight", "graphite", "redgreen")
MEASURED = tuple(name for name in NAMES if name != "ansi16")  # its colors are the terminal's own
TEXT_ROLES = (Role.TEXT, Role.DIM, Role.ACCENT, Role.GAIN, Role.LOSS, Role.STALE, Role.WATCH, Role.ALERT_INK)
# LOOK 6 measured loss and stale on bg and panel; on a raised strip (day P&L, "engine gone") they reach 4.2 to 4.6.
GROUNDS = (Role.BG, Role.PANEL, Role.RAISED)
DESIGNED = (ColorSystem.TRUE, ColorSystem.X256)


def rgb(value: str | int) -> str:
    """Return a color value as hex."""
    return of_index(value) if isinstance(value, int) else value


@pytest.fixture(params=[(name, system) for name in NAMES for system in ColorSystem], ids=str)
def theme(request: pytest.FixtureRequest) -> Theme:
    """Return every theme in every color system."""
    name, system = request.param
    return themes.load(name, system)


def test_the_shipped_themes_are_listed_and_an_unknown_one_names_them() -> None:
    assert themes.names() == NAMES
    with pytest.raises(ConfigError, match="no color theme 'neon': the themes are ansi16, blueyellow, contrast"):
        themes.load("neon", ColorSystem.TRUE)


def test_every_role_has_a_style(theme: Theme) -> None:
    for role in Role:
        if role is Role.INK:
            continue
        for frozen in (False, True):
            style = theme.style(badge(role) if role in FILLS else Paint(role), frozen=frozen)
            assert style.color is not None
            assert style.bgcolor is not None


def test_every_level_of_every_ramp_has_a_style_of_this_system(theme: Theme) -> None:
    wanted = {
        ColorSystem.TRUE: {ColorType.TRUECOLOR},
        ColorSystem.X256: {ColorType.EIGHT_BIT},
        ColorSystem.X16: {ColorType.STANDARD, ColorType.DEFAULT},
        ColorSystem.MONO: {ColorType.DEFAULT},
    }[theme.system]
    for ramp in Ramp:
        for level in range(-theme.levels(ramp), theme.levels(ramp) + 1):
            style = theme.style(Heat(ramp, level, bold=True))
            assert style.color is not None
            assert style.bgcolor is not None
            assert {style.color.type, style.bgcolor.type} <= wanted


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("system", DESIGNED)
def test_text_is_readable_on_every_ground(name: str, system: ColorSystem) -> None:
    theme = themes.load(name, system)
    for role in TEXT_ROLES:
        for ground in GROUNDS:
            floor = 4.15 if ground is Role.RAISED and role in (Role.LOSS, Role.STALE) else 4.5
            assert contrast(rgb(theme.value(role)), rgb(theme.value(ground))) >= floor, (role, ground)
    for fill in FILLS:
        assert contrast(rgb(theme.ink(fill)), rgb(theme.value(fill))) >= 4.5, fill


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("system", DESIGNED)
def test_numbers_are_readable_in_every_heat_cell(name: str, system: ColorSystem) -> None:
    theme = themes.load(name, system)
    for ramp in Ramp:
        seen = set()
        for level in range(-theme.levels(ramp), theme.levels(ramp) + 1):
            bg, fg = theme.heat(ramp, level)
            assert contrast(rgb(bg), rgb(fg)) >= 4.5, (ramp, level)
            seen.add(bg)
        assert len(seen) == 2 * theme.levels(ramp) + 1


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("system", DESIGNED)
def test_a_keycap_is_readable_and_a_veil_leaves_less_contrast_than_there_was(name: str, system: ColorSystem) -> None:
    theme = themes.load(name, system)
    assert contrast(rgb(theme.ink(Role.TEXT)), rgb(theme.value(Role.TEXT))) >= 4.5
    for paint in (Paint(), badge(Role.ALERT), Heat(Ramp.DELTA, theme.levels(Ramp.DELTA))):
        plain, veiled = theme.style(paint), theme.style(paint, veiled=True)
        assert contrast(*_pair_of(veiled)) < contrast(*_pair_of(plain))
        assert veiled.bgcolor is not None
        ground = contrast(veiled.bgcolor.get_truecolor().hex, rgb(theme.value(Role.BG)))
        assert ground < 2.5  # no fill shines through


def _pair_of(style: Style) -> tuple[str, str]:
    assert style.color is not None
    assert style.bgcolor is not None
    return style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex


@pytest.mark.parametrize("name", MEASURED)
def test_a_frozen_screen_is_grey_and_still_readable(name: str) -> None:
    theme = themes.load(name, ColorSystem.TRUE)
    paints = [Paint(role, ground) for role in TEXT_ROLES if role is not Role.STALE for ground in GROUNDS]
    heats = [Heat(ramp, level) for ramp in Ramp for level in range(-10, 11)]
    every: list[Paint | Heat] = [*paints, *heats, *(badge(fill) for fill in FILLS)]
    for paint in every:
        style = theme.style(paint, frozen=True)
        assert style.color is not None
        assert style.bgcolor is not None
        for color in (style.color, style.bgcolor):
            red, green, blue = color.get_truecolor()
            assert max(red, green, blue) - min(red, green, blue) <= 1, paint
        assert contrast(style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex) >= 4.5, paint


@pytest.mark.parametrize(
    ("ramp", "system", "value", "level"),
    [
        (Ramp.DELTA, ColorSystem.TRUE, 0.15, 3),
        (Ramp.DELTA, ColorSystem.TRUE, 0.1499, 2),
        (Ramp.DELTA, ColorSystem.TRUE, 0.15000000596, 3),  # .15 as a float32
        (Ramp.DELTA, ColorSystem.TRUE, 0.1499999940, 3),
        (Ramp.DELTA, ColorSystem.TRUE, -0.15, -3),
        (Ramp.DELTA, ColorSystem.TRUE, 0.9, 10),
        (Ramp.DELTA, ColorSystem.TRUE, 0.0499, 0),
        (Ramp.DELTA, ColorSystem.X256, 0.15, 3),
        (Ramp.DELTA, ColorSystem.X256, 0.40, 6),
        (Ramp.DELTA, ColorSystem.X16, 0.15, 2),
        (Ramp.RHO, ColorSystem.TRUE, 0.9, 9),
        (Ramp.RHO, ColorSystem.TRUE, 0.6, 6),
        (Ramp.RHO, ColorSystem.TRUE, -1.0, -10),
        (Ramp.RHO, ColorSystem.X256, 0.6, 4),
        (Ramp.RHO, ColorSystem.MONO, 0.9, 3),
    ],
)
def test_a_rules_limit_is_a_step_of_the_ramp(ramp: Ramp, system: ColorSystem, value: float, level: int) -> None:
    assert themes.load("graphite", system).level(ramp, value) == level


def test_the_edges_hold_the_rules_limits_in_every_system() -> None:
    for system in ColorSystem:
        assert 0.15 in EDGES[Ramp.DELTA, system]
        assert {0.6, 0.9} <= set(EDGES[Ramp.RHO, system])


def test_the_values_are_the_designed_ones() -> None:
    true, few = themes.load("graphite", ColorSystem.TRUE), themes.load("daylight", ColorSystem.X256)
    assert true.value(Role.BG) == "#0b0d11"
    assert (true.value(Role.ALERT), true.ink(Role.ALERT)) == ("#ffb01f", "#16100a")
    assert true.heat(Ramp.DELTA, 4)[0] == "#a15a30"
    assert true.heat(Ramp.RHO, -10) == ("#b0ec89", "#080a0d")
    assert few.heat(Ramp.DELTA, -6) == (25, 231)
    assert few.heat(Ramp.DELTA, 6) == (124, 231)
    sixteen = themes.load("graphite", ColorSystem.X16)
    assert sixteen.heat(Ramp.RHO, 2) == (5, 15)
    assert sixteen.heat(Ramp.DELTA, -1) == ("default", 14)


@pytest.mark.parametrize("name", themes.names())
@pytest.mark.parametrize("system", [ColorSystem.TRUE, ColorSystem.X256, ColorSystem.X16])
def test_where_red_is_up_gain_and_loss_change_their_colors_and_nothing_else_does(
    name: str, system: ColorSystem
) -> None:
    plain, turned = themes.load(name, system), themes.load(name, system, red_up=True)
    assert turned.value(Role.GAIN) == plain.value(Role.LOSS) != turned.value(Role.LOSS)
    assert turned.value(Role.LOSS) == plain.value(Role.GAIN)
    others = [role for role in Role if role not in (Role.GAIN, Role.LOSS, Role.INK)]
    assert [turned.value(role) for role in others] == [plain.value(role) for role in others]


def test_without_color_the_glyph_says_the_level_and_never_both_signs_alike() -> None:
    mono = themes.load("graphite", ColorSystem.MONO)
    for ramp in Ramp:
        glyphs = [mono.glyph(ramp, level) for level in range(-3, 4)]
        assert glyphs == ["━", "╍", "╌", "·", "░", "▒", "▓"]
    strong = mono.style(Heat(Ramp.DELTA, 3, bold=True))
    assert strong.reverse
    assert strong.bold
    assert themes.load("graphite", ColorSystem.X16).glyph(Ramp.DELTA, 3) == ""


@pytest.mark.parametrize(
    ("environ", "system"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, ColorSystem.TRUE),
        ({"TERM": "tmux-256color"}, ColorSystem.X256),
        ({"TERM": "xterm-direct"}, ColorSystem.TRUE),
        ({"TERM": "screen"}, ColorSystem.X16),
        ({"TERM": "linux"}, ColorSystem.X16),
        ({"TERM": "vt220"}, ColorSystem.MONO),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, ColorSystem.MONO),
        ({}, ColorSystem.MONO),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, ColorSystem.MONO),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, ColorSystem.X256),
    ],
)
def test_the_color_system_comes_from_the_environment(environ: dict[str, str], system: ColorSystem) -> None:
    assert system_of(environ) is system


def test_grey_keeps_the_lightness_and_readable_keeps_the_contrast() -> None:
    for color in ("#ee5450", "#72d2f2", "#0b0d11", "#ffb01f"):
        assert re.fullmatch(r"#([0-9a-f]{2})\1\1", grey(color))
        assert luminance(grey(color)) == pytest.approx(luminance(color), abs=0.004)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast(readable("#808080", "#7f7f7f", 0.5), "#7f7f7f") >= 4.5
