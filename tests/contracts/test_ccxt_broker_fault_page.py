"""The page about real money names every fault there is, and says UNKNOWN exactly where the broker does."""

import re
from pathlib import Path

from engine.venue_sim.faults import FaultKind
from support.venue_desk import BROKEN_ANSWERS, NO_CONNECTION

PAGE = Path(__file__).parents[2] / "docs" / "live.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| (.+) \| (.+) \|$", re.MULTILINE)
DOUBLED = "duplicate-request"  # its answer is a refusal; test_ccxt_broker holds it to be no proof


def seen() -> list[tuple[str, str]]:
    section = PAGE.read_text("utf-8").split("## What breaks, and what happens then")[1].split("\n## ")[0]
    return [(kind, words) for kind, _, words in ROW.findall(section)]


def test_every_fault_has_one_row() -> None:
    assert sorted(kind for kind, _ in seen()) == sorted(kind.value for kind in FaultKind)


def test_unknown_is_said_where_the_broker_says_it_and_nowhere_else() -> None:
    said = {kind for kind, words in seen() if "UNKNOWN" in words}
    assert said == {kind for kind, _, _ in BROKEN_ANSWERS} | {DOUBLED, NO_CONNECTION}
