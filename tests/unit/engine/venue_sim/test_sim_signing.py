"""The signature checks: the venues' own examples, and each reason to refuse."""

import pytest

from engine.venue_sim.signing import binance_refusal, bybit_refusal, signature

# The example of Binance's API documentation, which belongs to nobody's account.
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
ORDER = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
DOCUMENTED = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
STAMP = 1_499_827_319_559


def test_the_documented_example_has_the_documented_signature() -> None:
    assert signature(ORDER, SECRET) == DOCUMENTED
    given = {"timestamp": str(STAMP), "recvWindow": "5000", "signature": DOCUMENTED}
    assert binance_refusal("key", given, ORDER, SECRET, STAMP) is None


@pytest.mark.parametrize(
    ("key", "secret", "given", "clock", "code"),
    [
        ("", SECRET, {}, STAMP, -2014),
        ("key", None, {}, STAMP, -2015),
        ("key", SECRET, {"timestamp": ""}, STAMP, -1102),
        ("key", SECRET, {"signature": ""}, STAMP, -1102),
        ("key", SECRET, {"recvWindow": "60001"}, STAMP, -1131),
        ("key", SECRET, {}, STAMP + 5_001, -1021),
        ("key", SECRET, {}, STAMP - 1_000, -1021),
        ("key", "another", {}, STAMP, -1022),
    ],
)
def test_binance_refuses_with_its_own_code(
    key: str, secret: str | None, given: dict[str, str], clock: int, code: int
) -> None:
    whole = {"timestamp": str(STAMP), "recvWindow": "5000", "signature": DOCUMENTED} | given
    refusal = binance_refusal(key, whole, ORDER, secret, clock)
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize(
    ("headers", "secret", "clock", "code"),
    [
        ({}, SECRET, STAMP + 5_000, None),
        ({}, SECRET, STAMP + 5_001, 10002),
        ({}, SECRET, STAMP - 999, None),
        ({}, SECRET, STAMP - 1_000, 10002),
        ({"X-BAPI-TIMESTAMP": "now"}, SECRET, STAMP, 10002),
        ({"X-BAPI-SIGN": ""}, SECRET, STAMP, 10001),
        ({}, None, STAMP, 10003),
        ({}, "another", STAMP, 10004),
        ({"X-BAPI-RECV-WINDOW": "6000"}, SECRET, STAMP, 10004),
    ],
)
def test_bybit_signs_stamp_key_window_and_payload(
    headers: dict[str, str], secret: str | None, clock: int, code: int | None
) -> None:
    sent = {
        "X-BAPI-API-KEY": "key",
        "X-BAPI-TIMESTAMP": str(STAMP),
        "X-BAPI-RECV-WINDOW": "5000",
        "X-BAPI-SIGN": signature(f"{STAMP}key5000category=linear", SECRET),
    }
    refusal = bybit_refusal(sent | headers, "category=linear", secret, clock)
    assert (refusal.code if refusal is not None else None) == code
