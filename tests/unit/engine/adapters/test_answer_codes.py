"""Every error code that Bybit and Binance document, through the real client: what is done about it, and what is said.

The lists of codes are the venues' own documentation, which is not part of the project; what follows from a code without
them is tested above.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters.answer_codes import asked_for, ban_s
from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.host_breaker import HostBreaker
from engine.domain.config import VenueConfig
from engine.domain.errors import BadVenueAnswerError, UnknownSymbolError, VenueUnreachableError
from engine.domain.market import MarketKind
from engine.domain.units import Ms, Symbol
from support.bybit_script import NOW_MS, envelope
from support.loopback_venue import LoopbackVenue, Reply, Request, json_reply
from support.shared_material import shared

BTC = Symbol("BTC/USDT:USDT")
HOSTS = {"bybit": "api.bybit.com", "binance": "fapi.binance.com"}
TOO_MANY = re.compile(
    r"too many (?:visits|requests|orders|connections)|frequency protection|high server load|too fast|IP.*rate limit",
    re.I,
)
BUSY = re.compile(r"server (?:error|timeout)|timeout waiting|is restarting|server (?:is )?busy|shutting down", re.I)


class Hands:
    """A monotonic clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("venue", "status", "body", "pause", "words"),
    [
        ("binance", 400, {"code": -1003, "msg": "Too many requests"}, 5.0, "asked for a pause"),
        ("binance", 418, {"code": -1003, "msg": f"IP banned until {NOW_MS + 90_000}."}, 90.0, "for 90 s"),
        ("binance", 418, {"code": -1003, "msg": "IP banned until 9999999999999."}, 259_200.0, "for 259200 s"),
        ("binance", 400, {"code": "-1008", "msg": "Server is busy"}, 0.0, "busy or restarting"),
        ("binance", 451, {"code": 0, "msg": "Service unavailable from a restricted location"}, 0.0, "its country"),
        ("bybit", 200, {"retCode": 10024, "retMsg": "Compliance rules triggered"}, 0.0, "its country (Compliance"),
        ("bybit", 200, {"retCode": 10018, "retMsg": "Exceeded the IP Rate Limit."}, 5.0, "Exceeded the IP Rate Limit"),
        ("bybit", 200, {"retCode": 10000, "retMsg": None}, 0.0, "no answer (10000)"),
    ],
)
def test_a_code_asks_for_a_pause_or_to_try_later(
    venue: str, status: int, body: dict[str, object], pause: float, words: str
) -> None:
    found = asked_for(venue, status, body, Ms(NOW_MS))
    assert found is not None
    assert found.pause_s == pause
    assert words in found.sentence


@pytest.mark.parametrize("body", [None, [], "text", {}, {"code": True}, {"code": "soon"}, {"retCode": 10001}])
def test_what_asks_for_nothing_is_left_to_the_client(body: object) -> None:
    assert asked_for("bybit", 200, body, None) is None


def test_a_ban_without_a_known_time_is_as_long_as_the_status_says() -> None:
    assert ban_s("banned until 1700000000000", None) == 0.0
    assert ban_s("banned until tomorrow", Ms(NOW_MS)) == 0.0


def documented(venue: str) -> Iterator[tuple[int, str]]:
    """Yield every code of a venue's documentation that a public question can be answered with, and its text."""
    if venue == "bybit":
        text = shared("fixtures", "bybit", "docs", "error.mdx").read_text()
        for code, words in re.findall(r"^\| *(-?\d+) *\|([^|\n]*)\|", text, re.M):
            if int(code) not in (0, 400, 403) and "under the same" not in words:  # HTTP's, and the trading socket's
                yield int(code), words.strip()
        return
    for name in ("errors.md", "coincise_binance_spot_error_codes.md", "coincise_binance_usdm_error_codes.md"):
        text = shared("fixtures", "binance", "docs", name).read_text()
        for code, words in re.findall(r"^#+ \\?-(\d{4,5}) ([A-Z_0-9]+)", text, re.M):
            yield -int(code), words.replace("_", " ")


@pytest.mark.parametrize("venue", ["bybit", "binance"])
async def test_every_documented_code_ends_in_one_sentence_and_the_right_reaction(venue: str, tmp_path: Path) -> None:
    codes = list(documented(venue))
    hands = Hands()
    current: list[tuple[int, str]] = []

    def answer(request: Request) -> Reply:
        code, words = current[-1]
        if venue == "bybit":
            return json_reply(envelope({}, code=code, message=words))
        return json_reply({"code": code, "msg": words}, status=400)

    breaker = HostBreaker(hands)
    async with LoopbackVenue(tmp_path, answer) as server:
        config = VenueConfig(
            id=venue, market=MarketKind.SWAP, proxy=server.proxy, ca_file=server.ca_file, requests_per_second=10_000.0
        )
        data = CcxtMarketData(config, monotonic=time.monotonic, breaker=breaker)
        wrong = []
        for code, words in codes:
            current.append((code, words))
            with pytest.raises((VenueUnreachableError, UnknownSymbolError)) as caught:
                await data.server_time()
            paused, refused = breaker.remaining(HOSTS[venue]) > 0, not isinstance(caught.value, VenueUnreachableError)
            refused |= isinstance(caught.value, BadVenueAnswerError)
            if paused != bool(TOO_MANY.search(words)) or (BUSY.search(words) and refused):
                wrong.append((code, words, str(caught.value)))
            assert "\n" not in str(caught.value)
            hands.now += 10.0
        await data.close()
    assert wrong == [], "\n".join(map(str, wrong))
    assert len(codes) > 100
