"""Plays random moves of a trader and a market on a driver, and keeps the money by hand beside it.

Adds up facts in plain Decimal sums; what the ledger, the orders and the paper venue say is held against that.
"""

import asyncio
import copy
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from msgspec import structs

from engine.core.drafting import Draftsman
from engine.core.inputs import QuotesArrived
from engine.domain.commands import CloseBasket, CoreCommand
from engine.domain.errors import RefusedError
from engine.domain.facts import Deposited, FillRecorded, FundingPaid, OrderIntended, TradeFact, Withdrawn
from engine.domain.market import Funding
from engine.domain.proposal import Proposal, ProposalKind
from engine.domain.units import HOUR_MS, Asset, BasketName, ProposalId, Symbol
from engine.runtime.broker_desk import BrokerDesk
from support.books import symbol_of
from support.pictures import quote
from support.trading_driver import TradingDriver

FUNDING_8H = 0.0003
ROUNDING = Decimal("1e-9")
SETTLED_WITHIN = 90  # ticks of 2 s: what does not fill is canceled after 120 s


def twin_of(driver: TradingDriver) -> TradingDriver:
    """Return a copy that lives on by itself, of a driver on which nothing was traded yet."""
    twin = copy.deepcopy(driver)
    twin._queue = []
    twin._desk = BrokerDesk(
        twin.venue.broker, twin.clock, put=twin._queue.append, unsettled=twin._unsettled, paper=twin.venue
    )
    return twin


@dataclass(frozen=True)
class Money:
    """What facts add up to."""

    paid_in: Decimal
    cash: Decimal
    held: dict[tuple[str, str], Decimal]  # basket, asset

    def total(self, asset: str) -> Decimal:
        """Return what all baskets hold of an asset."""
        return sum((q for (_, each), q in self.held.items() if each == asset), Decimal(0))


def money_of(facts: Iterable[TradeFact]) -> Money:
    """Return paid-in money, cash and holdings, added up from the facts."""
    paid_in, cash = Decimal(0), Decimal(0)
    held: dict[tuple[str, str], Decimal] = {}
    for fact in facts:
        match fact:
            case Deposited(amount=amount):
                paid_in += amount
            case Withdrawn(amount=amount):
                paid_in -= amount
            case FundingPaid(amount=amount):
                cash -= amount
            case FillRecorded():
                key = (fact.basket, fact.asset)
                held[key] = held.get(key, Decimal(0)) + fact.side.sign * fact.quantity
                cash -= fact.side.sign * fact.quantity * fact.price + fact.fee
            case _:
                pass
    return Money(paid_in, paid_in + cash, held)


