"""Owns the signature checks: whether a request comes from who it says, and from now, as each venue judges it.

Time here is real time, as the venue's clock has it, also where the market runs faster: clients sign with the time of
their own machine. Pure: headers, texts and the clock come in, a refusal or the account's key goes out.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

AHEAD_MS = 1_000  # how far a client's clock may run ahead
USUAL_WINDOW_MS = 5_000
MOST_WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRefusal:
    """The venue's code and words."""

    code: int
    words: str


def bybit_refusal(
    headers: Mapping[str, str], payload: str, secret: str | None, clock_ms: int
) -> SignatureRefusal | None:
    """Return why Bybit refuses a signed request, or None; `payload` is the query or body exactly as it was sent."""
    key, stamp = headers.get("X-BAPI-API-KEY", ""), headers.get("X-BAPI-TIMESTAMP", "")
    window, sign = headers.get("X-BAPI-RECV-WINDOW", "") or str(USUAL_WINDOW_MS), headers.get("X-BAPI-SIGN", "")
    if not key or not stamp or not sign:
        return SignatureRefusal(code=10001, words="empty value: apiTimestamp[] apiKey[] apiSignature[]")
    if secret is None:
        return SignatureRefusal(code=10003, words="API key is invalid.")
    if not _whole(stamp) or not _whole(window) or not _in_time(int(stamp), int(window), clock_ms):
        words = "invalid request, please check your server timestamp or recv_window param."
        told = f" req_timestamp[{stamp}],server_timestamp[{clock_ms}],recv_window[{window}]"
        return SignatureRefusal(code=10002, words=words + told)
    origin = stamp + key + window + payload
    if not hmac.compare_digest(signature(origin, secret), sign.lower()):
        return SignatureRefusal(code=10004, words=f"error sign! origin_string[{origin}]")
    return None


def binance_refusal(
    key: str, parameters: Mapping[str, str], signed_text: str, secret: str | None, clock_ms: int
) -> SignatureRefusal | None:
    """Return why Binance refuses a signed request, or None; `signed_text` is all of it before the signature."""
    stamp, window = parameters.get("timestamp", ""), parameters.get("recvWindow", str(USUAL_WINDOW_MS))
    missing = next((name for name in ("timestamp", "signature") if not parameters.get(name)), "")
    code, words = 0, ""
    if not key:
        code, words = -2014, "API-key format invalid."
    elif secret is None:
        code, words = -2015, "Invalid API-key, IP, or permissions for action."
    elif missing:
        code, words = -1102, f"Mandatory parameter '{missing}' was not sent, was empty/null, or malformed."
    elif not _whole(stamp) or not _whole(window) or int(window) > MOST_WINDOW_MS:
        code, words = -1131, "recvWindow must be less than 60000."
    elif int(stamp) >= clock_ms + AHEAD_MS:
        code, words = -1021, "Timestamp for this request was 1000ms ahead of the server's time."
    elif not _in_time(int(stamp), int(window), clock_ms):
        code, words = -1021, "Timestamp for this request is outside of the recvWindow."
    elif not hmac.compare_digest(signature(signed_text, secret), parameters["signature"].lower()):
        code, words = -1022, "Signature for this request is not valid."
    return SignatureRefusal(code=code, words=words) if code else None


def signature(text: str, secret: str) -> str:
    """Return the HMAC-SHA256 of `text` in hex."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _in_time(stamp: int, window: int, clock_ms: int) -> bool:
    return clock_ms - window <= stamp < clock_ms + AHEAD_MS


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 16
