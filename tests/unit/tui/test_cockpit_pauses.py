"""A host that asked to be left alone: the situation line counts down, and says nothing once it is over."""

import pytest

from support.fake_scene import FakeScene
from tui.cockpit import theme as themes
from tui.cockpit.choice import Choice
from tui.cockpit.deck import HEALTH, Contact, Deck
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.panels.situation import situation
from tui.cockpit.scene import Scene
from tui.cockpit.theme import ColorSystem


def line(columns: int = 120, **told: object) -> str:
    """Return the situation line where the health says this."""
    source = FakeScene(told=told)
    deck = Deck()
    deck.engine.state, deck.market_ms = Contact.UP, source.market_ms
    deck.put(HEALTH, source.health(), 1, 5000.0)
    theme = themes.load("graphite", ColorSystem.TRUE)
    scene = Scene(deck=deck, choice=Choice(), glyphs=UNICODE, theme=theme, now=5000.0, tick_ms=source.market_ms)
    return "".join(text for text, _ in situation(scene, columns))


@pytest.mark.parametrize("columns", [80, 120])
def test_a_paused_host_is_named_with_the_time_left_and_what_it_answered(columns: int) -> None:
    said = line(columns, paused_host="api.bybit.com", paused_s=42.3, paused_status=429)
    assert "api.bybit.com paused 0:42, 429" in said
    assert len(said) == columns


def test_a_pause_that_was_asked_for_in_a_body_names_no_status() -> None:
    assert "api.bybit.com paused 0:05   " in line(paused_host="api.bybit.com", paused_s=5.0)


def test_without_a_pause_nothing_is_said_of_one() -> None:
    assert "paused" not in line()
