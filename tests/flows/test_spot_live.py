"""Real orders on spot, as a person gives them: the shipped engine, signed requests, the simulated exchange.

It is killed while its orders leave, twice, once while their answers get lost; after the next start nothing is lost or
doubled, and every coin of the exchange is in the books.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.sqlite_journal import FILE_NAME, SqliteJournal
from engine.core.trading import Trading
from engine.domain.facts import TradeFact
from engine.domain.units import BasketName, Symbol
from engine.venue_sim.catalog import CATALOG
from support.command_line import driftdeck, engine_process, eventually, write_config
from support.sim_process import SECRET, SimProcess

ASSETS = ("ETH", "SOL", "AVAX")
BASKET = BasketName("layer-1")
CREATE = {"bybit": "POST /v5/order/create", "binance": "POST /api/v3/order"}
PIECE = 200  # money an order may have: a basket of 12,000 is sixty orders, ten seconds of sending at the very least
WITHIN_S = 240.0
STEPS = {str(each.asset): Decimal(each.lot) for each in CATALOG}


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--scenario", "calm", "--speed", "60") as process:
        yield process


@pytest.fixture(params=["bybit", "binance"])
def venue(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def config(sim: SimProcess, venue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the config of an account that has money, and tell its key to engines that are started."""
    sim.account(key=f"spot-{venue}", venue=venue, spot_money="100000" if venue == "binance" else "0")
    monkeypatch.setenv(f"DRIFTDECK_{venue.upper()}_KEY", f"spot-{venue}")
    monkeypatch.setenv(f"DRIFTDECK_{venue.upper()}_SECRET", SECRET)
    path = write_config(tmp_path / "config.toml", sim.ready)
    text = path.read_text(encoding="utf-8").replace("speed = 600.0", "speed = 60.0")
    text = text.replace('id = "bybit"', f'id = "{venue}"\nmarket = "spot"\nmode = "demo"')
    text = text.replace('poll_every = "1s"', 'poll_every = "3s"')  # prices of all markets weigh much on Binance
    text += f"[limits]\nmax_order_notional = {PIECE}\nmax_slippage_bps = 1_000\nmax_orders_per_hour = 1_000\n"
    text += 'max_price_age = "60s"\n'
    path.write_text(text, encoding="utf-8")
    return path


def said(state: Path, *command: str) -> Any:
    """Return what a command says as JSON; None while no engine answers, and after what is refused."""
    answer = driftdeck(*command, "--json", "--state", str(state))
    return json.loads(answer.stdout) if answer.returncode == 0 else None


def reconciled(state: Path) -> bool:
    """Return True once the engine has loaded, has its money, and knows of nothing that differs."""
    status = said(state, "status")
    found = said(state, "reconcile")
    if status is None or found is None or not status["engine"]["ready"] or not status["account"]["equity"]:
        return False
    return not (found["frozen"] or found["balance_gap"] or found["unknown"])


def pending(state: Path) -> list[str]:
    return [str(each["id"]) for each in said(state, "proposals") or () if each["state"] == "pending"]


