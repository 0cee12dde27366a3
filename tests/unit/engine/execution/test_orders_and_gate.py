"""Where orders stand, whatever reports come in whatever order; and the last look before one may leave."""

import math
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import msgspec
import pytest
from msgspec import structs

from engine.domain.config import LimitsConfig
from engine.domain.facts import FillRecorded, OrderIntended, OrderReported
from engine.domain.market import Quote
from engine.domain.order import Order, OrderState
from engine.domain.units import HOUR_MS, BasketName, ClientOrderId, Ms, ProposalId, VenueOrderId
from engine.execution.gate import GateView, blocking, sent_within_the_hour
from engine.execution.orders import TRANSITIONS, Orders
from engine.execution.resting import at_the_touch, crossing
from support.books import START, symbol_of
from support.pictures import instrument, quote
from support.some_facts import fill, order

S = OrderState
INTENT = OrderIntended(at=START, order=order())
DD1 = ClientOrderId("dd1")


def report(state: OrderState, filled: str = "0", *, average: str | None = None, at: int = 1) -> OrderReported:
    return OrderReported(
        at=Ms(START + at),
        client_order_id=DD1,
        venue_order_id=VenueOrderId("v1"),
        state=state,
        filled=Decimal(filled),
        average_price=None if average is None else Decimal(average),
        note=state.value,
    )


def part(number: int, basket: str, quantity: str) -> FillRecorded:
    return fill(number, quantity, "3000", basket=basket)


def test_an_order_goes_from_intent_to_settled() -> None:
    orders = Orders([INTENT, report(S.SENT), report(S.PARTIAL, "0.1", average="3001"), report(S.FILLED, "0.3")])
    track = orders.get(DD1)
    assert track is not None
    assert (track.state, track.filled, track.average_price) == (S.FILLED, Decimal("0.3"), Decimal(3001))
    assert not track.settled
    assert orders.unsettled() == (track,)
    for fact in (part(1, "layer-1", "0.1"), part(1, "majors", "0.2")):
        assert orders.apply(fact)
        assert not orders.apply(fact)
    track = orders.get(DD1)
    assert track is not None
    assert track.settled
    assert track.given == {BasketName("layer-1"): Decimal("0.1"), BasketName("majors"): Decimal("0.2")}
    assert orders.unsettled() == ()


def test_reports_in_any_order_end_in_the_same_place() -> None:
    ends = {
        (track.state, track.filled)
        for late in permutations([report(S.SENT), report(S.PARTIAL, "0.1"), report(S.FILLED, "0.3")])
        for track in Orders([INTENT, *late]).all()
    }
    assert ends == {(S.FILLED, Decimal("0.3"))}


@pytest.mark.parametrize("end", [S.FILLED, S.CANCELED, S.REJECTED])
def test_what_is_over_stays_over(end: OrderState) -> None:
    orders = Orders([INTENT, report(end)])
    assert [orders.apply(report(state, "0.2")) for state in S] == [False] * len(S)


def test_every_state_has_its_row_and_what_is_over_has_an_empty_one() -> None:
    assert set(TRANSITIONS) == set(S)
    assert {state for state, following in TRANSITIONS.items() if not following} == {s for s in S if s.over}


def test_an_unknown_outcome_blocks_its_symbol_until_a_lookup_resolves_it() -> None:
    orders = Orders([INTENT, report(S.SENT), report(S.UNKNOWN)])
    assert orders.blocked() == {symbol_of("ETH")}
    assert orders.apply(report(S.REJECTED))
    assert orders.blocked() == frozenset()


def test_a_stranger_and_a_second_intent_change_nothing() -> None:
    orders = Orders([INTENT])
    before = orders.all()
    other = ClientOrderId("other")
    assert not orders.apply(INTENT)
    assert not orders.apply(msgspec.structs.replace(report(S.SENT), client_order_id=other))
    assert not orders.apply(msgspec.structs.replace(part(1, "layer-1", "0.1"), client_order_id=other))
    assert orders.all() == before
    assert orders.get(other) is None


def test_orders_are_found_by_any_proposal_that_shares_in_them() -> None:
    orders = Orders([INTENT])
    assert orders.of(ProposalId("p1")) == orders.of(ProposalId("p2")) == orders.all()
    assert orders.of(ProposalId("p3")) == ()


def test_a_partial_report_that_says_less_changes_nothing() -> None:
    orders = Orders([INTENT, report(S.PARTIAL, "0.2")])
    assert not orders.apply(report(S.PARTIAL, "0.1"))
    assert orders.apply(report(S.PARTIAL, "0.25"))


# --- the gate ----------------------------------------------------------------------------------------------------

LIMITS = LimitsConfig()
CALM = GateView(
    monotonic=105.0,
    equity=Decimal(50_000),
    gross=Decimal(12_000),
    free=Decimal(38_000),
    sent_last_hour=0,
    halted="",
    blocked=frozenset(),
)
SALE = order()  # sells 0.3 ETH planned at 3012.35, reduce only
PURCHASE = replace(SALE, reduce_only=False)


