"""Owns `driftdeck reconcile` and `resolve`: where books and venue differ, and the trader's word on it."""

from pathlib import Path

from engine.domain.commands import AcceptVenue, ResolveOrder
from engine.domain.errors import ConfigError, RefusedError
from engine.domain.order import OrderState
from engine.domain.trade_views import BlotterView, PositionView
from engine.domain.units import ClientOrderId, Symbol
from engine.domain.views import HealthView, Section
from tui.commands.amounts import exact, positive
from tui.commands.asking import ask_for, engine_socket, tell_engine
from tui.commands.output import print_json, say
from tui.commands.proposal_json import amount
from tui.commands.question import refuse_unattended, says_yes

BALANCE = "balance"


def reconcile(what: str, state: Path | None, *, accept: bool, yes: bool, as_json: bool) -> None:
    """Print what differs, or take the venue's word on one of it. Raises NoEngineError, RefusedError, ConfigError."""
    socket = engine_socket(state)
    blotter = ask_for(socket, Section.BLOTTER, BlotterView)
    health = ask_for(socket, Section.HEALTH, HealthView)
    if accept:
        _accept(socket, what, blotter, yes=yes)
        return
    if what:
        raise ConfigError(f"{what}: add --accept to take the venue's word on it")
    if as_json:
        print_json(difference_document(blotter, health))
        return
    print(*difference_lines(blotter, health), sep="\n")


def resolve(ident: str, state: Path | None, *, filled: str, price: str, note: str) -> None:
    """Say what became of an order of unknown outcome. Raises ConfigError, RefusedError, NoEngineError."""
    quantity = exact("--filled", filled)
    if quantity < 0:
        raise ConfigError(f"--filled {filled}: take 0 where nothing was filled, or the quantity that was")
    command = ResolveOrder(
        id=ClientOrderId(ident),
        filled=quantity,
        price=positive("--price", price) if price else None,
        note=note,
    )
    tell_engine(engine_socket(state), command)
    say(f"{ident} is over: {quantity:f} of it is in the books, and its symbol may be traded again")


def difference_lines(blotter: BlotterView, health: HealthView) -> list[str]:
    """Return what differs as lines for a person."""
    lines = [f"{each.asset:<8} frozen: {each.frozen}" for each in blotter.positions if each.frozen]
    lines += [
        f"{each.asset:<8} {each.foreign.normalize():f} belong to no basket"
        for each in blotter.positions
        if each.foreign and not each.frozen
    ]
    if health.balance_gap:
        way = "more" if health.balance_gap > 0 else "less"
        lines.append(f"{BALANCE:<8} the venue has {abs(health.balance_gap):,.2f} {way} than the books")
    lines += [
        f"{order.asset:<8} order {order.client_order_id}: {order.side} {order.quantity.normalize():f}, outcome unknown"
        for order in blotter.orders
        if order.state is OrderState.UNKNOWN
    ]
    if not lines:
        return ["books and venue agree"]
    if any(each.frozen for each in blotter.positions) or health.balance_gap:
        lines.append("'driftdeck reconcile ASSET --accept' takes the venue's word (ASSET or 'balance')")
    return lines


def difference_document(blotter: BlotterView, health: HealthView) -> dict[str, object]:
    """Return what differs as `reconcile --json` has it."""
    return {
        "frozen": [{"asset": each.asset, "why": each.frozen} for each in blotter.positions if each.frozen],
        "foreign": [
            {"asset": each.asset, "symbol": each.symbol, "qty": amount(each.foreign)}
            for each in blotter.positions
            if each.foreign
        ],
        "balance_gap": health.balance_gap,
        "unknown": [each.client_order_id for each in blotter.orders if each.state is OrderState.UNKNOWN],
    }


def _accept(socket: Path, what: str, blotter: BlotterView, *, yes: bool) -> None:
    if not what:
        raise ConfigError("accept what? Name an asset that is frozen, or 'balance'")
    symbol: Symbol | None = None
    if what != BALANCE:
        symbol = _frozen(what, blotter).symbol
    if not yes:
        refuse_unattended("taking the venue's word")
        if not says_yes(f"book what the venue says of {what}?"):
            say("nothing was changed")
            return
    tell_engine(socket, AcceptVenue(symbol=symbol))
    say(f"{what}: the books say what the venue says now")


def _frozen(what: str, blotter: BlotterView) -> PositionView:
    found = next((each for each in blotter.positions if each.frozen and what in (each.asset, each.symbol)), None)
    if found is None:
        named = ", ".join(each.asset for each in blotter.positions if each.frozen) or "none"
        raise RefusedError(f"{what} is not frozen: frozen are {named}")
    return found
