"""Where keys come from, who may read them, and that they never print."""

import json
import logging
from pathlib import Path

import pytest

from engine.adapters.redaction import RedactingFilter
from engine.adapters.venue_keys import PASSPHRASE_VARIABLE, VenueKeys, forget_keys, kept_venues, read_keys, write_keys
from engine.domain.errors import RefusedError

KEYS = VenueKeys(key="AAAAkey123456", secret="BBBBsecret987654", passphrase="CCCCpass")
WORD = "correct horse battery"


def test_the_environment_comes_first_and_half_a_key_is_none(tmp_path: Path) -> None:
    environ = {"DRIFTDECK_BYBIT_KEY": "abcdef12", "DRIFTDECK_BYBIT_SECRET": "ghijkl34"}
    found = read_keys("bybit", environ=environ, file=tmp_path / "none")
    assert (found.key, found.secret) == ("abcdef12", "ghijkl34")
    with pytest.raises(RefusedError, match="go together"):
        read_keys("bybit", environ={"DRIFTDECK_BYBIT_KEY": "abcdef12"}, file=tmp_path / "none")


def test_the_file_opens_with_its_passphrase_only_and_holds_nothing_readable(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    write_keys("bybit", KEYS, file=file, passphrase=WORD)
    assert read_keys("bybit", environ={PASSPHRASE_VARIABLE: WORD}, file=file) == KEYS
    text = file.read_text()
    assert not any(part in text for part in (KEYS.key, KEYS.secret, KEYS.passphrase, "bybit"))
    with pytest.raises(RefusedError, match="does not open"):
        read_keys("bybit", environ={PASSPHRASE_VARIABLE: "another one"}, file=file)
    with pytest.raises(RefusedError, match=PASSPHRASE_VARIABLE):
        read_keys("bybit", environ={}, file=file)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    write_keys("bybit", KEYS, file=file, passphrase=WORD)
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(RefusedError, match="chmod 600"):
        read_keys("bybit", environ={PASSPHRASE_VARIABLE: WORD}, file=file)


def test_venues_are_kept_side_by_side_and_forgotten_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    for venue in ("bybit", "binance"):
        write_keys(venue, KEYS, file=file, passphrase=WORD)
    assert kept_venues(file, WORD) == ("binance", "bybit")
    assert forget_keys("bybit", file=file, passphrase=WORD)
    assert not forget_keys("bybit", file=file, passphrase=WORD)
    assert kept_venues(file, WORD) == ("binance",)


def test_a_broken_file_and_a_short_passphrase_are_said(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text("{}")
    file.chmod(0o600)
    with pytest.raises(RefusedError, match="no file of keys"):
        kept_venues(file, WORD)
    with pytest.raises(RefusedError, match="at least 8"):
        write_keys("bybit", KEYS, file=tmp_path / "other", passphrase="short")


def test_without_any_key_the_sentence_says_where_to_put_one(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="credentials set okx"):
        read_keys("okx", environ={}, file=tmp_path / "none")


def test_a_key_that_was_read_is_redacted_everywhere_and_never_prints(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    environ = {"DRIFTDECK_GATE_KEY": "zzTopSecretKey1", "DRIFTDECK_GATE_SECRET": "zzTopSecretSecret2"}
    found = read_keys("gate", environ=environ, file=tmp_path / "none")
    assert "zzTop" not in repr(found)
    caplog.handler.addFilter(RedactingFilter())
    logging.getLogger("keys").warning("asked with %s and %s", found.key, found.secret)
    assert "zzTop" not in caplog.text
    assert "[redacted]" in caplog.text


def test_what_an_interrupted_writing_left_neither_opens_the_file_to_others_nor_leads_it_elsewhere(
    tmp_path: Path,
) -> None:
    file, elsewhere = tmp_path / "keys.json", tmp_path / "elsewhere"
    left = file.with_suffix(".new")
    left.write_text("half")
    left.chmod(0o644)
    write_keys("bybit", KEYS, file=file, passphrase=WORD)
    assert file.stat().st_mode & 0o777 == 0o600
    elsewhere.write_text("mine")
    left.symlink_to(elsewhere)
    write_keys("binance", KEYS, file=file, passphrase=WORD)
    assert elsewhere.read_text() == "mine"
    assert kept_venues(file, WORD) == ("binance", "bybit")


def test_a_file_of_another_version_says_so_and_one_without_a_number_still_opens(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    write_keys("bybit", VenueKeys(key="abcd", secret="efgh"), file=file, passphrase="eight or more")
    told = json.loads(file.read_text(encoding="ascii"))
    file.write_text(json.dumps({name: value for name, value in told.items() if name != "version"}), encoding="ascii")
    assert kept_venues(file, "eight or more") == ("bybit",)
    file.write_text(json.dumps(told | {"version": 2}), encoding="ascii")
    with pytest.raises(RefusedError, match="version 2"):
        kept_venues(file, "eight or more")
