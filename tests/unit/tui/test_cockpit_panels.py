"""Panels as pure functions: feed words for every fact, cells at every width, drops, bars, sparklines."""

import dataclasses
import math
import struct
import typing

import pytest

from engine.domain import events
from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.basket import Side
from engine.domain.events import BasketCheck, CheckCompleted, LinkChanged, PairMove, WatchRaised
from engine.domain.facts import Fact
from engine.domain.market import LinkState
from engine.domain.units import Asset, BasketName, Ms, Symbol
from engine.domain.views import AssetView, MatrixKind, Section
from support.fake_scene import FakeScene
from support.some_facts import one_of_each_kind
from tui.cockpit import theme as themes
from tui.cockpit.choice import Choice
from tui.cockpit.deck import BOOKS, HEALTH, QUOTES, Contact, Deck, Matrix, Want
from tui.cockpit.glyphs import ASCII, UNICODE
from tui.cockpit.ink import Heat, Line
from tui.cockpit.panels.basket_rows import asset_row, bar
from tui.cockpit.panels.correlation import stair
from tui.cockpit.panels.feed import feed
from tui.cockpit.panels.feed_rows import feed_row
from tui.cockpit.panels.heat_cells import CellMaker
from tui.cockpit.panels.pairs import spark
from tui.cockpit.panels.situation import situation
from tui.cockpit.panels.status import link_shapes, status
from tui.cockpit.scene import Scene
from tui.cockpit.theme import ColorSystem

NAN = math.nan
NOW = 5000.0
FULL = 0.42  # the weight that fills a bar


def said(line: Line) -> str:
    """Return a line's text."""
    return "".join(text for text, _ in line)


def a_scene(source: FakeScene | None = None, *, system: ColorSystem = ColorSystem.TRUE) -> Scene:
    """Return a scene with everything a deck can hold."""
    source = source or FakeScene(panic=0.9)
    deck = Deck()
    deck.engine.state = Contact.UP
    deck.market_ms = source.market_ms
    for want, view in ((HEALTH, source.health()), (QUOTES, source.quotes()), (BOOKS, source.books())):
        deck.put(want, view, 1, NOW)
    for kind in (MatrixKind.DELTA, MatrixKind.NOW):
        deck.put(Want(Section.MATRIX, "layer-1", kind), source.matrix("layer-1", kind, 0), 1, NOW)
    return Scene(
        deck=deck,
        choice=Choice(),
        glyphs=UNICODE,
        theme=themes.load("graphite", system),
        now=NOW,
        tick_ms=source.market_ms,
        feed_ms=source.market_ms,
    )


def example(kind: type) -> events.Event:
    """Return an event of `kind` with plausible content."""
    if kind in typing.get_args(Fact):
        return next(fact for fact in one_of_each_kind() if type(fact) is kind and isinstance(fact, Fact))
    move = PairMove(first=Asset("ETH"), second=Asset("SOL"), rho_base=0.7, rho_now=0.9, delta=0.2)
    check = BasketCheck(
        basket=BasketName("defi"), state="ok", mean_rho_base=0.7, mean_rho_now=0.7, shift=0.0, watching=2, pairs=6
    )
    known: dict[str, object] = {
        "at": Ms(0),
        "pairs": (move,),
        "baskets": (check,) if kind is CheckCompleted else 6,
        "state": LinkState.DOWN,
        "short": ((Asset("APT"), 34.0),),
        "missing": (Asset("ETH"),),
        "assets": (Asset("XYZ"),) if kind in (events.AssetsUnlisted, events.AssetsListed) else 24,
        "basket": BasketName("defi"),
        "asset": Asset("ETH"),
        "direction": Direction.UP,
        "kind": AlertKind.BASKET,
        "evidence": Evidence(words="", shift=0.5, rho_base=0.7, rho_now=0.9, pairs=(move,)),
        "id": "layer-1.20221108T0300",
        "reasons": ("average correlation .88",),
    }
    if kind in (events.VolatilityBroadened, events.VolatilityFell, events.BaselineAnchored):
        known["assets"] = (Asset("ETH"), Asset("SOL"))
    if kind is events.BaselineAnchored:
        known |= {"raw": (0.7,), "win": (0.7,)}
    hints = typing.get_type_hints(kind)
    blank: dict[object, object] = {str: "words", int: 3, float: 4.0}
    fields = {name: known.get(name, blank.get(hint, 3)) for name, hint in hints.items() if not name.startswith("_")}
    built = kind(**fields)
    assert isinstance(built, typing.get_args(events.Event))
    return typing.cast(events.Event, built)


@pytest.mark.parametrize("kind", typing.get_args(events.Event), ids=lambda kind: kind.__name__)
def test_every_kind_of_fact_has_words_for_the_feed(kind: type) -> None:
    for glyphs in (UNICODE, ASCII):
        row = feed_row(glyphs, example(kind))
        assert row.shape
        assert row.word == row.word.upper()
        assert len(row.word) <= 9
        assert row.said


