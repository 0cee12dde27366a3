"""No key, signature or password leaves in a text."""

import io
import logging

import pytest

from engine.adapters.redaction import RedactingFilter, redact

SECRET = "Zx81secretZx81"


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://fapi.binance.com/fapi/v1/order?symbol=ETHUSDT&timestamp=1&signature={SECRET} 400",
        f"https://api.bybit.com/v5/order?apiKey={SECRET}",
        f"http://user:{SECRET}@127.0.0.1:8080",
        f"socks5://{SECRET}@proxy.example:1080/",
        f"{{'X-BAPI-API-KEY': '{SECRET}', 'X-BAPI-TIMESTAMP': '1'}}",
        f"{{'X-BAPI-SIGN': '{SECRET}'}}",
        f'"X-MBX-APIKEY": "{SECRET}"',
        f"OK-ACCESS-PASSPHRASE: {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"body timestamp=1&recvWindow=5000&signature={SECRET}",
        f"DRIFTDECK_BYBIT_SECRET={SECRET}",
        f"listenKey={SECRET}",
        f"access_token: {SECRET}",
        f"privateKey='{SECRET}'",
    ],
)
def test_secrets_leave_no_trace(text: str) -> None:
    clean = redact(text)
    assert SECRET not in clean
    assert "[redacted]" in clean
    assert redact(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "bybit did not answer in time while reading candles; check the network, then try again",
        "GET https://api.bybit.com/v5/market/time 502",
        "the design of this key table: press k",
        "signal: drift 0.31",
        'venue.ca_file: there is no file "ca.pem"',
    ],
)
def test_ordinary_sentences_pass_unchanged(text: str) -> None:
    assert redact(text) == text


def test_known_secrets_go_wherever_they_stand() -> None:
    assert redact(f"odd place {SECRET}!", [SECRET, "", "a"]) == "odd place [redacted]!"


def test_the_host_and_path_of_a_url_stay() -> None:
    assert redact("GET https://api.bybit.com/v5/market/time?a=1 502") == (
        "GET https://api.bybit.com/v5/market/time?[redacted] 502"
    )


def test_a_handler_with_the_filter_writes_clean_messages_and_tracebacks() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter([SECRET]))
    logger = logging.Logger("redaction test", logging.DEBUG)
    logger.addHandler(handler)
    logger.debug("%s %s, Request: %s", "POST", f"https://x.example/order?signature={SECRET}", {"apiKey": SECRET})
    try:
        int(f"https://x.example/order?apiKey={SECRET}")
    except ValueError:
        logger.exception("order failed", stack_info=True)
    written = stream.getvalue()
    assert SECRET not in written
    assert "https://x.example/order?[redacted]" in written
    assert "order failed" in written
    assert "ValueError" in written