class Approval:
    """Something drafted, and its approval by a command that follows it."""

    def __init__(self, state: Path, *draft: str) -> None:
        self._state = state
        eventually(f"{draft} is drafted", lambda: driftdeck(*draft, "--state", str(state)).returncode == 0, WITHIN_S)
        (self.ident,) = pending(state)
        self._follower = self._begin()

    def insisted(self) -> bool:
        """Approve again where that was refused, on an old price perhaps; a fresh quote takes its place."""
        if self._follower.poll() is not None:
            for ident in pending(self._state):
                self.ident, self._follower = ident, self._begin()
        return True

    def __enter__(self) -> "Approval":
        return self

    def __exit__(self, *_: object) -> None:
        self._follower.terminate()
        self._follower.wait(20)

    def _begin(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tui", "approve", self.ident, "--yes", "--state", str(self._state)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def state_of(state: Path, ident: str) -> str:
    return next((str(each["state"]) for each in said(state, "proposals") or () if each["id"] == ident), "")


def is_over(state: Path, approval: Approval) -> bool:
    where = state_of(state, approval.ident) if approval.insisted() else ""
    assert where not in ("partial", "failed"), driftdeck("orders", "--state", str(state)).stdout
    return where == "done"


def books_of(state: Path) -> Trading:
    """Return what the journal of an engine that has ended makes."""
    journal = SqliteJournal(state / FILE_NAME, read_only=True)
    try:
        return Trading(record.fact for record in journal.read() if isinstance(record.fact, TradeFact))
    finally:
        journal.close()


def apart(trading: Trading, truth: dict[str, Any]) -> list[str]:
    """Return where the journal's books and the exchange's own truth do not say the same."""
    coins = dict.fromkeys(ASSETS, Decimal(0)) | {c: Decimal(amount) for c, amount in truth["spot_wallet"].items()}
    held = {asset: Symbol(f"{asset}/USDT") for asset in ASSETS}
    found = [
        f"{asset}: books {trading.account.net(symbol)}, beside them {trading.foreign.get(symbol)}, there {coins[asset]}"
        for asset, symbol in held.items()
        if coins[asset] != trading.account.net(symbol) + trading.foreign.get(symbol, Decimal(0))
    ]
    if trading.account.cash != coins["USDT"]:
        found.append(f"money: books {trading.account.cash}, there {coins['USDT']}")
    found += [f"{name} was accepted {count} times" for name, count in truth["accepted"].items() if count != 1]
    ours = {track.order.client_order_id for track in trading.orders.all()}
    found += [f"{name} is in no book" for name in truth["accepted"] if name not in ours]
    found += [f"{track.order.client_order_id} is {track.state}" for track in trading.orders.unsettled()]
    return found


def test_a_basket_is_bought_through_two_kills_and_sold_to_the_last_step(
    sim: SimProcess, venue: str, config: Path, tmp_path: Path
) -> None:
    state, key = tmp_path / "state", f"spot-{venue}"

    def accepted() -> int:
        return len(sim.truth(key)["accepted"])

    def more_left(than: int, approval: Approval | None = None) -> Callable[[], bool]:
        return lambda: (approval is None or approval.insisted()) and accepted() >= than + 3

    with engine_process(config, state) as engine:
        eventually("the venue is compared with the books", lambda: reconciled(state), WITHIN_S)
        with Approval(state, "open", BASKET) as opening:
            eventually("some of its orders have left", more_left(0, opening), WITHIN_S)
            engine.send_signal(signal.SIGKILL)
            engine.wait(10)
    first = accepted()
    sim.fault("drop-after", path=CREATE[venue], count=2, duration_s=120)
    with engine_process(config, state) as engine:
        eventually("more of them have left", more_left(first), WITHIN_S)
        engine.send_signal(signal.SIGKILL)
        engine.wait(10)
    sim.mend()
    with engine_process(config, state):
        eventually("the opening is over", partial(is_over, state, opening), WITHIN_S)
        eventually("books and venue agree", lambda: reconciled(state), WITHIN_S)
        (basket,) = said(state, "baskets")
        assert basket["state"] != "flat"
    opened, truth = books_of(state), sim.truth(key)
    assert apart(opened, truth) == []
    assert opened.foreign == {}
    kept_back = {execution["fee_coin"] for execution in truth["executions"]}
    assert kept_back == set(ASSETS), "a buy is paid for in the coin it bought"
    with engine_process(config, state):
        eventually("the venue is compared with the books", lambda: reconciled(state), WITHIN_S)
        with Approval(state, "close", BASKET) as closing:
            eventually("the closing is over", partial(is_over, state, closing), WITHIN_S)
        eventually("books and venue agree", lambda: reconciled(state), WITHIN_S)
        (basket,) = said(state, "baskets")
        assert basket["state"] == "flat"
    closed = books_of(state)
    assert apart(closed, sim.truth(key)) == []
    assert closed.account.book(BASKET).flat
    left = {symbol.partition("/")[0]: quantity for symbol, quantity in closed.foreign.items()}
    assert all(0 < quantity < STEPS[asset] for asset, quantity in left.items()), "what cannot be sold"
