"""What the trader asks: decisions that fit one state of the world, drafts of his own, money, the halt."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.commands import (
    AdoptPosition,
    ApproveProposals,
    CloseBasket,
    DepositMoney,
    EditProposal,
    FlattenAccount,
    HaltTrading,
    HoldProposal,
    OpenBasket,
    RebalanceBasket,
    ResumeTrading,
    Shown,
    SnoozeProposal,
    WithdrawMoney,
)
from engine.domain.facts import Deposited, PositionAdopted, ProposalDecided, Withdrawn
from engine.domain.order import OrderState
from engine.domain.proposal import ProposalKind, ProposalState
from engine.domain.units import Asset, BasketName, ProposalId
from support.books import long_basket, small_config
from support.trading_driver import TradingDriver
from support.trading_moves import HEDGE, HEDGE_BASKET, LONG_BASKET, LONGS, approval, driver, next_life, opened, refusal

OPEN = OpenBasket(basket=LONGS)
P1, P2 = ProposalId("longs-1"), ProposalId("longs-2")


@pytest.fixture
def flat() -> TradingDriver:
    """Return a driver with one basket that holds nothing."""
    return driver()


@pytest.fixture
def held() -> TradingDriver:
    """Return a driver with one basket that is open."""
    return opened()


# -- a decision fits one state of the world


def test_an_approval_writes_decision_and_intents_and_the_basket_is_held(flat: TradingDriver) -> None:
    ident = flat.do(OPEN)
    decided = flat.last(ProposalDecided)
    assert isinstance(decided, ProposalDecided)
    assert (decided.actor.who, decided.hash) == ("mira", flat.proposal(ident).hash)
    assert flat.entry(ident).state is ProposalState.DONE
    assert all(flat.held("longs", leg.asset) == leg.quantity for leg in flat.proposal(ident).legs)
    assert flat.disagreements() == []


def test_other_numbers_than_those_shown_are_refused_and_quoted_anew(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    said = refusal(flat, ApproveProposals(shown=(Shown(id=P1, hash="0" * 16),)))
    assert said == "proposal longs-1 has changed since it was shown: look at it again; a fresh quote is there: longs-2"
    assert (flat.entry(P1).state, flat.entry(P2).state) == (ProposalState.SUPERSEDED, ProposalState.PENDING)
    assert not flat.trading.orders.all()


def test_what_was_superseded_is_refused_and_the_new_one_is_named(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    old = approval(flat, P1)
    flat.ask(OPEN)
    said = refusal(flat, old)
    assert said == (
        "proposal longs-1 cannot be approved: a newer proposal has taken its place; longs-2 waits for a decision"
    )


def test_a_proposal_is_over_half_an_hour_of_host_time_after_it_was_shown(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    flat.tick(1799)
    assert flat.entry(P1).state is ProposalState.PENDING
    flat.tick(2)
    assert refusal(flat, approval(flat, P1)) == "proposal longs-1 cannot be approved: it has expired"
    assert flat.entry(P1).ended is not None


def test_a_stale_price_is_refused_and_the_proposal_stays(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    flat.tick(16, fresh=False)
    said = refusal(flat, approval(flat, P1))
    assert said.endswith("price is 16 s old")
    assert flat.waiting("longs") == flat.proposal(P1)
    flat.quote()
    flat.approve(P1)
    assert flat.entry(P1).state is ProposalState.DONE


def test_a_price_out_of_its_band_is_refused_and_the_fresh_quote_can_be_approved(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    flat.quote(AAA=flat.prices[Asset("AAA")] * 1.006)
    said = refusal(flat, approval(flat, P1))
    assert said.startswith("AAA is at ")
    assert said.endswith("that the proposal allows; a fresh quote is there: longs-2")
    before, after = flat.proposal(P1), flat.proposal(P2)
    assert [(leg.asset, leg.side, leg.held) for leg in after.legs] == [
        (leg.asset, leg.side, leg.held) for leg in before.legs
    ]
    flat.approve(P2)
    assert flat.disagreements() == []


def test_a_price_inside_its_band_may_be_approved_as_shown(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    flat.quote(AAA=flat.prices[Asset("AAA")] * 1.004)
    flat.approve(P1)
    assert flat.entry(P1).state is ProposalState.DONE
    assert flat.disagreements() == []


def test_a_second_approval_is_refused(flat: TradingDriver) -> None:
    shown = ApproveProposals(shown=(Shown(id=flat.do(OPEN), hash=flat.proposal(P1).hash),))
    orders = len(flat.trading.orders.all())
    assert refusal(flat, shown) == "proposal longs-1 cannot be approved: it is done"
    assert len(flat.trading.orders.all()) == orders


def test_the_same_proposal_twice_in_one_request_is_refused(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    said = refusal(flat, approval(flat, P1, P1))
    assert said == "two proposals of one basket cannot be approved together"
    assert not flat.trading.orders.all()


def test_a_symbol_that_another_proposal_still_trades_waits() -> None:
    d = driver(LONG_BASKET, long_basket("others", "CCC", "DDD"))
    d.ask(OPEN)
    d.ask(OpenBasket(basket=BasketName("others")))
    d.hold_effects = True
    d.approve(P1)
    assert refusal(d, approval(d, "others-1")).startswith("CCC is being traded by longs-1: approve again when")
    d.release()
    d.approve(d.trading.board.open()[0].proposal.id)
    assert d.disagreements() == []


def test_all_or_none_of_several_proposals_are_approved() -> None:
    d = driver(LONG_BASKET, HEDGE_BASKET)
    d.ask(OPEN)
    d.ask(OpenBasket(basket=HEDGE))
    wrong = ApproveProposals(shown=(*approval(d, P1).shown, Shown(id=ProposalId("hedge-1"), hash="no")))
    assert "hedge-1 has changed" in refusal(d, wrong)
    assert d.entry(P1).state is ProposalState.PENDING
    assert not d.trading.orders.all()


# -- the halt


def test_halted_trading_refuses_approvals_until_it_is_resumed_and_survives_a_restart(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    flat.ask(HaltTrading(note="lunch"))
    assert refusal(flat, approval(flat, P1)).startswith("trading is halted: lunch")
    assert refusal(flat, HaltTrading()) == "trading is halted already: lunch"
    again = next_life(flat)
    assert again.trading.halted == "lunch"
    again.ask(ResumeTrading())
    assert refusal(again, ResumeTrading()) == "trading is not halted"
    again.approve(again.trading.board.open()[0].proposal.id)
    assert again.disagreements() == []


def test_a_halt_cancels_what_is_open_at_the_venue() -> None:
    config = small_config(LONG_BASKET)
    d = driver(config=replace(config, account=replace(config.account, paper_depth=Decimal(100))))
    d.do(OPEN)
    assert {track.state for track in d.trading.orders.all()} == {OrderState.PARTIAL}
    d.ask(HaltTrading(note="enough"))
    assert {track.state for track in d.trading.orders.all()} == {OrderState.CANCELED}
    assert d.entry(P1).state is ProposalState.PARTIAL
    d.tick()
    assert d.disagreements() == []


# -- drafts of his own


def test_what_does_not_fit_what_is_held_is_refused_in_words(held: TradingDriver, flat: TradingDriver) -> None:
    assert refusal(held, OPEN) == "longs is open already: 'rebalance' brings it to its targets"
    assert refusal(flat, RebalanceBasket(basket=LONGS, note="why")).startswith("longs holds nothing: 'open' drafts")
    assert refusal(flat, CloseBasket(basket=LONGS)).startswith("longs holds nothing")
    assert refusal(flat, FlattenAccount()) == "nothing is held: there is nothing to close"
    assert "needs a note" in refusal(held, RebalanceBasket(basket=LONGS, note="  "))
    assert refusal(held, RebalanceBasket(basket=LONGS, note="why")).startswith("nothing to do for longs")


@pytest.mark.parametrize("fraction", [0.0, -0.5, 1.01, float("nan")])
def test_a_fraction_that_is_none_cannot_be_closed(held: TradingDriver, fraction: float) -> None:
    assert "give a number above 0 up to 1" in refusal(held, CloseBasket(basket=LONGS, fraction=fraction))


def test_strangers_are_refused_with_what_there_is(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    assert refusal(flat, OpenBasket(basket=BasketName("nope"))) == "no basket 'nope': there are longs"
    strange = HoldProposal(id=ProposalId("nope-1"))
    assert refusal(flat, strange) == "there is no proposal nope-1; longs-1 waits for a decision"
    assert refusal(flat, ApproveProposals(shown=())) == "no proposal was named"


def test_a_part_of_every_leg_is_closed_and_then_the_rest(held: TradingDriver) -> None:
    before = {asset: held.held("longs", asset) for asset in held.prices}
    held.do(CloseBasket(basket=LONGS, fraction=0.5))
    for asset, quantity in before.items():
        assert abs(held.held("longs", asset) - quantity / 2) <= Decimal("0.001")
    held.do(FlattenAccount())
    assert held.trading.account.book(LONGS).flat
    assert held.disagreements() == []


def test_a_snooze_that_is_over_already_is_refused(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    assert "give a time that lies ahead" in refusal(flat, SnoozeProposal(id=P1, for_ms=0))
    flat.ask(HoldProposal(id=P1))
    assert refusal(flat, HoldProposal(id=P1)) == "proposal longs-1 does not wait for a decision any more: it is held"
    assert refusal(flat, EditProposal(id=P1)) == "proposal longs-1 cannot be edited: it is held"


def test_an_edit_drops_legs_and_scales_the_others(flat: TradingDriver) -> None:
    flat.ask(OPEN)
    before = {leg.asset: leg.quantity for leg in flat.proposal(P1).legs}
    flat.ask(EditProposal(id=P1, drop=(Asset("BBB"),), scale=0.5))
    edited = flat.proposal(P2)
    assert (flat.entry(P1).state, edited.edited, edited.kind) == (ProposalState.SUPERSEDED, True, ProposalKind.OPEN)
    assert {leg.asset for leg in edited.legs} == {"AAA", "CCC"}
    assert all(abs(leg.quantity - before[leg.asset] / 2) <= Decimal("0.001") for leg in edited.legs)
    assert "without BBB, scaled to 50%" in edited.reason
    assert refusal(flat, EditProposal(id=P2, drop=(Asset("BBB"),))) == "proposal longs-2 has no leg in BBB"
    assert "give more than 0 % and up to 100 %" in refusal(flat, EditProposal(id=P2, scale=0))
    assert refusal(flat, EditProposal(id=P2, drop=(Asset("AAA"), Asset("CCC")))).startswith("nothing to do for longs")


# -- money and positions without an order


def test_longs_and_shorts_are_adopted_at_their_price_and_trade_on() -> None:
    d = driver(HEDGE_BASKET)
    d.ask(AdoptPosition(basket=HEDGE, asset=Asset("AAA"), quantity=Decimal(10)))
    d.ask(AdoptPosition(basket=HEDGE, asset=Asset("CCC"), quantity=Decimal(-7), price=Decimal(80)))
    taken = d.last(PositionAdopted)
    assert isinstance(taken, PositionAdopted)
    assert [d.held("hedge", "AAA"), d.held("hedge", "CCC"), taken.price] == [Decimal(10), Decimal(-7), Decimal(80)]
    assert d.disagreements() == []
    d.do(RebalanceBasket(basket=HEDGE, note="complete it"))
    assert d.held("hedge", "DDD") < 0 < d.held("hedge", "BBB")
    assert d.disagreements() == []


def test_what_cannot_be_adopted_is_refused(flat: TradingDriver) -> None:
    one = AdoptPosition(basket=LONGS, asset=Asset("AAA"), quantity=Decimal(1))
    strange = AdoptPosition(basket=LONGS, asset=Asset("ZZZ"), quantity=Decimal(1))
    assert refusal(flat, strange) == "longs has no leg in ZZZ: its assets are AAA, BBB, CCC"
    del flat.state.quotes[Asset("AAA")]
    assert "say at which it was taken in" in refusal(flat, one)
    nothing = AdoptPosition(basket=LONGS, asset=Asset("AAA"), quantity=Decimal(0), price=Decimal(1))
    assert refusal(flat, nothing).startswith("nothing cannot be adopted")
    assert not any(isinstance(fact, PositionAdopted) for fact in flat.facts)


def test_money_comes_in_and_only_what_is_free_goes_out(held: TradingDriver) -> None:
    held.ask(DepositMoney(amount=Decimal(1000), note="more"))
    assert isinstance(held.last(Deposited), Deposited)
    assert held.disagreements() == []
    assert refusal(held, WithdrawMoney(amount=Decimal(47_500))).startswith("only $46,9")
    held.ask(WithdrawMoney(amount=Decimal(46_000)))
    gone = held.last(Withdrawn)
    assert isinstance(gone, Withdrawn)
    assert gone.amount == 46_000
    assert held.disagreements() == []


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "Infinity"])
def test_no_amount_is_no_money(flat: TradingDriver, amount: str) -> None:
    assert refusal(flat, DepositMoney(amount=Decimal(amount))) == "give an amount above zero"
    assert refusal(flat, WithdrawMoney(amount=Decimal(amount))) == "give an amount above zero"
