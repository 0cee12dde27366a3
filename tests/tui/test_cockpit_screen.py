"""The first screen as text: all sizes, all states, keys, frozen and thawed."""

import re
from pathlib import Path

import pytest

from engine.domain.views import BasketState, Section
from support.cockpit_pilot import attached
from support.fake_engine import FakeEngine
from support.fake_facts import opening, watches
from support.fake_scene import FakeScene
from tui.cockpit.deck import Contact
from tui.cockpit.keys import KEYS
from tui.cockpit.theme import ColorSystem

SIZES = [(80, 24), (100, 36), (120, 40), (160, 45), (200, 60), (180, 50), (250, 70)]


def cascade(**changes: object) -> FakeEngine:
    """Return an engine in the middle of a cascade."""
    scene = FakeScene(panic=0.9)
    for name, value in changes.items():
        setattr(scene, name, value)
    engine = FakeEngine(scene)
    engine.add(*opening(scene), *watches(scene))
    return engine


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_row_has_exactly_the_width_of_the_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, cascade(), size=size) as rig:
        assert {len(row) for row in rig.rows} == {size[0]}
        assert len(rig.rows) == size[1]
        strip = next(row for row in rig.rows if row.startswith(" drift feed"))
        assert " today " in strip
        assert strip[: 146 if size[0] == 200 else None].endswith(" today ") or size[0] in (180, 250)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_price_change_and_name_of_the_shown_baskets_is_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, cascade(), size=size) as rig:
        stack = size[0] < 100 or size[1] < 36
        for name in ["layer-1"] if stack else rig.engine.scene.legs:
            for leg, price in rig.engine.scene.legs[name]:
                asset = leg.lstrip("-")
                assert re.search(rf"\b{asset} .*[▼▲][−+]\d+\.\d+%", rig.text), asset
                if size[0] >= 120:
                    assert f"{price:,.1f}" in rig.text if price >= 1000 else f"{price:.10g}" in rig.text
        for name in rig.engine.scene.legs:
            assert name in rig.text