def test_watch_is_one_line_per_basket_and_loses_pairs_from_the_right() -> None:
    scene = a_scene()
    moves = tuple(
        PairMove(first=Asset(f"A{n}"), second=Asset(f"B{n}"), rho_base=0.7, rho_now=0.9, delta=0.2) for n in range(9)
    )
    scene.deck.feed.append(WatchRaised(at=Ms(scene.tick_ms or 0), basket=BasketName("defi"), pairs=moves))
    wide, narrow = said(feed(scene, 120, 2)[1]), said(feed(scene, 80, 2)[1])
    assert "◇ WATCH     defi" in wide
    assert "9 pairs past the limit   A0·B0 .70→.90  A1·B1 .70→.90" in wide
    assert "…" in wide
    assert "WATCH" not in narrow
    assert narrow.startswith(" 03:41 ◇ defi")
    assert narrow.endswith("0 s ")
    assert (len(wide), len(narrow)) == (120, 80)


def test_the_newest_fact_is_first_and_today_is_counted() -> None:
    scene = a_scene()
    now = scene.tick_ms or Ms(0)
    for back in (40, 2, 1, 0):
        scene.deck.feed.append(LinkChanged(at=Ms(now - back * 3_600_000), venue="bybit", state=LinkState.UP, why=""))
    lines = [said(line) for line in feed(scene, 120, 9)]
    assert "4" not in lines[0].split("first")[1]
    assert "3 today" in lines[0]
    assert [line[1:6] for line in lines[1:4]] == ["03:41", "02:41", "01:41"]


@pytest.mark.parametrize("columns", range(10, 90))
def test_an_asset_row_is_exactly_as_wide_as_asked_and_keeps_name_and_change(columns: int) -> None:
    scene = a_scene()
    basket = scene.books.baskets[5]
    for asset in basket.assets:
        text = said(asset_row(scene, basket, asset, columns, FULL))
        assert len(text) == columns
        name = asset.asset if columns >= 24 else asset.asset[: columns - 8]
        assert name[:1] in text
        assert "%" in text
        if columns < 24 and asset.side is Side.SHORT:
            assert text.startswith("−")


def test_rows_drop_weight_text_then_bar_then_age() -> None:
    scene = a_scene(FakeScene(panic=0.9))
    basket = scene.books.baskets[0]
    first = basket.assets[0]
    forms = {columns: said(asset_row(scene, basket, first, columns, FULL)) for columns in (46, 40, 34, 30, 26)}
    assert ".18→.07" in forms[46]
    assert "→" not in forms[40]
    assert "┃" in forms[40]
    assert "┃" in forms[34]
    assert "━" not in forms[30]
    assert forms[30].endswith("s")
    assert not forms[26].strip().endswith("s")


def test_a_stale_row_keeps_its_mark_to_the_last() -> None:
    scene = a_scene()
    basket = next(one for one in scene.books.baskets if one.name == "gaming")
    axs = next(asset for asset in basket.assets if asset.asset == "AXS")
    assert said(asset_row(scene, basket, axs, 36, FULL)).endswith(" ~42s")
    assert said(asset_row(scene, basket, axs, 26, FULL)).endswith("~")


def test_an_asset_too_young_for_correlation_says_how_many_days_it_has() -> None:
    scene = a_scene()
    young = AssetView(
        asset=Asset("ETH"), symbol=Symbol("ETH/USDT:USDT"), side=Side.LONG, weight=0.2, history_days=34.4, used=False
    )
    assert said(asset_row(scene, scene.books.baskets[0], young, 36, FULL)).endswith("  34d")


def test_a_bar_shows_weight_half_step_track_and_target() -> None:
    assert "".join(char for char, _ in bar(UNICODE, 0.21, NAN, 6)) == "━━━───"
    assert "".join(char for char, _ in bar(UNICODE, 0.25, NAN, 6)) == "━━━╾──"
    assert "".join(char for char, _ in bar(UNICODE, 0.42, 0.21, 6)) == "━━━┃━━"
    assert "".join(char for char, _ in bar(UNICODE, 9.0, 9.0, 6)) == "━━━━━┃"
    assert "".join(char for char, _ in bar(UNICODE, NAN, 0.2, 4)) == "────"


def test_a_sparkline_rises_with_its_values_and_a_flat_one_is_flat() -> None:
    rising = spark(UNICODE, [index / 20 for index in range(20)], 10)
    assert list(rising) == sorted(rising)
    assert (rising[0], rising[-1]) == ("▁", "▆")
    assert len(set(spark(UNICODE, [0.8, 0.81, 0.8], 3))) == 1
    assert spark(UNICODE, [NAN, NAN], 5) == ""
    assert spark(UNICODE, [0.5, NAN], 4) == "  " + spark(UNICODE, [0.5], 1) + " "


