"""Owns the money side of a replay: the core's own reactions draft on a book that approves everything at once.

What is drafted, when and how large is decided by `engine.core.reactions` and the rebalance room, as in a running
engine; here stand only prices from a table and fills at the next bar's close. Never judges a signal.
"""

from collections.abc import Sequence
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
from engine.domain.units import Asset, BasketName, ClientOrderId, FillId, Ms, Symbol
from engine.lab.batch_correlation import BatchCorrelation
from engine.lab.paper_book import BookRun, PaperBook
from engine.lab.price_path import PricePath, newest_rows
from engine.lab.size_history import plain_rule, size_history
from engine.quant.arrays import Flags, Floats

_LAB = Actor(who="lab", terminal="backtest")
_STEP = Decimal("1E-12")  # nothing is rounded: what a venue's steps cost is the proposal's to say, not the method's
_BPS = Decimal("0.0001")
_CLOSE = 1e-6  # how near a limit the batch sizes do not decide


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
        self._whole: list[Flags] = [np.all(~np.isnan(path.closes[:, each.columns]), axis=1) for each in path.books]
        self._funded = path.start
        self._sizes = self._plain_sizes()
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
        openings = self._openings(row) if any(_on_a_close(event) for event in events) else []
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
        wishes, board = self.state.attempt.wishes, self.state.trading.board
        if not wishes:
            return
        equity, values = self._book.equity(row), self._book.values(row).tolist()
        for each, whole in zip(self.path.books, self._whole, strict=True):
            wish, sizes = wishes.get(each.basket.name), self._sizes.get(each.basket.name)
            if wish is None or sizes is None or not whole[row] or board.busy(each.basket.name) is not None:
                continue
            notional = each.notional(equity)
            held = values[each.places]
            target = [size * notional for size in sizes[row].tolist()]
            if self._idle(wish.kind, held, target, volatile=volatile):
                del wishes[each.basket.name]

    def _idle(self, kind: ProposalKind, held: list[float], target: list[float], *, volatile: bool) -> bool:
        """Return True where a wish surely ends in nothing, as `distance` and `excess` measure it; all of one side."""
        own, wanted = [abs(each) for each in held], [abs(each) for each in target]
        gross = sum(own)
        if kind is ProposalKind.RESTORE:
            away = sum(abs(one - other) for one, other in zip(wanted, own, strict=True))
            return away < (self.path.config.rules.restore_at - _CLOSE) * (gross or sum(wanted))
        cut = sum(max(one - other, 0.0) for one, other in zip(own, wanted, strict=True))  # what grows is left alone
        if kind is ProposalKind.REDUCE:
            return cut < (REDUCE_FROM - _CLOSE) * gross
        return volatile and all(other > one * (1 + _CLOSE) for one, other in zip(own, wanted, strict=True))

    def _quote(self, row: int) -> None:
        """Put the closes of `row` where the core looks for prices; an asset without a bar has its last one, aged."""
        self.market.move_to(row)
        self.state.used = self.market.used()
        for column, (asset, symbol) in enumerate(self.path.config.symbols.items()):
            newest = int(self._newest[row, column])
            if newest >= 0:
                closed = self.path.closed(newest)
                self.state.quotes[asset] = Quote(
                    symbol=symbol,
                    last=Decimal(repr(float(self.path.closes[newest, column]))),
                    bid=None,
                    ask=None,
                    change_24h=None,
                    event_ms=closed,
                    received=(closed + self.path.bar_ms) / 1000,  # fresh until the next bar has closed
                )

    def _approve(self, row: int, at: Ms, ident: str) -> None:
        entry = next(each for each in self.state.trading.board.open() if each.proposal.id == ident)
        proposal = entry.proposal
        standing = (each for each in self.state.signals.board.standing if each.raised.id == proposal.cause)
        found = next(standing, None)
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
        self._waiting.sort(key=lambda each: each[0])
        while self._waiting and self._waiting[0][0] <= min(row, self.path.last):
            fill = self._waiting[0][0]
            self._fund(fill)
            while self._waiting and self._waiting[0][0] == fill:
                self._fill(fill, self._waiting.pop(0)[1])
            self._book.trade(fill, self._quantities())
        self._fund(min(row, self.path.last))

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

    def _quantities(self) -> Floats:
        """Return what the books hold, per leg of the path."""
        account = self.state.trading.account
        found = []
        for each in self.path.books:
            held = {position.symbol: float(position.quantity) for position in account.book(each.basket.name).positions}
            found += [held.get(leg.symbol, 0.0) for leg in each.basket.legs]
        quantities: Floats = np.array(found, dtype=np.float64)
        return quantities

    def _fund(self, row: int) -> None:
        """Charge the books for the funding of every bar up to `row`, so that a share of equity follows it."""
        rates = self.path.funding
        if rates is None:
            return
        quantities = self._quantities()
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