class Play:
    """One life of an engine under random moves."""

    def __init__(self, driver: TradingDriver) -> None:
        self.driver = driver
        self.baskets = [basket.name for basket in driver.config.baskets]
        self.assets = tuple(driver.config.symbols)
        self.refusals: list[str] = []
        self.done: list[ProposalId] = []

    # -- moves

    def start_funding(self) -> None:
        """Let the venue know funding rates, so that positions pay from here on."""
        rate = Funding(rate=FUNDING_8H, every_ms=8 * HOUR_MS)
        quotes = [quote(a, f"{p:.6f}", received=self.driver.clock.seconds) for a, p in self.driver.prices.items()]
        self.driver.put(QuotesArrived(quotes=tuple(structs.replace(q, funding=rate) for q in quotes)))

    def ask(self, command: CoreCommand) -> tuple[Proposal, ...]:
        """Ask; a refusal is an answer, and drafts nothing."""
        try:
            return tuple(self.driver.proposal(ident) for ident in self.driver.ask(command))
        except RefusedError as error:
            self.refusals.append(str(error))
            return ()

    def approve(self, proposals: Iterable[Proposal]) -> bool:
        """Approve together; return whether that was taken."""
        idents = [proposal.id for proposal in proposals]
        try:
            self.driver.approve(*idents)
        except RefusedError as error:
            self.refusals.append(str(error))
            return False
        self.done += idents
        return True

    def settle(self) -> None:
        """Let time pass until nothing is being executed."""
        for _ in range(SETTLED_WITHIN):
            if not self.driver.trading.board.executing():
                return
            self.driver.tick(2.0)
        left = [each.proposal.id for each in self.driver.trading.board.executing()]
        raise AssertionError(f"never over: {left}")

    def volatile(self) -> bool:
        """Return whether nothing may grow now."""
        return self.driver.state.signals.volatile(self.driver.clock.now_ms)

    # -- what must hold

    def price(self, asset: str) -> Decimal:
        """Return the price that values an asset, as the driver quotes it."""
        return Decimal(f"{self.driver.prices[Asset(asset)]:.6f}")

    def fills(self) -> list[FillRecorded]:
        """Return every basket's part of every fill so far."""
        return [fact for fact in self.driver.facts if isinstance(fact, FillRecorded)]

    def equity(self) -> Decimal:
        """Return cash and positions, by hand."""
        money = money_of(self.driver.facts)
        return money.cash + sum((money.total(a) * self.price(a) for a in self.assets), Decimal(0))

    def venue_equity(self) -> Decimal:
        """Return the paper venue's wallet with the open profit of its positions."""
        price: dict[Symbol, Decimal] = {symbol_of(a): self.price(a) for a in self.assets}
        held = asyncio.run(self.driver.broker.positions())
        profit = sum(
            (each.quantity * (price[each.symbol] - (each.entry or Decimal("nan"))) for each in held), Decimal(0)
        )
        return asyncio.run(self.driver.broker.wallet()) + profit

    def wrong(self) -> list[str]:
        """Return every way in which fills, books, orders and the venue do not say the same."""
        money, account = money_of(self.driver.facts), self.driver.trading.account
        found = [
            f"{basket} {asset}: fills make {quantity}, the book says {self.driver.held(basket, asset)}"
            for (basket, asset), quantity in money.held.items()
            if quantity != self.driver.held(basket, asset)
        ]
        found += [
            f"{asset}: fills make {money.total(asset)}, the account says {account.net(symbol_of(asset))}"
            for asset in self.assets
            if money.total(asset) != account.net(symbol_of(asset))
        ]
        if (money.paid_in, money.cash) != (account.paid_in, account.cash):
            found.append(f"cash: facts make {money.cash}, the books say {account.cash}")
        if abs(self.venue_equity() - self.equity()) > ROUNDING:
            found.append(f"equity: {self.equity()} by hand, {self.venue_equity()} at the venue")
        return found + self.overfilled() + self.disagreements()

    def overfilled(self) -> list[str]:
        """Return the orders of which more was filled, or booked, than they asked for."""
        wanted = {
            fact.order.client_order_id: fact.order for fact in self.driver.facts if isinstance(fact, OrderIntended)
        }
        booked = dict.fromkeys(wanted, Decimal(0))
        for fact in self.driver.facts:
            if isinstance(fact, FillRecorded) and fact.client_order_id in booked:
                booked[fact.client_order_id] += fact.quantity
        found = [
            f"{wanted[name]}: {quantity} booked"
            for name, quantity in booked.items()
            if quantity > wanted[name].quantity
        ]
        tracks = self.driver.trading.orders.all()
        return found + [f"{each.order}: {each.filled} filled" for each in tracks if each.filled > each.order.quantity]

    def disagreements(self) -> list[str]:
        """Return the driver's; baskets that share an asset have a wallet of their own, see `venue_equity`."""
        shared = len(self.assets) < sum(len(basket.legs) for basket in self.driver.config.baskets)
        found = self.driver.disagreements()
        return [each for each in found if not (shared and each.startswith("wallet"))]

    # -- targets

    def targets(self, basket: BasketName, command: CoreCommand) -> dict[str, Decimal]:
        """Return the signed quantities that a command of now should lead to."""
        state = self.driver.state
        desk, track = Draftsman(state, self.driver.clock.now_ms), state.baskets[basket]
        if isinstance(command, CloseBasket):
            left = 1 - Decimal(command.fraction)
            return {asset: self.driver.held(basket, asset) * left for asset in track.basket.assets}
        grows = self.driver.trading.account.book(basket).flat
        sized = desk.sized(track, only_reduce=self.volatile() and not grows)
        return {a: Decimal(v) / self.price(a) for a, v in zip(track.basket.assets, sized.values.tolist(), strict=True)}

    def astray(self, proposal: Proposal, targets: dict[str, Decimal], kind: ProposalKind) -> list[str]:
        """Return the legs that do not end within one step of their targets; what is too small to trade may stay."""
        assert proposal.kind is kind
        after = {asset: self.driver.held(proposal.basket, asset) for asset in targets}
        after |= {leg.asset: leg.target for leg in proposal.legs}
        traded, listed = {leg.asset for leg in proposal.legs}, self.driver.state.listed or {}
        found = []
        for asset, target in targets.items():
            instrument, missing = listed[symbol_of(asset)], abs(after[asset] - target)
            whole_steps = missing // instrument.quantity_step * instrument.quantity_step
            small = asset not in traded and whole_steps * self.price(asset) < instrument.min_notional
            if missing > instrument.quantity_step + ROUNDING and not small:
                found.append(f"{proposal.id} {asset}: ends at {after[asset]}, its target is {target}")
        return found
