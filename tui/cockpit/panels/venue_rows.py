"""Owns how the drift feed says that books and venue differ, agree again, or that something belongs to no basket."""

from engine.domain.facts import ForeignCounted, ReconcileFact, SymbolFrozen, SymbolReleased
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ALERT_INK, TEXT, WATCH
from tui.cockpit.panels.feed_words import FeedRow


def venue_row(g: Glyphs, event: ReconcileFact) -> FeedRow:
    """Return the words for what a comparison with the venue found."""
    match event:
        case SymbolFrozen():
            beside = f" and {text.held(g, event.foreign)} beside them" if event.foreign else ""
            said = (
                f"the books hold {text.held(g, event.books)}{beside}, the venue {text.held(g, event.venue)}: nothing "
                "is sent on it; 'driftdeck reconcile' settles it"
            )
            return FeedRow(
                at=event.at, shape=g.caution, word="FROZEN", subject=clean(event.asset), said=said, ink=ALERT_INK
            )
        case SymbolReleased():
            subject, said = clean(event.asset), clean(event.why)
            return FeedRow(at=event.at, shape=g.done, word="RELEASED", subject=subject, said=said)
        case ForeignCounted():
            said = f"{text.held(g, event.quantity)} belong to no basket ({clean(event.why)}): not touched"
            return FeedRow(
                at=event.at,
                shape=g.info,
                word="FOREIGN",
                subject=clean(event.symbol),
                said=said,
                ink=WATCH,
                body=TEXT,
            )
