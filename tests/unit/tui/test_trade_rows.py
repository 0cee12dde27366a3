"""How the facts of money read in the feed: who decided from where, fills as one row, orders only where they matter."""

import dataclasses
from decimal import Decimal

import msgspec
import pytest

from engine.domain.events import EventRecord
from engine.domain.facts import (
    AccountValued,
    Actor,
    ConfigLoaded,
    Deposited,
    Fact,
    FundingPaid,
    OrderIntended,
    OrderReported,
    PositionAdopted,
    ProposalDecided,
    ProposalDrafted,
    ProposalEnded,
    TradingHalted,
    TradingResumed,
)
from engine.domain.order import OrderState
from engine.domain.proposal import Decision, ProposalKind, ProposalState
from engine.domain.trade_views import ProposalsView, ProposalView
from engine.domain.units import Asset, BasketName, ClientOrderId, Ms, ProposalId, Symbol
from support.books import START
from support.fake_drafts import Drafter
from support.fake_scene import FakeScene
from support.some_facts import ACTOR, fill, one_of_each_kind, order
from tui.cockpit import theme as themes
from tui.cockpit.choice import Choice
from tui.cockpit.deck import ORDERS_KEPT, PROPOSALS, Contact, Deck
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.ink import ALERT_INK, DIM, Line
from tui.cockpit.panels.feed import feed
from tui.cockpit.panels.feed_runs import runs, telling
from tui.cockpit.panels.trade_rows import fills_row, money_row, speaks, trade_row
from tui.cockpit.scene import Scene
from tui.cockpit.theme import ColorSystem

LAYER_1, ETH = BasketName("layer-1"), Asset("ETH")
PROPOSAL = Drafter(FakeScene(panic=0.9)).draft("layer-1", ProposalKind.REBALANCE, 0.3).proposal


def words(event: Fact, deck: Deck | None = None) -> str:
    """Return a fact as the feed says it."""
    row = trade_row(UNICODE, event, deck.orders if deck else {})
    return f"{row.shape} {row.word} {row.subject}: {row.said}"


def decided(decision: Decision, *, note: str = "", until: Ms | None = None, actor: Actor = ACTOR) -> ProposalDecided:
    """Return a decision on the proposal."""
    return ProposalDecided(
        at=START,
        proposal=PROPOSAL.id,
        basket=LAYER_1,
        hash=PROPOSAL.hash,
        decision=decision,
        note=note,
        until=until,
        actor=actor,
    )


def reported(state: OrderState, note: str = "") -> OrderReported:
    """Return what became of the order of `some_facts`."""
    return OrderReported(
        at=START,
        client_order_id=order().client_order_id,
        venue_order_id=None,
        state=state,
        filled=Decimal(0),
        average_price=None,
        note=note,
    )


def ended(state: ProposalState, why: str = "") -> ProposalEnded:
    """Return the end of the proposal."""
    return ProposalEnded(at=START, proposal=PROPOSAL.id, basket=LAYER_1, state=state, why=why)


AUTO = Actor(who="auto_reduce", terminal="")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            ProposalDrafted(at=START, proposal=PROPOSAL),
            "▶ PROPOSAL layer-1: cut gross 67 %, cost $5.83, loss at ρ .95 1.4k→457   layer-1.1",
        ),
        (decided(Decision.APPROVE), "✓ APPROVED layer-1: approved by mira on /dev/pts/3   layer-1.1"),
        (
            decided(Decision.APPROVE, actor=AUTO),
            "✓ APPROVED layer-1: approved by the engine (auto_reduce)   layer-1.1",
        ),
        (
            decided(Decision.HOLD, note="not today"),
            "· HELD layer-1: not traded, held by mira on /dev/pts/3: not today   layer-1.1",
        ),
        (ended(ProposalState.DONE), "✓ DONE layer-1: executed   layer-1.1"),
        (
            ended(ProposalState.PARTIAL, "SOL was rejected"),
            "! PARTIAL layer-1: executed in part: SOL was rejected   layer-1.1",
        ),
        (ended(ProposalState.FAILED, "no link"), "! FAILED layer-1: not executed: no link   layer-1.1"),
        (ended(ProposalState.EXPIRED), "· EXPIRED layer-1: expired without an answer   layer-1.1"),
        (
            FundingPaid(
                at=START, basket=LAYER_1, asset=ETH, symbol=Symbol("ETH"), amount=Decimal("-0.31"), rate=-0.0001
            ),
            "· FUNDING layer-1: ETH funding received $0.31, rate −0.0100%",
        ),
        (
            Deposited(at=START, amount=Decimal(50_000), note="start", actor=ACTOR),
            "· DEPOSIT account: $50,000 came in, by mira on /dev/pts/3: start",
        ),
        (
            PositionAdopted(
                at=START,
                basket=LAYER_1,
                asset=ETH,
                symbol=Symbol("ETH/USDT:USDT"),
                quantity=Decimal("-1.5"),
                price=Decimal(3000),
                note="",
                actor=ACTOR,
            ),
            "· ADOPTED layer-1: short 1.5 ETH at 3,000.0 taken in, by mira on /dev/pts/3",
        ),
        (
            PositionAdopted(
                at=START,
                basket=LAYER_1,
                asset=ETH,
                symbol=Symbol("ETH/USDT"),
                quantity=Decimal("-0.0095"),
                price=Decimal(3000),
                note="too little to be sold",
                actor=ACTOR,
            ),
            "· ADOPTED layer-1: 0.0095 ETH at 3,000.0 let go, by mira on /dev/pts/3: too little to be sold",
        ),
        (
            TradingHalted(at=START, note="lunch", actor=ACTOR),
            "! HALTED account: no order leaves any more, by mira on /dev/pts/3: lunch",
        ),
        (
            TradingResumed(at=START, note="", actor=ACTOR),
            "✓ RESUMED account: orders may leave again, by mira on /dev/pts/3",
        ),
    ],
)
def test_each_fact_is_one_sentence(event: Fact, expected: str) -> None:
    assert words(event) == expected


