"""Owns markets for proposals: quotes, instruments and matrices of a few assets at one moment."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from engine.domain.market import Instrument, MarketKind, Quote
from engine.domain.proposal import ProposalKind
from engine.domain.units import Asset, ProposalId, Symbol
from engine.rebalance.figures import Picture
from engine.rebalance.proposer import Occasion, Terms
from support.books import START, symbol_of

Floats = NDArray[np.float64]
TERMS = Terms(fee_bps=5.5, slippage_bps=2.0, valid_ms=1_800_000, band=0.005, net_tolerance=0.05)


def quote(asset: str, price: str, *, spread: str | None = "0.0002", received: float = 0.0) -> Quote:
    """Return a quote around a price; without a spread the venue gives no bid and ask."""
    middle = Decimal(price)
    half = middle * Decimal(spread) / 2 if spread is not None else None
    return Quote(
        symbol=symbol_of(asset),
        last=middle,
        bid=middle - half if half is not None else None,
        ask=middle + half if half is not None else None,
        change_24h=None,
        event_ms=START,
        received=received,
    )


def instrument(
    asset: str, *, step: str = "0.001", minimum: str = "5", tick: str = "0.01", kind: MarketKind = MarketKind.SWAP
) -> Instrument:
    """Return a listed market."""
    return Instrument(
        asset=Asset(asset),
        symbol=symbol_of(asset),
        kind=kind,
        price_step=Decimal(tick),
        quantity_step=Decimal(step),
        min_notional=Decimal(minimum),
    )


def equicorrelated(size: int, rho: float) -> Floats:
    """Return a matrix with one correlation everywhere."""
    found: Floats = np.full((size, size), rho)
    np.fill_diagonal(found, 1.0)
    return found


def picture(
    prices: Mapping[str, str],
    *,
    rho: Floats | None = None,
    sigma: Sequence[float] | None = None,
    step: str = "0.001",
    minimum: str = "5",
    spread: str | None = "0.0002",
    kind: MarketKind = MarketKind.SWAP,
    funding_day: float | None = 0.0003,
) -> Picture:
    """Return a market of these assets."""
    symbols = tuple(symbol_of(asset) for asset in prices)
    funding: dict[Symbol, float] = {} if funding_day is None else dict.fromkeys(symbols, funding_day)
    return Picture(
        symbols=symbols,
        sigma=np.array(sigma if sigma is not None else [0.6] * len(symbols)),
        rho=rho if rho is not None else equicorrelated(len(symbols), 0.75),
        quotes={symbol_of(asset): quote(asset, price, spread=spread) for asset, price in prices.items()},
        instruments={symbol_of(asset): instrument(asset, step=step, minimum=minimum, kind=kind) for asset in prices},
        funding_day=funding,
        tiers={},
    )


def occasion(kind: ProposalKind = ProposalKind.REBALANCE, number: int = 1) -> Occasion:
    """Return an occasion for a proposal."""
    return Occasion(id=ProposalId(f"p{number}"), kind=kind, cause="a7", reason="for a test", at=START)
