"""An engine killed while its signed orders are under way: after the next start nothing is lost and nothing doubled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.domain.market import MarketKind
from support import kept_lines
from support.crash_points import CrashPoint
from support.kept_lines import KeptLines
from support.live_crash import AROUND, SPEED, Place, crash_live
from support.sim_process import SimProcess
from support.venue_truth import disagreement


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", SPEED, "--scenario", "calm") as process:
        yield process


@pytest.mark.parametrize(
    ("place", "number", "when", "fault"),
    [
        (Place(venue="bybit"), 8, "before", AROUND[0]),
        (Place(venue="binance"), 2, "answered", None),
        (Place(venue="bybit", market=MarketKind.SPOT), 2, "answered", None),
        (Place(venue="binance", market=MarketKind.SPOT), 8, "before", AROUND[0]),
    ],
    ids=lambda each: str(each) if isinstance(each, Place) else None,
)
def test_the_books_are_the_exchanges_after_a_kill(
    sim: SimProcess, tmp_path: Path, place: Place, number: int, when: str, fault: dict[str, object] | None
) -> None:
    verdict = crash_live(sim, CrashPoint(number=number, when=when), tmp_path, place=place, fault=fault)
    assert verdict.reached
    assert verdict.trouble == ""


def books(**told: object) -> dict[str, Any]:
    """Return the report of books that are the exchange's `TRUTH`."""
    book = {"held": {"ETH": "0.4", "SOL": "0"}}
    return {
        "books": {"longs": book, "majors": {"held": {}}},
        "foreign": {"SOL": "0.09"},
        "cash": "99000.5",
        "wallet": "100000",
        "booked": {"dd1": "0.4004"},
        "fills_twice": 0,
        "overfilled": [],
        "unsettled": [],
        "fold_is_state": True,
    } | told


TRUTH = {
    "accepted": {"dd1": 1},
    "executions": [{"kind": "trade", "client_id": "dd1", "quantity": "0.4004"}],
    "positions": {},
    "spot_wallet": {"ETH": "0.4", "SOL": "0.09", "USDT": "99000.5"},
}


@pytest.mark.parametrize(
    ("told", "truth", "trouble"),
    [
        ({}, {}, ""),
        ({"cash": "99000.6"}, {}, "the cash differs by 0.1"),
        ({}, {"spot_wallet": {"ETH": "0.4004", "SOL": "0.09", "USDT": "99000.5"}}, "ETH: books 0.4, exchange 0.4004"),
        ({"foreign": {}}, {}, "SOL: books 0, exchange 0.09"),
        ({"foreign": {"SOL": "0.2"}}, {}, "SOL: 0.2 is called foreign"),
        ({"booked": {"dd1": "0.4"}}, {}, "dd1: booked 0.4, executed 0.4004"),
        ({}, {"accepted": {"dd1": 2}}, "dd1 was accepted 2 times"),
    ],
)
def test_books_of_coins_are_held_against_the_wallet(told: dict[str, Any], truth: dict[str, Any], trouble: str) -> None:
    found = disagreement(books(**told), TRUTH | truth, MarketKind.SPOT).trouble
    assert trouble in found
    assert bool(trouble) == bool(found)


def test_a_point_that_was_tried_is_not_tried_again_until_the_code_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, name = tmp_path / "kept", {"venue": "bybit", "market": "spot", "point": 3, "when": "before", "fault": ""}
    monkeypatch.setattr(kept_lines, "commit", lambda: "one")
    first = KeptLines(path)
    assert first.find(name) is None
    first.add(name | {"verdict": "books and exchange agree"})
    with path.open("a", encoding="utf-8") as file:
        file.write('{"commit": "one", "venue"')  # interrupted here
    again = KeptLines(path).find(name)
    assert again is not None
    assert again["verdict"] == "books and exchange agree"
    assert KeptLines(path).find(name | {"fault": "drop-after"}) is None
    monkeypatch.setattr(kept_lines, "commit", lambda: "another")
    assert KeptLines(path).find(name) is None
