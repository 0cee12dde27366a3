"""The peer of `bench_cockpit`: the same prices at the same pace in Textual's own widgets, as a first draft has it.

Six DataTables of four assets and a correlation table, a status line with the clock; ten cells move once a second.
`python tests/bench/datatable_cockpit.py ROWS`: how many rows move (0: only the clock).
"""

import random
import sys
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Grid
from textual.widgets import DataTable, Footer, Static

NAMES = ("ETH", "SOL", "AVAX", "NEAR")
COLUMNS = ("asset", "side", "last", "24 h", "weight", "age")


class DataTableCockpit(App[None]):
    """Baskets in DataTables."""

    CSS = "Grid { grid-size: 3 3; }"
    BINDINGS: ClassVar[list[BindingType]] = [("v", "turn", "view"), ("q", "quit", "quit")]

    def __init__(self, moving: int) -> None:
        super().__init__()
        self._moving = moving
        self._random = random.Random(7)
        self._delta = False

    def compose(self) -> ComposeResult:
        """Make status, tables, footer."""
        yield Static("", id="status")
        with Grid():
            for basket in range(6):
                yield DataTable(id=f"basket{basket}")
            yield DataTable(id="matrix")
        yield Footer()

    def on_mount(self) -> None:
        """Fill the tables and start the clock."""
        for basket in range(6):
            table = self.query_one(f"#basket{basket}", DataTable)
            table.add_columns(*((name, name) for name in COLUMNS))
            for asset in NAMES:
                table.add_row(asset, "L", self._price(), "+1.2%", ".25", ".3s", key=asset)
        matrix = self.query_one("#matrix", DataTable)
        matrix.add_columns(*(("", "name"), *((name, name) for name in NAMES)))
        for asset in NAMES:
            matrix.add_row(asset, *(".74" for _ in NAMES), key=asset)
        self.set_interval(1.0, self._tick)

    def action_turn(self) -> None:
        """Show the other view of the matrix."""
        self._delta = not self._delta
        matrix = self.query_one("#matrix", DataTable)
        for row in NAMES:
            for column in NAMES:
                matrix.update_cell(row, column, "+.02" if self._delta else ".74")

    def _price(self) -> str:
        return f"{self._random.uniform(10, 90):.3f}"

    def _tick(self) -> None:
        self.query_one("#status", Static).update(f"PAPER  bybit  {datetime.now(UTC):%H:%M:%S}Z")
        for index in range(self._moving):
            table = self.query_one(f"#basket{index % 6}", DataTable)
            table.update_cell(NAMES[index // 6], "last", self._price())
            table.update_cell(NAMES[index // 6], "age", f".{self._random.randrange(10)}s")


if __name__ == "__main__":
    DataTableCockpit(int(sys.argv[1])).run(mouse=False)
