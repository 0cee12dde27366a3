"""A journal outlives the program that wrote it: what 0.1 wrote of every kind reads today, and means the same.

`tests/written/facts-0.1.jsonl` is never written anew. A field that is added later needs a default that says what a fact
without it meant; a kind that is renamed needs a migration.
"""

import json
from pathlib import Path

import pytest

from engine.adapters.fact_codec import decode_fact, encode_fact
from engine.domain.journal import kind_of

LINES = (Path(__file__).resolve().parents[3] / "written/facts-0.1.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(json.loads(line)["type"]))
def test_a_fact_of_0_1_reads_today_and_keeps_every_value(line: str) -> None:
    written = json.loads(line)
    fact = decode_fact(line, where="facts-0.1")
    assert kind_of(fact) == written["type"]
    again = json.loads(encode_fact(fact))
    assert {key: again[key] for key in written} == written
