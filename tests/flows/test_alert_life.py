"""An alert's life over real processes: it is raised once, answered, survives kill -9, and repeats nothing."""

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


def alerts(state: Path, *more: str) -> list[dict[str, Any]]:
    answer = driftdeck("alerts", "--json", "--state", str(state), *more)
    found: list[dict[str, Any]] = json.loads(answer.stdout) if answer.returncode == 0 else []
    return found


def standing(state: Path, basket: str) -> dict[str, Any] | None:
    return next((a for a in alerts(state) if a["basket"] == basket and a["cleared_at"] is None), None)


def facts(state: Path, kind: str) -> list[dict[str, Any]]:
    answer = driftdeck("journal", "--json", "--state", str(state))
    return [entry["fact"] for entry in json.loads(answer.stdout) if entry["kind"] == kind]


@pytest.fixture
def cascade(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A market in which a cascade has just begun; config and state directory of an engine on it."""
    with SimProcess(tmp_path / "sim", "--scenario", "cascade", "--speed", "3600") as sim:
        sim.begin()
        yield write_config(tmp_path / "config.toml", sim.ready), tmp_path / "state"


def test_an_alert_is_raised_once_answered_and_survives_a_kill(cascade: tuple[Path, Path]) -> None:
    config, state = cascade
    with engine_process(config, state) as engine:
        eventually("layer-1 is in alert", lambda: standing(state, "layer-1") is not None)
        first = standing(state, "layer-1")
        assert first is not None
        assert (first["direction"], first["words"]) == ("up", "moving together")
        assert len(first["pairs"]) == 3
        assert driftdeck("ack", first["id"], "--note", "seen", "--state", str(state)).returncode == ExitCode.DONE
        assert driftdeck("snooze", first["id"], "--for", "7d", "--state", str(state)).returncode == ExitCode.DONE
        unknown = driftdeck("ack", "no-such-alert", "--state", str(state))
        assert (unknown.returncode, "open alerts are" in unknown.stderr) == (ExitCode.REFUSED, True)
        engine.send_signal(signal.SIGKILL)
        engine.wait(10)
    before = len(facts(state, "CheckCompleted"))
    with engine_process(config, state):
        eventually("a check after the restart", lambda: len(facts(state, "CheckCompleted")) > before)
    again = standing(state, "layer-1")
    assert again is not None
    assert (again["id"], again["snoozed_until"] is not None) == (first["id"], True)
    raised = [fact for fact in facts(state, "AlertRaised") if fact["basket"] == "layer-1" and fact["kind"] == "basket"]
    assert len(raised) == 1
    made_up = facts(state, "CheckCompleted")[before]
    assert made_up["late_ms"] > 0
    assert made_up["at"] > facts(state, "CheckCompleted")[before - 1]["at"]


def test_alerts_and_journal_can_be_read_with_no_engine(cascade: tuple[Path, Path]) -> None:
    config, state = cascade
    with engine_process(config, state):
        eventually("an alert stands", lambda: bool(alerts(state)))
    assert alerts(state, "--since", "1d")
    printed = driftdeck("alerts", "--state", str(state)).stdout
    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:00:00Z  vol     market", printed, re.MULTILINE)
    assert "the engine came up" in driftdeck("journal", "--state", str(state)).stdout
    refused = driftdeck("ack", "x", "--state", str(state))
    assert refused.returncode == ExitCode.NO_ENGINE
    assert driftdeck("alerts", "--since", "soon", "--state", str(state)).returncode == ExitCode.USAGE
