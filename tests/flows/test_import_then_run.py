"""History that was imported, and then an engine: it asks the exchange all the same, and the exchange's bars prevail."""

import json
from pathlib import Path

from engine.adapters.sqlite_bars import SqliteBars
from engine.domain.units import DAY_MS, HOUR_MS, Ms, Symbol, floor_to, iso
from support.command_line import driftdeck, engine_process, eventually, write_config
from support.sim_process import SimProcess

ETH = Symbol("ETH/USDT:USDT")
WRONG = 12_345.0  # no price of the simulated exchange


def is_ready(state: Path) -> bool:
    answer = driftdeck("status", "--json", "--state", str(state))
    return answer.returncode == 0 and bool(json.loads(answer.stdout)["engine"].get("ready"))


def prices(file: Path, last: Ms) -> None:
    """Write a price file of 130 days before `last`, moving from hour to hour."""
    opens = range(last - 130 * DAY_MS, last, HOUR_MS)
    rows = "".join(
        f"{iso(Ms(at))},{100 + at // HOUR_MS % 7},{50 + at // HOUR_MS % 5},{20 + at // HOUR_MS % 3}\n" for at in opens
    )
    file.write_text(f"timestamp,ETH,SOL,AVAX\n{rows}", encoding="utf-8")


def test_imported_bars_alone_are_shown_while_the_venue_is_silent(tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()
    with SimProcess(tmp_path / "sim", "--scenario", "calm", "--speed", "600") as sim:
        config, state, file = write_config(tmp_path / "config.toml", sim.ready), tmp_path / "state", tmp_path / "a.csv"
        prices(file, floor_to(Ms(sim.ready.market_ms), HOUR_MS))
        sim.stop()
        imported = driftdeck("import", "csv", str(file), "--config", str(config), "--state", str(state))
        assert imported.returncode == 0, imported.stderr
        with engine_process(config, state):
            eventually("the engine shows what was imported", lambda: is_ready(state))
            document = json.loads(driftdeck("status", "--json", "--state", str(state)).stdout)
    (basket,) = document["baskets"]
    assert document["venue"]["link"] == "down"
    assert basket["mean_rho"]["90"] is not None


def test_an_engine_fetches_what_was_imported_and_only_older_hours_stay_imported(tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()
    with SimProcess(tmp_path / "sim", "--scenario", "calm", "--speed", "600") as sim:
        config, state, file = write_config(tmp_path / "config.toml", sim.ready), tmp_path / "state", tmp_path / "a.csv"
        last = floor_to(Ms(sim.ready.market_ms), HOUR_MS)
        opens = range(last - 130 * DAY_MS, last, HOUR_MS)
        file.write_text("timestamp,ETH\n" + "".join(f"{iso(Ms(at))},{WRONG}\n" for at in opens), encoding="utf-8")
        places = ("--config", str(config), "--state", str(state))
        imported = driftdeck("import", "csv", str(file), *places)
        assert imported.returncode == 0, imported.stderr
        with engine_process(config, state):
            eventually("the engine is ready", lambda: is_ready(state))
            refused = driftdeck("import", "csv", str(file), *places)
            assert driftdeck("stop", "--state", str(state)).returncode == 0
        (eth, *_) = json.loads(driftdeck("import", "list", *places, "--json").stdout)["symbols"]
    store = SqliteBars(state / "bars.db")
    held = store.load_held(ETH, since_ms=Ms(0))
    store.close()
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    edge = next(one.bar.open_ms for one in held if one.source == "")
    assert edge <= last - 120 * DAY_MS
    assert all((one.source == "csv:a.csv") == (one.bar.open_ms < edge) for one in held)
    assert all((one.bar.close == WRONG) == (one.bar.open_ms < edge) for one in held)
    assert (eth["imported"], eth["seams"], eth["seam"]["at"]) == ((edge - opens[0]) // HOUR_MS, 1, iso(edge))
