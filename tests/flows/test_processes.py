"""The commands as processes, as a person or a script runs them: exit codes, one sentence, nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.domain.errors import ExitCode
from engine.runtime.lock import holder_of
from support.command_line import WITHIN_S, driftdeck, engine_process, eventually, processes_about, write_config
from support.sim_process import SimProcess


def status(state: Path) -> dict[str, Any]:
    """Return `status --json`, empty while no engine answers."""
    answer = driftdeck("status", "--json", "--state", str(state))
    document: dict[str, Any] = json.loads(answer.stdout) if answer.returncode == 0 else {}
    return document


def is_ready(state: Path) -> bool:
    return bool(status(state).get("engine", {}).get("ready"))


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--scenario", "calm", "--speed", "600") as process:
        yield process


@pytest.fixture
def config(sim: SimProcess, tmp_path: Path) -> Path:
    return write_config(tmp_path / "config.toml", sim.ready)


def test_a_headless_demo_prints_a_line_per_check_and_basket_and_leaves_nothing_behind(tmp_path: Path) -> None:
    state = tmp_path / "state"
    done = driftdeck("demo", "--headless", "--speed", "7200", "--duration", "6", "--state", str(state))
    lines = [line for line in done.stdout.splitlines() if re.match(r"\d{4}-\d\d-\d\dT\d\d:00:00Z  [a-z]", line)]
    assert done.returncode == 0, done.stderr
    assert len(lines) >= 3 * 6
    assert {line.split()[1] for line in lines} >= {"layer-1", "majors-hedged"}
    assert "Traceback" not in done.stderr
    assert processes_about(state) == []


def test_without_a_terminal_the_demo_says_that_it_runs_headless(tmp_path: Path) -> None:
    done = driftdeck("demo", "--speed", "7200", "--duration", "1")
    assert done.returncode == 0, done.stderr
    assert "no terminal here: the demo runs headless" in done.stderr


def test_a_private_demo_leaves_no_directory(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "tui", "demo", "--headless", "--speed", "7200", "--duration", "1"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=WITHIN_S, check=False)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_engine_life_start_second_kill_restart_stop(config: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with engine_process(config, state) as engine:
        eventually("the engine is ready", lambda: is_ready(state))
        second = driftdeck("run", "--headless", "--config", str(config), "--state", str(state))
        assert second.returncode == ExitCode.REFUSED
        assert f"pid {engine.pid}" in second.stderr
        engine.send_signal(signal.SIGKILL)
        engine.wait(10)
    gone = driftdeck("status", "--state", str(state))
    assert gone.returncode == ExitCode.NO_ENGINE
    assert len(gone.stderr.splitlines()) == 1
    with engine_process(config, state) as engine:
        eventually("the engine is ready again", lambda: is_ready(state))
        document = status(state)
        stopped = driftdeck("stop", "--state", str(state))
        assert stopped.returncode == 0, stopped.stderr
        assert engine.wait(10) == 0
    assert document["baskets"][0]["mean_rho"]["30"] is not None
    assert document["engine"]["history_loaded"] == document["engine"]["history_wanted"]
    assert holder_of(state) is None


def test_run_without_a_terminal_leaves_an_engine_in_the_background(config: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    started = driftdeck("run", "--config", str(config), "--state", str(state))
    holder = holder_of(state)
    stopped = driftdeck("stop", "--state", str(state))
    assert (started.returncode, stopped.returncode) == (0, 0), started.stderr + stopped.stderr
    assert holder is not None
    assert "goes on in the background" in started.stderr
    eventually("the engine has ended", lambda: not psutil.pid_exists(holder.pid))


def test_a_store_of_another_market_is_not_continued(config: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with engine_process(config, state):
        eventually("the engine listens", lambda: status(state) != {})
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r'identity = ".*"', 'identity = "sim:seed=8"', text), encoding="utf-8")
    other = driftdeck("run", "--headless", "--config", str(config), "--state", str(state))
    assert other.returncode == ExitCode.REFUSED
    assert "sim:seed=8" in other.stderr
    assert "Traceback" not in other.stderr


def test_an_unreachable_venue_and_an_empty_store_end_with_code_four(config: Path, tmp_path: Path) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r'proxy = ".*"', 'proxy = "http://127.0.0.1:1"', text), encoding="utf-8")
    done = driftdeck("run", "--headless", "--config", str(config), "--state", str(tmp_path / "state"))
    assert done.returncode == ExitCode.UNREACHABLE
    assert len(done.stderr.strip().splitlines()) == 1
    assert "http://127.0.0.1:1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("status",), ExitCode.NO_ENGINE, "driftdeck run"),
        (("baskets", "--json"), ExitCode.NO_ENGINE, "driftdeck run"),
        (("stop",), ExitCode.NO_ENGINE, "driftdeck run"),
        (("attach",), ExitCode.NO_ENGINE, "driftdeck run"),
        (("run", "--live", "--config", "/nowhere/c.toml"), ExitCode.USAGE, "driftdeck init"),
        (("run", "--config", "/nowhere/c.toml"), ExitCode.USAGE, "driftdeck init"),
        (("demo", "--speed", "0", "--headless"), ExitCode.USAGE, "--speed"),
        (("demo", "--venue", "kraken", "--headless"), ExitCode.USAGE, "speaks bybit and binance"),
        (("demo", "--replay", "/nowhere.csv", "--start", "2022-01-01", "--headless"), ExitCode.USAGE, "nowhere.csv"),
        (("nonsense",), ExitCode.USAGE, "nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_refusal_is_one_sentence_and_its_code(
    arguments: tuple[str, ...], code: ExitCode, word: str, tmp_path: Path
) -> None:
    place = () if arguments[0] == "nonsense" else ("--state", str(tmp_path / "state"))
    done = driftdeck(*arguments, *place)
    assert done.returncode == code, done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
