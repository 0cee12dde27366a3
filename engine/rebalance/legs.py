"""Owns the one door from floats to Decimals: targets in money become trades in quantities that a venue takes.

A leg is the difference to what is held. Rounding goes the safe way: what grows is rounded down, what shrinks is
rounded up but never through zero. What is too small to trade is listed with its reason. Never decides on sizes.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

import msgspec

from engine.domain.market import Instrument, MarketKind, Quote
from engine.domain.order import OrderSide
from engine.domain.proposal import ProposalLeg, SkippedLeg
from engine.domain.units import Asset, Symbol

_NOISE = Decimal("1E-9")  # differences below this share of a step are the float's, not the trader's
_HALF = Decimal("0.5")
WORTH_LISTING = 0.005  # of the leg's base: a smaller rest is what rounding always leaves


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a basket holds of one symbol and what it should hold: `target` in signed money, `base` at factor 1."""

    asset: Asset
    symbol: Symbol
    held: Decimal
    target: float
    base: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRules:
    """What legs are made with: the fee, and the price band that a decision allows, both fractions."""

    fee: Decimal
    band: Decimal


def reference_price(quote: Quote) -> Decimal:
    """Return the middle of bid and ask, or the last price where the venue gives no market."""
    if quote.bid is not None and quote.ask is not None and 0 < quote.bid <= quote.ask:
        return (quote.bid + quote.ask) / 2
    return quote.last


def make_legs(
    wishes: Iterable[Wish], quotes: Mapping[Symbol, Quote], instruments: Mapping[Symbol, Instrument], rules: LegRules
) -> tuple[tuple[ProposalLeg, ...], tuple[SkippedLeg, ...]]:
    """Return the trades, reductions first and the largest first, and what is not traded with the reason."""
    legs: list[ProposalLeg] = []
    skipped: list[SkippedLeg] = []
    for wish in wishes:
        quote, instrument = quotes.get(wish.symbol), instruments.get(wish.symbol)
        if quote is None:
            skipped.append(SkippedLeg(asset=wish.asset, why="it has no price"))
        elif instrument is None:
            skipped.append(SkippedLeg(asset=wish.asset, why="the venue does not list it"))
        elif math.isnan(wish.target):
            skipped.append(SkippedLeg(asset=wish.asset, why="its size is undefined"))
        else:
            _add_legs(wish, reference_price(quote), instrument, rules, legs, skipped)
    return tuple(sorted(legs, key=lambda leg: (not leg.reduces, -leg.notional, leg.asset))), tuple(skipped)


def _add_legs(
    wish: Wish,
    price: Decimal,
    instrument: Instrument,
    rules: LegRules,
    legs: list[ProposalLeg],
    skipped: list[SkippedLeg],
) -> None:
    step = instrument.quantity_step
    wanted = Decimal(wish.target) / price
    if abs(wanted - wish.held) <= _NOISE * max(abs(wish.held), step):
        return
    crossing = wish.held * wanted < 0
    position = wish.held
    for end in (Decimal(0), wanted) if crossing else (wanted,):
        reduces = abs(end) < abs(position)  # dust below the step may stay behind a closing
        quantity = _shrink(abs(position), abs(end), step) if reduces else _grow(abs(end - position), step)
        side = OrderSide.BUY if end > position else OrderSide.SELL
        after = position + side.sign * quantity
        why = _too_small(quantity, quantity * price, instrument, closes=reduces and not after)
        if why:
            missing = abs(end - position) * price
            if missing >= Decimal(abs(wish.base) * WORTH_LISTING) and missing > 0:
                skipped.append(SkippedLeg(asset=wish.asset, why=f"{_money(missing)} {why}"))
            return  # the part beyond zero waits for the part before it
        legs.append(_leg(wish, side, quantity, price, instrument, rules, reduces=reduces, held=position, target=after))
        position = after


def _shrink(held: Decimal, wanted: Decimal, step: Decimal) -> Decimal:
    """Return by how much to reduce: up to the next step, at most what is held; less than half a step is nothing."""
    steps = (held - wanted) / step
    if steps < _HALF and wanted > 0:
        return Decimal(0)
    most = (held / step).to_integral_value(ROUND_DOWN)
    return min(_snapped(steps, ROUND_CEILING), most) * step


def _grow(difference: Decimal, step: Decimal) -> Decimal:
    return _snapped(difference / step, ROUND_FLOOR) * step


def _snapped(steps: Decimal, rounding: str) -> Decimal:
    """Round to whole steps, taking what is a whole number but for float noise as that number."""
    nearest = steps.to_integral_value()
    if abs(steps - nearest) <= _NOISE * max(Decimal(1), abs(steps)):
        return nearest
    return steps.to_integral_value(rounding)


def _too_small(quantity: Decimal, notional: Decimal, instrument: Instrument, *, closes: bool) -> str:
    """Return why a venue would not take this, or nothing. Swaps may always be closed whole."""
    if quantity <= 0:
        return f"is less than the step of {plain(instrument.quantity_step)} {instrument.asset}"
    if closes and instrument.kind is MarketKind.SWAP:
        return ""
    if notional < instrument.min_notional:
        return f"is less than the smallest order of {_money(instrument.min_notional)}"
    if quantity < instrument.min_quantity:
        return f"is less than the smallest order of {plain(instrument.min_quantity)} {instrument.asset}"
    return ""


def _leg(
    wish: Wish,
    side: OrderSide,
    quantity: Decimal,
    price: Decimal,
    instrument: Instrument,
    rules: LegRules,
    *,
    reduces: bool,
    held: Decimal,
    target: Decimal,
) -> ProposalLeg:
    notional, reach = quantity * price, price * rules.band
    return ProposalLeg(
        asset=wish.asset,
        symbol=wish.symbol,
        side=side,
        quantity=quantity,
        price=price,
        notional=notional,
        fee=notional * rules.fee,
        reduces=reduces,
        held=held,
        target=target,
        low=min(price, _on_tick(price - reach, instrument.price_step, ROUND_CEILING)),
        high=max(price, _on_tick(price + reach, instrument.price_step, ROUND_FLOOR)),
    )


def _on_tick(price: Decimal, tick: Decimal, rounding: str) -> Decimal:
    """Round a bound inwards: the band is never wider than allowed, and never leaves out the price itself."""
    return (price / tick).to_integral_value(rounding) * tick


def plain(number: Decimal) -> str:
    """Return a number as people write it: no exponent, no trailing zeros."""
    return f"{number.normalize():f}"


def _money(amount: Decimal) -> str:
    return f"${amount:,.2f}"
