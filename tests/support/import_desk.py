"""A config, a state directory, files beside them, and `driftdeck import` on all of it, in this process."""

import json
from pathlib import Path
from typing import Any

from engine.adapters.sqlite_bars import SqliteBars
from engine.domain.errors import ExitCode
from engine.domain.market import Bar
from engine.domain.units import HOUR_MS, Ms, Symbol, parse_iso
from support.trading_room import Said, driftdeck_here

ETH, SOL = Symbol("ETH/USDT:USDT"), Symbol("SOL/USDT:USDT")
START = parse_iso("2026-01-01T00:00:00Z")
BOOK = """
[venue]
id = "bybit"
{venue}
[[basket]]
name = "layer-1"
notional = 12_000
assets = [{{asset = "ETH"}}, {{asset = "SOL"}}]
"""


def at(hour: int) -> Ms:
    """Return the instant `hour` hours after START."""
    return Ms(START + hour * HOUR_MS)


class ImportDesk:
    """A config, a state directory, and the command line on both."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.config = place / "config.toml"
        self.state = place / "state"
        self.state.mkdir(mode=0o700)
        self.configure("")

    def configure(self, venue: str) -> None:
        """Write the config with these lines in its venue."""
        self.config.write_text(BOOK.format(venue=venue), encoding="utf-8")

    def file(self, text: str, name: str = "prices.csv") -> Path:
        """Write a price file."""
        path = self.place / name
        path.write_text(text, encoding="utf-8")
        return path

    def hold(self, hours: range, close: float, symbol: Symbol = ETH) -> None:
        """Store bars that the exchange delivered, at `hours` after START."""
        bars = [Bar(symbol=symbol, open_ms=at(hour), close=close, volume=1.0) for hour in hours]
        store = SqliteBars(self.state / "bars.db")
        store.claim("bybit:swap:USDT")
        store.append(bars)
        store.close()

    def held(self, symbol: Symbol = ETH) -> list[tuple[int, float, str]]:
        """Return hour, close and source of what is stored."""
        store = SqliteBars(self.state / "bars.db")
        found = store.load_held(symbol, since_ms=Ms(0))
        store.close()
        return [((one.bar.open_ms - START) // HOUR_MS, one.bar.close, one.source) for one in found]

    def run(self, *arguments: str) -> Said:
        """Run `driftdeck import`."""
        return driftdeck_here("import", *arguments, "--config", str(self.config), "--state", str(self.state))

    def json(self, *arguments: str) -> Any:
        """Run it with --json; return the document."""
        said = self.run(*arguments, "--json")
        assert said.code == ExitCode.DONE, said.err
        return json.loads(said.out)
