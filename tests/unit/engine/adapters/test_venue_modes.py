"""A mode's requests go to that mode's hosts: whatever ccxt's switches do, nothing else is ever dialed."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ccxt.async_support as ccxt
import pytest

from engine.adapters import trading_client, venue_modes
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.trading_client import MUST_CARRY, build_trader
from engine.adapters.venue_keys import VenueKeys
from engine.adapters.venue_modes import dialed_hosts, switch_mode
from engine.adapters.venue_traits import TRADING, Door, TradingTraits, door_of
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import RefusedError
from engine.domain.market import MarketKind
from support.loopback_venue import LoopbackVenue, json_reply

KEYS = VenueKeys(key="key-of-a-test", secret="secret-of-a-test")
BASE64 = "c2VjcmV0LW9mLWEtdGVzdA=="  # as kraken writes secrets


def built(venue: VenueConfig) -> Any:
    return build_trader(venue, KEYS, breaker=HostBreaker(time.monotonic), monotonic=time.monotonic)


@pytest.mark.parametrize(
    ("mode", "host"),
    [(Mode.LIVE, "api.bybit.com"), (Mode.DEMO, "api-demo.bybit.com"), (Mode.TESTNET, "api-testnet.bybit.com")],
)
async def test_each_mode_dials_its_own_host(mode: Mode, host: str) -> None:
    exchange = built(VenueConfig(mode=mode))
    assert set(dialed_hosts(exchange)) == {host}
    await exchange.close()


async def test_a_sandbox_switch_that_fails_can_never_end_in_a_live_order() -> None:
    """Kraken's switch raises a bare TypeError and leaves the object pointing at live money."""
    exchange = ccxt.kraken()
    with pytest.raises(TypeError):
        exchange.set_sandbox_mode(True)
    assert set(dialed_hosts(exchange)) >= {"api.kraken.com"}
    door = Door(hosts=frozenset({"sandbox.kraken.example"}))
    with pytest.raises(RefusedError, match="cannot be switched"):
        switch_mode(exchange, VenueConfig(id="kraken", mode=Mode.TESTNET), door)
    with pytest.raises(RefusedError, match="no orders go to kraken"):
        door_of(VenueConfig(id="kraken", mode=Mode.TESTNET))
    await exchange.close()


def test_a_switch_that_silently_does_nothing_is_found_by_its_hosts() -> None:
    still_live = SimpleNamespace(
        urls={"api": {"public": "https://api.bybit.com"}},
        implode_hostname=lambda url: url,
        set_sandbox_mode=lambda on: None,
    )
    with pytest.raises(RefusedError, match=r"would dial api\.bybit\.com; nothing is sent"):
        switch_mode(still_live, VenueConfig(mode=Mode.TESTNET), Door(hosts=frozenset({"api-testnet.bybit.com"})))


async def test_an_url_that_changes_later_is_stopped_at_the_request() -> None:
    exchange = built(VenueConfig(mode=Mode.DEMO))
    exchange.urls["api"] = dict.fromkeys(exchange.urls["api"], "https://api.bybit.com")
    with pytest.raises(RefusedError, match=r"would dial api\.bybit\.com"):
        await exchange.privateGetV5UserQueryApi()
    await exchange.close()


async def test_an_order_whose_bytes_lack_its_client_id_does_not_leave() -> None:
    exchange = built(VenueConfig(mode=Mode.DEMO))
    wanted = MUST_CARRY.set("dd-missing")
    with pytest.raises(RefusedError, match="does not carry its client id"):
        await exchange.privatePostV5OrderCreate({"category": "linear", "orderLinkId": "something-else"})
    MUST_CARRY.reset(wanted)
    await exchange.close()


@pytest.mark.parametrize(
    "url", ["http://api-demo.bybit.com/v5", "https://api-demo.bybit.com:8443/v5", "https://evil.example/"]
)
def test_only_tls_on_its_usual_port_to_a_known_host_is_dialed(url: str) -> None:
    venue = VenueConfig(mode=Mode.DEMO)
    with pytest.raises(RefusedError, match="would dial"):
        venue_modes.check_request(venue, door_of(venue), url, {}, signed=True)


async def test_a_switch_that_fails_dials_nothing_even_where_the_table_lets_the_venue_in_and_its_error_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(hosts=frozenset({"sandbox.kraken.example"}))
    monkeypatch.setitem(TRADING, "kraken", TradingTraits(doors={Mode.TESTNET: door}))
    async with LoopbackVenue(tmp_path, lambda _: json_reply({"error": [], "result": {}})) as venue:
        config = VenueConfig(
            id="kraken", market=MarketKind.SPOT, mode=Mode.TESTNET, proxy=venue.proxy, ca_file=venue.ca_file
        )
        breaker = HostBreaker(time.monotonic)
        with pytest.raises(RefusedError, match="cannot be switched"):
            build_trader(config, VenueKeys(key=KEYS.key, secret=BASE64), breaker=breaker, monotonic=time.monotonic)
        monkeypatch.setattr(trading_client, "switch_mode", lambda *_: None)
        exchange = build_trader(
            config, VenueKeys(key=KEYS.key, secret=BASE64), breaker=breaker, monotonic=time.monotonic
        )
        with pytest.raises(RefusedError, match=r"would dial api\.kraken\.com; nothing was sent"):
            await exchange.privatePostAddOrder({"pair": "XBTUSDT", "type": "buy", "ordertype": "market", "volume": "1"})
        await exchange.close()
        assert venue.tunnels == []
