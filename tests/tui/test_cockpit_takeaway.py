"""What is carried off the screen, and private mode: copies, pictures, tables; amounts hidden everywhere at once."""

import csv
import re
import stat
from pathlib import Path

import pytest

from support.cockpit_pilot import Rig, attached
from support.gallery import cascade
from tui.cockpit.deck import Matrix
from tui.cockpit.keepsakes import Keepsakes

AMOUNT = re.compile(r"\$\d|\b\d+\.\dk\b|\b\d{2,3},\d{3}\b(?!\.\d| bars| fetched)")


async def press(rig: Rig, *keys: str) -> None:
    """Press keys, each well after the last change of focus and after the notice before went away."""
    for key in keys:
        rig.later(10.0)
        await rig.press(key)


def only(folder: Path, ending: str) -> Path:
    """Return the one file with this ending."""
    (found,) = folder.glob(f"*{ending}")
    return found


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
async def test_private_mode_hides_every_amount_on_every_page_and_leaves_rho_and_percent(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with attached(tmp_path, cascade(), size=size) as rig:
        assert AMOUNT.search(rig.text)
        await press(rig, "p")
        for keys in ((), ("x",), ("b",), ("l",), ("escape", "a")):
            await press(rig, *keys)
            await rig.until(lambda: "•••" in rig.text)
            found = [row for row in rig.rows if AMOUNT.search(row)]
            assert found == [], keys
            assert {len(row) for row in rig.rows} == {size[0]}
        assert re.search(r"\d%|\d %", rig.text)
        assert re.search(r"\.\d\d", rig.text)


async def test_what_is_hidden_is_not_approved(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), private=True) as rig:
        await press(rig, "a")
        await rig.until(lambda: "▶ PROPOSAL  layer-1" in rig.text)
        await press(rig, "y")
        assert rig.engine.acts == []
        await rig.until(lambda: "p shows them before you approve" in rig.text)
        await press(rig, "p", "y")
        assert len(rig.engine.acts) == 1


async def test_a_picture_is_the_screen_in_two_private_files_and_hides_what_the_screen_hides(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), state=tmp_path, private=True) as rig:
        rows = [row.rstrip() for row in rig.rows]
        await press(rig, "P")
        text, svg = only(tmp_path / "exports", ".txt"), only(tmp_path / "exports", ".svg")
        assert text.read_text(encoding="utf-8").splitlines()[3:-1] == rows[3:-1]
        assert svg.read_text(encoding="utf-8").startswith("<svg ")
        assert not AMOUNT.search(text.read_text(encoding="utf-8"))
        assert {stat.S_IMODE(file.stat().st_mode) for file in (text, svg)} == {0o600}
        assert "exports" in rig.rows[-1]


async def test_a_picture_that_is_asked_for_by_name_is_without_the_palette(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), state=tmp_path) as rig:
        rows = [row.rstrip() for row in rig.rows]
        await press(rig, "colon", *"snapshot", "enter")
        await rig.until(lambda: "exports" in rig.rows[-1])
        text = only(tmp_path / "exports", ".txt").read_text(encoding="utf-8").splitlines()
        assert text[3:-1] == rows[3:-1]


async def test_a_copy_is_what_is_in_front_the_basket_the_alert_or_the_proposal(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), state=tmp_path) as rig:
        copied = tmp_path / "exports" / "copied.txt"
        await press(rig, "Y")
        assert copied.read_text(encoding="utf-8").startswith("layer-1 ")
        assert AMOUNT.search(copied.read_text(encoding="utf-8"))
        await press(rig, "enter", "Y")
        assert copied.read_text(encoding="utf-8").startswith("ALERT layer-1: ")
        await press(rig, "escape", "a", "p", "Y")
        said = copied.read_text(encoding="utf-8")
        assert said.startswith("layer-1.1 rebalance layer-1: ")
        assert not AMOUNT.search(said)
        assert stat.S_IMODE(copied.stat().st_mode) == 0o600


async def test_the_tables_in_front_are_written_whole_with_their_numbers_as_they_are(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade(), state=tmp_path) as rig:
        await press(rig, "E")
        folder = tmp_path / "exports"
        matrix: Matrix | None = rig.app.scene().matrix(rig.app.choice.view)
        assert matrix is not None
        with only(folder, "matrix-layer-1-delta.csv").open(encoding="utf-8") as file:
            head, *rows = csv.reader(file)
        assert tuple(head[1:]) == matrix.assets
        assert float(rows[0][2]) == matrix.values[0][1]
        with only(folder, "baskets.csv").open(encoding="utf-8") as file:
            baskets = list(csv.DictReader(file))
        assert [row["basket"] for row in baskets] == [one.name for one in rig.app.scene().books.baskets]
        assert float(baskets[0]["gross"]) == rig.app.scene().books.baskets[0].gross
        await press(rig, "b")
        await rig.until(lambda: "positions" in rig.text)
        await press(rig, "p", "E")
        with only(folder, "positions.csv").open(encoding="utf-8") as file:
            positions = list(csv.DictReader(file))
        assert len(positions) == len(rig.app.deck.blotter.positions)
        assert {row["quantity"] for row in positions} <= {"•••"}
        await press(rig, "l", "E")
        with only(folder, "journal.csv").open(encoding="utf-8") as file:
            assert len(list(csv.reader(file))) == len(rig.app.deck.feed) + 1


async def test_a_folder_that_cannot_be_written_is_said_and_nothing_else_happens(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("a file where a folder should be", encoding="utf-8")
    async with attached(tmp_path, cascade(), state=tmp_path) as rig:
        for key in ("P", "E"):
            await press(rig, key)
            await rig.until(lambda: "nothing was written to" in rig.rows[-1])


def test_a_file_is_never_written_over_another_one(tmp_path: Path) -> None:
    kept = Keepsakes(tmp_path)
    first = kept.table("x", [["a"]], None)
    second = kept.table("x", [["b"]], None)
    assert (first, second) == ("x", "x-2")
    assert (kept.folder / "x.csv").read_text(encoding="utf-8") == "a\n"
