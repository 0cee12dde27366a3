"""Owns one event of every kind that the signals fold, with undefined numbers where there may be some."""

import math

from engine.domain.alerts import AlertKind, Direction, Evidence, PairMove
from engine.domain.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    AlertSnoozed,
    AlertWorsened,
    BaselineAnchored,
    BasketCheck,
    CheckCompleted,
    RegimeChanged,
    SignalEvent,
    VolatilityBroadened,
    VolatilityFell,
    WatchCleared,
    WatchRaised,
)
from engine.domain.units import HOUR_MS, Asset, BasketName, Ms
from support.books import START

LAYER_1, ETH, SOL = BasketName("layer-1"), Asset("ETH"), Asset("SOL")
MOVE = PairMove(first=ETH, second=SOL, rho_base=0.71, rho_now=0.89, delta=0.18, z=3.4)
EVIDENCE = Evidence(words="moving together", shift=0.47, rho_base=0.7, rho_now=0.9, delta=0.2, n=717, pairs=(MOVE,))


def raised(ident: str = "layer-1.20231115T0000", *, at: Ms = START) -> AlertRaised:
    """Return the entry message of a basket's alert."""
    return AlertRaised(
        at=at,
        id=ident,
        kind=AlertKind.BASKET,
        basket=LAYER_1,
        asset=None,
        direction=Direction.UP,
        evidence=EVIDENCE,
        rings=True,
    )


def one_signal_of_each_kind() -> list[SignalEvent]:
    """Return an event of every kind, in an order that could have happened."""
    ident, later = raised().id, Ms(START + 4 * HOUR_MS)
    check = BasketCheck(
        basket=LAYER_1,
        state="alert",
        mean_rho_base=0.7,
        mean_rho_now=0.9,
        shift=math.nan,
        watching=1,
        pairs=6,
        alert=1,
        leaning=-1,
        assets_leaning=((ETH, 1),),
    )
    return [
        WatchRaised(at=START, basket=LAYER_1, pairs=(MOVE,)),
        raised(),
        CheckCompleted(at=START, late_ms=0, missing=(ETH,), baskets=(check,), as_of=START, fast=True),
        VolatilityBroadened(
            at=START, started=True, until=later, breadth=0.25, judged=8, assets=(ETH, SOL), peak_sigma=6.1
        ),
        AlertAcknowledged(at=START, id=ident, who="mira"),
        AlertSnoozed(at=START, id=ident, until=later, who="mira"),
        AlertWorsened(at=later, id=ident, evidence=EVIDENCE, rings=False),
        VolatilityFell(at=later, since=START, breadth=0.25, assets=(ETH,), peak_sigma=6.1),
        RegimeChanged(at=later, regime="stress", probability=0.93, reasons=("one", "two")),
        BaselineAnchored(at=later, basket=LAYER_1, assets=(ETH, SOL), raw=(math.nan,), win=(0.7,)),
        AlertCleared(at=later, id=ident, lasted_ms=4 * HOUR_MS, shift=0.2),
        WatchCleared(at=later, basket=LAYER_1, pairs=(MOVE,)),
    ]
