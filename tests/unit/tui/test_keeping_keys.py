"""What `driftdeck credentials` asks for a file of keys that is not there yet."""

from pathlib import Path

import pytest

from engine.adapters.venue_keys import PASSPHRASE_VARIABLE, kept_venues
from engine.domain.errors import RefusedError
from tui.commands import keeping_keys


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "keys.json"
    monkeypatch.setattr("tui.commands.keeping_keys.keys_file", lambda: place)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)
    return place


def typing(monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    left = list(words)
    monkeypatch.setattr("getpass.getpass", lambda prompt: left.pop(0))
    return left


def test_a_new_passphrase_is_typed_twice_and_that_of_a_file_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = typing(monkeypatch, "key", "secret", "", "long enough", "long enough")
    keeping_keys.keep("bybit")
    assert (kept_venues(file, "long enough"), left) == (("bybit",), [])
    left = typing(monkeypatch, "key", "secret", "", "long enough")
    keeping_keys.keep("binance")
    assert (sorted(kept_venues(file, "long enough")), left) == (["binance", "bybit"], [])


def test_a_slip_in_a_new_passphrase_keeps_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "key", "secret", "", "long enough", "long enoguh")
    with pytest.raises(RefusedError, match="differ: nothing was changed"):
        keeping_keys.keep("bybit")
    assert not file.exists()
