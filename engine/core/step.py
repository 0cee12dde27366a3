"""Owns the one transition of the engine: state and an input in, facts and effects out. Deterministic, no I/O.

The state is changed in place (its arrays are not copied). Facts go to the journal and the event log, effects to the
runtime, and `changed` names the sections whose views are new. The way of bars is in `bars`.
"""

from engine.core.bars import advance, install, take_candles
from engine.core.decisions import Clerk
from engine.core.desk import follow, give_up, show_values
from engine.core.execution import take_executions, take_report
from engine.core.inputs import (
    AccountAdmitted,
    AccountStreamReported,
    BrokerInput,
    BrokerReported,
    CandlesArrived,
    ClockMeasured,
    Executed,
    FeedReport,
    HistoryReady,
    Input,
    InstrumentsListed,
    JournalFailed,
    LinkReported,
    LoadProgressed,
    OrderHeldBack,
    PausesReported,
    PositionsListed,
    QuotesArrived,
    Requested,
    Stamp,
    StreamReported,
    Ticked,
)
from engine.core.notices import notices
from engine.core.outcome import Outcome, Result
from engine.core.reconcile import take_positions
from engine.core.state import EngineState
from engine.domain.commands import AcknowledgeAlert, SnoozeAlert
from engine.domain.errors import RefusedError
from engine.domain.events import (
    AssetsListed,
    AssetsUnlisted,
    ClockSkewed,
    Event,
    LinkChanged,
    QuoteRecovered,
    QuoteWentStale,
    StreamChanged,
)
from engine.domain.facts import Actor
from engine.domain.market import LinkState, with_funding_of
from engine.domain.units import Ms
from engine.domain.views import Section

SKEW_SAID_MS = 1_000.0


def step(state: EngineState, stamp: Stamp, item: Input) -> Result:
    """Take in one input."""
    out = Outcome()
    _take(state, stamp, item, out)
    if not isinstance(item, FeedReport):
        follow(state, stamp, out)
    if out.events:
        out.notices = notices(state, out.events, asked_for=out.made)
    return out.result()


def _take(state: EngineState, stamp: Stamp, item: Input, out: Outcome) -> None:
    match item:
        case QuotesArrived():
            _take_quotes(state, stamp, item, out)
        case CandlesArrived():
            take_candles(state, stamp, item, out)
            advance(state, stamp, out)
        case Ticked():
            _age_quotes(state, stamp, out)
            if state.pauses:
                out.changed.add(Section.HEALTH)  # they count down
            advance(state, stamp, out)
        case LinkReported() | StreamReported() | ClockMeasured() | PausesReported() | LoadProgressed():
            _take_feed_report(state, stamp, item, out)
        case InstrumentsListed():
            _take_instruments(state, stamp, item, out)
        case HistoryReady():
            install(state, stamp, item, out)
        case Requested():
            _take_request(state, stamp, item, out)
        case JournalFailed():
            give_up(state, item, out)
        case _:
            _take_venue(state, stamp, item, out)


def _take_feed_report(state: EngineState, stamp: Stamp, item: FeedReport, out: Outcome) -> None:
    """Take in how the way to the venue is."""
    out.changed.add(Section.HEALTH)
    match item:
        case LinkReported():
            _take_link(state, stamp, item, out)
        case StreamReported():
            _take_stream(state, stamp, item, out)
        case ClockMeasured():
            _take_skew(state, stamp, item, out)
        case PausesReported(pauses=pauses):
            state.pauses = pauses
        case LoadProgressed():
            state.load = item


def _take_venue(state: EngineState, stamp: Stamp, item: BrokerInput, out: Outcome) -> None:
    """Take in what the broker says; once facts cannot be kept nothing of it may enter the books."""
    if state.attempt.journal_down:
        return
    match item:
        case PositionsListed():
            take_positions(state, stamp, item, out)
        case AccountAdmitted(refused=refused):
            state.refused = refused
            out.changed.add(Section.HEALTH)
        case BrokerReported(why=why):
            state.attempt.broker_down = why
            out.changed.add(Section.HEALTH)
        case AccountStreamReported():
            state.attempt.account_stream = item
            out.changed.add(Section.HEALTH)
        case OrderHeldBack(client_order_id=name):
            state.attempt.sent.pop(name, None)
        case Executed():
            take_executions(state, item, out)
        case _:
            take_report(state, stamp, item, out)


