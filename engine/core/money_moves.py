"""Owns money and positions that move without an order: adoption, paper deposits and withdrawals.

Facts and the effect on the paper account, or a refusal. At a real venue money moves at the venue.
"""

from decimal import Decimal

from engine.core.baskets import BasketTrack
from engine.core.coins import handed_over
from engine.core.inputs import Stamp
from engine.core.outcome import MovePaperMoney, Outcome
from engine.core.reconcile import claim_foreign
from engine.core.record import record
from engine.core.state import EngineState
from engine.core.trade_market import account_value, marks
from engine.domain.commands import AdoptPosition, DepositMoney, WithdrawMoney
from engine.domain.config import Mode
from engine.domain.errors import RefusedError
from engine.domain.facts import Actor, Deposited, PositionAdopted, Withdrawn
from engine.domain.portfolio import ZERO
from engine.domain.units import Ms


def adopt(
    state: EngineState, stamp: Stamp, track: BasketTrack, command: AdoptPosition, actor: Actor, out: Outcome
) -> None:
    """Give a quantity that is held already to a basket. Raises RefusedError."""
    leg = next((leg for leg in track.basket.legs if leg.asset == command.asset), None)
    if leg is None:
        assets = ", ".join(track.basket.assets)
        raise RefusedError(f"{command.basket} has no leg in {command.asset}: its assets are {assets}")
    if not command.quantity.is_finite() or not command.quantity:
        raise RefusedError("nothing cannot be adopted: give a signed quantity, negative for a short")
    price = command.price if command.price is not None else marks(state).get(leg.symbol)
    if price is None or not price.is_finite() or price <= 0:
        raise RefusedError(f"{command.asset} has no price now: say at which it was taken in (--price)")
    fact = PositionAdopted(
        at=stamp.market_ms,
        basket=command.basket,
        asset=command.asset,
        symbol=leg.symbol,
        quantity=command.quantity,
        price=price,
        note=command.note,
        actor=actor,
    )
    if state.config.venue.mode is not Mode.PAPER:
        claim_foreign(state, stamp.market_ms, leg.symbol, command.quantity, actor, out)
    handed_over(state, fact, out)
    out.effects.append(MovePaperMoney(symbol=leg.symbol, quantity=command.quantity, price=price))


def move_money(state: EngineState, at: Ms, command: DepositMoney | WithdrawMoney, actor: Actor, out: Outcome) -> None:
    """Put paper money in or take it out. Raises RefusedError."""
    if state.config.venue.mode is not Mode.PAPER:
        raise RefusedError("money moves at the venue itself: this works with paper money only")
    amount = command.amount
    if not amount.is_finite() or amount <= 0:
        raise RefusedError("give an amount above zero")
    if isinstance(command, DepositMoney):
        record(state, out, Deposited(at=at, amount=amount, note=command.note, actor=actor))
        out.effects.append(MovePaperMoney(amount=amount))
        return
    free = _free(state)
    if amount > free:
        raise RefusedError(f"only ${max(free, ZERO):,.2f} is free: the rest stands behind what is held")
    record(state, out, Withdrawn(at=at, amount=amount, note=command.note, actor=actor))
    out.effects.append(MovePaperMoney(amount=-amount))


def _free(state: EngineState) -> Decimal:
    """Return the money that no position needs; open profit is none. Raises RefusedError where a price is missing."""
    value = account_value(state)
    if value.unpriced:
        raise RefusedError(f"{', '.join(value.unpriced)} has no price: what is free cannot be known")
    leverage = state.config.leverage
    return min(value.equity, value.wallet) - sum(
        (abs(p.value) / leverage.get(p.symbol, Decimal(1)) for p in value.positions), ZERO
    )
