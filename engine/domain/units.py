"""Owns the units of the whole project: ids, milliseconds of the market clock, grid arithmetic, ISO text.

Never reads a clock: instants come in as arguments. Every other room imports its NewTypes from here.
"""

from datetime import UTC, datetime
from typing import NewType

Asset = NewType("Asset", str)  # "ETH": the thing held, whatever the venue calls its market
Symbol = NewType("Symbol", str)  # "ETH/USDT:USDT": ccxt's unified market symbol
BasketName = NewType("BasketName", str)
ProposalId = NewType("ProposalId", str)
ClientOrderId = NewType("ClientOrderId", str)  # ours: known before the venue has seen the order
VenueOrderId = NewType("VenueOrderId", str)
FillId = NewType("FillId", str)  # the venue's trade id, or the paper broker's
Ms = NewType("Ms", int)  # epoch milliseconds, UTC, on the market clock

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def floor_to(at: Ms, step_ms: int) -> Ms:
    """Return the last grid instant at or before `at` on the UTC grid of `step_ms`."""
    return Ms(at - at % step_ms)


def iso(at: Ms) -> str:
    """Return `at` as ISO 8601 UTC with `Z`, milliseconds only where there are any."""
    moment = datetime.fromtimestamp(at / 1000, tz=UTC)
    spec = "milliseconds" if at % 1000 else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")


def parse_iso(text: str) -> Ms:
    """Return the instant that ISO 8601 `text` names; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Ms(round(moment.timestamp() * 1000))
