"""Owns the way of an approved proposal: intents, what is sent next, what the venue says of it, and the end.

Reductions go first; an increase waits for them and stops where a leg of its proposal failed. Every order passes the
gate at the moment it leaves. Never sends itself: effects do, after their intent is durable.
"""

from collections.abc import Sequence

from engine.core.coins import let_dust_go, missing_money, on_hand
from engine.core.inputs import Executed, OrderAnswered, OrderLost, OrderNotFound, OrderRefused, Stamp
from engine.core.lookups import look_up_again, look_up_old, proven_absent, report
from engine.core.margin import free_for_orders
from engine.core.outcome import CancelOrder, Outcome, PlaceOrder
from engine.core.record import record
from engine.core.settlement import booked, charged, liquidated, moved, over
from engine.core.state import EngineState
from engine.core.trade_market import account_value, quotes_by_symbol
from engine.domain.config import Mode
from engine.domain.facts import OrderIntended, OrderReported
from engine.domain.order import LIQUIDATION, Fill, FundingCharge, Order, OrderState
from engine.domain.portfolio import ZERO
from engine.domain.proposal import Proposal
from engine.execution.gate import GateView, blocking, sent_within_the_hour
from engine.execution.orders import OrderTrack
from engine.execution.plan import plan_orders
from engine.execution.resting import LIMIT_THEN_CROSS, REST_S, at_the_touch, crossing

PATIENCE_S = 60.0  # how long an order waits for a price that is fresh and inside its band
CANCEL_EVERY_S = 15.0  # a cancel that brought nothing is asked for again
WORKING_S = 120.0  # how long an order may stay open at the venue before it is canceled
SKEW_REFUSED_MS = 1_000.0  # real orders do not leave a host whose clock is further off


def begin(state: EngineState, stamp: Stamp, proposals: Sequence[Proposal], out: Outcome) -> None:
    """Write down the orders of approved proposals; opposite legs of two baskets cross at once."""
    account = state.trading.account
    symbols = {leg.symbol for proposal in proposals for leg in proposal.legs}
    listed = state.listed or {}
    plan = plan_orders(
        proposals,
        {symbol: account.net(symbol) for symbol in symbols},
        steps={symbol: listed[symbol].quantity_step for symbol in symbols},
        max_notional=state.config.limits.max_order_notional,
    )
    at = stamp.market_ms
    record(state, out, *(OrderIntended(at=at, order=_styled(state, order)) for order in plan.orders))
    record(state, out, *(fact for crossing in plan.crossings for fact in crossing.facts(at)))


def _styled(state: EngineState, order: Order) -> Order:
    """Let an order rest at the touch first, where the config wants it so."""
    instrument = (state.listed or {}).get(order.symbol)
    if state.config.limits.style != LIMIT_THEN_CROSS or instrument is None:
        return order
    return at_the_touch(order, quotes_by_symbol(state).get(order.symbol), instrument)