def why_blocked(order: Order, seen: Quote | None, view: GateView, limits: LimitsConfig) -> str:
    block = blocking(order, seen, view, limits)
    return "" if block is None else block.why


def test_waiting_helps_against_a_stale_price_and_not_against_a_halt() -> None:
    stale, halted = replace(CALM, monotonic=142.0), replace(CALM, halted="by mira")
    blocks = [blocking(SALE, quote("ETH", "3010", received=100.0), view, LIMITS) for view in (stale, halted)]
    assert [block is not None and block.passing for block in blocks] == [True, False]


def test_a_fitting_order_may_leave() -> None:
    assert why_blocked(SALE, quote("ETH", "3010", received=100.0), CALM, LIMITS) == ""
    assert why_blocked(PURCHASE, quote("ETH", "3010", received=100.0), CALM, LIMITS) == ""


@pytest.mark.parametrize(
    ("view", "price", "limits", "sentence"),
    [
        (replace(CALM, halted="by mira"), "3010", LIMITS, "trading is halted: by mira"),
        (replace(CALM, monotonic=142.0), "3010", LIMITS, "ETH price is 42 s old"),
        (CALM, None, LIMITS, "ETH has no price"),
        (
            replace(CALM, blocked=frozenset({symbol_of("ETH")})),
            "3010",
            LIMITS,
            "an order on ETH has an unknown outcome: resolve it first",
        ),
        (CALM, "2980", LIMITS, "ETH moved 108 bps against the plan, 50 are allowed"),
        (
            CALM,
            "3010",
            replace(LIMITS, max_order_notional=Decimal(900)),
            "an order of $904 is above the limit of $900",
        ),
    ],
)
def test_what_stops_reductions_too(view: GateView, price: str | None, limits: LimitsConfig, sentence: str) -> None:
    seen = None if price is None else quote("ETH", price, received=100.0)
    assert why_blocked(SALE, seen, view, limits) == sentence
    assert why_blocked(PURCHASE, seen, view, limits) == sentence


def test_a_price_that_moved_in_favor_stops_nothing() -> None:
    assert why_blocked(SALE, quote("ETH", "3300", received=100.0), CALM, LIMITS) == ""


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        (replace(CALM, gross=Decimal(149_500)), "gross would be $150,404, above 3 times equity"),
        (replace(CALM, free=Decimal("903.69")), "ETH needs $903.71 of margin without leverage and $903.69 are free"),
        (
            replace(CALM, free=Decimal(-5), leverage={symbol_of("ETH"): Decimal(3)}),
            "ETH needs $301.24 of margin at leverage 3 and $0.00 are free",
        ),
        (replace(CALM, sent_last_hour=60), "60 orders in the last hour: the limit is 60"),
    ],
)
def test_what_stops_increases_only(view: GateView, sentence: str) -> None:
    seen = quote("ETH", "3010", received=100.0)
    assert why_blocked(PURCHASE, seen, view, LIMITS) == sentence
    assert why_blocked(SALE, seen, view, LIMITS) == ""


def test_spot_sells_only_what_a_basket_holds_and_only_what_the_venue_shows() -> None:
    seen, spot = quote("ETH", "3010", received=100.0), replace(CALM, on_hand={symbol_of("ETH"): Decimal("0.2")})
    assert why_blocked(PURCHASE, seen, spot, LIMITS) == "spot cannot be sold short: ETH of no basket would be sold"
    assert "the venue holds 0.2 ETH, less than is sold" in why_blocked(SALE, seen, spot, LIMITS)
    enough = replace(spot, on_hand={symbol_of("ETH"): Decimal("0.3")})
    assert why_blocked(SALE, seen, enough, LIMITS) == ""


def test_what_is_not_filled_has_no_slippage_and_no_price() -> None:
    orders = Orders([OrderIntended(at=START, order=SALE)])
    (track,) = orders.all()
    assert math.isnan(track.slippage_bps)
    assert track.booked_price is None


def test_an_order_rests_only_at_a_touch_that_is_there_and_crosses_only_with_what_is_left() -> None:
    listed = instrument("ETH")
    one_sided = structs.replace(quote("ETH", "3010", received=100.0), ask=None)
    assert at_the_touch(SALE, None, listed) == at_the_touch(SALE, one_sided, listed) == SALE
    whole = Orders([OrderIntended(at=START, order=SALE), part(1, "layer-1", "0.1"), part(1, "majors", "0.2")])
    (track,) = whole.all()
    assert crossing(track, listed, 50.0) is None


def test_the_hour_is_the_last_sixty_minutes() -> None:
    sent = tuple(Ms(START + k * HOUR_MS // 4) for k in range(6))
    assert sent_within_the_hour(sent, Ms(START + 5 * HOUR_MS // 4)) == 4
