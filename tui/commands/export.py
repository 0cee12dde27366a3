"""Owns `driftdeck export`: journal, alerts, orders, fills or stored bars as CSV, engine or no engine.

Reads the state directory's files and writes one file, never over another one unless told to. What only a running engine
knows is `export_live`'s. Bars come out as the long form of a price file, so that `corr` and `replay` read them again.
"""

import csv
import gzip
import io
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from engine.adapters.fact_codec import encode_fact
from engine.adapters.paths import state_dir
from engine.domain.errors import ConfigError, NoEngineError, RefusedError, StoreError
from engine.domain.facts import FillRecorded, OrderIntended, OrderReported
from engine.domain.journal import actor_of
from engine.domain.units import Ms, iso
from engine.domain.views import ALL_ASSETS
from engine.execution.orders import Orders, OrderTrack
from tui.commands.export_live import matrix, positions
from tui.commands.history import ALERT_KINDS, folded, read_journal
from tui.commands.output import say

Row = list[object]
STDOUT = Path("-")
ALERT_COLUMNS = (
    "id",
    "at",
    "kind",
    "basket",
    "asset",
    "direction",
    "words",
    "shift",
    "rho_base",
    "rho_now",
    "delta",
    "z",
    "n",
    "acknowledged_by",
    "snoozed_until",
    "cleared_at",
)
ORDER_COLUMNS = (
    "intended_at",
    "updated_at",
    "client_order_id",
    "venue_order_id",
    "proposals",
    "baskets",
    "asset",
    "symbol",
    "side",
    "quantity",
    "planned_price",
    "filled",
    "average_price",
    "slippage_bps",
    "fees",
    "reduce_only",
    "state",
    "note",
)
FILL_COLUMNS = (
    *("at", "fill_id", "client_order_id", "proposal", "basket", "asset", "symbol"),
    *("side", "quantity", "price", "fee"),
)


def export(
    what: str, state: Path | None, *, target: Path, force: bool, scope: str = ALL_ASSETS, view: str = "now"
) -> None:
    """Write one of the records as CSV. Raises ConfigError, NoEngineError, RefusedError, StoreError."""
    kinds: dict[str, Callable[[Path | None], Iterator[Row]]] = {
        "journal": _journal,
        "alerts": _alerts,
        "orders": _orders,
        "fills": _fills,
        "positions": positions,
        "matrix": lambda place: matrix(place, scope=scope, view=view),
        "bars": _bars,
    }
    if what not in kinds:
        raise ConfigError(f"export {what}: there are {', '.join(kinds)}")
    if target != STDOUT and target.exists() and not force:
        raise RefusedError(f"{target} exists: choose another file, or give --force to write over it")
    text = _text(kinds[what](state))
    if target == STDOUT:
        sys.stdout.write(text)
        return
    fresh = not target.exists()
    try:
        data = text.encode("utf-8")
        target.write_bytes(gzip.compress(data) if target.suffix == ".gz" else data)
    except OSError as error:
        if fresh and target.is_file():  # half a file is none, and the next try would meet it
            target.unlink()
        raise StoreError(f"cannot write {target}: {error.strerror}; choose another --csv file") from None
    say(f"the {what} {'is' if what == 'journal' else 'are'} in {target}")


def _text(rows: Iterable[Row]) -> str:
    """Return the whole CSV; a reading that fails half-way leaves no half of a file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    """Return what stands in a cell: nothing where a value is undefined."""
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _journal(state: Path | None) -> Iterator[Row]:
    yield ["seq", "at", "kind", "who", "terminal", "fact"]
    for record in read_journal(state, since=""):
        actor = actor_of(record.fact)
        who, terminal = (actor.who, actor.terminal) if actor is not None else (None, None)
        yield [record.seq, iso(record.at), record.kind, who, terminal, encode_fact(record.fact)]


def _alerts(state: Path | None) -> Iterator[Row]:
    yield list(ALERT_COLUMNS)
    for alert in folded(read_journal(state, since="", kinds=ALERT_KINDS)).values():
        yield [alert[column] for column in ALERT_COLUMNS]


def _orders(state: Path | None) -> Iterator[Row]:
    yield list(ORDER_COLUMNS)
    orders = Orders()
    for record in read_journal(state, since="", kinds=("OrderIntended", "OrderReported", "FillRecorded")):
        if isinstance(record.fact, OrderIntended | OrderReported | FillRecorded):
            orders.apply(record.fact)
    for track in orders.all():
        yield _order(track)


def _order(track: OrderTrack) -> Row:
    order = track.order
    return [
        iso(track.intended_at),
        iso(track.updated_at),
        order.client_order_id,
        track.venue_order_id,
        " ".join(part.proposal for part in order.allocations),
        " ".join(part.basket for part in order.allocations),
        order.asset,
        order.symbol,
        order.side,
        f"{order.quantity:f}",
        f"{order.price:f}",
        f"{track.filled:f}",
        None if track.average_price is None else f"{track.average_price:f}",
        track.slippage_bps,
        f"{sum(fill.fee for fill in track.fills):f}" if track.fills else None,
        "yes" if order.reduce_only else "no",
        track.state,
        track.note,
    ]


def _fills(state: Path | None) -> Iterator[Row]:
    yield list(FILL_COLUMNS)
    for record in read_journal(state, since="", kinds=("FillRecorded",)):
        fill = record.fact
        if isinstance(fill, FillRecorded):
            names = [fill.fill_id, fill.client_order_id, fill.proposal, fill.basket, fill.asset, fill.symbol, fill.side]
            yield [iso(fill.at), *names, f"{fill.quantity:f}", f"{fill.price:f}", f"{fill.fee:f}"]


def _bars(state: Path | None) -> Iterator[Row]:
    """Only closes and volumes are stored: the other prices stay empty, and so does the source of a venue's bar."""
    from engine.adapters.sqlite_bars import FILE_NAME, SqliteBars

    path = state_dir(state) / FILE_NAME
    if not path.exists():
        raise NoEngineError(f"no bars are stored for {path.parent}: start an engine with 'driftdeck run'")
    yield ["timestamp", "symbol", "open", "high", "low", "close", "volume", "source"]
    store = SqliteBars(path)
    try:
        for symbol in sorted(store.newest_open()):
            for held in store.load_held(symbol, since_ms=Ms(0)):
                bar = held.bar
                yield [iso(bar.open_ms), symbol, None, None, None, bar.close, bar.volume, held.source]
    finally:
        store.close()
