"""Owns how the drift feed says that books and venue differ, agree again, or that something belongs to no basket."""

from engine.domain.facts import ForeignCounted, ReconcileFact, SymbolFrozen, SymbolReleased
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ALERT_INK, TEXT, WATCH
from tui.cockpit.panels.feed_words import FeedRow


def of_no_basket(g: Glyphs, event: ForeignCounted) -> str:
    """Return how much of an asset belongs to no basket, in words."""
    asset = clean(event.symbol.partition("/")[0])
    if not event.quantity:
        return f"all of {asset} belongs to baskets again"
    return f"{text.signed(g, event.quantity)} {asset} of the account belong to no basket"


def venue_row(g: Glyphs, event: ReconcileFact) -> FeedRow:
    """Return the words for what a comparison with the venue found."""
    match event:
        case SymbolFrozen():
            beside = f" and {text.signed(g, event.foreign)} beside them" if event.foreign else ""
            said = (
                f"the books hold {text.signed(g, event.books)}{beside}, the venue {text.signed(g, event.venue)}: "
                "nothing is sent on it; 'driftdeck reconcile' settles it"
            )
            return FeedRow(
                at=event.at, shape=g.caution, word="FROZEN", subject=clean(event.asset), said=said, ink=ALERT_INK
            )
        case SymbolReleased():
            subject, said = clean(event.asset), clean(event.why)
            return FeedRow(at=event.at, shape=g.done, word="RELEASED", subject=subject, said=said)
        case ForeignCounted():
            said = f"{of_no_basket(g, event)} ({clean(event.why)})" + (": not touched" if event.quantity else "")
            return FeedRow(
                at=event.at,
                shape=g.info,
                word="FOREIGN",
                subject=clean(event.symbol.partition("/")[0]),
                said=said,
                ink=WATCH,
                body=TEXT,
            )
