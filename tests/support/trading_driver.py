"""Owns a core with a paper venue behind it, driven by hand: the test moves prices, bars, and both clocks.

Effects of a step are run as the broker's desk runs them, and what comes back is stepped in turn, until nothing is left.
All facts of money are kept, so that `Trading(driver.facts)` can be compared with the state.
"""

import asyncio
import copy
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
from msgspec import structs

from engine.adapters.paper_broker import PaperBroker
from engine.core.desk import follow
from engine.core.inputs import (
    CandlesArrived,
    HistoryReady,
    Input,
    InstrumentsListed,
    QuotesArrived,
    Requested,
    Stamp,
    Ticked,
)
from engine.core.outcome import Outcome, Result, TradeEffect
from engine.core.state import EngineState, new_state
from engine.core.step import step
from engine.core.trading import Trading
from engine.core.warmup import History, prepare_history
from engine.domain.commands import ApproveProposals, CoreCommand, Shown
from engine.domain.config import Config
from engine.domain.errors import RefusedError
from engine.domain.events import Event, SignalEvent
from engine.domain.facts import Actor, Deposited, ProposalDrafted, TradeFact
from engine.domain.market import Candle, Instrument
from engine.domain.proposal import Proposal, ProposalKind
from engine.domain.units import HOUR_MS, Asset, BasketName, Ms, ProposalId, Symbol
from engine.execution.orders import OrderTrack
from engine.rebalance.proposal_board import ProposalEntry
from engine.runtime.broker_desk import BrokerDesk
from engine.runtime.paper_venue import PaperVenue, paper_venue
from support.books import START, TestClock, symbol_of
from support.pictures import instrument, quote
from support.sameness import same

TRADER = Actor(who="mira", terminal="/dev/pts/3")
SLOTS = 121 * 24
FIRST = Ms(START - SLOTS * HOUR_MS)
Floats = np.ndarray
_HISTORIES: dict[tuple[Config, bytes], History] = {}  # made once per process: a start then takes milliseconds


def _history(config: Config, closes: Floats) -> History:
    """Return the state made of these closes, a copy of its own for every life."""
    key = (config, closes.tobytes())
    if key not in _HISTORIES:
        _HISTORIES[key] = prepare_history(config, FIRST, closes)
    return copy.deepcopy(_HISTORIES[key])


