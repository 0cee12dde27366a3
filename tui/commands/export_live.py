"""Owns the tables that only a running engine knows: positions at their prices of now, and a correlation matrix.

Returns rows; `export` writes them.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from engine.domain.errors import ConfigError
from engine.domain.trade_views import BlotterView
from engine.domain.views import MatrixKind, MatrixView, Section
from engine.wire.client import WireClient
from engine.wire.messages import Precision
from tui.cockpit.deck import Matrix
from tui.commands.asking import as_kind, ask_for, engine_socket

POSITION_COLUMNS = (
    *("asset", "symbol", "quantity", "average_price", "mark", "value", "unrealized"),
    *("liquidation_distance", "baskets", "foreign", "frozen"),
)
KINDS = (MatrixKind.BASE, MatrixKind.NOW, MatrixKind.DELTA, MatrixKind.CALM, MatrixKind.STRESS)


def positions(state: Path | None) -> Iterator[list[object]]:
    """Return the net positions, the head first. Raises NoEngineError."""
    yield list(POSITION_COLUMNS)
    for one in ask_for(engine_socket(state), Section.BLOTTER, BlotterView).positions:
        yield [
            *(one.asset, one.symbol, f"{one.quantity:f}", f"{one.average_price:f}"),
            None if one.mark is None else f"{one.mark:f}",
            *(f"{one.value:f}", f"{one.unrealized:f}", one.liquidation_distance),
            *(" ".join(name for name, _ in one.baskets), f"{one.foreign:f}", one.frozen),
        ]


def matrix(state: Path | None, *, scope: str, view: str) -> Iterator[list[object]]:
    """Return a matrix, names in its first row and column. Raises ConfigError, NoEngineError, RefusedError."""
    days = re.fullmatch(r"(\d+)d", view)
    if days is None and view not in KINDS:
        raise ConfigError(f"--view {view}: there are {', '.join(KINDS)}, or a window such as 30d")
    kind = MatrixKind.WINDOW if days else MatrixKind(view)
    socket = engine_socket(state)

    async def ask() -> MatrixView:
        client = await WireClient.connect(socket, client="command", read_only=True)
        client.listen()
        try:
            _, found = await client.fetch(
                Section.MATRIX,
                scope=scope,
                kind=kind,
                window_days=int(days[1]) if days else 0,
                precision=Precision.DOUBLE,
            )
        finally:
            await client.close()
        return as_kind(found, MatrixView)

    found = Matrix.of(asyncio.run(ask()))
    yield ["", *found.assets]
    for asset, values in zip(found.assets, found.values, strict=True):
        yield [asset, *values]
