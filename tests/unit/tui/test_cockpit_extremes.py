"""Every panel at every size with nothing known, with odd data, and with everything undefined: lines that fit."""

import dataclasses
import math
from collections.abc import Callable

import pytest

from engine.domain.units import Asset, BasketName
from engine.domain.views import BasketState, BasketView, BooksView, MatrixKind, QuotesView, Section, SeriesView
from support.fake_facts import opening, watches
from support.fake_scene import FakeScene
from tui.cockpit import theme as themes
from tui.cockpit.deck import BOOKS, HEALTH, QUOTES, Contact, Deck, Want
from tui.cockpit.glyphs import ASCII, UNICODE
from tui.cockpit.ink import width
from tui.cockpit.panels.basket_card import card
from tui.cockpit.panels.basket_list import basket_list, basket_panel
from tui.cockpit.panels.book import book
from tui.cockpit.panels.chart import chart
from tui.cockpit.panels.correlation import header, stair
from tui.cockpit.panels.feed import feed
from tui.cockpit.panels.keys_line import keys_line
from tui.cockpit.panels.pairs import pairs
from tui.cockpit.panels.situation import account, situation
from tui.cockpit.panels.status import status
from tui.cockpit.scene import Choice, Scene
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


@pytest.mark.parametrize("make", [empty, calm, loading, extreme, no_quotes, frozen])
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
