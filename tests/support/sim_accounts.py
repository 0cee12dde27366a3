"""Owns an exchange with accounts for tests: the simulated market, both clocks in hand, no process and no socket."""

from decimal import Decimal

from engine.domain.order import OrderSide
from engine.domain.units import Asset, Ms, parse_iso
from engine.venue_sim.accounts import Account, ApiKey, VenueName
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.orders import Market, OrderKind, OrderRequest, TimeInForce, VenueOrder
from engine.venue_sim.quotes import Quote
from engine.venue_sim.scenario import Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of

EPOCH = parse_iso("2026-11-20T09:00:00Z")
WALL_MS = 1_795_000_000_000
ETH = Asset("ETH")
MARKET = SimulatedMarket(seed=7, epoch=EPOCH, timeline=Timeline(origin_ms=origin_of(EPOCH)))


class Hall:
    """An exchange and its two clocks."""

    def __init__(self) -> None:
        self.now = Ms(EPOCH)
        self.host_s = 0.0
        self.board = FaultBoard(lambda: self.host_s)
        self.exchange = Exchange(
            MARKET, self.board, now=lambda: self.now, host_s=lambda: self.host_s, wall_ms=lambda: WALL_MS
        )

    def account(self, venue: VenueName = VenueName.BYBIT, money: str = "100000") -> Account:
        """Open an account."""
        number = len(self.exchange.accounts()) + 1
        return self.exchange.open_account(ApiKey(key=f"k{number}", secret="s", venue=venue), Decimal(money))

    def wait(self, market_ms: int, host_s: float = 0.0) -> None:
        """Let time pass and act on the accounts."""
        self.now, self.host_s = Ms(self.now + market_ms), self.host_s + host_s
        self.exchange.advance()

    def quote(self, asset: Asset = ETH) -> Quote:
        """Return the quote of now."""
        return self.exchange.instant().quotes[asset]

    def place(
        self,
        account: Account,
        side: OrderSide,
        quantity: str,
        *,
        price: Decimal | None = None,
        asset: Asset = ETH,
        market: Market = Market.SWAP,
        in_time: TimeInForce = TimeInForce.GTC,
        reduce_only: bool = False,
        client_id: str = "",
    ) -> VenueOrder:
        """Place an order: a limit where there is a price."""
        request = OrderRequest(
            market=market,
            asset=asset,
            side=side,
            kind=OrderKind.MARKET if price is None else OrderKind.LIMIT,
            quantity=Decimal(quantity),
            price=price,
            time_in_force=in_time,
            reduce_only=reduce_only,
            client_id=client_id,
        )
        return self.exchange.place(account, request)
