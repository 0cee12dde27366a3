"""What the first frame waits for: only the modules it is made of, by name."""

from pathlib import Path

from support.cockpit_pty import cockpit, fake_engine, painted

FIRST_FRAME = """
ages alerts app arrange bell bridge builder_hands calls carry_hands choice color courier crumbs deck drill drill_hands
driver glyphs hands ink key_names key_row keys lab_choice lab_hands lab_jobs lab_marks lab_views labs layout looks
map_choice map_hands memory options outward palette palette_hands questions reasons reviews scene screen_hands
screen_keys screens stage terminal text theme theme_shelf tour_hands trade_hands typing_hands view_hands ways
panels.basket_card panels.basket_list panels.basket_rows panels.book panels.canvas panels.chart panels.correlation
panels.feed panels.feed_rows panels.feed_runs panels.feed_words panels.focus panels.gone panels.heat_cells
panels.keys_line panels.pairs panels.palette panels.question panels.sentences panels.signal_rows panels.situation
panels.status panels.tour panels.trade_rows panels.venue_rows panels.waiting panels.wrapped screens.cockpit
screens.overlays screens.pages screens.panel_reads screens.plan_layout widgets.heat_grid widgets.lean_paint
widgets.live_grid
"""
ROOMS = {"tui.cockpit", "tui.cockpit.panels", "tui.cockpit.screens", "tui.cockpit.widgets"}


def test_the_first_frame_imports_no_page_no_review_and_no_help(tmp_path: Path) -> None:
    socket = tmp_path / "e.sock"
    with fake_engine(socket, "--still"), cockpit(socket) as session:
        session.until(painted, within=20)
        start = len(session.output)
        session.type("q")
        assert session.leave(within=20) == 0
        loaded = session.output[start:].decode(errors="replace").split("own: ")[1].split(" :")[0].split()
    known = {f"tui.cockpit.{name}" for name in FIRST_FRAME.split()} | ROOMS
    late = sorted(set(loaded) - known)
    assert not late, (
        f"imported before the first frame: {late}; import them where they are first shown, or add them here"
    )
