"""Owns how each fact reads in the drift feed: shape, severity word, subject, sentence.

One function per event; the feed lays the rows out. Pairs stand last in a sentence, so that a narrow feed loses pairs.
"""

from collections.abc import Mapping

from engine.domain.events import (
    AssetsListed,
    AssetsUnlisted,
    BarsCorrected,
    CandlesRejected,
    CheckCompleted,
    ClockSkewed,
    EngineStarted,
    Event,
    HistoryJoined,
    HistoryLoaded,
    LinkChanged,
    PairMove,
    QuoteRecovered,
    QuoteWentStale,
    StreamChanged,
    WatchCleared,
    WatchRaised,
)
from engine.domain.facts import Fact
from engine.domain.market import LinkState
from engine.domain.order import Order
from engine.domain.units import ClientOrderId, Ms
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import DIM, STALE, TEXT, WATCH, Paint
from tui.cockpit.panels.feed_words import FeedRow, move_text, plural
from tui.cockpit.panels.signal_rows import signal_row
from tui.cockpit.panels.trade_rows import trade_row

_NO_ORDERS: Mapping[ClientOrderId, Order] = {}


def feed_row(  # noqa: PLR0911 - one return per kind of fact
    g: Glyphs, event: Event, orders: Mapping[ClientOrderId, Order] = _NO_ORDERS
) -> FeedRow:
    """Return the words for `event`; `orders` are those that later facts name by id."""
    if isinstance(event, Fact):
        return trade_row(g, event, orders)
    match event:
        case WatchRaised():
            return _watch(g, event.at, event.basket, event.pairs, cleared=False)
        case WatchCleared():
            return _watch(g, event.at, event.basket, event.pairs, cleared=True)
        case CheckCompleted():
            return _check(g, event)
        case LinkChanged() | StreamChanged():
            return _link(g, event)
        case ClockSkewed():
            return _clock(g, event)
        case QuoteWentStale() | QuoteRecovered() | CandlesRejected() | BarsCorrected():
            return _of_asset(g, event)
        case HistoryJoined():
            return _joined(g, event)
        case HistoryLoaded():
            return _history(g, event)
        case AssetsUnlisted() | AssetsListed():
            return _listing(g, event)
        case EngineStarted():
            many = f"{event.baskets} basket{plural(event.baskets)}, {event.assets} assets"
            said = f"version {clean(event.version)}, {clean(event.mode)}, {many}"
            return FeedRow(at=event.at, shape=g.info, word="START", subject="engine", said=said, body=DIM)
        case _:
            return signal_row(g, event)


def _of_asset(g: Glyphs, event: QuoteWentStale | QuoteRecovered | CandlesRejected | BarsCorrected) -> FeedRow:
    match event:
        case QuoteWentStale():
            said = f"last price {text.spoken(event.age_s)} old, totals partial"
            return _asset_row(g.stale, "STALE", event.at, event.asset, said, STALE)
        case QuoteRecovered():
            said = f"fresh again after {text.spoken(event.stale_s)}"
            return _asset_row(g.done, "FRESH", event.at, event.asset, said, DIM)
        case CandlesRejected():
            said = f"{event.count} candle{plural(event.count)} refused: {clean(event.why)}"
            return _asset_row(g.caution, "REFUSED", event.at, event.asset, said, WATCH)
        case BarsCorrected():
            said = f"{event.count} closed bar{plural(event.count)} corrected by the venue"
            return _asset_row(g.info, "BARS", event.at, event.asset, said, DIM)


def _asset_row(shape: str, word: str, at: Ms, asset: str, said: str, ink: Paint) -> FeedRow:
    return FeedRow(at=at, shape=shape, word=word, subject=clean(asset), said=said, ink=ink, body=ink)


def _watch(g: Glyphs, at: Ms, basket: str, pairs: tuple[PairMove, ...], *, cleared: bool) -> FeedRow:
    count = len(pairs)
    said = f"{count} pair{plural(count)} {'back within the limit' if cleared else 'past the limit'}"
    return FeedRow(
        at=at,
        shape=g.done if cleared else g.watch,
        word="CLEAR" if cleared else "WATCH",
        subject=clean(basket),
        said=said,
        pairs=tuple(move_text(g, pair) for pair in pairs),
        ink=DIM if cleared else WATCH,
        body=DIM if cleared else TEXT,
    )


