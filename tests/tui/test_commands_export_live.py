"""`driftdeck export` of what only a running engine knows: positions and matrices."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.domain.errors import ExitCode
from support.fake_engine import propose
from support.trading_room import Room, trading_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with trading_room(tmp_path / "state") as running:
        yield running


def test_exported_positions_are_those_that_the_engine_holds(room: Room) -> None:
    room.run("approve", propose(room.engine, "layer-1").proposal.id, "--yes")
    held, *rest = room.run("export", "positions", "--csv", "-").out.splitlines()
    assert held.startswith("asset,symbol,quantity,")
    assert len(rest) == len(room.engine.desk.blotter().positions)


def test_an_exported_matrix_is_symmetric_with_its_names_at_both_sides(room: Room) -> None:
    head, *rows = csv.reader(room.run("export", "matrix", "--of", "layer-1", "--csv", "-").out.splitlines())
    assert [row[0] for row in rows] == head[1:]
    assert rows[0][2] == rows[1][1]
    assert room.run("export", "matrix", "--view", "later", "--csv", "-").code == ExitCode.USAGE
