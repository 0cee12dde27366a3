"""Owns the money side of a replay: the core's own reactions draft on a book that approves everything at once.

What is drafted, when and how large is decided by `engine.core.reactions` and the rebalance room, as in a running
engine; here stand only prices from a table and fills at the next bar's close. Never judges a signal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from engine.core.drafting import Draftsman, put_forward
from engine.core.inputs import Stamp
from engine.core.outcome import Outcome
from engine.core.reactions import REDUCE_FROM, grant, heed
from engine.core.signal_state import Signals
from engine.core.state import EngineState, new_state
from engine.domain.events import CheckCompleted, Event
from engine.domain.facts import Actor, Deposited, FillRecorded, FundingPaid, ProposalDecided, ProposalEnded
from engine.domain.market import Instrument, MarketKind, Quote
from engine.domain.proposal import Decision, Proposal, ProposalKind, ProposalState
from engine.domain.units import Asset, BasketName, ClientOrderId, FillId, Ms, ProposalId, Symbol
from engine.lab.batch_correlation import BatchCorrelation
from engine.lab.near_targets import CLOSE, NearTargets
from engine.lab.paper_book import BookRun, PaperBook
from engine.lab.price_path import PricePath, newest_rows
from engine.lab.size_history import plain_rule, size_history
from engine.quant.arrays import Floats

_LAB = Actor(who="lab", terminal="backtest")
_STEP = Decimal("1E-12")  # nothing is rounded: what a venue's steps cost is the proposal's to say, not the method's
_BPS = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """One proposal of a replay, and the direction of the alert that asked for it ("" without one)."""

    proposal: Proposal
    direction: str


class RuleDesk:
    """A book that lives through a replay: every proposal is approved when it is made and filled a bar later."""

    def __init__(self, path: PricePath, signals: Signals, market: BatchCorrelation) -> None:
        self.path = path
        self.market = market
        self.state: EngineState = new_state(path.config)
        self.state.signals, self.state.correlation = signals, self.market
        self.state.ready = self.state.unwatched = True
        self.state.listed = {symbol: _instrument(asset, symbol) for asset, symbol in path.config.symbols.items()}
        self.drafted: list[Drafted] = []
        self._book = PaperBook(path)
        self._waiting: list[tuple[int, Proposal]] = []  # with the row that fills it
        self._unopened = {each.basket.name: each for each in path.books}
        self._newest = newest_rows(path.closes)
        self._place = {each.basket.name: place for place, each in enumerate(path.books)}
        self._funded = path.start
        self._quoted = -1
        self._near = NearTargets(path, self._book, self._plain_sizes())
        equity = path.config.account.equity
        self.state.trading.apply(Deposited(at=path.begin, amount=equity, note="", actor=_LAB))

    def take(self, closed: Ms, events: Sequence[Event]) -> None:
        """Take in what one instant said; `closed` is when its newest bar did."""
        row = self.path.row_closed_by(closed)
        self._settle(row)
        if not events or row >= self.path.last:
            return
        at = events[-1].at
        stamp = Stamp(market_ms=at, monotonic=at / 1000)
        out = Outcome()
        heed(self.state, stamp, events, out)
        self._drop_idle(row, volatile=self.state.signals.volatile(at))
        openings = self._openings(row) if self._unopened and any(_on_a_close(event) for event in events) else []
        if self.state.attempt.wishes or openings:
            self._quote(row)
            grant(self.state, stamp, out)
            self._open(openings, at, out)
        for ident in out.made:
            self._approve(row, at, ident)

    def run(self) -> BookRun:
        """Return the book's money from the first to the last row."""
        self._settle(self.path.last)
        return self._book.run()

    def _plain_sizes(self) -> dict[BasketName, Floats]:
        own, path = dict(self.path.config.basket_sizing), self.path
        rules = {each.basket.name: own.get(each.basket.name, path.config.sizing) for each in path.books}
        return {
            each.basket.name: size_history(each, rules[each.basket.name], self.market)
            for each in path.books
            if plain_rule(each, rules[each.basket.name])
        }

    def _openings(self, row: int) -> list[BasketName]:
        """Return the baskets that were never drafted for and may open: with a leg that is not used nothing grows."""
        used = self.market.used_history()
        return [name for name, each in self._unopened.items() if used[row, each.columns].all()]

    def _open(self, names: Sequence[BasketName], at: Ms, out: Outcome) -> None:
        """Open baskets; one without any size yet waits for the next check."""
        if not names:
            return
        desk = Draftsman(self.state, at)
        for name in names:
            track, why = self.state.baskets[name], "the lab opens every basket"
            proposal = desk.of_kind(track, ProposalKind.OPEN, cause="", reason=why)
            if proposal.legs:
                put_forward(self.state, out, at, proposal)
                del self._unopened[name]

    def _drop_idle(self, row: int, *, volatile: bool) -> None:
        """Take back wishes that `reactions` would find too small to draft, seen from the batch sizes.

        Close calls are left to it, and so is a basket that is being traded, whose wish waits. This saves nearly all of
        the time and changes nothing.
        """
        wishes, near = self.state.attempt.wishes, self._near
        for name, wish in list(wishes.items()):
            place = self._place[name]
            if wish.kind is ProposalKind.RESTORE:
                idle = near.away(row)[place] < self.path.config.rules.restore_at - CLOSE
            elif wish.kind is ProposalKind.REDUCE:  # what grows is left alone
                idle = near.over(row)[place] < REDUCE_FROM - CLOSE
            else:
                idle = volatile and near.over(row)[place] == 0.0
            if idle and self.state.trading.board.busy(name) is None:
                del wishes[name]

    def _quote(self, row: int) -> None:
        """Put the closes of `row` where the core looks for prices; an asset without a bar has its last one, aged."""
        if row == self._quoted:
            return
        self._quoted = row
        self.market.move_to(row)
        self.state.used, quotes, bar_ms = self.market.used(), self.state.quotes, self.path.bar_ms
        prices, newest = self.path.marks[row].tolist(), self._newest[row].tolist()
        for (asset, symbol), price, of_row in zip(self.path.config.symbols.items(), prices, newest, strict=True):
            if of_row >= 0:
                closed = self.path.closed(of_row)
                quotes[asset] = Quote(
                    symbol=symbol,
                    last=Decimal(repr(price)),
                    bid=None,
                    ask=None,
                    change_24h=None,
                    event_ms=closed,
                    received=(closed + bar_ms) / 1000,  # fresh until the next bar has closed
                )

    def _approve(self, row: int, at: Ms, ident: ProposalId) -> None:
        entry = self.state.trading.board.get(ident)
        assert entry is not None  # made a moment ago
        proposal = entry.proposal
        found = self.state.signals.board.get(proposal.cause)
        self.drafted.append(Drafted(proposal=proposal, direction=found.raised.direction.value if found else ""))
        self.state.trading.apply(
            ProposalDecided(
                at=at,
                proposal=proposal.id,
                basket=proposal.basket,
                hash=proposal.hash,
                decision=Decision.APPROVE,
                note="",
                until=None,
                actor=_LAB,
            )
        )
        self._waiting.append((row + 1, proposal))

    def _settle(self, row: int) -> None:
        """Fill what was approved before the close of `row`, bar by bar."""
        row = min(row, self.path.last)
        while self._waiting and self._waiting[0][0] <= row:
            fill, filled = self._waiting[0][0], []
            self._fund(fill)
            while self._waiting and self._waiting[0][0] == fill:
                filled.append(self._waiting.pop(0)[1])
                self._fill(fill, filled[-1])
            self._book.trade(fill, self._quantities({each.basket for each in filled}))
        self._fund(row)

    def _fill(self, row: int, proposal: Proposal) -> None:
        """Fill a proposal's legs at the close of `row`; a leg without a bar there is not traded."""
        account, at, whole = self.path.config.account, self.path.closed(row), True
        rate = (Decimal(str(account.fee_bps)) + Decimal(str(account.slippage_bps))) * _BPS
        for number, leg in enumerate(proposal.legs):
            close = float(self.path.closes[row, self.path.assets.index(leg.asset)])
            if np.isnan(close):
                whole = False
                continue
            price, name = Decimal(repr(close)), f"{proposal.id}-{number}"
            self.state.trading.apply(
                FillRecorded(
                    at=at,
                    fill_id=FillId(name),
                    client_order_id=ClientOrderId(name),
                    proposal=proposal.id,
                    basket=proposal.basket,
                    asset=leg.asset,
                    symbol=leg.symbol,
                    side=leg.side,
                    quantity=leg.quantity,
                    price=price,
                    fee=leg.quantity * price * rate,
                )
            )
        end = ProposalState.DONE if whole else ProposalState.PARTIAL
        self.state.trading.apply(
            ProposalEnded(at=at, proposal=proposal.id, basket=proposal.basket, state=end, why="filled a bar later")
        )

    def _quantities(self, touched: Collection[BasketName]) -> Floats:
        """Return what the books hold, per leg of the path, when these of them have traded."""
        account, quantities = self.state.trading.account, self._book.quantities.copy()
        for name in touched:
            each = self.path.books[self._place[name]]
            held = {position.symbol: float(position.quantity) for position in account.book(name).positions}
            quantities[each.places] = [held.get(leg.symbol, 0.0) for leg in each.basket.legs]
        return quantities

    def _fund(self, row: int) -> None:
        """Charge the books for the funding of every bar up to `row`, so that a share of equity follows it."""
        rates = self.path.funding
        if rates is None:
            return
        quantities = self._book.quantities
        for due in range(self._funded + 1, row + 1):
            paid = np.nan_to_num(quantities * (self.path.marks[due] * rates[due])[self.path.columns])
            for each in self.path.books:
                for leg, amount, column in zip(each.basket.legs, paid[each.places], each.columns, strict=True):
                    if amount:
                        self.state.trading.apply(
                            FundingPaid(
                                at=self.path.closed(due),
                                basket=each.basket.name,
                                asset=leg.asset,
                                symbol=leg.symbol,
                                amount=Decimal(repr(float(amount))),
                                rate=float(rates[due, column]),
                            )
                        )
        self._funded = max(self._funded, row)


def _on_a_close(event: Event) -> bool:
    return isinstance(event, CheckCompleted) and event.as_of == event.at


def _instrument(asset: Asset, symbol: Symbol) -> Instrument:
    return Instrument(
        asset=asset,
        symbol=symbol,
        kind=MarketKind.SWAP,
        price_step=_STEP,
        quantity_step=_STEP,
        min_notional=Decimal(0),
    )
