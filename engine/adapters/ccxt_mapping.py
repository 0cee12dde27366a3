"""Owns the door from ccxt's dictionaries to our words: instruments, quotes and candles, validated field by field.

The exchange object is built with `number = str` (ccxt_client), so every number here is still the venue's own string and
Decimal loses nothing. Nothing is asked from a venue here and no gap is filled: what is not a number never becomes 0.
Results go to the `MarketData` port's callers.
"""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import structs

from engine.domain.errors import BadVenueAnswerError
from engine.domain.market import Candle, Funding, Instrument, MarketKind, Quote
from engine.domain.units import HOUR_MS, Asset, Ms, Symbol

CANDLE_FIELDS = ("open", "high", "low", "close", "volume")
MOST_PLACES = 24
NEVER_ENDS_MS = 4_000_000_000_000  # 2096: Binance dates the end of every perpetual to 2100
EARLIEST_MS = 1_000_000_000_000  # 2001: a smaller "time in milliseconds" is seconds, or nonsense


def positive(value: object) -> Decimal | None:
    """Return `value` as a Decimal where it is a finite number above zero, else None."""
    if not isinstance(value, str | int | float | Decimal) or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None


def venue_ms(value: object) -> Ms | None:
    """Return `value` as an instant of the venue's clock, None where it cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return Ms(int(value)) if value >= EARLIEST_MS else None


def is_ours(market: Mapping[str, Any], kind: MarketKind) -> bool:
    """Return True where `market` is an open market of `kind`; swaps must be linear (margin in the quote)."""
    if market.get("active") is False:
        return False
    if kind is MarketKind.SPOT:
        return market.get("spot") is True
    return market.get("swap") is True and market.get("linear") is True


def to_instrument(market: Mapping[str, Any], kind: MarketKind, *, digits: bool = False) -> Instrument:
    """Map one ccxt market. Quantities are in units of the base asset, also where the venue counts contracts.

    `asset` is the venue's base as it is ("1000PEPE" stays "1000PEPE"): its price is per thousand. A missing minimum is
    Decimal(0): the venue sets none. `digits`: its precisions are numbers of decimal places, not steps. Raises
    BadVenueAnswerError where a step is missing.
    """
    symbol, base, precision = market.get("symbol"), market.get("base"), market.get("precision") or {}
    step = _places if digits else positive
    price_step, quantity_step = step(precision.get("price")), step(precision.get("amount"))
    contract = positive(market.get("contractSize")) if kind is MarketKind.SWAP else Decimal(1)
    if not symbol or not base or price_step is None or quantity_step is None:
        raise BadVenueAnswerError(f"the venue lists {symbol} without a price or quantity step; it is left out")
    if contract is None:
        raise BadVenueAnswerError(f"the venue does not say how much a contract of {symbol} holds; it is left out")
    limits = market.get("limits") or {}
    minimum, least = (positive((limits.get(name) or {}).get("min")) for name in ("cost", "amount"))
    return Instrument(
        asset=Asset(base),
        symbol=Symbol(symbol),
        kind=kind,
        price_step=price_step,
        quantity_step=quantity_step * contract,
        min_notional=minimum if minimum is not None else Decimal(0),
        ends_ms=_announced_end(market.get("info")),
        min_quantity=least * contract if least is not None else Decimal(0),
    )


def _places(value: object) -> Decimal | None:
    """Return the step that a number of decimal places means, None where it is none."""
    try:
        number = Decimal(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    if number is None or number != number.to_integral_value() or abs(number) > MOST_PLACES:
        return None
    return Decimal(1).scaleb(-int(number))


def _announced_end(info: object) -> Ms | None:
    """Return when a perpetual market will end, where its venue has said so; far-off placeholders say nothing."""
    raw = info if isinstance(info, Mapping) else {}
    said = str(raw.get("deliveryTime") or raw.get("deliveryDate") or "")
    at = venue_ms(int(said)) if said.isdecimal() else None
    return at if at is not None and at < NEVER_ENDS_MS else None


def to_quote(ticker: Mapping[str, Any], received: float) -> Quote | None:
    """Map one ccxt ticker; None where it holds no positive last price or no time: a gap, never a zero."""
    last, event_ms = positive(ticker.get("last")), venue_ms(ticker.get("timestamp"))
    if last is None or event_ms is None:
        return None
    return Quote(
        symbol=Symbol(ticker["symbol"]),
        last=last,
        bid=positive(ticker.get("bid")),
        ask=positive(ticker.get("ask")),
        change_24h=_fraction(ticker.get("percentage")),
        event_ms=event_ms,
        received=received,
        funding=_funding(ticker.get("info")),
    )


def with_book(quote: Quote, book: Mapping[str, Any] | None) -> Quote:
    """Return the quote with the bid and ask that the venue tells apart from its ticker, where it tells none itself."""
    if book is None or quote.bid is not None or quote.ask is not None:
        return quote
    return structs.replace(quote, bid=positive(book.get("bid")), ask=positive(book.get("ask")))


def _funding(raw: object) -> Funding | None:
    """Return the funding that Bybit's tickers carry; other venues say it elsewhere, so it is unknown here."""
    if not isinstance(raw, Mapping):
        return None
    rate, hours = _finite(raw.get("fundingRate")), _finite(raw.get("fundingIntervalHour"))
    if rate is None or hours is None or hours <= 0:
        return None
    return Funding(rate=rate, every_ms=round(hours * HOUR_MS))


def to_candles(rows: object, symbol: Symbol) -> list[Candle]:
    """Map ccxt's OHLCV rows, ascending. One bad row condemns the page: the venue did not answer what was asked.

    Signs and jumps of prices are not judged here (that is the market room's door-keeper), only that they are numbers.
    """
    if not isinstance(rows, list):
        raise BadVenueAnswerError(f"the venue answered {type(rows).__name__} instead of candles of {symbol}; try later")
    candles = [_candle(row, symbol) for row in rows]
    return sorted(candles, key=lambda candle: candle.open_ms)


def _candle(row: object, symbol: Symbol) -> Candle:
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) < 6:
        raise BadVenueAnswerError(f"the venue sent a candle of {symbol} that is not a row of six numbers; try later")
    open_ms = venue_ms(row[0])
    if open_ms is None or open_ms % HOUR_MS:
        raise BadVenueAnswerError(f"the venue sent a candle of {symbol} off the hourly grid ({row[0]!r}); try later")
    numbers = [_finite(value) for value in row[1:6]]
    for name, number in zip(CANDLE_FIELDS, numbers, strict=True):
        if number is None:
            raise BadVenueAnswerError(f"the venue sent a candle of {symbol} at {open_ms} without {name}; try later")
    first, high, low, close, volume = (number for number in numbers if number is not None)
    return Candle(symbol=symbol, open_ms=open_ms, open=first, high=high, low=low, close=close, volume=volume)


def _finite(value: object) -> float | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _fraction(percent: object) -> float | None:
    number = _finite(percent)
    return None if number is None else float(Decimal(str(percent)) / 100)
