"""Owns short ways through the trading side for its tests: baskets opened, alerts said, sizes pushed off their rule."""

from decimal import Decimal

import pytest

from engine.core.outcome import Result
from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.basket import Basket, Side
from engine.domain.commands import AdoptPosition, ApproveProposals, CoreCommand, OpenBasket, Shown
from engine.domain.config import Config
from engine.domain.errors import RefusedError
from engine.domain.events import (
    AlertCleared,
    AlertRaised,
    AlertWorsened,
    CheckCompleted,
    VolatilityBroadened,
    VolatilityFell,
)
from engine.domain.proposal import Proposal, ProposalState
from engine.domain.units import HOUR_MS, Asset, BasketName, Ms, ProposalId, Symbol
from support.books import basket, correlated_closes, long_basket, small_config, symbol_of
from support.some_signals import EVIDENCE
from support.trading_driver import SLOTS, TradingDriver

LONGS, HEDGE = BasketName("longs"), BasketName("hedge")
LONG_BASKET = long_basket("longs", "AAA", "BBB", "CCC")
HEDGE_BASKET = basket("hedge", {"AAA": Side.LONG, "BBB": Side.LONG, "CCC": Side.SHORT, "DDD": Side.SHORT})
NOTHING = Decimal(0)


def driver(*baskets: Basket, config: Config | None = None) -> TradingDriver:
    """Return a driver of these baskets (`longs` where none is named); every basket is flat."""
    chosen = config or small_config(*(baskets or (LONG_BASKET,)))
    return TradingDriver(chosen, correlated_closes(3, SLOTS, len(chosen.symbols)))


def opened(*baskets: Basket, config: Config | None = None) -> TradingDriver:
    """Return a driver whose baskets were opened by the trader, one after the other."""
    made = driver(*baskets, config=config)
    for each in made.config.baskets:
        made.do(OpenBasket(basket=each.name))
    return made


def next_life(d: TradingDriver, config: Config | None = None) -> TradingDriver:
    """Return the engine after a restart: the same facts, the same clocks, the prices of now."""
    chosen = config or d.config
    again = TradingDriver(
        chosen,
        correlated_closes(3, SLOTS, len(chosen.symbols)),
        money=d.facts,
        clock=d.clock,
    )
    again.quote(**d.prices)
    return again


def refusal(d: TradingDriver, command: CoreCommand) -> str:
    """Return the sentence with which a request is refused."""
    with pytest.raises(RefusedError) as caught:
        d.ask(command)
    return str(caught.value)


def approval(d: TradingDriver, *idents: str) -> ApproveProposals:
    """Return the approval of proposals as they stand."""
    return ApproveProposals(
        shown=tuple(Shown(id=ProposalId(each), hash=d.proposal(ProposalId(each)).hash) for each in idents)
    )


def resize(d: TradingDriver, name: BasketName, factor: str) -> None:
    """Bring every leg of a basket to a multiple of what it holds, by adoption: no price moves."""
    for position in d.trading.account.book(name).positions:
        more = (position.quantity * (Decimal(factor) - 1)).quantize(Decimal("0.001"))
        d.ask(AdoptPosition(basket=name, asset=position.asset, quantity=more, price=price_of(d, position.symbol)))


def asked(d: TradingDriver) -> Proposal:
    """Return the proposal that waits."""
    found = d.waiting("longs")
    assert found is not None, "nothing waits"
    return found


def state_of(d: TradingDriver, ident: str) -> ProposalState:
    """Return the state of a proposal."""
    return d.entry(ProposalId(ident)).state


def unbalance(d: TradingDriver) -> None:
    """Let one leg hold half as much again and another one half, so that a rebalance grows and reduces."""
    for asset, share in (("AAA", Decimal("0.5")), ("BBB", Decimal("-0.5"))):
        held = d.held("longs", asset)
        price = price_of(d, d.config.symbols[Asset(asset)])
        more = (held * share).quantize(Decimal("0.001"))
        d.ask(AdoptPosition(basket=LONGS, asset=Asset(asset), quantity=more, price=price))


def price_of(d: TradingDriver, symbol: Symbol) -> Decimal:
    """Return the last price of a symbol."""
    return next(quote.last for quote in d.state.quotes.values() if quote.symbol == symbol)


def net(d: TradingDriver, asset: str) -> Decimal:
    """Return what the account holds of an asset."""
    return d.trading.account.net(symbol_of(asset))


# -- what the signals say


def alarm(d: TradingDriver, name: BasketName | None = LONGS, *, kind: AlertKind = AlertKind.BASKET) -> str:
    """Let an alert of a basket (or the market's volatility) be raised; return its id."""
    ident = f"{name or 'market.vol'}.{d.clock.now_ms // HOUR_MS}"
    event = AlertRaised(
        at=d.clock.now_ms,
        id=ident,
        kind=kind,
        basket=name,
        asset=None,
        direction=Direction.UP,
        evidence=EVIDENCE if kind is AlertKind.BASKET else Evidence(words="4 of 6 assets broke out", shift=0.66),
        rings=True,
    )
    d.hear(event)
    return ident


def vol_alarm(d: TradingDriver) -> str:
    """Let the market's volatility raise its alert; return its id."""
    return alarm(d, None, kind=AlertKind.VOL)


def worsen(d: TradingDriver, ident: str) -> Result:
    """Let an alert that stands get worse."""
    worse = Evidence(words="moving together still more", shift=0.62)
    return d.hear(AlertWorsened(at=d.clock.now_ms, id=ident, evidence=worse, rings=True))


def clear(d: TradingDriver, ident: str) -> Result:
    """Let an alert be over."""
    return d.hear(AlertCleared(at=d.clock.now_ms, id=ident, lasted_ms=HOUR_MS, shift=0.1))


def broaden(d: TradingDriver, *, hours: int = 12) -> Result:
    """Let volatility break out: the fast cycle is on."""
    until = Ms(d.clock.now_ms + hours * HOUR_MS)
    return d.hear(
        VolatilityBroadened(
            at=d.clock.now_ms, started=True, until=until, breadth=0.4, judged=3, assets=(Asset("AAA"),), peak_sigma=4.0
        )
    )


def calm(d: TradingDriver) -> Result:
    """Let volatility be off again."""
    now = d.clock.now_ms
    return d.hear(VolatilityFell(at=now, since=now, breadth=0.4, assets=(Asset("AAA"),), peak_sigma=4.0))


def check(d: TradingDriver) -> Result:
    """Let a check on a bar's close be done, that says nothing new."""
    now = d.clock.now_ms
    return d.hear(CheckCompleted(at=now, late_ms=0, missing=(), baskets=(), as_of=now))
