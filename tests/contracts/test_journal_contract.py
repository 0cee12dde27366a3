"""What every journal does, on disk or in memory: keeps whole batches of facts in order and gives them back typed."""

import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.sqlite_journal import SqliteJournal
from engine.domain.errors import StoreError
from engine.domain.events import LinkChanged
from engine.domain.facts import Deposited, FeeCharged, FillRecorded, FundingPaid
from engine.domain.journal import KINDS, Journaled
from engine.domain.market import LinkState
from engine.domain.ports import Journal
from engine.domain.units import Ms
from support.books import START
from support.memory_journal import MemoryJournal
from support.some_facts import ACTOR, LAYER_1, fill, one_of_each_kind


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    found: Journal = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.db")
    yield found
    found.close()


def same(one: Journaled, other: Journaled) -> bool:
    """Equal to the bit: NaN equals NaN, -0.0 is not 0.0, 1.10 is not 1.1."""
    return type(one) is type(other) and repr(msgspec.to_builtins(one)) == repr(msgspec.to_builtins(other))


def test_a_new_journal_is_empty(journal: Journal) -> None:
    assert (journal.last_seq(), journal.read()) == (0, [])


def test_every_kind_comes_back_typed_and_equal_to_the_bit(journal: Journal) -> None:
    facts = one_of_each_kind()
    assert {type(fact) for fact in facts} == set(KINDS.values())
    assert journal.append(facts) == len(facts)
    records = journal.read()
    assert [record.seq for record in records] == list(range(1, len(facts) + 1))
    assert all(same(record.fact, fact) for record, fact in zip(records, facts, strict=True))
    assert [record.kind for record in records] == [type(fact).__name__ for fact in facts]


def test_numbers_go_on_from_batch_to_batch(journal: Journal) -> None:
    assert journal.append([fill(1, "1", "2"), fill(2, "1", "2")]) == 2
    assert journal.append([]) == 2
    assert journal.append([fill(3, "1", "2")]) == 3
    assert journal.last_seq() == 3


def test_reading_can_start_anywhere_and_choose(journal: Journal) -> None:
    fee = FeeCharged(at=Ms(START + 30), basket=LAYER_1, amount=Decimal(1), note="")
    journal.append([fill(1, "1", "2", at=10), fill(2, "1", "2", at=20), fee, fill(4, "1", "2", at=40)])

    def numbers(**wanted: object) -> list[int]:
        return [record.seq for record in journal.read(**wanted)]  # type: ignore[arg-type]

    assert numbers(after=2) == [3, 4]
    assert numbers(kinds=("FeeCharged",)) == [3]
    assert numbers(kinds=("FillRecorded", "FeeCharged"), after=1, limit=2) == [2, 3]
    assert numbers(since=Ms(START + 20)) == [2, 3, 4]
    assert numbers(limit=0) == []
    assert numbers(after=4) == []
    assert numbers(kinds=("Deposited",)) == []


def test_a_batch_with_something_that_is_no_fact_leaves_nothing(journal: Journal) -> None:
    journal.append([fill(1, "1", "2")])
    stranger = LinkChanged(at=START, venue="bybit", state=LinkState.UP, why="")
    with pytest.raises(StoreError, match="LinkChanged is not a fact that the journal keeps; nothing was written"):
        journal.append([fill(2, "1", "2"), stranger])  # type: ignore[list-item]
    assert journal.last_seq() == 1


def test_a_journal_of_paper_money_is_never_continued_live(journal: Journal) -> None:
    journal.claim("paper bybit:swap:USDT")
    journal.claim("paper bybit:swap:USDT")
    with pytest.raises(StoreError, match=r'journal of "paper bybit:swap:USDT", not of "live bybit:swap:USDT"'):
        journal.claim("live bybit:swap:USDT")


def test_a_closed_journal_says_so(journal: Journal) -> None:
    journal.append([fill(1, "1", "2")])
    journal.close()
    journal.close()
    for use in (journal.last_seq, journal.read, lambda: journal.append([fill(2, "1", "2")])):
        with pytest.raises(StoreError, match=r"cannot be .*closed"):
            use()


amounts = st.decimals(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
facts_strategy = st.lists(
    st.one_of(
        st.builds(lambda amount, note: Deposited(at=START, amount=amount, note=note, actor=ACTOR), amounts, texts),
        st.builds(
            lambda amount, rate: FundingPaid(
                at=START,
                basket=LAYER_1,
                asset=fill(1, "1", "1").asset,
                symbol=fill(1, "1", "1").symbol,
                amount=amount,
                rate=rate,
            ),
            amounts,
            st.floats(),
        ),
        st.builds(lambda q, p: fill(1, str(q), str(p)), amounts, amounts),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(facts_strategy, max_size=4))
def test_whatever_was_appended_is_read_back(journal: Journal, batches: list[list[Journaled]]) -> None:
    before = journal.last_seq()
    for batch in batches:
        journal.append(batch)
    wrote = [fact for batch in batches for fact in batch]
    records = journal.read(after=before)
    assert len(records) == len(wrote)
    assert all(same(record.fact, fact) for record, fact in zip(records, wrote, strict=True))
    fills = journal.read(after=before, kinds=("FillRecorded",))
    assert [r.seq - before for r in fills] == [n for n, f in enumerate(wrote, 1) if isinstance(f, FillRecorded)]


def test_an_undefined_rate_stays_undefined(journal: Journal) -> None:
    symbol = fill(1, "1", "1").symbol
    asset = fill(1, "1", "1").asset
    for rate in (math.nan, math.inf, -math.inf, -0.0):
        journal.append(
            [FundingPaid(at=START, basket=LAYER_1, asset=asset, symbol=symbol, amount=Decimal(0), rate=rate)]
        )
    rates = [record.fact.rate for record in journal.read() if isinstance(record.fact, FundingPaid)]
    assert repr(rates) == "[nan, inf, -inf, -0.0]"
