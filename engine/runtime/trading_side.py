"""Owns the wiring of money: the loop that steps the core, and the desk in front of paper or of a venue's account.

Both answer each other: effects go from the loop to the desk, reports from the desk into the loop. Opens nothing itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from engine.core.inputs import Input
from engine.core.state import EngineState
from engine.domain.ports import BarStore, Broker, Clock, Followed, Journal
from engine.execution.orders import OrderTrack
from engine.runtime.account_feed import AccountFeed
from engine.runtime.broker_desk import OF_A_VENUE, OVERLAP_MS, BrokerDesk
from engine.runtime.journal_writer import JournalWriter
from engine.runtime.loop import EngineLoop
from engine.runtime.notice_desk import NoticeDesk
from engine.runtime.paper_venue import PaperVenue, paper_venue
from engine.runtime.publisher import Publisher
from engine.runtime.recovery import kept_facts

Admit = Callable[[], Awaitable[str]]  # presents the keys; returns why nothing may be sent with them, or nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingSide:
    """The loop, the broker's desk, and the door for what the feed brings."""

    loop: EngineLoop
    desk: BrokerDesk
    put: Callable[[Input], None]


def trading_side(
    state: EngineState,
    clock: Clock,
    store: BarStore,
    journal: Journal,
    publisher: Publisher,
    writer: JournalWriter,
    *,
    announce: Callable[[], None],
    account: tuple[Broker, Admit] | None,
    phone: NoticeDesk,
) -> TradingSide:
    """Return the trading side of an engine: on paper, or on an `account` at a venue."""

    def unsettled() -> tuple[OrderTrack, ...]:
        return state.trading.orders.unsettled()  # of the books as they are then: they may be folded anew

    def answer(item: Input) -> None:
        loop.put(item)

    paper: PaperVenue | None = None
    if account is None:
        paper = paper_venue(state.config, state.trading, clock, life=f"paper-{journal.last_seq()}")
        desk = BrokerDesk(paper.broker, clock, put=answer, unsettled=unsettled, paper=paper)
    else:
        desk = _venue_desk(state, clock, account, put=answer, unsettled=unsettled)

    def put(item: Input) -> None:
        loop.put(item)
        if paper is not None:
            paper.hear(item, desk.wake)

    loop = EngineLoop(
        state,
        clock,
        store,
        publisher,
        writer,
        announce=announce,
        trade=desk.take,
        kept=lambda: kept_facts(journal),
        phone=phone,
    )
    publisher.request = loop.request
    publisher.inputs_waiting = lambda: loop.waiting
    return TradingSide(loop=loop, desk=desk, put=put)


def _venue_desk(
    state: EngineState,
    clock: Clock,
    account: tuple[Broker, Admit],
    *,
    put: Callable[[Input], None],
    unsettled: Callable[[], tuple[OrderTrack, ...]],
) -> BrokerDesk:
    """Return the desk in front of a venue's account; where the venue streams the account, that tells when to ask."""
    broker, admit = account
    speed = state.config.simulation.speed
    desk = BrokerDesk(
        broker,
        clock,
        put=put,
        unsettled=unsettled,
        pace=OF_A_VENUE,
        since=state.trading.booked_until(clock.market_ms()),
        overlap_ms=int(OVERLAP_MS * max(1.0, speed)),  # a venue is late by its own clock, not by the market's
        admit=admit,
    )
    if state.config.venue.stream and isinstance(broker, Followed) and broker.offers_stream:
        desk.follow(AccountFeed(broker.stream, clock, put=put, hint=desk.hint, speed=speed))
    return desk
