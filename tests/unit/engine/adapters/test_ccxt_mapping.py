"""The door from ccxt's dictionaries to our words: exact, strict, and never a zero for what is missing."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.ccxt_mapping import is_ours, positive, to_candles, to_instrument, to_quote, venue_ms
from engine.domain.errors import BadVenueAnswerError
from engine.domain.market import MarketKind
from engine.domain.units import HOUR_MS, Symbol

ETH = Symbol("ETH/USDT:USDT")
HOUR = 472_222 * HOUR_MS
POSITIVE = st.decimals(min_value="1e-18", max_value="1e12", allow_nan=False, allow_infinity=False)


def market(**changes: Any) -> dict[str, Any]:
    """Return a ccxt market as `number = str` leaves it."""
    plain = {
        "symbol": "ETH/USDT:USDT", "base": "ETH", "swap": True, "spot": False, "linear": True, "active": True,
        "contractSize": "1", "precision": {"price": "0.01", "amount": "0.001"}, "limits": {"cost": {"min": "5"}},
    }  # fmt: skip
    return plain | changes


def row(at: int, close: object = "1.5") -> list[object]:
    """Return an OHLCV row as `number = str` leaves it."""
    return [at, "1", "2", "0.5", close, "10"]


@given(POSITIVE)
def test_a_positive_number_survives_to_the_last_digit(number: Decimal) -> None:
    assert positive(str(number)) == number


@given(st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.decimals(max_value=0), st.lists(st.integers())))
def test_whatever_is_not_positive_and_finite_is_none(value: object) -> None:
    found = positive(value)
    assert found is None or (isinstance(value, str) and found == Decimal(value.strip()) and found > 0)


@pytest.mark.parametrize("value", [None, "", "now", 0, -1, 1_700_000_000, math.nan, math.inf, True, "1700000000000"])
def test_what_is_no_time_in_milliseconds_is_none(value: object) -> None:
    assert venue_ms(value) is None


def test_contracts_become_units_of_the_asset() -> None:
    found = to_instrument(market(contractSize="0.1"), MarketKind.SWAP)
    assert found.quantity_step == Decimal("0.0001")
    assert to_instrument(market(contractSize=None), MarketKind.SPOT).quantity_step == Decimal("0.001")


def test_the_smallest_quantity_is_counted_in_the_asset_too() -> None:
    limits = {"cost": {"min": None}, "amount": {"min": "2"}}
    found = to_instrument(market(contractSize="0.1", limits=limits), MarketKind.SWAP)
    assert (found.min_quantity, found.min_notional) == (Decimal("0.2"), Decimal(0))
    assert to_instrument(market(limits=None), MarketKind.SWAP).min_quantity == Decimal(0)


@pytest.mark.parametrize(
    ("places", "step"), [("3", "0.001"), (8, "1E-8"), ("0", "1"), (0, "1"), (-2, "1E+2"), ("2.0", "0.01")]
)
def test_decimal_places_become_steps_where_a_venue_writes_them(places: object, step: str) -> None:
    written = market(precision={"price": places, "amount": places})
    found = to_instrument(written, MarketKind.SWAP, digits=True)
    assert found.price_step == found.quantity_step == Decimal(step)


@pytest.mark.parametrize("places", [None, "many", True, "0.5", "99", float("nan")])
def test_what_is_no_number_of_places_is_no_step(places: object) -> None:
    with pytest.raises(BadVenueAnswerError, match="without a price or quantity step"):
        to_instrument(market(precision={"price": places, "amount": places}), MarketKind.SWAP, digits=True)


@pytest.mark.parametrize("changes", [{"base": None}, {"symbol": None}, {"precision": None}, {"contractSize": None}])
def test_a_market_that_lacks_what_orders_need_is_left_out(changes: dict[str, Any]) -> None:
    with pytest.raises(BadVenueAnswerError, match="left out"):
        to_instrument(market(**changes), MarketKind.SWAP)


def test_no_minimum_is_zero_because_the_venue_sets_none() -> None:
    assert to_instrument(market(limits={"cost": {"min": None}}), MarketKind.SWAP).min_notional == Decimal(0)
    assert to_instrument(market(limits={}), MarketKind.SWAP).min_notional == Decimal(0)


@pytest.mark.parametrize("precision", [{}, {"price": "0.01"}, {"price": "0", "amount": "1"}, None])
def test_a_market_without_steps_raises(precision: object) -> None:
    with pytest.raises(BadVenueAnswerError, match="lists ETH/USDT:USDT without a price or quantity step"):
        to_instrument(market(precision=precision), MarketKind.SWAP)


@pytest.mark.parametrize(
    ("changes", "swap", "spot"),
    [
        ({}, True, False),
        ({"active": None}, True, False),
        ({"active": False}, False, False),
        ({"linear": False}, False, False),
        ({"swap": False, "spot": True, "linear": None}, False, True),
        ({"swap": False, "linear": True, "future": True}, False, False),
    ],
)
def test_only_open_markets_of_our_kind_are_ours(changes: dict[str, Any], swap: bool, spot: bool) -> None:
    found = market(**changes)
    assert (is_ours(found, MarketKind.SWAP), is_ours(found, MarketKind.SPOT)) == (swap, spot)


@given(POSITIVE, st.floats(-99.0, 1e6))
def test_a_quote_keeps_the_price_and_turns_percent_into_a_fraction(last: Decimal, percent: float) -> None:
    ticker = {"symbol": ETH, "last": str(last), "percentage": str(percent), "timestamp": HOUR + 1}
    quote = to_quote(ticker, 12.5)
    assert quote is not None
    assert (quote.last, quote.bid, quote.ask, quote.event_ms, quote.received) == (last, None, None, HOUR + 1, 12.5)
    assert quote.change_24h == pytest.approx(percent / 100, rel=1e-12)


def test_a_ticker_without_change_says_none_and_one_without_time_is_no_quote() -> None:
    ticker: dict[str, Any] = {"symbol": ETH, "last": "1", "percentage": None, "timestamp": HOUR}
    quote = to_quote(ticker, 0.0)
    assert quote is not None
    assert quote.change_24h is None
    assert to_quote(ticker | {"timestamp": None}, 0.0) is None


@given(st.lists(st.integers(0, 5_000), unique=True, max_size=20), st.randoms(use_true_random=False))
def test_candles_come_out_ascending_whatever_the_order_sent(slots: list[int], random: Any) -> None:
    rows = [row(HOUR + slot * HOUR_MS, str(slot + 1)) for slot in slots]
    random.shuffle(rows)
    found = to_candles(rows, ETH)
    assert [(candle.open_ms, candle.close) for candle in found] == [
        (HOUR + slot * HOUR_MS, slot + 1.0) for slot in sorted(slots)
    ]


@pytest.mark.parametrize(
    "bad",
    [
        row(HOUR + 1),
        row(HOUR, None),
        row(HOUR, "nan"),
        row(HOUR, True),
        [HOUR, "1", "2"],
        "123456",
        None,
        [str(HOUR), "1", "2", "0.5", "1.5", "10"],
    ],
)
def test_one_bad_row_condemns_the_page(bad: object) -> None:
    with pytest.raises(BadVenueAnswerError, match="ETH/USDT:USDT"):
        to_candles([row(HOUR), bad], ETH)


@pytest.mark.parametrize("answer", [None, {}, "<html>", 3])
def test_what_is_no_list_is_no_page(answer: object) -> None:
    with pytest.raises(BadVenueAnswerError, match="instead of candles"):
        to_candles(answer, ETH)


@pytest.mark.parametrize(
    ("info", "ends"),
    [
        ({"deliveryTime": "1700000000000"}, 1_700_000_000_000),
        ({"deliveryDate": 1_700_000_000_000}, 1_700_000_000_000),
        ({"deliveryTime": "0"}, None),
        ({"deliveryTime": ""}, None),
        ({"deliveryDate": 4_133_404_800_000}, None),
        ({"deliveryDate": "soon"}, None),
        (None, None),
    ],
)
def test_an_announced_end_is_read_and_a_placeholder_is_none(info: object, ends: int | None) -> None:
    assert to_instrument(market(info=info), MarketKind.SWAP).ends_ms == ends
