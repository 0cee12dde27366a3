"""`driftdeck notify` and what the doctor says of it: where messages go, without ever naming an address."""

from pathlib import Path

import pytest

from engine.domain.errors import ExitCode
from support.command_line import driftdeck

TOKEN = "s3cr3t-t0ken-77"


@pytest.fixture(autouse=True)
def own_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("DRIFTDECK_NOTIFY", "DRIFTDECK_HEARTBEAT", "DRIFTDECK_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def test_without_an_address_it_says_where_to_put_one(tmp_path: Path) -> None:
    done = driftdeck("notify")
    assert done.returncode == ExitCode.REFUSED
    assert str(tmp_path / "driftdeck" / "notify.urls") in done.stderr
    assert "DRIFTDECK_HEARTBEAT" in done.stderr


def test_a_test_that_nobody_takes_fails_in_a_sentence_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTDECK_HEARTBEAT", f"http://127.0.0.1:1/{TOKEN}")
    shown = driftdeck("notify")
    tried = driftdeck("notify", "--test")
    assert (shown.returncode, tried.returncode) == (ExitCode.DONE, ExitCode.REFUSED)
    assert "messages go to nobody; heartbeat set; from the environment" in shown.stdout
    assert "the heartbeat was not taken" in tried.stderr
    assert TOKEN not in shown.stdout + shown.stderr + tried.stdout + tried.stderr


def test_the_doctor_tells_of_a_file_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "driftdeck" / "notify.urls"
    file.parent.mkdir()
    file.write_text(f"json://127.0.0.1/{TOKEN}\n", encoding="utf-8")
    file.chmod(0o644)
    done = driftdeck("doctor", "--config", str(tmp_path / "none.toml"), "--state", str(tmp_path / "state"))
    assert "! messages" in done.stdout
    assert "chmod 600" in done.stdout
    file.chmod(0o600)
    done = driftdeck("doctor", "--config", str(tmp_path / "none.toml"), "--state", str(tmp_path / "state"))
    assert "1 address and no heartbeat" in done.stdout
    assert TOKEN not in done.stdout
