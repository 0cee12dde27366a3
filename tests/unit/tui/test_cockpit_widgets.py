"""What the two widgets send: runs of changed columns, few style changes, and nothing that did not change."""

import io
import random

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from textual.app import App, ComposeResult

from engine.domain.units import Ms
from tui.cockpit import theme as themes
from tui.cockpit.ages import AgeBook, FeedClock, step_of
from tui.cockpit.ink import DIM, TEXT, Heat, Line, Paint, Ramp, Role, between, crop, pad, width
from tui.cockpit.theme import ColorSystem
from tui.cockpit.widgets.heat_grid import HeatGrid
from tui.cockpit.widgets.lean_paint import _Writer
from tui.cockpit.widgets.live_grid import LiveGrid, changed_runs

THEME = themes.load("graphite", ColorSystem.TRUE)
LOSS = Paint(Role.LOSS)


def line(text: str, paint: Paint = TEXT) -> Line:
    """Return a line of one paint."""
    return ((text, paint),)


def test_equal_lines_send_nothing() -> None:
    assert changed_runs(line("abc"), line("abc")) == []
    assert changed_runs((("ab", TEXT), ("c", TEXT)), line("abc")) == []


def test_only_the_changed_columns_are_sent_and_near_runs_together() -> None:
    assert changed_runs(line("ETH 3,012.4 ok"), line("ETH 3,015.4 ok")) == [(8, 9)]
    assert changed_runs(line("1" + "." * 6 + "1"), line("2" + "." * 6 + "2")) == [(0, 8)]
    assert changed_runs(line("1" + "." * 30 + "1"), line("2" + "." * 30 + "2")) == [(0, 1), (31, 32)]


def test_another_ink_is_a_change_but_not_under_a_blank() -> None:
    assert changed_runs(line("ab", TEXT), line("ab", DIM)) == [(0, 2)]
    assert changed_runs(line("  ", TEXT), line("  ", DIM)) == []
    assert changed_runs(line("  ", TEXT), line("  ", TEXT.on(Role.RAISED))) == [(0, 2)]


@given(st.text("ab ", max_size=30), st.text("ab ", max_size=30))
def test_sending_the_runs_turns_one_line_into_the_other(old: str, new: str) -> None:
    columns = max(len(old), len(new))
    before, after = old.ljust(columns), new.ljust(columns)
    cells = list(before)
    for start, end in changed_runs(line(before), line(after)):
        cells[start:end] = after[start:end]
    assert "".join(cells) == after


class Bench(App[None]):
    """One grid of a given kind."""

    CSS = "LiveGrid { width: 40; height: 6; }"

    def __init__(self, grid: LiveGrid) -> None:
        super().__init__(ansi_color=True)
        self.grid = grid

    def compose(self) -> ComposeResult:
        yield self.grid


async def test_a_grid_repaints_only_the_rows_that_changed() -> None:
    grid = LiveGrid(THEME)
    app = Bench(grid)
    async with app.run_test(size=(40, 6)) as pilot:
        rows = [line(f"row {number}") for number in range(6)]
        assert grid.show(rows) == 6
        await pilot.pause()
        assert grid.show(list(rows)) == 0
        rows[2] = line("row x")
        assert grid.show(rows) == 1
        await pilot.pause()
        assert [grid.render_line(y).text.rstrip() for y in range(6)][2] == "row x"
        assert grid.show(rows, frozen=True) == 6


async def test_equal_heat_cells_share_one_segment() -> None:
    grid = HeatGrid(THEME)
    app = Bench(grid)
    async with app.run_test(size=(40, 6)) as pilot:
        cell = (" +.16 ", Heat(Ramp.DELTA, 3, bold=True))
        other = (" +.01 ", Heat(Ramp.DELTA, 0, bold=True))
        grid.show([(cell, other, cell), (cell,)])
        await pilot.pause()
        first, second = grid.render_line(0), grid.render_line(1)
        assert first._segments[0] is second._segments[0]


@pytest.mark.parametrize("seed", range(5))
def test_the_lean_writer_paints_exactly_what_whole_styles_would(seed: int) -> None:
    draw = random.Random(seed)
    paints = [TEXT, DIM, LOSS, Paint(bold=True), Paint(Role.INK, Role.ALERT, bold=True), TEXT.on(Role.RAISED)]
    grid = LiveGrid(THEME)
    whole, lean = io.StringIO(), _Writer()
    console = Console(file=whole, force_terminal=True, color_system="truecolor", width=60, legacy_windows=False)
    for y in range(10):
        words = tuple((draw.choice(["ab ", "   ", "x", "12 "]), draw.choice(paints)) for _ in range(12))
        strip = grid._strip(words)
        lean.move(0, y)
        lean.segments(strip)
        whole.write(f"\x1b[{y + 1};1H" + strip.render(console))
    screens = []
    for output in (whole.getvalue(), lean.done()):
        screen = pyte.Screen(60, 12)
        pyte.Stream(screen).feed(output)
        screens.append(screen)
    shown = [[[_look(screen.buffer[y][x]) for x in range(60)] for y in range(10)] for screen in screens]
    assert shown[0] == shown[1]
    assert len(lean.done()) < len(whole.getvalue())


def _look(cell: pyte.screens.Char) -> tuple[object, ...]:
    ink = ("", False) if cell.data == " " and not cell.reverse else (cell.fg, cell.bold)
    return (cell.data, cell.bg, cell.reverse, *ink)


def test_lines_are_cut_and_filled_to_exact_widths() -> None:
    words: Line = (("drift ", DIM), ("feed", TEXT))
    assert width(words) == 10
    assert "".join(part for part, _ in crop(words, 8, "…")) == "drift f…"
    assert "".join(part for part, _ in pad(words, 12)) == "drift feed  "
    assert "".join(part for part, _ in between(words, [("42", TEXT)], 14)) == "drift feed  42"
    assert "".join(part for part, _ in between(words, [("42", TEXT)], 8)) == "drift 42"


def test_an_age_is_held_until_its_row_changes_or_it_enters_another_step() -> None:
    ages = AgeBook()
    assert ages.shown("ETH", "3,012.4", 0.3) == 0.3
    assert ages.shown("ETH", "3,012.4", 4.2) == 0.3
    assert ages.shown("ETH", "3,013.0", 4.4) == 4.4
    assert ages.shown("ETH", "3,013.0", 5.1) == 5.1
    ages.forget()
    assert ages.shown("ETH", "3,013.0", 6.0) == 6.0


def test_the_stale_limit_is_a_step_of_its_own() -> None:
    assert step_of(14.9) != step_of(15.0)
    assert step_of(float("nan")) == -1
    assert len({step_of(seconds) for seconds in (1, 6, 11, 16, 21, 26, 31, 41, 599, 601, 661)}) == 11


def test_the_feeds_ages_move_seldom_but_keep_up_with_a_fast_market() -> None:
    clock = FeedClock()
    clock.move(0.0, Ms(0), 1)
    clock.move(5.0, Ms(5_000), 1)
    assert clock.shown == 0
    clock.move(25.0, Ms(90_000), 1)
    assert clock.shown == 90_000
    clock.move(28.0, Ms(30 * 60_000), 1)  # 600 times as fast: half an hour in three seconds
    assert clock.shown == 30 * 60_000
    clock.move(28.1, Ms(30 * 60_000 + 1), 2)
    assert clock.shown == 30 * 60_000 + 1
