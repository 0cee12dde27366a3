"""A basket is opened, cut and closed from the command line over real processes; the engine is killed in between."""

import csv
import io
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.domain.errors import ExitCode
from support.command_line import driftdeck, engine_process, eventually, write_config
from support.sim_process import SimProcess


@pytest.fixture
def market(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A calm market; config and state directory of an engine on it, whose one basket is flat."""
    with SimProcess(tmp_path / "sim", "--scenario", "calm", "--speed", "600") as sim:
        sim.begin()
        config = write_config(tmp_path / "config.toml", sim.ready)
        config.write_text(config.read_text() + "[limits]\nmax_slippage_bps = 1225\n", encoding="utf-8")
        yield config, tmp_path / "state"


def held(state: Path) -> dict[str, float]:
    answer = driftdeck("positions", "--json", "--state", str(state))
    return {each["asset"]: each["qty"] for each in json.loads(answer.stdout)} if answer.returncode == 0 else {}


def status(state: Path) -> Any:
    return json.loads(driftdeck("status", "--json", "--state", str(state)).stdout)


def is_ready(state: Path) -> bool:
    answer = driftdeck("status", "--json", "--state", str(state))
    return answer.returncode == 0 and json.loads(answer.stdout)["engine"]["ready"]


def test_a_basket_lives_through_the_command_line_and_a_kill(market: tuple[Path, Path]) -> None:
    config, state = market
    with engine_process(config, state) as engine:
        eventually("the history is loaded", lambda: is_ready(state))
        opened = driftdeck("open", "layer-1", "--yes", "--state", str(state))
        assert opened.returncode == ExitCode.DONE, opened.stderr
        assert re.search(r"^layer-1-1 is done: traded \$", opened.stdout, re.MULTILINE)
        before = held(state)
        assert set(before) == {"ETH", "SOL", "AVAX"}
        assert driftdeck("open", "layer-1", "--yes", "--state", str(state)).returncode == ExitCode.REFUSED
        engine.send_signal(signal.SIGKILL)
        engine.wait(10)
    assert driftdeck("positions", "--state", str(state)).returncode == ExitCode.NO_ENGINE
    with engine_process(config, state):
        eventually("the engine is back", lambda: is_ready(state))
        assert held(state) == before
        half = driftdeck("close", "layer-1", "--fraction", "50%", "--yes", "--state", str(state))
        assert half.returncode == ExitCode.DONE, half.stderr
        assert held(state)["SOL"] == pytest.approx(before["SOL"] / 2, abs=0.11)
        flat = driftdeck("flatten", "--yes", "--state", str(state))
        assert flat.returncode == ExitCode.DONE, flat.stderr
        assert held(state) == {}
        account = status(state)["account"]
        assert (account["halted"], account["partial"]) == (None, False)
        assert 49_000 < account["equity"] < 51_000
    told = driftdeck("journal", "--state", str(state)).stdout
    assert told.count("you approved layer-1-") == 3  # their numbers depend on what a check drafted in between
    exported = driftdeck("export", "orders", "--csv", "-", "--state", str(state)).stdout
    assert [row["state"] for row in csv.DictReader(io.StringIO(exported))] == ["filled"] * 9
