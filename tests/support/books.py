"""Small books for tests: configs without files, correlated closes, and a clock that a test moves."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from engine.domain.basket import Basket, DecisionMode, Leg, Side
from engine.domain.config import Config, MarketSource, RulesConfig, SimulationConfig, VenueConfig
from engine.domain.market import Quote
from engine.domain.units import HOUR_MS, Asset, BasketName, Ms, Symbol

START = Ms(472_224 * HOUR_MS)  # 2023-11-15 00:00 UTC, a midnight


def symbol_of(asset: str) -> Symbol:
    """Return the swap symbol of an asset."""
    return Symbol(f"{asset}/USDT:USDT")


def basket(name: str, sides: Mapping[str, Side], *, notional: int = 12_000) -> Basket:
    """Return a basket of equal weights."""
    legs = tuple(
        Leg(asset=Asset(asset), symbol=symbol_of(asset), side=side, weight=1 / len(sides))
        for asset, side in sides.items()
    )
    return Basket(
        name=BasketName(name),
        thesis="for a test",
        legs=legs,
        notional=Decimal(notional),
        leverage=1.0,
        decision=DecisionMode.ASK,
        on_no_answer="nothing",
        no_answer_after_ms=0,
    )


def long_basket(name: str, *assets: str) -> Basket:
    """Return a long-only basket."""
    return basket(name, dict.fromkeys(assets, Side.LONG))


def small_config(*baskets: Basket, windows_days: tuple[int, ...] = (30, 60, 90), speed: float = 1.0) -> Config:
    """Return a config with the default rules on a market that does not exist."""
    return Config(
        venue=VenueConfig(poll_every_ms=50),
        rules=RulesConfig(windows_days=windows_days),
        simulation=SimulationConfig(source=MarketSource.SIM, speed=speed, identity="fake", start_ms=START),
        baskets=baskets or (long_basket("one", "AAA", "BBB", "CCC"),),
    )


def correlated_closes(seed: int, slots: int, assets: int, *, rho: float = 0.7) -> NDArray[np.float64]:
    """Return closes [slots, assets] whose hourly returns share a factor, with fat tails."""
    rng = np.random.default_rng(seed)
    common = rng.standard_t(4, size=(slots, 1)) * np.sqrt(rho)
    own = rng.standard_t(4, size=(slots, assets)) * np.sqrt(1 - rho)
    closes: NDArray[np.float64] = 100.0 * np.exp(np.cumsum(0.005 * (common + own), axis=0))
    return closes


def quote_at(symbol: Symbol, *, received: float) -> Quote:
    """Return a quote of 1.0 received at that host second."""
    return Quote(symbol=symbol, last=Decimal(1), bid=None, ask=None, change_24h=None, event_ms=START, received=received)


def rows_of(closes: NDArray[np.float64], symbols: Sequence[Symbol]) -> list[tuple[Symbol, list[float]]]:
    """Return each symbol with its column."""
    return [(symbol, [float(close) for close in closes[:, column]]) for column, symbol in enumerate(symbols)]


class TestClock:
    """Both clocks, moved by the test."""

    __test__ = False

    def __init__(self, market_ms: Ms = START) -> None:
        self.now_ms = market_ms
        self.seconds = 0.0

    def market_ms(self) -> Ms:
        """Return market time."""
        return self.now_ms

    def monotonic(self) -> float:
        """Return host seconds."""
        return self.seconds
