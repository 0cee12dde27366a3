"""The facts that go with a FakeScene: what a cockpit finds when it attaches, and the WATCH lines of a cascade."""

from engine.domain.events import (
    BasketCheck,
    CheckCompleted,
    EngineStarted,
    Event,
    HistoryLoaded,
    QuoteWentStale,
    WatchRaised,
)
from engine.domain.units import HOUR_MS, Asset, BasketName, Ms
from support.fake_scene import FakeScene


def opening(scene: FakeScene) -> list[Event]:
    """Return the events a cockpit finds when it attaches."""
    at = scene.market_ms
    checks = tuple(
        BasketCheck(
            basket=BasketName(name),
            state="ok",
            mean_rho_base=0.74,
            mean_rho_now=0.75,
            shift=0.02,
            watching=0,
            pairs=len(legs) * (len(legs) - 1) // 2,
        )
        for name, legs in scene.legs.items()
    )
    return [
        EngineStarted(
            at=Ms(at - 5 * HOUR_MS), version="0.1", mode="paper", market="sim", baskets=6, assets=len(scene.assets)
        ),
        HistoryLoaded(at=Ms(at - 5 * HOUR_MS), bars=63910, fetched=63910, short=((Asset("APT"), 34.0),)),
        CheckCompleted(at=Ms(at - at % (4 * HOUR_MS)), late_ms=900, missing=(), baskets=checks),
        QuoteWentStale(at=Ms(at - 90_000), asset=Asset("AXS"), age_s=42.0),
    ]


def watches(scene: FakeScene) -> list[Event]:
    """Return one WATCH per basket that has pairs past the limit."""
    found: list[Event] = []
    for name in scene.legs:
        pairs = tuple(move for move in scene.moves(name) if abs(move.delta) > 0.15)
        if pairs:
            found.append(WatchRaised(at=scene.market_ms, basket=BasketName(name), pairs=pairs))
    return found