def _check(g: Glyphs, event: CheckCompleted) -> FeedRow:
    baskets = [basket for basket in event.baskets if basket.basket != "portfolio"]  # the account is no basket
    watching = sum(basket.watching for basket in baskets)
    count = sum(basket.pairs for basket in baskets)
    alerting = sum(basket.alert != 0 for basket in event.baskets)
    found = [f"{alerting} in alert"] * (alerting > 0) + [f"{watching} on watch"] * (watching > 0)
    said = f"{len(baskets)} basket{plural(len(baskets))}, {count} pairs, {', '.join(found) or 'nothing new'}"
    if event.missing:
        named = ", ".join(clean(asset) for asset in event.missing[:3])
        more = f" and {len(event.missing) - 3} more" if len(event.missing) > 3 else ""
        said += f", no bar from {named}{more}"
    return FeedRow(at=event.at, shape=g.info, word="CHECK", subject="all", said=said, body=DIM)


def _joined(g: Glyphs, event: HistoryJoined) -> FeedRow:
    former = clean(event.formerly)
    if event.why:
        return _asset_row(
            g.caution, "BARS", event.at, event.asset, f"bars of {former} not joined: {clean(event.why)}", WATCH
        )
    jump = f"{event.jump * 100:+.1f}%".replace("-", g.minus)
    seam = f"{text.date(event.seam)} {text.hour_minute(event.seam)}"
    said = f"{event.bars:,} bars of {former} joined before {seam}, {jump} over the seam"
    return _asset_row(g.info, "BARS", event.at, event.asset, said, DIM)


def _listing(g: Glyphs, event: AssetsUnlisted | AssetsListed) -> FeedRow:
    named = ", ".join(clean(asset) for asset in event.assets)
    gone = isinstance(event, AssetsUnlisted)
    said = "not listed there, so without price and used for nothing" if gone else "listed there now"
    return FeedRow(
        at=event.at,
        shape=g.caution if gone else g.done,
        word="UNLISTED" if gone else "LISTED",
        subject=clean(event.venue),
        said=f"{said}: {named}",
        ink=WATCH if gone else DIM,
        body=TEXT if gone else DIM,
    )


def _link(g: Glyphs, event: LinkChanged | StreamChanged) -> FeedRow:
    if isinstance(event, StreamChanged):
        word, up, said = "STREAM", event.up, "prices are streamed" if event.up else "not streamed"
    else:
        word, up, said = "LINK", event.state is LinkState.UP, str(event.state)
    return FeedRow(
        at=event.at,
        shape=g.done if up else g.caution,
        word=word,
        subject=clean(event.venue),
        said=f"{said}: {clean(event.why)}" if event.why else said,
        ink=DIM if up else WATCH,
        body=DIM if up else TEXT,
    )


def _clock(g: Glyphs, event: ClockSkewed) -> FeedRow:
    way = "behind" if event.skew_ms > 0 else "ahead of"
    off = f"this host's clock is {abs(event.skew_ms) / 1000:.1f} s {way} the venue's: corrected, set it right"
    return FeedRow(
        at=event.at,
        shape=g.caution if event.skewed else g.done,
        word="CLOCK",
        subject="host",
        said=off if event.skewed else "this host's clock is right again",
        ink=WATCH if event.skewed else DIM,
        body=TEXT if event.skewed else DIM,
    )


def _history(g: Glyphs, event: HistoryLoaded) -> FeedRow:
    said = f"{event.bars:,} bars in the state, {event.fetched:,} fetched"
    if event.short:
        said += (
            f", too young for correlation: {', '.join(f'{clean(asset)} {days:.0f} d' for asset, days in event.short)}"
        )
    return FeedRow(at=event.at, shape=g.done, word="HISTORY", subject="all", said=said, body=DIM)
