"""The broker on ccxt on spot, against the simulated exchange: coins instead of positions, fees in the bought coin."""

import asyncio
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters import binance_spot_account
from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.clocks import SystemClock
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.key_permissions import Access
from engine.adapters.venue_keys import VenueKeys
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import OrderRefusedError, OutcomeUnknownError, RefusedError, VenueUnreachableError
from engine.domain.market import MarketKind
from engine.domain.order import Fill, OrderSide, OrderState
from engine.domain.units import ClientOrderId, Ms, Symbol
from support.loopback_venue import LoopbackVenue, json_reply
from support.sim_process import SECRET, SimProcess
from support.venue_desk import BROKEN_ANSWERS, COIN_MARKET, ETH_COIN, broker_on, eth_order, new_account, venue_of

SPOT = MarketKind.SPOT
CREATE = {"bybit": "POST /v5/order/create", "binance": "POST /api/v3/order"}
BALANCES = {"bybit": "GET /v5/account/wallet-balance", "binance": "GET /api/v3/account"}
MONEY = Decimal(100_000)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "60", "--scenario", "calm") as process:
        yield process


@pytest.fixture(params=["bybit", "binance"])
def venue(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def sim(running: SimProcess) -> Iterator[SimProcess]:
    yield running
    running.mend()


def since(sim: SimProcess) -> Ms:
    return Ms(sim.state()["market_ms"] - 3_600_000)


def funded(sim: SimProcess, venue: str, **told: object) -> str:
    """Open an account with money for spot; return its key."""
    return new_account(sim, venue=venue, **({"spot_money": str(MONEY)} if venue == "binance" else {}), **told)


def coins(sim: SimProcess, key: str) -> dict[str, Decimal]:
    """Return what the exchange really holds for an account."""
    return {coin: Decimal(amount) for coin, amount in sim.truth(key)["spot_wallet"].items()}


def made_of(fills: list[Fill], money: Decimal = MONEY) -> dict[str, Decimal]:
    """Return what these fills make of money, counted by hand."""
    held, left = Decimal(0), money
    for fill in fills:
        sign = fill.side.sign
        held += sign * fill.quantity - fill.fee_in_kind
        left -= sign * fill.quantity * fill.price + (fill.fee - fill.fee_in_kind * fill.price)
    return {"ETH": held, "USDT": left}


async def test_a_buy_leaves_less_than_it_executed_and_the_fills_say_so(sim: SimProcess, venue: str) -> None:
    key = funded(sim, venue)
    async with broker_on(sim, key, venue=venue, market=SPOT) as broker:
        await broker.place(eth_order("dda1", symbol=ETH_COIN))
        found = await broker.look_up(ClientOrderId("dda1"), ETH_COIN)
        fills = await broker.fills(since=since(sim))
        (held,) = await broker.positions()
        balance = await broker.wallet()
    assert found is not None
    assert (found.state, found.filled) == (OrderState.FILLED, Decimal("0.5"))
    assert {(fill.client_order_id, fill.symbol, fill.side) for fill in fills} == {("dda1", ETH_COIN, OrderSide.BUY)}
    assert sum(fill.quantity for fill in fills) == Decimal("0.5")
    assert sum(fill.fee_in_kind for fill in fills) == Decimal("0.0005")
    assert (held.symbol, held.quantity, held.entry, held.liquidation) == (ETH_COIN, Decimal("0.4995"), None, None)
    assert made_of(fills) == {"ETH": held.quantity, "USDT": balance} == coins(sim, key)


async def test_a_sale_pays_its_fee_in_money_and_nothing_is_left_but_what_is_below_the_step(
    sim: SimProcess, venue: str
) -> None:
    key = funded(sim, venue)
    async with broker_on(sim, key, venue=venue, market=SPOT) as broker:
        await broker.place(eth_order("ddb1", symbol=ETH_COIN))
        with pytest.raises(OrderRefusedError, match="refused it"):  # more than is held
            await broker.place(eth_order("ddb2", side=OrderSide.SELL, symbol=ETH_COIN, reduce_only=True))
        await broker.place(eth_order("ddb3", "0.49", side=OrderSide.SELL, symbol=ETH_COIN, reduce_only=True))
        await broker.look_up(ClientOrderId("ddb3"), ETH_COIN)
        fills = await broker.fills(since=since(sim))
        (held,) = await broker.positions()
        balance = await broker.wallet()
    sold = [fill for fill in fills if fill.side is OrderSide.SELL]
    assert sum(fill.quantity for fill in sold) == Decimal("0.49")
    assert {fill.fee_in_kind for fill in sold} == {Decimal(0)}
    assert all(fill.fee > 0 for fill in sold)
    assert held.quantity == Decimal("0.0095")
    assert made_of(fills) == {"ETH": held.quantity, "USDT": balance} == coins(sim, key)
    assert set(sim.truth(key)["accepted"]) == {"ddb1", "ddb3"}


async def test_a_limit_holds_money_that_is_still_the_accounts_and_is_canceled_once(sim: SimProcess, venue: str) -> None:
    async with broker_on(sim, funded(sim, venue), venue=venue, market=SPOT) as broker:
        await broker.place(eth_order("ddc1", limit="1500", symbol=ETH_COIN))
        found = await broker.look_up(ClientOrderId("ddc1"), ETH_COIN)
        assert found is not None
        assert found.state is OrderState.OPEN
        assert await broker.wallet() == MONEY
        await broker.cancel(ClientOrderId("ddc1"), ETH_COIN)
        await broker.cancel(ClientOrderId("ddc1"), ETH_COIN)
        await broker.cancel(ClientOrderId("ddnone"), ETH_COIN)
        found = await broker.look_up(ClientOrderId("ddc1"), ETH_COIN)
        assert found is not None
        assert found.state is OrderState.CANCELED
        assert await broker.look_up(ClientOrderId("ddnone"), ETH_COIN) is None


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (eth_order("ddd1", "100000", symbol=ETH_COIN), "refused it"),  # no money for it
        (eth_order("ddd2", "0.5", side=OrderSide.SELL, symbol=ETH_COIN), "refused it"),  # a short
        (eth_order("ddd3", "0.12345", symbol=ETH_COIN), "between the steps"),
        (eth_order("ddd4", "0.01", limit="400", symbol=ETH_COIN), "refused it"),  # below the smallest order
        (eth_order("ddd5", symbol=Symbol("NONE/USDT")), "does not list"),
    ],
)
async def test_what_is_refused_for_certain_placed_nothing(
    sim: SimProcess, venue: str, order: object, said: str
) -> None:
    key = funded(sim, venue)
    async with broker_on(sim, key, venue=venue, market=SPOT) as broker:
        with pytest.raises(OrderRefusedError, match=said):
            await broker.place(order)  # type: ignore[arg-type]
    assert sim.truth(key)["accepted"] == {}


