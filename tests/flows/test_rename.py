"""A market that is renamed under a running engine: it goes on and says so; with the new name its history is joined."""

import json
from pathlib import Path
from typing import Any

from support.command_line import driftdeck, engine_process, eventually, write_config
from support.sim_process import SimProcess

OLD, NEW = "AVAX", "AVAXN"


def status(state: Path) -> dict[str, Any]:
    answer = driftdeck("status", "--json", "--state", str(state))
    found: dict[str, Any] = json.loads(answer.stdout) if answer.returncode == 0 else {}
    return found


def is_ready(state: Path) -> bool:
    return bool(status(state).get("engine", {}).get("ready"))


def leg(document: dict[str, Any], asset: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in document["baskets"][0]["assets"] if each["asset"] == asset)
    return found


def test_a_renamed_market_costs_the_basket_one_leg_until_its_new_name_brings_the_history_along(tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()
    state = tmp_path / "state"
    with SimProcess(tmp_path / "sim", "--scenario", "calm", "--speed", "600") as sim:
        config = write_config(tmp_path / "config.toml", sim.ready)
        with engine_process(config, state) as engine:
            eventually("the engine is ready", lambda: is_ready(state))
            sim.fault("rename", asset=OLD, to=NEW, duration_s=600.0)
            eventually("the basket says what is gone", lambda: OLD in (status(state)["baskets"][0]["flag"] or ""))
            renamed_at = sim.state()["market_ms"]
            checked = status(state)["cycle"]["last_check"]
            eventually("the next check is done", lambda: status(state)["cycle"]["last_check"] != checked)
            went_on = status(state)
            assert engine.poll() is None
            assert driftdeck("stop", "--state", str(state)).returncode == 0
        assert "not listed: the basket goes on without it" in went_on["baskets"][0]["flag"]
        assert went_on["venue"]["link"] == "up"
        assert went_on["baskets"][0]["mean_rho"]["30"] is not None

        text = config.read_text(encoding="utf-8")
        config.write_text(
            text.replace(f'{{asset = "{OLD}"}}', f'{{asset = "{NEW}", formerly = "{OLD}"}}'), encoding="utf-8"
        )
        with engine_process(config, state):
            eventually("the engine is ready under the new name", lambda: is_ready(state))
            joined = status(state)
            assert driftdeck("stop", "--state", str(state)).returncode == 0
        listed = driftdeck("import", "list", "--json", "--config", str(config), "--state", str(state))
    assert joined["baskets"][0]["flag"] is None
    assert leg(joined, NEW)["used"]
    assert leg(joined, NEW)["history_days"] > 100
    market = next(each for each in json.loads(listed.stdout)["symbols"] if each["symbol"].startswith(NEW))
    assert market["seams"] == 1
    assert market["imported"] > 100 * 24
    assert renamed_at > 0