@pytest.mark.parametrize("system", list(ColorSystem))
@pytest.mark.parametrize("columns", range(1, 11))
@pytest.mark.parametrize("kind", [MatrixKind.DELTA, MatrixKind.NOW])
def test_a_cell_is_exactly_as_wide_as_asked_and_keeps_its_sign(
    system: ColorSystem, columns: int, kind: MatrixKind
) -> None:
    scene = a_scene(system=system)
    values = ((0.0, 0.0, 0.0), (0.17, 0.0, 0.0), (-0.17, NAN, 0.0))
    matrix = Matrix(
        assets=(Asset("A"), Asset("B"), Asset("C")),
        values=values,
        marks=((False,) * 3, (True, False, False), (True, False, False)),
        counts=((720,) * 3,) * 3,
    )
    maker = CellMaker(scene=scene, kind=kind, main=matrix, second=None, width=columns, height=2)
    for row, column in ((1, 0), (2, 0), (2, 1)):
        assert all(len(maker.line(row, column, part)[0]) == columns for part in (0, 1))
    up, down = maker.line(1, 0, 0)[0], maker.line(2, 0, 0)[0]
    if columns >= 3:
        assert "17" in up
        assert "−" in down
        assert "··" in maker.line(2, 1, 0)[0]
    elif system is ColorSystem.X16:
        assert (up.strip(), down.strip()) in {("+", "−"), ("·", "·")}
    elif system is ColorSystem.MONO and columns == 2 and kind is MatrixKind.DELTA:
        assert (up[0], down[0]) == ("+", "−")
    if columns >= 7 and kind is MatrixKind.DELTA:
        assert "◇" in up


def test_an_undefined_cell_never_takes_a_color_of_the_ramp() -> None:
    scene = a_scene(FakeScene(ready=False))
    lines = stair(scene, 42, 15, cell_width=8, cell_height=2)
    assert not any(isinstance(paint, Heat) for line in lines[:11] for _, paint in line)
    assert sum(said(line).count("··") for line in lines) == 10


def test_a_matrix_of_broken_bytes_reads_as_undefined() -> None:
    view = FakeScene().matrix("layer-1", MatrixKind.NOW, 30)
    broken = Matrix.of(dataclasses.replace(view, values=view.values[:-3], counts=b"", marks=b""))
    assert all(math.isnan(value) for row in broken.values for value in row)
    assert not any(mark for row in broken.marks for mark in row)


def test_a_double_precision_matrix_decodes_to_the_same_numbers() -> None:
    view = FakeScene().matrix("layer-1", MatrixKind.NOW, 30)
    cells = struct.unpack("<25f", view.values)
    double = dataclasses.replace(view, dtype="f8", values=struct.pack("<25d", *cells))
    assert Matrix.of(double) == Matrix.of(view)


@pytest.mark.parametrize("columns", [80, 90, 100, 120, 150, 200, 260])
def test_the_status_line_fits_every_width_and_never_drops_the_essential(columns: int) -> None:
    line = said(status(a_scene(), columns))
    assert len(line) == columns
    for part in ("PAPER", "SIM ×600", "■■■", "4h", "03:41:07Z"):
        assert part in line


def test_link_health_is_three_shapes() -> None:
    assert [link_shapes(UNICODE, state) for state in (*LinkState, None)] == ["■■■", "□□■", "□□□", "□□□"]
    assert link_shapes(ASCII, LinkState.UP) == "###"


def test_the_situation_line_says_what_is_being_prepared_and_why_it_waits() -> None:
    scene = a_scene()
    scene.deck.engine.state = Contact.CONNECTING
    scene.backstage = "starting the simulated exchange"
    assert said(situation(scene, 80)).startswith(" · starting the simulated exchange")
    scene.backstage = ""
    scene.deck.engine.why = "no engine answers"
    scene.deck.engine.attempt, scene.deck.engine.retry_at = 3, NOW + 1.2
    assert "! no engine answers   attempt 3, next in 1 s" in said(situation(scene, 80))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unknown": 2}, "2 orders of UNKNOWN outcome"),
        ({"frozen": ("ETH",), "balance_gap": 3.0}, "FROZEN: venue and books differ on ETH"),
        ({"broker_why": "the key only reads"}, "no order leaves   the key only reads"),
        ({"balance_gap": -12.5}, "the venue's balance differs by"),
    ],
)
def test_what_venue_and_books_do_not_agree_on_is_the_first_thing_said(changes: dict[str, object], words: str) -> None:
    scene = a_scene()
    assert scene.health is not None
    scene.deck.put(HEALTH, dataclasses.replace(scene.health, **changes), 2, NOW)  # type: ignore[arg-type]
    assert words in said(situation(scene, 120))


def test_live_is_named_in_a_full_badge() -> None:
    scene = a_scene()
    health = scene.health
    assert health is not None
    scene.deck.put(HEALTH, dataclasses.replace(health, mode="live", market="real"), 2, NOW)
    line = status(scene, 120)
    assert said(line).startswith(" DRIFTDECK   LIVE ")
    assert "SIM" not in said(line)