@pytest.mark.parametrize(("kind", "told", "executed"), BROKEN_ANSWERS)
async def test_every_broken_answer_is_an_unknown_outcome_and_the_lookup_tells_the_truth(
    sim: SimProcess, venue: str, kind: str, told: dict[str, object], executed: int
) -> None:
    key = funded(sim, venue)
    async with broker_on(sim, key, venue=venue, market=SPOT) as broker:
        broker._exchange.timeout = 1_000  # of the order alone: a busy machine may list markets for longer
        sim.fault(kind, path=CREATE[venue], count=1, **told)
        with pytest.raises(OutcomeUnknownError):
            await broker.place(eth_order("dde1", symbol=ETH_COIN))
    sim.mend()
    async with broker_on(sim, key, venue=venue, market=SPOT) as broker:  # a breaker of its own: no pause is kept
        found = await broker.look_up(ClientOrderId("dde1"), ETH_COIN)
    assert (found is not None) == bool(executed)
    assert sim.truth(key)["accepted"] == ({"dde1": 1} if executed else {})


async def test_an_id_that_is_known_already_proves_that_an_order_stands(sim: SimProcess, venue: str) -> None:
    key = funded(sim, venue)
    async with broker_on(sim, key, venue=venue, market=SPOT) as broker:
        await broker.place(eth_order("ddf1", "0.1", limit="1500", symbol=ETH_COIN))
        with pytest.raises(OutcomeUnknownError):
            await broker.place(eth_order("ddf1", "0.1", limit="1500", symbol=ETH_COIN))
        assert await broker.look_up(ClientOrderId("ddf1"), ETH_COIN) is not None
    assert sim.truth(key)["accepted"] == {"ddf1": 1}


async def test_a_query_that_fails_is_never_read_as_nothing_held(sim: SimProcess, venue: str) -> None:
    async with broker_on(sim, funded(sim, venue), venue=venue, market=SPOT) as broker:
        await broker.place(eth_order("ddg1", symbol=ETH_COIN))
        sim.fault("html-page", path=BALANCES[venue], count=1)
        with pytest.raises(VenueUnreachableError):
            await broker.positions()
        assert len(await broker.positions()) == 1


async def test_coins_that_no_basket_names_are_not_looked_at(sim: SimProcess, venue: str) -> None:
    async with broker_on(sim, funded(sim, venue), venue=venue, market=SPOT, symbols=[Symbol("SOL/USDT")]) as broker:
        await broker.place(eth_order("ddh1", symbol=ETH_COIN))
        assert await broker.positions() == []


async def test_nothing_is_leveraged_and_nothing_pays_funding(sim: SimProcess, venue: str) -> None:
    async with broker_on(sim, funded(sim, venue), venue=venue, market=SPOT) as broker:
        await broker.place(eth_order("ddi1", symbol=ETH_COIN))
        assert await broker.settings() == {}
        assert await broker.funding(since=since(sim)) == []


