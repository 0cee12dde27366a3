"""Owns a stage for broker tests: a paper broker with instruments, a clock and quotes that a test moves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from msgspec import structs

from engine.adapters.paper_account import Held, MarginRules
from engine.adapters.paper_broker import PaperBroker, PaperTerms
from engine.domain.market import Funding, Instrument, MarketKind
from engine.domain.order import Allocation, Order, OrderSide
from engine.domain.units import Asset, BasketName, ClientOrderId, Ms, ProposalId, Symbol
from support.books import TestClock, symbol_of
from support.pictures import instrument, quote

ASSETS = ("ETH", "SOL")


class PaperStage:
    """A paper venue at a moment: 10,000 in the wallet, ETH at 3,000 and SOL at 150, a spread of 2 bps."""

    def __init__(
        self,
        *,
        wallet: str = "10000",
        held: Sequence[Held] = (),
        working: Sequence[tuple[Order, Decimal]] = (),
        depth: str | None = None,
        isolated: bool = False,
        leverage: Mapping[str, int] | None = None,
        kind: MarketKind = MarketKind.SWAP,
        funded_until: Ms | None = None,
        clock: TestClock | None = None,
        life: str = "1",
        reserved: Mapping[str, int] | None = None,
    ) -> None:
        self.clock = clock or TestClock()
        self.funding: dict[str, Funding] = {}  # what the quotes from here on say of it
        named = {symbol_of(asset): Decimal(each) for asset, each in (leverage or {}).items()}
        self.broker = PaperBroker(
            self.clock,
            PaperTerms(
                fee_bps=Decimal("5.5"),
                slippage_bps=Decimal(2),
                depth=None if depth is None else Decimal(depth),
            ),
            MarginRules(
                isolated=isolated,
                leverage=named,
                reserved={symbol_of(asset): Decimal(each) for asset, each in (reserved or {}).items()},
                tiers={},
            ),
            wallet=Decimal(wallet),
            held=held,
            working=working,
            funded_until=funded_until,
            life=life,
        )
        listed: dict[Symbol, Instrument] = {symbol_of(asset): instrument(asset, kind=kind) for asset in ASSETS}
        self.broker.take_instruments(listed)
        self.quote(ETH="3000", SOL="150")

    def quote(self, **prices: str) -> None:
        """Let the market move."""
        quotes = [
            structs.replace(quote(asset, price), funding=self.funding.get(asset)) for asset, price in prices.items()
        ]
        self.broker.take_quotes(quotes)


def an_order(
    number: int,
    quantity: str,
    *,
    asset: str = "ETH",
    price: str = "3000",
    limit: str | None = None,
    reduce_only: bool = False,
) -> Order:
    """Return an order of a signed quantity."""
    signed = Decimal(quantity)
    found = Order(
        client_order_id=ClientOrderId(f"dd{number}"),
        asset=Asset(asset),
        symbol=symbol_of(asset),
        side=OrderSide.BUY if signed > 0 else OrderSide.SELL,
        quantity=abs(signed),
        price=Decimal(price),
        limit=None if limit is None else Decimal(limit),
        reduce_only=reduce_only,
        allocations=(),
    )
    part = Allocation(basket=BasketName("layer-1"), proposal=ProposalId("p1"), quantity=abs(signed))
    return replace(found, allocations=(part,))
