"""Owns what the lab pages stand on, as their panels and their keys both read it: candidates, marked book, the market.

Never changes what is chosen (`lab_hands` does).
"""

from tui.cockpit.lab_choice import TYPED
from tui.cockpit.scene import Scene


def sources(scene: Scene) -> tuple[str, ...]:
    """Return what candidates can be taken from: all that is stored, what was typed, the basket themes."""
    typed = (TYPED,) if scene.choice.builder.typed else ()
    return ("", *typed, *scene.labs.themes)


def market_of(scene: Scene) -> str:
    """Return the asset whose move all follow: BTC where it is watched, else ETH, else the first one."""
    watched = tuple(scene.deck.quotes()[0])
    return next((asset for asset in ("BTC", "ETH") if asset in watched), watched[0] if watched else "BTC")


def marked_book(scene: Scene) -> str:
    """Return the name of the book that is looked into."""
    names = scene.labs.book_names([basket.name for basket in scene.books.baskets])
    return names[scene.choice.stress.book % len(names)]