async def test_money_from_outside_is_a_movement_and_a_trade_is_none(sim: SimProcess) -> None:
    key = new_account(sim)
    async with broker_on(sim, key, market=SPOT) as broker:
        before = {each.id for each in await broker.movements(since=since(sim))}
        await broker.place(eth_order("ddj1", symbol=ETH_COIN))
        sim.move("-1000", key=key)
        (moved,) = [each for each in await broker.movements(since=since(sim)) if each.id not in before]
    assert moved.amount == Decimal(-1000)


async def test_a_key_that_may_withdraw_is_refused(sim: SimProcess) -> None:
    with pytest.raises(RefusedError, match="may withdraw"):
        async with broker_on(sim, new_account(sim, may_withdraw=True), market=SPOT):
            pass


async def test_a_key_that_only_reads_is_taken_as_such(sim: SimProcess, venue: str) -> None:
    keys = VenueKeys(key=funded(sim, venue, read_only=True), secret=SECRET)
    config = venue_of(sim, venue, market=SPOT)
    reader = CcxtBroker(config, keys, clock=SystemClock(), symbols=[ETH_COIN], breaker=HostBreaker(time.monotonic))
    assert (await reader.admit()).access is Access.READ_ONLY
    await reader.close()


@pytest.mark.parametrize("broken", ["GET /api/v3/myTrades", "GET /api/v3/account", "GET /api/v3/order"])
async def test_a_trade_that_one_look_could_not_read_is_read_by_the_next(sim: SimProcess, broken: str) -> None:
    key = funded(sim, "binance")
    async with (
        broker_on(sim, key, venue="binance", market=SPOT) as ours,
        broker_on(sim, key, venue="binance", market=SPOT) as stranger,
    ):
        assert await ours.fills(since=since(sim)) == []
        await stranger.place(eth_order("stranger1", symbol=ETH_COIN))
        sim.fault("html-page", path=broken, count=1)
        with pytest.raises(VenueUnreachableError):
            await ours.fills(since=since(sim))
        sim.mend()
        assert {fill.client_order_id for fill in await ours.fills(since=since(sim))} == {"stranger1"}


async def test_a_trade_that_the_balance_shows_before_the_list_does_is_read_later(
    sim: SimProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binance_spot_account, "AGAIN_S", 3.0)
    key, names = funded(sim, "binance"), set[str]()
    async with (
        broker_on(sim, key, venue="binance", market=SPOT) as ours,
        broker_on(sim, key, venue="binance", market=SPOT) as stranger,
    ):
        assert await ours.fills(since=since(sim)) == []
        sim.fault("hidden-orders", delay_s=2)
        await stranger.place(eth_order("stranger2", symbol=ETH_COIN))
        async with asyncio.timeout(60):
            while not names:
                names |= {str(fill.client_order_id) for fill in await ours.fills(since=since(sim))}
                await asyncio.sleep(0.2)
    assert names == {"stranger2"}


@pytest.mark.parametrize(
    ("said", "kept", "money", "elsewhere"),
    [
        ({"side": "Buy", "execFee": "0.0005", "feeCurrency": "ETH"}, "0.0005", "1.5", ""),
        ({"side": "Buy", "execFee": "0.0005", "feeCurrency": ""}, "0.0005", "1.5", ""),
        ({"side": "Sell", "execFee": "1.5", "feeCurrency": ""}, "0", "1.5", ""),
        ({"side": "Buy", "execFee": "-0.3", "feeCurrency": ""}, "0", "-0.3", ""),  # a rebate is paid in the other coin
        ({"side": "Sell", "execFee": "-0.0001", "feeCurrency": ""}, "-0.0001", "-0.3", ""),
        ({"side": "Buy", "execFee": "0.02", "feeCurrency": "MNT"}, "0", "0", "0.02 MNT"),
    ],
)
async def test_every_fee_is_booked_in_the_coin_that_paid_it(
    tmp_path: Path, said: dict[str, str], kept: str, money: str, elsewhere: str
) -> None:
    row = said | {
        "symbol": "ETHUSDT", "execId": "1", "orderLinkId": "ddk1", "execQty": "0.5", "execPrice": "3000",
        "execTime": "1795000000000", "execType": "Trade",
    }  # fmt: skip
    answer = json_reply({"retCode": 0, "result": {"list": [row], "nextPageCursor": ""}})
    async with LoopbackVenue(tmp_path, lambda _: answer) as venue:
        config = VenueConfig(market=SPOT, mode=Mode.DEMO, proxy=venue.proxy, ca_file=venue.ca_file)
        broker = CcxtBroker(
            config,
            VenueKeys(key="k", secret="s"),
            clock=SystemClock(),
            symbols=[ETH_COIN],
            breaker=HostBreaker(time.monotonic),
        )
        broker._exchange.set_markets([COIN_MARKET])
        (fill,) = await broker.fills(since=Ms(int(time.time() * 1000) - 60_000))
        await broker.close()
    assert (fill.symbol, fill.fee_in_kind, fill.fee, fill.elsewhere) == (
        ETH_COIN, Decimal(kept), Decimal(money), elsewhere,
    )  # fmt: skip
