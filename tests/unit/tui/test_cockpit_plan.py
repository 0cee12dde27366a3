"""The key table and the layouts."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cockpit.arrange import MOST_CARDS, plan
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.key_names import Action, Context
from tui.cockpit.keys import KEYS, label, row_for, rows
from tui.cockpit.layout import Form, Panel, Plan, Preset, Rect, form_of


@pytest.mark.parametrize("context", list(Context))
def test_no_key_means_two_things_in_one_context(context: Context) -> None:
    pressed = [key for row in rows(context) for key in row.keys]
    assert len(pressed) == len(set(pressed))


def test_every_action_has_a_key_and_every_row_its_words() -> None:
    assert {row.action for row in KEYS} == set(Action)
    assert all(row.label and row.short and row.help and row.contexts for row in KEYS)


def test_keys_need_no_alt_and_no_function_keys() -> None:
    plain = {"tab", "shift+tab", "enter", "escape", "question_mark", "slash", "colon", "backspace", "ctrl+c", "ctrl+q"}
    assert all(len(key) == 1 or key in plain for row in KEYS for key in row.keys)


ALERTS = {Action.ACKNOWLEDGE, Action.SNOOZE}
DRAFTS = {Action.REBALANCE, Action.OPEN, Action.CLOSE, Action.FLATTEN}
DECIDES = {Action.APPROVE, Action.HOLD, Action.LATER, Action.DROP_LEG}
EDITS = {Action.THREE_QUARTERS, Action.HALF, Action.QUARTER}
CONFIRMS = {Action.CONFIRM, Action.APPROVE}


def test_what_changes_the_engine_is_marked() -> None:
    marked = {row.action for row in KEYS if row.danger}
    assert marked == ALERTS | DRAFTS | DECIDES | EDITS | CONFIRMS | {Action.HALT, Action.NOTE_KEEP, Action.WRITE}


def test_the_key_that_confirms_is_never_the_one_that_opened() -> None:
    opening = {key for row in KEYS if row.action in ALERTS | DRAFTS | {Action.HALT, Action.REVIEW} for key in row.keys}
    assert {key for row in KEYS if row.action in CONFIRMS for key in row.keys} == {"y"}
    assert "y" not in opening


def test_enter_never_confirms() -> None:
    assert [found.action for place in (Context.CONFIRM, Context.REVIEW) if (found := row_for("enter", place))] == [
        Action.CANCEL,
        Action.CLOSE_REVIEW,
    ]


def test_a_key_means_what_the_table_says_in_its_context() -> None:
    enters = {
        Context.COCKPIT: Action.DETAIL,
        Context.REVIEW: Action.CLOSE_REVIEW,
        Context.NOTE: Action.NOTE_KEEP,
        Context.PALETTE: Action.PALETTE_RUN,
        Context.CONFIRM: Action.CANCEL,
        Context.FILTER: Action.FILTER_KEEP,
        Context.GONE: Action.RETRY,
    }
    assert {context: row.action for context in enters if (row := row_for("enter", context))} == enters
    assert row_for("q", Context.FILTER) is None
    assert label(rows(Context.GONE)[1], UNICODE) == "↵"


@pytest.mark.parametrize(
    ("size", "form"),
    [
        ((79, 24), Form.TINY),
        ((80, 23), Form.TINY),
        ((80, 24), Form.STACK),
        ((99, 60), Form.STACK),
        ((200, 35), Form.STACK),
        ((100, 36), Form.NORMAL),
        ((179, 60), Form.NORMAL),
        ((200, 49), Form.NORMAL),
        ((180, 50), Form.WIDE),
    ],
)
def test_the_form_follows_the_breakpoints(size: tuple[int, int], form: Form) -> None:
    assert form_of(*size) is form


def test_120x40_is_the_designed_one() -> None:
    panels = plan(120, 40).panels
    assert panels["card0"] == Rect(0, 3, 38, 8)
    assert panels["card3"] == Rect(39, 12, 38, 8)
    assert panels["heat_head"] == Rect(78, 3, 42, 1)
    assert panels["pairs"] == Rect(78, 19, 42, 10)
    assert panels["feed"] == Rect(0, 30, 120, 9)
    assert panels["keys"] == Rect(0, 39, 120, 1)


def test_80x24_is_the_designed_one() -> None:
    panels = plan(80, 24).panels
    assert panels["list"] == Rect(0, 3, 39, 8)
    assert panels["heat_head"] == Rect(40, 3, 40, 1)
    assert panels["basket"] == Rect(0, 12, 80, 6)
    assert panels["feed"] == Rect(0, 18, 80, 5)


def test_200x60_is_the_designed_one() -> None:
    panels = plan(200, 60).panels
    assert panels["card2"] == Rect(98, 3, 48, 9)
    assert panels["card3"] == Rect(0, 13, 48, 9)
    assert panels["chart"] == Rect(0, 23, 146, 18)
    assert panels["heat_head"] == Rect(147, 3, 53, 1)
    assert panels["feed"] == Rect(0, 42, 146, 17)
    assert panels["book"] == Rect(147, 42, 53, 17)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize("preset", list(Preset))
def test_every_preset_shows_baskets_and_feed_and_fills_the_last_row(size: tuple[int, int], preset: Preset) -> None:
    found = plan(*size, preset=preset)
    assert {Panel.BASKETS, Panel.FEED} <= set(found.shown)
    assert (Panel.WAITING in found.shown) is (preset is Preset.ALERTS)
    assert max(rect.y + rect.height for name, rect in found.panels.items() if name != "keys") == size[1] - 1


@pytest.mark.parametrize("panel", list(Panel))
def test_a_zoomed_panel_has_the_screen_for_itself(panel: Panel) -> None:
    for size in ((80, 24), (120, 40), (200, 60)):
        assert panel in plan(*size, zoomed=panel).shown
        assert Panel.FEED not in plan(*size, zoomed=panel).shown or panel is Panel.FEED


def test_zoomed_cards_show_every_basket_where_they_fit() -> None:
    assert [plan(120, 40, zoomed=Panel.BASKETS, baskets=many).cards for many in (1, 2, 6, 7, 12)] == [2, 2, 6, 8, 12]
    assert plan(80, 24, zoomed=Panel.BASKETS, baskets=9).cards == 4


@given(
    st.integers(20, 320),
    st.integers(3, 120),
    st.integers(0, 60),
    st.sampled_from(Preset),
    st.sampled_from((None, *Panel)),
    st.integers(0, 60),
)
def test_panels_stay_on_the_screen_and_never_overlap(
    columns: int, rows_: int, assets: int, preset: Preset, zoomed: Panel | None, baskets: int
) -> None:
    found: Plan = plan(columns, rows_, all_assets=assets, preset=preset, zoomed=zoomed, baskets=baskets)
    assert found.cards <= MOST_CARDS
    for rect in found.panels.values():
        assert rect.x >= 0
        assert rect.y >= 0
        assert rect.width > 0
        assert rect.height > 0
        assert rect.x + rect.width <= columns
        assert rect.y + rect.height <= rows_
    if found.form is Form.TINY:
        return
    for one, other in combinations(found.panels.values(), 2):
        apart = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y, (one, other)