def test_an_order_is_named_by_what_was_intended_and_unknown_is_amber() -> None:
    deck = Deck()
    deck.append([EventRecord(seq=1, event=OrderIntended(at=START, order=order()))], gap=False)
    row = trade_row(UNICODE, reported(OrderState.UNKNOWN, "no answer in 10 s"), deck.orders)
    assert row.ink is ALERT_INK
    assert row.said.startswith(f"{order().side} ")
    assert f"{order().asset} unknown: no answer in 10 s" in row.said
    assert row.subject == "2 baskets"
    stranger = trade_row(UNICODE, reported(OrderState.REJECTED, "margin"), {})
    assert stranger.subject == order().client_order_id
    assert stranger.said == "rejected: margin"


def test_the_deck_forgets_the_oldest_orders() -> None:
    deck = Deck()
    many = [
        EventRecord(
            seq=number,
            event=OrderIntended(
                at=START, order=dataclasses.replace(order(), client_order_id=ClientOrderId(f"dd{number}"))
            ),
        )
        for number in range(1, ORDERS_KEPT + 3)
    ]
    deck.append(many, gap=False)
    assert len(deck.orders) == ORDERS_KEPT
    assert ClientOrderId("dd1") not in deck.orders


def test_what_went_as_planned_has_no_row_of_its_own() -> None:
    silent = [reported(state) for state in (OrderState.SENT, OrderState.OPEN, OrderState.PARTIAL, OrderState.FILLED)]
    loud = [reported(state) for state in (OrderState.UNKNOWN, OrderState.REJECTED, OrderState.CANCELED)]
    assert [event for event in (*silent, *loud) if speaks(event)] == loud
    facts = [fact for fact in one_of_each_kind() if isinstance(fact, AccountValued | OrderIntended)]
    assert len(facts) == 2
    assert not any(speaks(fact) for fact in facts)
    assert not speaks(ConfigLoaded(at=START, digest="x", changes=()))
    assert list(telling([*silent, loud[0]])) == [loud[0]]


def test_fills_that_follow_each_other_are_one_row() -> None:
    fills = [fill(n, "2", "100", asset=asset, fee="0.11") for n, asset in enumerate(("SOL", "ETH", "SOL"))]
    done = ended(ProposalState.DONE)
    assert [len(run) for run in runs([done, *fills, done])] == [1, 3, 1]
    row = fills_row(UNICODE, fills)
    assert (row.word, row.subject) == ("FILLS", "layer-1")
    assert row.said == "3 fills, $600 in all, fees $0.33: SOL ETH"
    single = fills_row(UNICODE, fills[:1])
    assert single.said == "buy 2 SOL at 100.00, fee $0.11"
    shared = fills_row(UNICODE, [fills[0], fill(9, "1", "1", basket="defi")])
    assert shared.subject == "2 baskets"


def test_a_round_of_funding_is_one_row_with_its_sum() -> None:
    paid = FundingPaid(at=START, basket=LAYER_1, asset=ETH, symbol=Symbol("ETH"), amount=Decimal("0.4"), rate=0.0001)
    got = msgspec.structs.replace(paid, basket=BasketName("defi"), amount=Decimal("-1.0"))
    assert [len(run) for run in runs([paid, got, fill(1, "1", "1")])] == [2, 1]
    row = money_row(UNICODE, [paid, got])
    assert row is not None
    assert (row.subject, row.said) == ("2 baskets", "funding of 2 positions, received $0.60 in all")
    assert money_row(UNICODE, [paid]) is None


def said(line: Line) -> str:
    """Return a line's text."""
    return "".join(text for text, _ in line)


def test_only_a_proposal_that_waits_is_amber_and_says_how_long() -> None:
    deck = Deck()
    deck.engine.state = Contact.UP
    deck.append([EventRecord(seq=1, event=ProposalDrafted(at=START, proposal=PROPOSAL))], gap=False)
    scene = Scene(
        deck=deck,
        choice=Choice(),
        glyphs=UNICODE,
        theme=themes.load("graphite", ColorSystem.TRUE),
        now=10.0,
        feed_ms=START,
    )
    over = feed(scene, 120, 2)[1]
    assert said(over).startswith(" ")
    assert all(paint in (DIM, DIM._replace(bold=True)) or not text.strip() for text, paint in over)
    waiting = ProposalView(proposal=PROPOSAL, state=ProposalState.PENDING, left_s=1600.0)
    deck.put(PROPOSALS, ProposalsView(pending=(waiting,)), 1, 10.0)
    row = feed(scene, 120, 2)[1]
    assert said(row).startswith("▌")
    assert said(row).endswith("26m left ")
    assert (ProposalId("layer-1.1") in said(row)) is True


def test_words_survive_what_a_venue_may_send() -> None:
    odd = msgspec.structs.replace(reported(OrderState.REJECTED), note="\x1b[31m漢字\n")
    row = trade_row(UNICODE, odd, {})
    assert row.said.isprintable()
