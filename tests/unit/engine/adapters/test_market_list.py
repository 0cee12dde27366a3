"""A venue's list of markets with rows that ccxt cannot read, through the real client against a scripted venue."""

import pytest

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.domain.errors import BadVenueAnswerError
from engine.domain.units import Symbol
from support.bybit_script import BybitScript, instrument_row
from support.loopback_venue import LoopbackVenue

BTC, ETH = Symbol("BTC/USDT:USDT"), Symbol("ETH/USDT:USDT")
NONSENSE = {"contractType": "LinearFutures", "deliveryTime": "soon"}  # ccxt fails on it, and with it on the whole list


async def test_a_market_that_cannot_be_read_is_left_out_by_name_and_the_others_go_on(
    script: BybitScript, data: CcxtMarketData, venue: LoopbackVenue, caplog: pytest.LogCaptureFixture
) -> None:
    broken, older = (instrument_row(name, **NONSENSE) for name in ("BADUSDT", "OLDUSDT"))
    script.instruments += [broken, instrument_row("SOLUSDT"), older]
    wanted = [BTC, ETH, Symbol("SOL/USDT:USDT"), Symbol("BAD/USDT:USDT")]
    assert list(await data.instruments(wanted)) == wanted[:3]
    assert list(data.unreadable) == ["BADUSDT", "OLDUSDT"]
    assert "bybit lists BADUSDT, OLDUSDT in a form that cannot be read" in caplog.text
    asked = len(venue.requests)
    script.instruments[:] = [row for row in script.instruments if row is not older]
    assert list(await data.instruments(wanted)) == wanted[:3]
    assert list(data.unreadable) == ["BADUSDT"]
    assert len(venue.requests) == 2 * asked  # the venue is not asked again to find out which it was


async def test_a_list_that_is_broken_all_over_is_the_venue_s_fault(script: BybitScript, data: CcxtMarketData) -> None:
    script.instruments[:] = [instrument_row(f"C{n}USDT", **NONSENSE) for n in range(300)]
    with pytest.raises(BadVenueAnswerError, match="in a form that cannot be read while reading its markets"):
        await data.instruments([BTC])