def _take_quotes(state: EngineState, stamp: Stamp, item: QuotesArrived, out: Outcome) -> None:
    for quote in item.quotes:
        asset = state.asset_of[quote.symbol]
        held = state.quotes.get(asset)
        if held is not None and quote.received < held.received:
            state.quotes[asset] = with_funding_of(held, quote)
            continue  # overtaken on its way: what is held is newer
        state.quotes[asset] = quote if held is None else with_funding_of(quote, held)
        state.rolling.take(state.index[asset], quote.event_ms, float(quote.last))
        since = state.stale.get(asset)
        if since is not None and stamp.monotonic - quote.received <= state.stale_after_s:
            del state.stale[asset]
            out.events.append(QuoteRecovered(at=stamp.market_ms, asset=asset, stale_s=stamp.monotonic - since))
    out.changed.add(Section.QUOTES)
    show_values(state, stamp, out)


def _age_quotes(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Say which prices went stale; with a link down all of its do, and the link's own event has said so."""
    down = {name for name in {"", *state.links} if state.link(name).state is LinkState.DOWN}
    for asset, quote in state.quotes.items():
        if down and state.venue_of[asset] in down:
            continue
        age = stamp.monotonic - quote.received
        if age > state.stale_after_s and asset not in state.stale:
            state.stale[asset] = quote.received
            out.events.append(QuoteWentStale(at=stamp.market_ms, asset=asset, age_s=age))
            out.changed.add(Section.QUOTES)


def _take_link(state: EngineState, stamp: Stamp, item: LinkReported, out: Outcome) -> None:
    was, state.links[item.venue] = state.link(item.venue).state, item
    if item.state is not was:
        venue = item.venue or state.config.venue.id
        out.events.append(LinkChanged(at=stamp.market_ms, venue=venue, state=item.state, why=item.why))


def _take_stream(state: EngineState, stamp: Stamp, item: StreamReported, out: Outcome) -> None:
    was = state.streams.get(item.venue)
    state.streams[item.venue] = item
    if item != was and (item.up or item.why or was is not None):
        venue = item.venue or state.config.venue.id
        out.events.append(StreamChanged(at=stamp.market_ms, venue=venue, up=item.up, why=item.why))


def _take_skew(state: EngineState, stamp: Stamp, item: ClockMeasured, out: Outcome) -> None:
    """Say when this host's clock is off by more than a second, and when it is right again: by the default venue."""
    if item.venue:
        return
    state.skew_ms = item.skew_ms
    limit = SKEW_SAID_MS / 2 if state.skewed else SKEW_SAID_MS
    skewed = abs(item.skew_ms) > limit
    if skewed != state.skewed:
        state.skewed = skewed
        out.events.append(ClockSkewed(at=stamp.market_ms, skew_ms=item.skew_ms, skewed=skewed))


def _take_instruments(state: EngineState, stamp: Stamp, item: InstrumentsListed, out: Outcome) -> None:
    """Take a venue's list, and say what is not on it any more, or again."""
    watched = {symbol: asset for symbol, asset in state.asset_of.items() if state.venue_of[asset] == item.venue}
    before = state.listings.get(item.venue)
    known = watched.keys() if before is None else before.keys()
    gone = tuple(asset for symbol, asset in watched.items() if symbol in known and symbol not in item.listed)
    back = tuple(asset for symbol, asset in watched.items() if symbol not in known and symbol in item.listed)
    others = before != item.listed  # an end may have been announced
    state.listings[item.venue] = item.listed
    if "" in state.listings:  # nothing begins before the default venue has answered
        state.listed = {symbol: found for each in state.listings.values() for symbol, found in each.items()}
    venue = item.venue or state.config.venue.id
    if gone:
        out.events.append(AssetsUnlisted(at=stamp.market_ms, venue=venue, assets=gone))
    if back:
        out.events.append(AssetsListed(at=stamp.market_ms, venue=venue, assets=back))
    if gone or back or others:
        out.changed.add(Section.BOOKS)
    out.changed.add(Section.HEALTH)


def _take_request(state: EngineState, stamp: Stamp, item: Requested, out: Outcome) -> None:
    """Do what a person asks, or say why not."""
    try:
        if isinstance(item.command, AcknowledgeAlert | SnoozeAlert):
            _answer_alert(state, stamp, item.command, item.actor, out)
        else:
            Clerk(state, stamp, item.actor, out).take(item.command)
    except RefusedError as error:
        out.refusal = str(error)


def _answer_alert(
    state: EngineState, stamp: Stamp, command: AcknowledgeAlert | SnoozeAlert, actor: Actor, out: Outcome
) -> None:
    board, at = state.signals.board, stamp.market_ms
    event: Event
    match command:
        case AcknowledgeAlert(id=ident, note=note):
            event = board.acknowledge(ident, at, who=actor.who, note=note)
        case SnoozeAlert(id=ident, for_ms=for_ms):
            event = board.snooze(ident, at, until=Ms(at + for_ms), who=actor.who)
    state.signals.apply(event)
    out.events.append(event)
    out.changed.update((Section.ALERTS, Section.BOOKS))
