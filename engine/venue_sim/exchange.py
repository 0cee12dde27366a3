"""Owns the private exchange: its accounts by key, the instant they stand at, and the faults of the matching.

Every private request and a timer bring all accounts to now (`advance`) before anything is read. The dialects ask it in
our own words; the control API reads its truth. It knows no JSON of any venue.
"""

import itertools
from collections.abc import Callable
from decimal import Decimal

from engine.domain.units import Asset, Ms, floor_to
from engine.venue_sim.accounts import Account, ApiKey, VenueName
from engine.venue_sim.faults import FaultBoard, FaultKind
from engine.venue_sim.market_tick import tick
from engine.venue_sim.order_desk import Conduct, Instant, accept, cancel
from engine.venue_sim.orders import QUOTE, ZERO, Market, OrderRequest, VenueOrder
from engine.venue_sim.prices import PriceSource
from engine.venue_sim.quotes import FUNDING_MS, quotes_at


class Exchange:
    """Accounts on one market."""

    def __init__(
        self,
        source: PriceSource,
        board: FaultBoard,
        *,
        now: Callable[[], Ms],
        host_s: Callable[[], float],
        wall_ms: Callable[[], int],
    ) -> None:
        self._source = source
        self._board = board
        self._now = now
        self._host_s = host_s
        self._wall_ms = wall_ms
        self._accounts: dict[str, Account] = {}
        self._numbers = itertools.count(1)
        self._funded = floor_to(now(), FUNDING_MS)

    def open_account(self, key: ApiKey, money: Decimal) -> Account:
        """Open an account with a key and starting money; on Binance it lies in the futures wallet."""
        if key.key in self._accounts:
            raise ValueError(f"the key {key.key!r} has an account already")
        coins: dict[Asset, Decimal] = {}
        spot = coins if key.venue is VenueName.BYBIT else {}
        account = Account(key=key, number=len(self._accounts) + 1, coins=coins, spot_coins=spot)
        account.deposit(QUOTE, money, self._now())
        self._accounts[key.key] = account
        return account

    def deposit(self, account: Account, money: Decimal, *, market: Market = Market.SWAP) -> None:
        """Move quote currency in from outside, or out where it is negative."""
        account.deposit(QUOTE, money, self._now(), market=market)

    def account(self, key: str, venue: VenueName | None = None) -> Account | None:
        """Return the account of a key, or None; `venue` is whose key it must be."""
        found = self._accounts.get(key)
        return found if found is not None and venue in (None, found.key.venue) else None

    def accounts(self) -> list[Account]:
        """Return all accounts."""
        return list(self._accounts.values())

    def venue_clock_ms(self) -> int:
        """Return the real time as the venue's clock has it: signatures are judged on it, never on market time."""
        return self._wall_ms() + self._board.skew_ms()

    def instant(self) -> Instant:
        """Return now with its quotes."""
        now = self._now()
        return Instant(market_ms=now, host_s=self._host_s(), quotes=quotes_at(self._source, now))

    def advance(self) -> Instant:
        """Bring every account to now, and return it."""
        at = self.instant()
        for account in self._accounts.values():
            tick(account, at, self._conduct, self._funded)
        self._funded = max(self._funded, floor_to(at.market_ms, FUNDING_MS))
        return at

    def busy(self) -> bool:
        """Say whether time does anything to any account."""
        return any(account.open or account.held() for account in self._accounts.values())

    def place(self, account: Account, request: OrderRequest) -> VenueOrder:
        """Take an order; raises RefusalError."""
        at = self.advance()
        return accept(account, request, next(self._numbers), at, self._conduct(request.asset))

    def cancel(self, account: Account, order: VenueOrder | None) -> VenueOrder:
        """Cancel an order; raises RefusalError. Where a fault says so it is filled all the same, a little later."""
        at = self.advance()
        late = self._board.active(FaultKind.FILL_AFTER_CANCEL)
        if late and order is not None and order.status.open:
            self._board.use(late[0])
            order.forced, order.trades_from = True, at.host_s + late[0].figure("delay_s")
            return order
        return cancel(account, order, at)

    def find(
        self, account: Account, market: Market, *, order_id: str = "", client_id: str = "", asset: Asset | None = None
    ) -> VenueOrder | None:
        """Return the newest order by the venue's id or the client's; the venue's wins where both are given."""
        if order_id:
            found = account.orders.get(order_id)
            return found if found is not None and found.request.market is market else None
        for order in reversed(account.orders.values()):
            request = order.request
            same = client_id and request.client_id == client_id and request.market is market
            if same and asset in (None, request.asset):
                return order
        return None

    def listed(self, order: VenueOrder) -> bool:
        """Say whether lookups show an order yet."""
        return self._host_s() >= order.listed_from

    def _conduct(self, asset: Asset) -> Conduct:
        """Return how matching in an asset behaves now."""
        share, late, hidden = Decimal(1), 0.0, 0.0
        for fault in self._board.active(FaultKind.PARTIAL_FILLS):
            if fault.concerns(asset):
                share = min(share, Decimal(repr(fault.figure("share"))))
        for fault in self._board.active(FaultKind.LATE_FILLS):
            late = max(late, fault.figure("delay_s"))
        for fault in self._board.active(FaultKind.HIDDEN_ORDERS):
            hidden = max(hidden, fault.figure("delay_s"))
        return Conduct(share=max(ZERO, share), fills_after_s=late, listed_after_s=hidden)
