"""Owns `adopt`, `deposit` and `withdraw`: positions and paper money that move without an order. Each is a fact."""

from pathlib import Path

from engine.domain.commands import AdoptPosition, DepositMoney, WithdrawMoney
from engine.domain.units import Asset, BasketName
from engine.domain.views import HealthView, Section
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.text import money_full
from tui.commands.amounts import positive, quantity
from tui.commands.asking import ask_for, engine_socket, tell_engine
from tui.commands.output import say


def adopt(basket: str, asset: str, size: str, state: Path | None, *, price: str, note: str) -> None:
    """Give a quantity that the account holds already to a basket. Raises ConfigError, RefusedError, NoEngineError."""
    held = quantity("QTY", size)
    command = AdoptPosition(
        basket=BasketName(basket),
        asset=Asset(asset),
        quantity=held,
        price=positive("--price", price) if price else None,
        note=note,
    )
    tell_engine(engine_socket(state), command)
    at = f"at {price}" if price else "at its present price"
    say(f"{basket} holds {held:+f} {asset} more, taken in {at}; nothing was traded")


def deposit(amount: str, state: Path | None, *, note: str) -> None:
    """Put paper money into the account. Raises ConfigError, RefusedError, NoEngineError."""
    money, socket = positive("AMOUNT", amount), engine_socket(state)
    tell_engine(socket, DepositMoney(amount=money, note=note))
    say(f"{money:,f} was paid in; equity is {_equity(socket)}")


def withdraw(amount: str, state: Path | None, *, note: str) -> None:
    """Take paper money out of the account. Raises ConfigError, RefusedError, NoEngineError."""
    money, socket = positive("AMOUNT", amount), engine_socket(state)
    tell_engine(socket, WithdrawMoney(amount=money, note=note))
    say(f"{money:,f} was taken out; equity is {_equity(socket)}")


def _equity(socket: Path) -> str:
    return money_full(UNICODE, ask_for(socket, Section.HEALTH, HealthView).equity)
