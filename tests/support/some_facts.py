"""Owns one fact of every kind the journal keeps, with awkward values, and short ways to make the common ones."""

import math
from decimal import Decimal

from engine.domain.events import EngineStarted
from engine.domain.facts import (
    AccountValued,
    Actor,
    ConfigLoaded,
    Deposited,
    FeeCharged,
    FillRecorded,
    ForeignCounted,
    FundingPaid,
    InterestPaid,
    OrderIntended,
    OrderReported,
    PositionAdopted,
    ProposalDecided,
    ProposalDrafted,
    ProposalEnded,
    SymbolFrozen,
    SymbolReleased,
    TradingHalted,
    TradingResumed,
    Withdrawn,
)
from engine.domain.journal import Journaled
from engine.domain.order import Allocation, Order, OrderSide, OrderState
from engine.domain.proposal import (
    Decision,
    Proposal,
    ProposalKind,
    ProposalLeg,
    ProposalState,
    RiskSummary,
    SkippedLeg,
)
from engine.domain.units import Asset, BasketName, ClientOrderId, FillId, Ms, ProposalId, VenueOrderId
from support.books import START, symbol_of
from support.some_signals import one_signal_of_each_kind

ACTOR = Actor(who="mira", terminal="/dev/pts/3")
LAYER_1, ETH = BasketName("layer-1"), Asset("ETH")


def fill(
    number: int,
    quantity: str,
    price: str,
    *,
    basket: str = "layer-1",
    asset: str = "ETH",
    side: OrderSide = OrderSide.BUY,
    fee: str = "0",
    at: int = 0,
) -> FillRecorded:
    """Return a fill; `at` in milliseconds after the start."""
    return FillRecorded(
        at=Ms(START + at),
        fill_id=FillId(f"t{number}"),
        client_order_id=ClientOrderId("dd1"),
        proposal=ProposalId("p1"),
        basket=BasketName(basket),
        asset=Asset(asset),
        symbol=symbol_of(asset),
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=Decimal(fee),
    )


def risk(gross: float = 12_000.0, undefined: float = math.nan) -> RiskSummary:
    """Return figures, some of them undefined."""
    return RiskSummary(
        gross=gross,
        net=gross,
        vol_ann=0.1 + 0.2,
        hidden_leverage=undefined,
        effective_bets=1.3,
        es95_1d=1e-300,
        es95_rho95=1037.0,
        es95_hedge_break=undefined,
        liquidation_distance=math.inf,
        carry_day=-0.0,
    )


def proposal() -> Proposal:
    """Return a proposal with one leg and one that is skipped."""
    leg = ProposalLeg(
        asset=ETH,
        symbol=symbol_of("ETH"),
        side=OrderSide.SELL,
        quantity=Decimal("0.10"),
        price=Decimal("3012.35"),
        notional=Decimal("301.235"),
        fee=Decimal("0.16567925"),
        reduces=True,
        held=Decimal("0.5"),
        target=Decimal("0.40"),
        low=Decimal("2982.2265"),
        high=Decimal("3042.4735"),
    )
    return Proposal(
        id=ProposalId("p1"),
        basket=LAYER_1,
        kind=ProposalKind.REBALANCE,
        cause="a7",
        reason="ETH–SOL 0.71 → 0.89",
        created_at=START,
        valid_ms=1_800_000,
        legs=(leg,),
        skipped=(SkippedLeg(asset=Asset("SOL"), why="below the minimum"),),
        cost=Decimal("0.23"),
        cost_bps=7.5,
        cost_share_year=math.nan,
        turnover=0.025,
        factor=0.26,
        equal_risk_factor=0.31,
        carry_day=math.nan,
        before=risk(),
        after=risk(9_000.0),
        account_before=risk(),
        account_after=risk(),
        warnings=("the account is small",),
        supersedes=None,
        hash="0123456789abcdef",
    )


def order() -> Order:
    """Return a market order of two baskets."""
    return Order(
        client_order_id=ClientOrderId("dd1"),
        asset=ETH,
        symbol=symbol_of("ETH"),
        side=OrderSide.SELL,
        quantity=Decimal("0.3"),
        price=Decimal("3012.35"),
        limit=None,
        reduce_only=True,
        allocations=(
            Allocation(basket=LAYER_1, proposal=ProposalId("p1"), quantity=Decimal("0.1")),
            Allocation(basket=BasketName("majors"), proposal=ProposalId("p2"), quantity=Decimal("0.2")),
        ),
    )


def one_of_each_kind() -> list[Journaled]:
    """Return a fact of every kind."""
    at, note = START, 'a "note", with ✓ and\nnewline'
    symbol = symbol_of("ETH")
    return [
        EngineStarted(at=at, version="1.0", mode="paper", market="sim", baskets=6, assets=20),
        *one_signal_of_each_kind(),
        ConfigLoaded(at=at, digest="abc", changes=("rules.alert_shift 0.40 → 0.45",)),
        Deposited(at=at, amount=Decimal("50000.00"), note=note, actor=ACTOR),
        Withdrawn(at=at, amount=Decimal("0.00000001"), note="", actor=ACTOR),
        PositionAdopted(
            at=at,
            basket=LAYER_1,
            asset=ETH,
            symbol=symbol,
            quantity=Decimal("-1.5"),
            price=Decimal("3000.1"),
            note=note,
            actor=ACTOR,
        ),
        fill(1, "0.1000", "3012.35", fee="-0.01"),
        FeeCharged(at=at, basket=LAYER_1, amount=Decimal("1E+1"), note=note),
        FundingPaid(at=at, basket=LAYER_1, asset=ETH, symbol=symbol, amount=Decimal("-0.3"), rate=math.nan),
        InterestPaid(at=at, basket=LAYER_1, amount=Decimal("0.3"), note=note),
        ProposalDrafted(at=at, proposal=proposal()),
        ProposalDecided(
            at=at,
            proposal=ProposalId("p1"),
            basket=LAYER_1,
            hash="0123456789abcdef",
            decision=Decision.SNOOZE,
            note=note,
            until=Ms(at + 1),
            actor=ACTOR,
        ),
        ProposalEnded(at=at, proposal=ProposalId("p1"), basket=LAYER_1, state=ProposalState.EXPIRED, why=note),
        OrderIntended(at=at, order=order()),
        OrderReported(
            at=at,
            client_order_id=ClientOrderId("dd1"),
            venue_order_id=VenueOrderId("null"),
            state=OrderState.PARTIAL,
            filled=Decimal("0.2"),
            average_price=Decimal("3012.350"),
            note="",
        ),
        AccountValued(
            at=at,
            equity=Decimal("50020.5"),
            paid_in=Decimal("50000.00"),
            gross=Decimal(800),
            net=Decimal(200),
            partial=True,
        ),
        ForeignCounted(at=at, symbol=symbol, quantity=Decimal("-0.250"), why=note, actor=ACTOR),
        SymbolFrozen(
            at=at, asset=ETH, symbol=symbol, venue=Decimal(2), books=Decimal("1.5"), foreign=Decimal("-0.250")
        ),
        SymbolReleased(at=at, asset=ETH, symbol=symbol, why=note, actor=ACTOR),
        TradingHalted(at=at, note=note, actor=ACTOR),
        TradingResumed(at=at, note=note, actor=ACTOR),
    ]