def advance_orders(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Send what may leave now, give up what waited too long, and end what is over."""
    look_up_old(state, stamp, out)
    _cross(state, stamp, out)
    for track in state.trading.orders.unsettled():
        if track.state is OrderState.INTENT:
            _try_to_send(state, stamp, track, out)
        elif track.state in (OrderState.OPEN, OrderState.PARTIAL):
            _cancel_late(state, stamp, track, out)
        look_up_again(state, stamp, track, out)
    for entry in state.trading.board.executing():
        fact = over(state, entry, stamp.market_ms)
        if fact is not None:
            record(state, out, fact)
            let_dust_go(state, stamp.market_ms, entry.proposal, out)


def _cross(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Intend the orders for what is left of those taken back to cross, in the same batch as their end."""
    for name in tuple(state.attempt.crossing):
        track = state.trading.orders.get(name)
        if track is None or not track.settled:
            continue
        state.attempt.crossing.discard(name)
        instrument = (state.listed or {}).get(track.order.symbol)
        if track.state is not OrderState.CANCELED or instrument is None or state.trading.halted is not None:
            continue
        order = crossing(track, instrument, state.config.limits.max_slippage_bps)
        if order is not None:
            record(state, out, OrderIntended(at=stamp.market_ms, order=order))


def cancel_all(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Ask for the end of everything that is open at the venue."""
    for track in state.trading.orders.unsettled():
        if track.state in (OrderState.OPEN, OrderState.PARTIAL):
            _cancel(state, stamp, track, out)


def take_report(
    state: EngineState, stamp: Stamp, item: OrderAnswered | OrderRefused | OrderLost | OrderNotFound, out: Outcome
) -> None:
    """Take in what became of an order."""
    at = stamp.market_ms
    match item:
        case OrderAnswered(answer=answer, latency_ms=latency):
            name = answer.client_order_id
            fact = OrderReported(
                at=at,
                client_order_id=name,
                venue_order_id=answer.venue_order_id,
                state=answer.state,
                filled=answer.filled,
                average_price=answer.average_price,
                note=answer.note,
                latency_ms=latency,
            )
        case OrderRefused(client_order_id=name, why=why):
            fact = report(at, name, OrderState.REJECTED, why)
        case OrderLost(client_order_id=name, why=why):
            state.attempt.lost[name] = stamp.monotonic
            fact = report(at, name, OrderState.UNKNOWN, why)
        case OrderNotFound(client_order_id=name):
            absent = proven_absent(state, stamp, name)
            if absent is None:
                return
            fact = absent
    state.attempt.recovering.discard(name)
    state.attempt.absent.pop(name, None)
    if state.trading.orders.news(fact):
        record(state, out, fact)


def take_executions(state: EngineState, item: Executed, out: Outcome) -> None:
    """Book fills, funding and money, each once and in the order of time: funding is paid on what was held then."""
    record(state, out, *moved(state, item.movements))
    news: list[FundingCharge | Fill] = [*item.funding, *item.fills]
    for each in sorted(news, key=lambda each: each.at):  # stable: funding first
        if isinstance(each, FundingCharge):
            record(state, out, *charged(state, each))
        elif each.client_order_id == LIQUIDATION:
            record(state, out, *liquidated(state, each))
        else:
            record(state, out, *booked(state, each))


def _try_to_send(state: EngineState, stamp: Stamp, track: OrderTrack, out: Outcome) -> None:
    attempt, order = state.attempt, track.order
    name = order.client_order_id
    if name in attempt.sent or name in attempt.recovering:
        return
    if not order.reduce_only:
        failed = _failed_before(state, track)
        if failed:
            record(state, out, report(stamp.market_ms, name, OrderState.CANCELED, f"not sent: {failed}"))
            return
        if _reductions_left(state, track):
            return
    quote = quotes_by_symbol(state).get(order.symbol)
    block = blocking(order, quote, _gate_view(state, stamp), state.config.limits)
    if block is None:
        attempt.sent[name] = stamp.monotonic
        attempt.waiting.pop(name, None)
        out.effects.append(PlaceOrder(order=order))
        return
    since = attempt.waiting.setdefault(name, stamp.monotonic)
    if not block.passing or stamp.monotonic - since > PATIENCE_S:
        record(state, out, report(stamp.market_ms, name, OrderState.CANCELED, f"not sent: {block.why}"))


def _of_same_proposals(state: EngineState, track: OrderTrack) -> list[OrderTrack]:
    orders = state.trading.orders
    return [other for part in track.order.allocations for other in orders.of(part.proposal)]


def _failed_before(state: EngineState, track: OrderTrack) -> str:
    """Return which leg of the same proposal failed, in words, or nothing."""
    orders = state.trading.orders
    for other in _of_same_proposals(state, track):
        if other.state.over and other.filled < other.order.quantity and not orders.continued(other):
            return f"{other.order.side} {other.order.asset} failed before ({other.note or other.state})"
    return ""


def _reductions_left(state: EngineState, track: OrderTrack) -> bool:
    return any(other.order.reduce_only and not other.settled for other in _of_same_proposals(state, track))


def _gate_view(state: EngineState, stamp: Stamp) -> GateView:
    value = account_value(state)
    orders = state.trading.orders
    flying = [
        (track.order.symbol, (track.order.quantity - track.booked) * track.order.price)
        for track in orders.unsettled()
        if track.order.client_order_id in state.attempt.sent and not track.order.reduce_only and not track.state.over
    ]
    left = (track for track in orders.newest(2 * state.config.limits.max_orders_per_hour) if _has_left(state, track))
    sent = tuple(track.intended_at for track in left)
    return GateView(
        monotonic=stamp.monotonic,
        equity=value.equity,
        gross=sum((abs(each.value) for each in value.positions), ZERO)
        + sum((notional for _, notional in flying), ZERO),
        free=free_for_orders(state.config, value, flying) - missing_money(state),
        leverage=state.config.leverage,
        sent_last_hour=sent_within_the_hour(sent, stamp.market_ms),
        halted=state.trading.halted or "",
        blocked=orders.blocked(),
        frozen=state.trading.frozen.keys(),
        foreign=state.trading.foreign,
        on_hand=on_hand(state),
        unlisted=state.asset_of.keys() - (state.listed or {}).keys(),
        refused=state.refused,
        unready=_why_unready(state),
    )


def _why_unready(state: EngineState) -> str:
    """Return why nothing may be sent yet: at a venue the books are compared with it first."""
    if state.config.venue.mode is Mode.PAPER:
        return ""
    if state.attempt.broker_down:
        return f"the venue does not answer for the account: {state.attempt.broker_down}"
    if state.config.venue.mode is Mode.LIVE and abs(state.skew_ms) > SKEW_REFUSED_MS:
        return f"this host's clock is {state.skew_ms / 1000:+.1f} s off the venue's: set it right"
    return "" if state.attempt.reconciled else "the venue's positions are not known yet"


def _has_left(state: EngineState, track: OrderTrack) -> bool:
    return track.venue_order_id is not None or track.order.client_order_id in state.attempt.sent


def _cancel_late(state: EngineState, stamp: Stamp, track: OrderTrack, out: Outcome) -> None:
    """Cancel what is open for too long, what rested in vain, and what was on its way when trading was halted."""
    name = track.order.client_order_id
    since = state.attempt.sent.setdefault(name, stamp.monotonic)
    resting = track.order.limit is not None and track.order.continues is None
    if resting and state.trading.halted is None and stamp.monotonic - since > REST_S:
        state.attempt.crossing.add(name)
        _cancel(state, stamp, track, out)
    elif state.trading.halted is not None or stamp.monotonic - since > WORKING_S:
        _cancel(state, stamp, track, out)


def _cancel(state: EngineState, stamp: Stamp, track: OrderTrack, out: Outcome) -> None:
    name, canceling = track.order.client_order_id, state.attempt.canceling
    if name not in canceling or stamp.monotonic - canceling[name] >= CANCEL_EVERY_S:
        canceling[name] = stamp.monotonic
        out.effects.append(CancelOrder(client_order_id=name, symbol=track.order.symbol))
