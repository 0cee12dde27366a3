"""Every panel at every size with nothing known, with odd data, and with everything undefined: lines that fit."""

import dataclasses
import math
from collections.abc import Callable

import pytest

from engine.domain.alerts import AlertKind, Evidence
from engine.domain.events import EventRecord
from engine.domain.units import Asset, BasketName
from engine.domain.views import (
    AlertsView,
    AlertView,
    BasketState,
    BasketView,
    BooksView,
    MatrixKind,
    QuotesView,
    Section,
    SeriesView,
)
from support.fake_alerts import FakeBoard, alarm
from support.fake_facts import opening, watches
from support.fake_scene import FakeScene
from tui.cockpit import alerts
from tui.cockpit import theme as themes
from tui.cockpit.choice import Asking, Choice
from tui.cockpit.deck import ALERTS, BOOKS, HEALTH, QUOTES, Contact, Deck, Want
from tui.cockpit.glyphs import ASCII, UNICODE
from tui.cockpit.ink import width
from tui.cockpit.panels.basket_card import card
from tui.cockpit.panels.basket_list import basket_list, basket_panel
from tui.cockpit.panels.book import book
from tui.cockpit.panels.chart import chart
from tui.cockpit.panels.correlation import header, stair
from tui.cockpit.panels.detail import detail
from tui.cockpit.panels.feed import feed
from tui.cockpit.panels.heat_cells import CellMaker
from tui.cockpit.panels.keys_line import keys_line
from tui.cockpit.panels.pairs import pairs
from tui.cockpit.panels.question import COLUMNS, ROWS, question
from tui.cockpit.panels.situation import account, situation
from tui.cockpit.panels.status import status
from tui.cockpit.questions import acknowledge, snooze
from tui.cockpit.scene import Scene
from tui.cockpit.theme import ColorSystem

NAN = math.nan
LONG = "a-theme-with-a-very-long-name-indeed"


def bare(scene: FakeScene | None) -> Deck:
    """Return a deck of `scene`, or one that knows nothing."""
    deck = Deck()
    if scene is None:
        return deck
    deck.engine.state = Contact.UP
    deck.market_ms = scene.market_ms
    deck.feed.extend([*opening(scene), *watches(scene)])
    for want, view in ((HEALTH, scene.health()), (QUOTES, scene.quotes()), (BOOKS, scene.books())):
        deck.put(want, view, 1, 100.0)
    for kind in MatrixKind:
        for scope in ("layer-1", "all"):
            deck.put(Want(Section.MATRIX, scope, kind), scene.matrix(scope, kind, 0), 1, 100.0)
    deck.put(Want(Section.SERIES, "layer-1"), scene.series("layer-1"), 1, 100.0)
    return deck


def odd(basket: BasketView) -> BasketView:
    """Return the basket with a long name, seven assets of long names, and extreme figures."""
    legs = [*basket.assets, *basket.assets][:7]
    return dataclasses.replace(
        basket,
        name=BasketName(LONG),
        state=BasketState.PROPOSAL,
        gross=123_456_789.0,
        net=-123_456_789.0,
        hidden_leverage=12.34,
        shift=-3.21,
        assets=tuple(dataclasses.replace(leg, asset=Asset("1000000MOG日")) for leg in legs),
    )


def empty() -> Deck:
    return bare(None)


def calm() -> Deck:
    return bare(FakeScene())


def loading() -> Deck:
    return bare(FakeScene(ready=False))


def extreme() -> Deck:
    deck = bare(FakeScene(panic=1.0))
    books = deck.books
    assert books is not None
    deck.put(BOOKS, BooksView(baskets=tuple(odd(basket) for basket in books.baskets)), 2, 100.0)
    deck.put(
        Want(Section.SERIES, LONG),
        SeriesView(scope=LONG, end_ms=None, step_ms=1, mean_now=(NAN, 0.5), mean_base=(NAN,), pairs=()),
        1,
        100.0,
    )
    return deck


def alarmed() -> Deck:
    """Return a deck with alerts of every kind, those of baskets without a single defined number."""
    source = FakeScene(panic=1.0)
    facts = alarm(source)
    deck = bare(source)
    deck.append([EventRecord(seq=at, event=fact) for at, fact in enumerate(facts, start=1)], gap=True)
    board = FakeBoard()
    for fact in facts:
        board.apply(fact)
    calm = dataclasses.replace(
        board.view().standing[0], acknowledged_by=LONG * 3, evidence=Evidence(words="", shift=NAN)
    )
    wild = dataclasses.replace(
        calm,
        id="market.vol.1",
        kind=AlertKind.VOL,
        basket=None,
        evidence=Evidence(words="w " * 90, shift=0.6, assets=(Asset("1000000MOG日"),) * 60, peak_sigma=NAN),
    )
    asset = dataclasses.replace(calm, id="x.y.1", kind=AlertKind.ASSET, asset=Asset("1000000MOG日"))
    whole = dataclasses.replace(calm, id="portfolio.1", basket=alerts.PORTFOLIO)
    view = AlertsView(standing=(*board.view().standing, calm, wild, asset, whole))
    deck.put(ALERTS, view, 1, 100.0)
    return deck