class TradingDriver:
    """One engine life: `closes` [T, N] end at START, in the order of the config's assets."""

    def __init__(
        self,
        config: Config,
        closes: Floats,
        *,
        past: Sequence[Event] = (),
        money: Sequence[TradeFact] | None = None,
        instruments: Mapping[Symbol, Instrument] | None = None,
        clock: TestClock | None = None,
        hold: bool = False,
    ) -> None:
        """Start with paper money, or go on with the facts of another life; `hold` keeps its first effects back."""
        deposit = Deposited(at=START, amount=config.account.equity, note="", actor=TRADER)
        self.facts: list[TradeFact] = list(money) if money is not None else [deposit]
        self.moments: list[int] = []  # how many facts were kept after each step: a kill leaves one of these
        self.events: list[Event] = []
        self.config, self.closes, self.clock = config, closes, clock or TestClock()
        self.state: EngineState = new_state(config, past, self.facts)
        self.venue: PaperVenue = paper_venue(config, self.state.trading, self.clock, life=f"life-{len(self.facts)}")
        self.held_back: list[TradeEffect] = []  # effects of steps while `hold_effects` is on
        self.hold_effects = hold
        self._queue: list[Input] = []
        self._desk = BrokerDesk(
            self.venue.broker,
            self.clock,
            put=self._queue.append,
            unsettled=self._unsettled,
            paper=self.venue,
        )
        self.prices = {asset: float(price) for asset, price in zip(config.symbols, closes[-1], strict=True)}
        self.put(HistoryReady(history=_history(config, closes), fetched=0))
        listed = instruments or {symbol: instrument(asset) for asset, symbol in config.symbols.items()}
        self.put(InstrumentsListed(listed=listed))
        self.quote()

    @property
    def broker(self) -> PaperBroker:
        """The paper broker."""
        return self.venue.broker

    @property
    def trading(self) -> Trading:
        """The books, orders and proposals."""
        return self.state.trading

    # -- the world moves

    def put(self, item: Input) -> Result:
        """Step an input and everything that comes of it."""
        result = self._step(item)
        self.venue.hear(item, lambda: None)
        self._drain(result)
        return result

    def quote(self, **prices: float) -> Result:
        """Let prices move and come in fresh; assets that are not named keep theirs."""
        self.prices |= prices  # type: ignore[arg-type]
        quotes = tuple(
            structs.replace(quote(asset, f"{price:.6f}", received=self.clock.seconds), event_ms=self.clock.now_ms)
            for asset, price in self.prices.items()
        )
        return self.put(QuotesArrived(quotes=quotes))

    def tick(self, seconds: float = 1.0, *, fresh: bool = True) -> Result:
        """Let host time pass; prices come in fresh unless asked otherwise."""
        self.clock.seconds += seconds
        if fresh:
            self.quote()
        return self.put(Ticked())

    def close_hour(self, **returns: float) -> list[Result]:
        """Let an hour of the market pass: every asset's bar closes, by its log return (0 where none is named)."""
        opened = Ms(self.clock.now_ms - self.clock.now_ms % HOUR_MS)
        self.clock.now_ms = Ms(opened + HOUR_MS)
        self.clock.seconds += 1.0
        moved = {asset: price * float(np.exp(returns.get(asset, 0.0))) for asset, price in self.prices.items()}
        self.quote(**moved)
        results = []
        for asset, symbol in self.config.symbols.items():
            close = self.prices[asset]
            candle = Candle(symbol=symbol, open_ms=opened, open=close, high=close, low=close, close=close, volume=1.0)
            results.append(self.put(CandlesArrived(symbol=symbol, candles=(candle,))))
        return results

    def hear(self, *events: SignalEvent) -> Result:
        """Let the signals say something that no bar of the test says, and step what the trading side makes of it."""
        for event in events:
            self.state.signals.apply(event)
        out = Outcome(events=list(events))
        follow(self.state, self._stamp(), out)
        result = self._keep(out.result())
        self._drain(result)
        return result

    # -- the trader acts

    def ask(self, command: CoreCommand, actor: Actor = TRADER) -> tuple[ProposalId, ...]:
        """Ask for something; return the ids of what it drafted. Raises RefusedError with the engine's sentence."""
        result = self.put(Requested(command=command, actor=actor))
        if result.refusal:
            raise RefusedError(result.refusal)
        return result.made

    def approve(self, *idents: ProposalId) -> None:
        """Approve proposals exactly as they stand. Raises RefusedError."""
        shown = tuple(Shown(id=ident, hash=self.proposal(ident).hash) for ident in idents)
        self.ask(ApproveProposals(shown=shown))

    def do(self, command: CoreCommand) -> ProposalId:
        """Have something drafted and approve it; return its id."""
        made = self.ask(command)
        self.approve(*made)
        return made[-1]

    # -- what came of it

    def entry(self, ident: ProposalId) -> ProposalEntry:
        """Return where a proposal stands."""
        found = self.trading.board.get(ident)
        assert found is not None, f"no proposal {ident}"
        return found

    def proposal(self, ident: ProposalId) -> Proposal:
        """Return a proposal."""
        return self.entry(ident).proposal

    def waiting(self, basket: str) -> Proposal | None:
        """Return the proposal of a basket that waits for a decision."""
        found = self.trading.board.waiting(BasketName(basket))
        return found.proposal if found is not None else None

    def held(self, basket: str, asset: str) -> Decimal:
        """Return what a basket holds of an asset."""
        return self.trading.account.book(BasketName(basket)).quantity(Asset(asset))

    def last(self, kind: type[Event]) -> Event:
        """Return the newest event of a kind."""
        return next(event for event in reversed(self.events) if isinstance(event, kind))

    def disagreements(self) -> list[str]:
        """Return where books, venue and journal do not say the same; empty where all is well."""
        positions = {each.symbol: each.quantity for each in asyncio.run(self.broker.positions())}
        net = {symbol: self.trading.account.net(symbol) for symbol in map(symbol_of, self.config.symbols)}
        found = [
            f"{symbol}: books {quantity}, venue {positions.get(symbol)}"
            for symbol, quantity in net.items()
            if quantity != positions.get(symbol, Decimal(0))
        ]
        wallet = asyncio.run(self.broker.wallet())
        if wallet != self.trading.account.wallet:
            found.append(f"wallet: books {self.trading.account.wallet}, venue {wallet}")
        again = Trading(self.facts)
        if not same((again.account, again.orders.all()), (self.trading.account, self.trading.orders.all())):
            found.append("the facts do not fold into the state")
        board, kept = again.board, self.trading.board
        if not same((board.open(), board.recent()), (kept.open(), kept.recent())):
            found.append("the facts do not fold into the proposals")
        return found + self.opened_by_itself()

    def opened_by_itself(self) -> list[str]:
        """Return what the engine drafted by itself for a basket that held nothing: opening is a person's to ask for."""
        drafted = [fact.proposal for fact in self.facts if isinstance(fact, ProposalDrafted)]
        by_itself = [each for each in drafted if each.cause or each.kind is ProposalKind.RESTORE]
        return [f"{each.id} opens a flat basket" for each in by_itself if not any(leg.held for leg in each.legs)]

    # -- how effects run

    def _unsettled(self) -> tuple[OrderTrack, ...]:
        return self.state.trading.orders.unsettled()

    def release(self) -> None:
        """Run the effects that were held back, in order."""
        effects, self.held_back = self.held_back, []
        self.hold_effects = False
        self._run(effects)

    def _step(self, item: Input) -> Result:
        return self._keep(step(self.state, self._stamp(), item))

    def _stamp(self) -> Stamp:
        return Stamp(market_ms=self.clock.now_ms, monotonic=self.clock.seconds)

    def _keep(self, result: Result) -> Result:
        self.events += result.events
        self.facts += [event for event in result.events if isinstance(event, TradeFact)]
        self.moments.append(len(self.facts))
        return result

    def _drain(self, result: Result) -> None:
        effects = [effect for effect in result.effects if isinstance(effect, TradeEffect)]
        if self.hold_effects:
            self.held_back += effects
            return
        self._run(effects)

    def _run(self, effects: Sequence[TradeEffect]) -> None:
        for effect in effects:
            asyncio.run(self._desk._do(effect))
            self._feed_back()
        asyncio.run(self._desk._look())
        self._feed_back()

    def _feed_back(self) -> None:
        while self._queue:
            self._drain_one(self._step(self._queue.pop(0)))

    def _drain_one(self, result: Result) -> None:
        effects = [effect for effect in result.effects if isinstance(effect, TradeEffect)]
        if self.hold_effects:
            self.held_back += effects
        elif effects:
            self._run(effects)
