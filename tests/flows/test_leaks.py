"""No secret stands anywhere after hours of faults, and one that stood somewhere would be found."""

import base64
from pathlib import Path

import pytest

from support.leak_scan import SECRETS, leaks, live_through


def test_hours_of_faults_leave_no_secret_anywhere(tmp_path: Path) -> None:
    remains = live_through(tmp_path, hours=0.5)
    places = dict(remains.everything())
    assert leaks(iter(places.items())) == []
    assert b"run" in places["arguments"]
    assert b"Traceback" in places["tracebacks"]
    assert b"[redacted]" in places["tracebacks"] + places["sentences"]
    named = " ".join(places)
    for part in ("journal.db", "engine.log", "keys.json", "screen-first.svg", "view blotter", "orders --json"):
        assert part in named
        assert any(part in place and found for place, found in places.items())


@pytest.mark.parametrize("name", SECRETS)
def test_a_planted_secret_is_found(name: str) -> None:
    secret = SECRETS[name].encode()
    planted = [
        ("log", b"2026-11-27 INFO key=" + secret + b"\n"),
        ("view", b"...." + base64.b64encode(secret)),
        ("dump", secret.hex().encode()),
        ("clean", b"nothing here"),
    ]
    found = leaks(iter(planted))
    assert {line.partition(":")[0] for line in found} == {"log", "view", "dump"}
    assert all(name in line for line in found)
