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