def no_quotes() -> Deck:
    deck = calm()
    deck.put(QUOTES, QuotesView(), 2, 100.0)
    return deck


def frozen() -> Deck:
    deck = calm()
    deck.engine.state, deck.engine.last_heard = Contact.GONE, 100.0
    return deck


def a_scene(deck: Deck, *, plain: bool, all_assets: bool, view: MatrixKind) -> Scene:
    """Return a scene of `deck`."""
    return Scene(
        deck=deck,
        choice=Choice(view=view, all_assets=all_assets),
        glyphs=ASCII if plain else UNICODE,
        theme=themes.load("graphite", ColorSystem.MONO if plain else ColorSystem.TRUE),
        now=175.0,
        tick_ms=deck.market_ms,
        feed_ms=deck.market_ms,
    )


@pytest.mark.parametrize("make", [empty, calm, loading, extreme, no_quotes, frozen, alarmed])
@pytest.mark.parametrize("plain", [False, True])
def test_every_panel_fits_whatever_is_known(make: Callable[[], Deck], plain: bool) -> None:
    for all_assets, view in ((False, MatrixKind.DELTA), (True, MatrixKind.NOW), (False, MatrixKind.WINDOW)):
        scene = a_scene(make(), plain=plain, all_assets=all_assets, view=view)
        for columns in (39, 42, 53, 80, 120, 200):
            one = [status(scene, columns), situation(scene, columns), account(scene, columns), header(scene, columns)]
            assert {width(line) for line in (*one, keys_line(scene, columns))} == {columns}
            for rows in (5, 9, 20):
                blocks = [
                    feed(scene, columns, rows),
                    pairs(scene, columns, rows),
                    chart(scene, columns, rows),
                    basket_list(scene, columns, rows),
                    book(scene, columns, rows),
                ]
                blocks += [stair(scene, columns, rows, cell_width=8, cell_height=2)]
                blocks += [card(scene, one, columns, rows, selected=True) for one in scene.books.baskets[:2]]
                blocks += [basket_panel(scene, one, columns, rows) for one in scene.books.baskets[:2]]
                for block in blocks:
                    assert max((width(line) for line in block), default=0) <= columns
                    assert "nan" not in "".join(text for line in block for text, _ in line)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("make", [alarmed, empty])
def test_the_detail_of_any_alert_fits_any_size(make: Callable[[], Deck], plain: bool) -> None:
    scene = a_scene(make(), plain=plain, all_assets=False, view=MatrixKind.DELTA)
    for ident in (*(alert.id for alert in scene.deck.alerts.standing), "gone"):
        scene.choice.detail = ident
        for columns in (80, 97, 120, 200):
            for rows in (21, 30, 36, 56):
                lines = detail(scene, columns, rows)
                assert len(lines) == rows
                assert max(width(line) for line in lines) <= columns
                assert "nan" not in "".join(text for line in lines for text, _ in line)


@pytest.mark.parametrize("ask", [acknowledge, snooze])
def test_a_question_fits_and_names_what_it_is_about(ask: Callable[[Scene, AlertView], Asking]) -> None:
    scene = a_scene(alarmed(), plain=False, all_assets=False, view=MatrixKind.DELTA)
    for alert in scene.deck.alerts.standing:
        asking = ask(scene, alert)
        for columns in (60, COLUMNS):
            lines = question(scene, asking, columns)
            assert len(lines) == ROWS
            assert {width(line) for line in lines} == {columns}
            said = "".join(text for line in lines for text, _ in line)
            assert "nan" not in said
            assert asking.subject[:30] in said


@pytest.mark.parametrize("counts", [False, True])
def test_cells_of_every_width_with_marks_and_counts_fit(counts: bool) -> None:
    for plain in (False, True):
        scene = a_scene(alarmed(), plain=plain, all_assets=False, view=MatrixKind.DELTA)
        scene.choice.counts = counts
        matrix = scene.matrix(MatrixKind.DELTA)
        assert matrix is not None
        legs = (frozenset(matrix.assets),)
        for columns in range(1, 12):
            maker = CellMaker(
                scene=scene,
                kind=MatrixKind.DELTA,
                main=matrix,
                second=matrix,
                width=columns,
                height=2,
                alerting=legs,
            )
            for part in (0, 1):
                cell = maker.line(2, 0, part)[0]
                assert len(cell) == columns
                marked = scene.glyphs.alert in cell
                assert marked is (not counts and part == 0 and columns >= (7 if plain else 5))
                if counts and part == 0 and columns >= 3:
                    assert ("30" if maker.in_days else "720") in cell
