"""What the fast cycle must not do to a screen: push alerts off the feed, or tell a check by another clock."""

from engine.domain.events import CheckCompleted, LinkChanged
from engine.domain.market import LinkState
from engine.domain.units import Asset, Ms
from support.fake_scene import FakeScene
from tui.cockpit import theme as themes
from tui.cockpit.choice import Choice
from tui.cockpit.deck import HEALTH, Contact, Deck
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.ink import Line
from tui.cockpit.panels.feed import feed
from tui.cockpit.panels.status import status
from tui.cockpit.scene import Scene
from tui.cockpit.theme import ColorSystem


def said(line: Line) -> str:
    """Return a line's text."""
    return "".join(text for text, _ in line)


def a_scene(source: FakeScene) -> Scene:
    """Return a scene that knows the health only."""
    deck = Deck()
    deck.engine.state, deck.market_ms = Contact.UP, source.market_ms
    deck.put(HEALTH, source.health(), 1, 5000.0)
    theme = themes.load("graphite", ColorSystem.TRUE)
    now = source.market_ms
    return Scene(deck=deck, choice=Choice(), glyphs=UNICODE, theme=theme, now=5000.0, tick_ms=now, feed_ms=now)


def test_a_run_of_plain_checks_is_one_row_that_says_how_many() -> None:
    scene = a_scene(FakeScene())
    now = scene.tick_ms or Ms(0)
    link = LinkChanged(at=Ms(now - 99 * 60_000), venue="bybit", state=LinkState.UP, why="")
    checks = [
        CheckCompleted(at=Ms(now - back * 15 * 60_000), late_ms=0, missing=(), baskets=()) for back in (3, 2, 1, 0)
    ]
    scene.deck.feed.extend([link, *checks])
    lines = [said(line) for line in feed(scene, 120, 9)]
    assert "0 baskets, 0 pairs, nothing new, 4 checks since 02:56" in lines[1]
    assert "LINK" in lines[2]
    assert len(lines) == 3
    scene.choice.filter = "link"
    assert "4 hidden" in said(feed(scene, 120, 9)[0])
    gap = without_eth(checks[1])
    scene.choice.filter = ""
    scene.deck.feed.clear()
    scene.deck.feed.extend([checks[0], gap, *checks[2:]])
    assert [said(line).count("no bar from ETH") for line in feed(scene, 120, 9)] == [0, 0, 1]


def without_eth(check: CheckCompleted) -> CheckCompleted:
    """Return the same check with a bar missing."""
    return CheckCompleted(at=check.at, late_ms=0, missing=(Asset("ETH"),), baskets=())


def test_the_next_check_is_told_by_the_clock_that_is_shown() -> None:
    scene = a_scene(FakeScene(told={"check_every_ms": 900_000, "next_check_ms": 1_000_000_000}))
    for behind, left in ((1, "0:00"), (60_000, "1:00"), (900_000, "15:00"), (901_000, "0:01"), (3_700_000, "1:40")):
        scene.tick_ms = Ms(1_000_000_000 - behind)
        assert f"next {left} " in said(status(scene, 160))
    scene.tick_ms = Ms(1_000_000_001)
    assert "next due" in said(status(scene, 160))
