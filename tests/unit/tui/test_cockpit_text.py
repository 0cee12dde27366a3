"""Numbers as strings: the forms of LOOK 3, undefined as a dash, columns that never overflow."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.units import HOUR_MS, MINUTE_MS, parse_iso
from tui.cockpit import text
from tui.cockpit.glyphs import ASCII, UNICODE, Glyphs, clean, for_terminal

G = UNICODE
NAN = math.nan


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (88104.5, "88,104.5"),
        (3012.4, "3,012.4"),
        (141.22, "141.22"),
        (14.318, "14.318"),
        (1.8842, "1.8842"),
        (0.2711, "0.2711"),
        (0.00001234, ".00001234"),
        (0.0042, ".004200"),
        (1_234_567.8, "1,234,568"),
        (0.0, "0"),
        (NAN, "–"),
    ],
)
def test_a_price_has_the_decimals_of_its_size(value: float, said: str) -> None:
    assert text.price(G, value) == said


@pytest.mark.parametrize(
    ("fraction", "said"),
    [(0.012, "▲+1.20%"), (-0.0621, "▼−6.21%"), (-0.103, "▼−10.3%"), (1.234, "▲+123%"), (0.0, "+0.00%"), (NAN, "–")],
)
def test_a_change_has_arrow_and_sign(fraction: float, said: str) -> None:
    assert text.change(G, fraction) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.91, ".91"), (-0.12, "−.12"), (1.0, "1.00"), (0.0, ".00"), (-0.001, ".00"), (NAN, "–")]
)
def test_rho_has_no_zero_in_front(value: float, said: str) -> None:
    assert text.rho(G, value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.17, "+.17"), (-0.04, "−.04"), (0.0, "+.00"), (-0.001, "+.00"), (NAN, "–")]
)
def test_delta_is_always_signed(value: float, said: str) -> None:
    assert text.delta(G, value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (42_100, "42.1k"),
        (400, "0.4k"),
        (99_960, "100k"),
        (1_250_000, "1.25M"),
        (12_500_000, "12.5M"),
        (NAN, "–"),
        (999_600, "1.00M"),
        (3e9, "3.00B"),
    ],
)
def test_money_is_short(value: float, said: str) -> None:
    assert text.money(G, value) == said


def test_signed_money_has_its_sign_and_zero_is_plus() -> None:
    assert text.money(G, 84_100, signed=True) == "+84.1k"
    assert text.money(G, -400, signed=True) == "−0.4k"
    assert text.money(G, -3, signed=True) == "+0.0k"
    assert text.money_full(G, 50_214.2) == "50,214"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.3, ".3s"),
        (0.0, ".0s"),
        (0.99, "1s"),
        (42.2, "42s"),
        (59.7, "1m00"),
        (112, "1m52"),
        (720, "12m"),
        (3 * 3600 + 300, "3h05"),
        (200_000, "2d"),
        (NAN, "–"),
    ],
)
def test_an_age_has_at_most_four_columns(seconds: float, said: str) -> None:
    assert text.age(G, seconds) == said
    assert len(said) <= 4


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (8 * MINUTE_MS + 12_000, "8:12"),
        (2 * HOUR_MS + 11 * MINUTE_MS, "2h11m"),
        (-5, "due"),
        (NAN, "–"),
        (59 * MINUTE_MS + 59_999, "59:59"),
    ],
)
def test_a_countdown_says_minutes_and_seconds_or_hours_and_minutes(ms: float, said: str) -> None:
    assert text.countdown(G, ms) == said


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (42_000, "42 s"),
        (15 * MINUTE_MS, "15 m"),
        (3 * HOUR_MS + 41 * MINUTE_MS, "3 h 41"),
        (11 * HOUR_MS, "11 h"),
        (50 * HOUR_MS, "2 d"),
        (-5, "0 s"),
    ],
)
def test_the_feed_says_how_long_ago(ms: int, said: str) -> None:
    assert text.ago(ms) == said


def test_times_are_utc() -> None:
    at = parse_iso("2022-11-08T03:41:07Z")
    assert (text.clock(at), text.hour_minute(at), text.date(at)) == ("03:41:07Z", "03:41", "2022-11-08")
    assert text.every(4 * HOUR_MS) == "4h"
    assert text.every(15 * MINUTE_MS) == "15m"
    assert text.speed(G, 600.0) == "×600"
    assert text.spoken(112.4) == "1 m 52 s"


@given(st.floats(min_value=1e-9, max_value=9_999_999))
def test_every_price_fits_its_nine_columns_and_reads_back(value: float) -> None:
    said = text.price(G, value)
    assert len(said) <= 9
    assert float(said.replace(",", "")) == pytest.approx(value, rel=6e-3)


@given(st.floats(min_value=-0.99, max_value=9.99))
def test_every_change_fits_seven_columns_and_keeps_its_sign(fraction: float) -> None:
    said = text.change(G, fraction)
    assert len(said) <= 7
    number = float(said.strip("▲▼%").replace("−", "-"))
    assert number == pytest.approx(fraction * 100, abs=0.51)


@given(st.floats(min_value=0, max_value=9.99e11))
def test_unsigned_money_fits_five_columns(value: float) -> None:
    assert len(text.money(G, value)) <= 5


@given(st.floats(min_value=-1e6, max_value=1e6) | st.just(NAN))
def test_the_ascii_set_prints_ascii(value: float) -> None:
    said = [text.price(ASCII, abs(value)), text.change(ASCII, value), text.rho(ASCII, value), text.delta(ASCII, value)]
    assert all(part.isascii() for part in (*said, text.money(ASCII, value, signed=True), text.factor(ASCII, value)))


def test_both_glyph_sets_are_one_column_a_character_and_complete() -> None:
    for name in Glyphs.__dataclass_fields__:
        one, other = getattr(UNICODE, name), getattr(ASCII, name)
        if isinstance(one, str):
            assert len(one) == len(other), name
            assert other.isascii(), name


@pytest.mark.parametrize(
    ("environ", "ascii_only", "expected"),
    [
        ({"LANG": "en_US.UTF-8"}, False, UNICODE),
        ({"LANG": "en_US.UTF-8"}, True, ASCII),
        ({"LANG": "ja_JP.UTF-8"}, False, ASCII),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, False, ASCII),
        ({"LANG": "de_DE.ISO-8859-1"}, False, ASCII),
        ({}, False, UNICODE),
    ],
)
def test_a_terminal_that_would_draw_shapes_wide_gets_ascii(
    environ: dict[str, str], ascii_only: bool, expected: Glyphs
) -> None:
    assert for_terminal(environ, ascii_only=ascii_only) is expected


def test_text_from_outside_is_cleaned_to_one_column_a_character() -> None:
    assert clean("a\x1b[31mb") == "a?[31mb"
    assert clean("日本") == "??"
    assert clean("café") == "café"


def test_a_name_that_does_not_fit_keeps_its_coin_and_says_that_it_is_of_another_venue() -> None:
    names = [text.name(UNICODE, each, 6) for each in ("ETH", "ETH@ok", "ETH@binance", "1000PEPE", "SHIBAX@okx")]
    assert names == ["ETH", "ETH@ok", "ETH@", "1000P…", "SHIBA…"]
