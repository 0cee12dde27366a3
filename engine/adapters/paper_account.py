"""Owns the paper account as a venue would keep it: net positions, wallet, margin, liquidation, funding.

Exact in Decimal where money moves; the venues' liquidation formulas are `engine.quant.margin`. Knows nothing of
orders or baskets: the paper broker trades on it, the ledger books what comes out.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from engine.domain.order import VenuePosition
from engine.domain.portfolio import EXACT, ZERO, average_cost
from engine.domain.units import Symbol
from engine.quant.margin import (
    ASSUMED_TIERS,
    MarginTier,
    SwapPosition,
    account_is_gone,
    bankruptcy_price,
    cross_price,
    isolated_price,
    position_is_gone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A net position: signed quantity and signed cost."""

    symbol: Symbol
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginRules:
    """How the account is margined. `leverage` is per symbol, `default_leverage` where none is named.

    Isolated: cost / leverage stands behind a position, and as far as money is free all of what is `reserved` for its
    symbol, because the factor cuts exposure and not collateral (DESIGN 2): a position at a factor of 0.3 has the margin
    of its base size. Cross: everything stands behind everything. Spot symbols belong into `leverage` with 1.
    """

    isolated: bool = False
    leverage: Mapping[Symbol, Decimal]
    reserved: Mapping[Symbol, Decimal] = field(default_factory=dict)
    default_leverage: Decimal = Decimal(10)
    tiers: Mapping[Symbol, tuple[MarginTier, ...]]

    def leverage_of(self, symbol: Symbol) -> Decimal:
        """Return the leverage a position of this symbol is opened at."""
        return self.leverage.get(symbol, self.default_leverage)


class PaperAccount:
    """Positions and wallet. `price_of` gives the mark of a symbol, None where there is none yet."""

    def __init__(
        self,
        wallet: Decimal,
        held: Iterable[Held],
        rules: MarginRules,
        *,
        price_of: Callable[[Symbol], Decimal | None],
    ) -> None:
        self.wallet = wallet
        self._held = {each.symbol: each for each in held if each.quantity}
        self._rules = rules
        self._price_of = price_of

    def quantity(self, symbol: Symbol) -> Decimal:
        """Return the net quantity held."""
        return self._held[symbol].quantity if symbol in self._held else ZERO

    def trade(self, symbol: Symbol, quantity: Decimal, price: Decimal, fee: Decimal) -> None:
        """Take in an execution: signed quantity, price, fee."""
        with localcontext(EXACT):
            before = self._held.get(symbol, Held(symbol=symbol, quantity=ZERO, cost=ZERO))
            after, cost, profit = average_cost(before.quantity, before.cost, quantity, price)
            self.wallet += profit - fee
            self._held[symbol] = Held(symbol=symbol, quantity=after, cost=cost)
            if not after:
                del self._held[symbol]

    def adopt(self, symbol: Symbol, quantity: Decimal, price: Decimal) -> None:
        """Take in a position that was there already; only what it makes from here on moves the wallet."""
        self.trade(symbol, quantity, price, ZERO)

    def pay(self, amount: Decimal) -> None:
        """Take money out of the wallet (funding); negative puts it in."""
        with localcontext(EXACT):
            self.wallet -= amount

    def free(self) -> Decimal:
        """Return what is left for new positions: the wallet, cross also open profit, less the initial margins."""
        with localcontext(EXACT):
            held = [(each, self._price_of(each.symbol)) for each in self._held.values()]
            needed = sum((self._initial(each, price) for each, price in held), ZERO)
            if self._rules.isolated:
                return self.wallet - needed
            profit = sum((each.quantity * price - each.cost for each, price in held if price is not None), ZERO)
            return self.wallet + profit - needed

    def initial_margin(self, symbol: Symbol, notional: Decimal) -> Decimal:
        """Return what opening this much needs."""
        return notional / self._rules.leverage_of(symbol)

    def positions(self) -> list[VenuePosition]:
        """Return the positions as a venue lists them, with their liquidation prices."""
        swaps, margins = self._swaps(), self._margins()
        found = []
        for place, each in enumerate(self._held.values()):
            price = (
                isolated_price(swaps[place]) if self._rules.isolated else cross_price(swaps, place, float(self.wallet))
            )
            found.append(
                VenuePosition(
                    symbol=each.symbol,
                    quantity=each.quantity,
                    entry=each.cost / each.quantity,
                    margin=margins[each.symbol] if self._rules.isolated else None,
                    liquidation=None if math.isnan(price) else Decimal(str(price)),
                )
            )
        return found

    def gone(self) -> list[tuple[Symbol, Decimal, Decimal]]:
        """Return what the venue takes at the present prices: symbol, signed quantity, and the price it is taken at.

        An isolated position goes at its bankruptcy price: its margin is lost and nothing else. A cross account goes
        whole, at the marks.
        """
        swaps = self._swaps()
        if not self._rules.isolated:
            if not account_is_gone(swaps, float(self.wallet)):
                return []
            return [
                (each.symbol, each.quantity, self._price_of(each.symbol) or each.cost / each.quantity)
                for each in self._held.values()
            ]
        found = []
        for each, swap in zip(self._held.values(), swaps, strict=True):
            if position_is_gone(swap):
                price = bankruptcy_price(swap.quantity, swap.entry, swap.margin)
                found.append((each.symbol, each.quantity, Decimal(str(price))))
        return found

    def _initial(self, each: Held, price: Decimal | None) -> Decimal:
        if self._rules.isolated or price is None:
            return abs(each.cost) / self._rules.leverage_of(each.symbol)
        return abs(each.quantity) * price / self._rules.leverage_of(each.symbol)

    def _margins(self) -> dict[Symbol, Decimal]:
        """Return what stands behind each isolated position; nothing of its own where margins are cross."""
        if not self._rules.isolated:
            return dict.fromkeys(self._held, ZERO)
        with localcontext(EXACT):
            own = {symbol: self._initial(each, None) for symbol, each in self._held.items()}
            more = {symbol: max(ZERO, self._rules.reserved.get(symbol, ZERO) - own[symbol]) for symbol in own}
            free, wanted = max(ZERO, self.wallet - sum(own.values(), ZERO)), sum(more.values(), ZERO)
            share = min(Decimal(1), free / wanted) if wanted else ZERO
            return {symbol: own[symbol] + more[symbol] * share for symbol in own}

    def _swaps(self) -> list[SwapPosition]:
        found, margins = [], self._margins()
        for each in self._held.values():
            entry = each.cost / each.quantity
            mark = self._price_of(each.symbol)
            found.append(
                SwapPosition(
                    quantity=float(each.quantity),
                    entry=float(entry),
                    mark=float(mark if mark is not None else entry),
                    margin=float(margins[each.symbol]),
                    tiers=self._rules.tiers.get(each.symbol, ASSUMED_TIERS),
                )
            )
        return found