async def test_the_numbers_of_a_card_stand_in_columns(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        card = [row[:38] for row in rig.rows[4:9]]
        assert {row.index("%") for row in card} == {24}
        assert {row[7] for row in card} == {"L"}
        assert all(row[36] == "s" for row in card)


async def test_status_line_says_who_what_venue_cycle_and_the_engines_clock(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        status = rig.rows[0]
        for part in (
            "DRIFTDECK",
            " PAPER ",
            " SIM ×600 ",
            "bybit ■■■ 41ms",
            "every 4h next ",
            "regime –",
            "equity 49,404 ▼−1.19%",
        ):
            assert part in status
        assert "03:41:07Z" in status


async def test_status_line_of_80_columns_keeps_what_never_drops(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), size=(80, 24)) as rig:
        for part in (" PAPER ", " SIM ×600 ", "■■■", "4h", "03:41:07Z"):
            assert part in rig.rows[0]


async def test_a_replayed_market_is_named_and_a_real_one_has_no_badge(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(market="replay")) as rig:
        assert " REPLAY ×600 " in rig.rows[0]
        rig.engine.scene.market = "real"
        rig.engine.touch(Section.HEALTH)
        rig.announce()
        await rig.until(lambda: "×600" not in rig.rows[0])


async def test_a_flat_book_says_so_and_what_each_basket_would_open_at(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(planned=True)) as rig:
        assert rig.rows[2].startswith(" account flat  gross 0.0k")
        assert rig.text.count("· FLAT") == 6
        assert "opens at 4.5k of 12.0k" in rig.text
        assert "planned" not in rig.text


async def test_what_does_not_exist_yet_is_a_dash_and_undefined_cells_are_dots(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(ready=False, loaded=12_000)) as rig:
        assert "loading history" in rig.rows[1]
        assert "12,000 of 66,815 bars" in rig.rows[1]
        assert "··" in rig.rows[7]
        assert "hidden     –" in rig.rows[9]
        assert "nan" not in rig.text


async def test_a_stale_price_is_marked_in_its_row_its_totals_and_the_counts(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        axs = next(row for row in rig.rows if "AXS" in row)
        assert "~42s" in axs
        assert "gross ~6.5k" in rig.text
        assert "gross ~51.8k" in rig.rows[2]
        assert "~ 1 stale" in rig.rows[1]


async def test_alert_is_a_badge_and_proposal_the_whole_strip(tmp_path: Path) -> None:
    states = {"layer-1": BasketState.PROPOSAL, "defi": BasketState.ALERT}
    async with attached(tmp_path, cascade(states=states)) as rig:
        assert "▶ PROPOSAL" in rig.rows[3][:38]
        assert "◆ ALERT" in rig.rows[3][39:77]
        assert rig.rows[4][0] == "▌"
        assert rig.rows[4][39] == "▌"
        assert rig.rows[1].startswith(" ▶ layer-1 ")
        assert "◆ 1 alert " in rig.rows[1]


async def test_calm_says_all_quiet_and_when_the_next_check_is(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(panic=0.0)) as rig:
        assert rig.rows[1].startswith(" · all quiet   next check 18:53")


async def test_the_stair_has_names_on_its_diagonal_and_signed_numbers(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        stair = [row[78:] for row in rig.rows[5:15]]
        assert [line.split()[-1] for line in stair[3::2]] == ["SOL", "AVAX", "NEAR", "APT"]
        assert re.match(r"  [+−]\.\d\d", stair[2])
        assert "ρ ." in stair[3]
        assert "−.5" in rig.rows[16]
        assert "◇ pair moved > .15" in rig.rows[17]


async def test_v_cycles_base_now_and_delta_and_fetches_what_it_shows(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        kinds = {fetch.kind for fetch in rig.engine.fetched if fetch.section is Section.MATRIX}
        assert kinds == {"delta", "now"}
        await rig.press("v")
        await rig.until(lambda: "▾ under .60" in rig.text)
        assert "base" in {fetch.kind for fetch in rig.engine.fetched}
        await rig.press("v", "v")
        await rig.until(lambda: "pair moved" in rig.text)


async def test_w_cycles_the_windows_and_prints_pair_counts(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("w")
        await rig.until(lambda: "n 720" in rig.text)
        await rig.press("w", "w")
        await rig.until(lambda: " 90d " in rig.rows[3])
        days = [fetch.window_days for fetch in rig.engine.fetched if fetch.kind == "window" and fetch.scope]
        assert {30, 60, 90} <= set(days)


async def test_tab_selects_a_basket_and_shift_tab_goes_back(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("tab")
        await rig.until(lambda: "correlation defi" in rig.rows[3])
        await rig.press("shift+tab", "shift+tab")
        await rig.until(lambda: "corr majors-hedged" in rig.rows[3])
        await rig.until(lambda: any("BNB" in row[78:] for row in rig.rows[20:29]))
        assert rig.app.choice.selected == -1


async def test_more_than_six_baskets_are_paged_and_said(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(extra_baskets=3)) as rig:
        assert "baskets 1–6 of 9" in rig.rows[2]
        await rig.press(*["tab"] * 6)
        await rig.until(lambda: "baskets 7–9 of 9" in rig.rows[2])
        assert "theme-1" in rig.rows[3]


async def test_x_spreads_the_matrix_of_all_assets(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("x")
        await rig.until(lambda: "all assets" in rig.rows[3] and re.search(r"[+−]\.\d\d", rig.rows[8]) is not None)
        assert "23 assets, 253 pairs, not signed by side" in rig.text
        assert all(asset in rig.text for asset in rig.engine.scene.assets)
        await rig.press("x")
        await rig.until(lambda: "layer-1 long" in rig.rows[3].replace("  ", " "))


async def test_rows_that_do_not_fit_are_left_out_whole_and_counted(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), size=(80, 24)) as rig:
        await rig.press("x")
        await rig.until(lambda: "make the terminal taller" in rig.text)
        assert {len(row) for row in rig.rows} == {80}


async def test_help_lists_every_key_of_the_table_and_leaves_with_escape(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("question_mark")
        await rig.until(lambda: rig.rows[0].startswith(" help"))
        said, pages = rig.text, int(rig.rows[0].split("page 1 of ")[1].split()[0])
        for _ in range(pages - 1):
            await rig.press("tab")
            said += rig.text
        assert all(row.help in said for row in KEYS)
        await rig.press("escape")
        await rig.until(lambda: "DRIFTDECK" in rig.rows[0])


async def test_a_terminal_that_is_too_small_says_what_it_needs(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), size=(70, 20)) as rig:
        await rig.until(lambda: "needs 80x24" in rig.rows[1])
        assert " PAPER " in rig.rows[0]
        assert "q quit" in rig.rows[-1]
        await rig.pilot.resize_terminal(120, 40)
        await rig.until(lambda: "layer-1" in rig.text)


async def test_resizing_through_all_forms_leaves_nothing_behind(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        for columns, rows in [(80, 24), (200, 60), (90, 50), (119, 36), (60, 10), (120, 40)]:
            await rig.pilot.resize_terminal(columns, rows)
            await rig.pilot.pause(0.1)
            assert {len(row) for row in rig.rows} == {columns}
        await rig.until(lambda: "drift feed" in rig.rows[30])


async def test_losing_the_engine_freezes_everything_and_says_so(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.server.stop()
        await rig.until(lambda: "ENGINE GONE" in rig.text)
        assert rig.app.deck.engine.state is Contact.GONE
        assert rig.rows[1].startswith(" FROZEN at 03:41:07Z")
        assert "no engine heartbeat" in rig.rows[1]
        assert "□□□ engine gone" in rig.rows[0]
        assert "○" in rig.rows[0]
        assert "retry" in rig.text
        assert "↵ retry now" in rig.rows[-1]
        assert all("~" in row[:38] for row in rig.rows[4:9])
        assert {
            segment.style.bgcolor.name
            for strip in rig.app.shown()[4:9]
            for segment in strip.crop(78)
            if segment.style and segment.style.bgcolor
        } <= GREYS


GREYS = {f"#{value:02x}{value:02x}{value:02x}" for value in range(256)}


async def test_an_engine_that_is_back_thaws_the_screen_with_fresh_numbers(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.server.stop()
        await rig.until(lambda: "ENGINE GONE" in rig.text)
        rig.engine.scene.last = dict.fromkeys(rig.engine.scene.assets, 7.0)
        await rig.server.start()
        await rig.press("enter")
        await rig.until(lambda: "ENGINE GONE" not in rig.text)
        assert "7.0000" in rig.rows[4]
        assert "FROZEN" not in rig.text
        await rig.server.stop()


@pytest.mark.parametrize("system", list(ColorSystem))
async def test_every_color_system_paints_the_same_numbers(tmp_path: Path, system: ColorSystem) -> None:
    async with attached(tmp_path, cascade(), system=system) as rig:
        cell = re.search(r"[+−]\.\d\d", rig.rows[9][79:87])
        assert cell is not None
        strips = rig.app.shown()
        kinds = {
            segment.style.color.type.name
            for strip in strips
            for segment in strip
            if segment.style and segment.style.color
        }
        allowed = {
            ColorSystem.TRUE: {"TRUECOLOR"},
            ColorSystem.X256: {"EIGHT_BIT"},
            ColorSystem.X16: {"STANDARD", "DEFAULT"},
            ColorSystem.MONO: {"DEFAULT"},
        }[system]
        assert kinds <= allowed


async def test_ascii_prints_nothing_but_ascii(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), ascii_only=True, size=(200, 60)) as rig:
        assert rig.text.isascii()
        await rig.press("question_mark")
        await rig.until(lambda: rig.rows[0].startswith(" help"))
        assert rig.text.isascii()
