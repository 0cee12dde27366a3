"""The journal told in words, and records as CSV: from the files alone, with no engine running."""

import csv
import errno
import io
import json
import os
from pathlib import Path

import pytest
from msgspec import structs

from engine.adapters.sqlite_bars import SqliteBars
from engine.adapters.sqlite_journal import SqliteJournal
from engine.domain.errors import ExitCode
from engine.domain.events import EngineStarted
from engine.domain.facts import (
    Actor,
    Deposited,
    FundingPaid,
    OrderIntended,
    OrderReported,
    ProposalDecided,
    ProposalDrafted,
    ProposalEnded,
)
from engine.domain.journal import Journaled
from engine.domain.market import Bar
from engine.domain.order import OrderSide, OrderState
from engine.domain.proposal import Decision, ProposalState
from engine.domain.units import HOUR_MS, ClientOrderId, Ms, ProposalId, Symbol
from support.books import START, symbol_of
from support.some_facts import ETH, LAYER_1, fill, one_of_each_kind, order, proposal
from support.some_signals import EVIDENCE, raised
from support.trading_room import Said, driftdeck_here, lines
from tui.commands import history
from tui.commands.story import Story, told


def kept(state: Path, *facts: Journaled) -> Path:
    """Write a journal; return its state directory."""
    journal = SqliteJournal(state / "journal.db")
    journal.append(facts)
    journal.close()
    return state


def decided(
    decision: Decision, who: str = "mira", terminal: str = "/dev/pts/3", *, after_ms: int = 60_000
) -> ProposalDecided:
    return ProposalDecided(
        at=Ms(START + after_ms),
        proposal=ProposalId("p1"),
        basket=LAYER_1,
        hash="0123456789abcdef",
        decision=decision,
        note="seen it",
        until=Ms(START + HOUR_MS) if decision is Decision.SNOOZE else None,
        actor=Actor(who=who, terminal=terminal),
    )


def sentences(*facts: Journaled, me: str = "mira") -> list[str]:
    return [sentence for _, sentence in told(facts, me)]


def export(state: Path, *arguments: str) -> Said:
    return driftdeck_here("export", *arguments, "--state", str(state))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# -- the story


def test_a_decision_is_told_with_who_what_and_at_which_cost() -> None:
    drafted = ProposalDrafted(at=START, proposal=proposal())
    said = sentences(
        drafted,
        decided(Decision.APPROVE),
        fill(1, "0.1", "3010.5", side=OrderSide.SELL, fee="0.17"),
        ProposalEnded(at=START, proposal=ProposalId("p1"), basket=LAYER_1, state=ProposalState.DONE, why=""),
    )
    assert said == [
        "p1 proposes to rebalance layer-1: ETH–SOL 0.71 → 0.89; it would cost $0.23",
        'you approved p1: sell 0.1 ETH, cost $0.23 ("seen it")',
        "layer-1 sold 0.1 ETH at 3,010.5, fee $0.17 (p1)",
        "p1 is done",
    ]


@pytest.mark.parametrize(
    ("who", "terminal", "name"),
    [
        ("mira", "/dev/pts/3", "you"),
        ("tom", "/dev/pts/4", "tom"),
        ("auto_reduce", "engine", "the engine (auto_reduce)"),
        ("demo", "engine", "the demo"),
    ],
)
def test_a_decision_says_who_made_it(who: str, terminal: str, name: str) -> None:
    assert sentences(decided(Decision.HOLD, who, terminal)) == [f'{name} decided against p1 ("seen it")']


def test_a_snooze_says_until_when() -> None:
    (said,) = sentences(decided(Decision.SNOOZE))
    assert said.startswith("you put p1 off until 20")


def test_funding_that_fell_due_together_is_one_sentence() -> None:
    charges = [
        FundingPaid(at=START, basket=LAYER_1, asset=ETH, symbol=symbol_of("ETH"), amount=amount, rate=0.0001)
        for amount in (proposal().cost, -proposal().cost * 3)
    ]
    assert sentences(*charges) == ["funding received: $0.46 (layer-1 $0.46)"]


def test_an_order_is_told_only_where_it_went_wrong() -> None:
    intended = OrderIntended(at=START, order=order())
    report = OrderReported(
        at=START,
        client_order_id=ClientOrderId("dd1"),
        venue_order_id=None,
        state=OrderState.FILLED,
        filled=order().quantity,
        average_price=order().price,
        note="",
    )
    lost = OrderReported(
        at=START,
        client_order_id=ClientOrderId("dd1"),
        venue_order_id=None,
        state=OrderState.UNKNOWN,
        filled=order().quantity - order().quantity,
        average_price=None,
        note="the line was cut",
    )
    assert sentences(intended, report) == []
    assert sentences(intended, lost) == ['it is not known what became of sell 0.3 ETH ("the line was cut")']


def test_every_kind_of_fact_can_be_told_on_one_line() -> None:
    story = Story("mira")
    for fact in one_of_each_kind():
        sentence = story.tell(fact)
        assert "\n" not in sentence
        assert "nan" not in sentence.lower().replace("finance", "")


# -- the command


def test_journal_tells_the_story_and_keeps_every_fact_behind_all_and_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_login_name", lambda: "mira")
    state = kept(tmp_path, *one_of_each_kind())
    said = driftdeck_here("journal", "--state", str(state))
    assert said.code == ExitCode.DONE
    assert "  the engine came up: 6 baskets, paper money, sim market" in said.out
    assert "you halted trading" in said.out
    assert all(line[4] == "-" and line[13] == ":" for line in lines(said.out))
    every = lines(driftdeck_here("journal", "--all", "--state", str(state)).out)
    assert len(every) == len(one_of_each_kind())
    document = json.loads(driftdeck_here("journal", "--json", "--state", str(state)).out)
    assert [set(entry) for entry in document] == [{"seq", "at", "kind", "fact"}] * len(every)


def test_journal_since_still_knows_what_a_decision_was_about(tmp_path: Path) -> None:
    early = ProposalDrafted(at=START, proposal=proposal())
    late = decided(Decision.APPROVE, after_ms=5 * HOUR_MS)
    state = kept(tmp_path, early, late)
    (line,) = lines(driftdeck_here("journal", "--since", "1h", "--state", str(state)).out)
    assert "approved p1: sell 0.1 ETH" in line


# -- export


def test_export_writes_records_and_never_over_a_file(tmp_path: Path) -> None:
    state = kept(tmp_path, *one_of_each_kind())
    target = tmp_path / "journal.csv"
    assert export(state, "journal", "--csv", str(target)).code == ExitCode.DONE
    written = target.read_text(encoding="utf-8")
    found = rows(written)
    assert [row["seq"] for row in found] == [str(n + 1) for n in range(len(one_of_each_kind()))]
    assert json.loads(found[-1]["fact"])["type"] == "TradingResumed"
    assert found[-1]["who"] == "mira"
    target.write_text("mine", encoding="utf-8")
    refused = export(state, "journal", "--csv", str(target))
    assert (refused.code, "--force" in refused.err) == (ExitCode.REFUSED, True)
    assert target.read_text(encoding="utf-8") == "mine"
    assert export(state, "journal", "--csv", str(target), "--force").code == ExitCode.DONE
    assert target.read_text(encoding="utf-8") == written


def test_an_export_that_finds_no_room_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, target = kept(tmp_path, *one_of_each_kind()), tmp_path / "journal.csv"

    def half(place: Path, data: bytes) -> None:
        with place.open("wb") as file:
            file.write(data[:64])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", half)
    said = export(state, "journal", "--csv", str(target))
    assert said.code == ExitCode.REFUSED
    assert said.err == f"driftdeck: cannot write {target}: No space left on device; choose another --csv file\n"
    assert not target.exists()


def test_export_to_a_dash_is_stdout_and_nothing_else(tmp_path: Path) -> None:
    state = kept(tmp_path, OrderIntended(at=START, order=order()), fill(1, "0.1", "3010.5", fee="0.17"))
    said = export(state, "orders", "--csv", "-")
    (row,) = rows(said.out)
    assert said.err == ""
    assert (row["proposals"], row["baskets"], row["quantity"], row["filled"]) == (
        "p1 p2",
        "layer-1 majors",
        "0.3",
        "0.1",
    )
    assert (row["fees"], row["average_price"], row["slippage_bps"]) == ("0.17", "", "")


def test_exported_fills_are_each_execution_as_it_was_booked(tmp_path: Path) -> None:
    state = kept(tmp_path, OrderIntended(at=START, order=order()), fill(1, "0.1", "3010.5", fee="0.17"))
    (row,) = rows(export(state, "fills", "--csv", "-").out)
    assert (row["quantity"], row["price"], row["fee"], row["side"]) == ("0.1", "3010.5", "0.17", "buy")
    assert export(state, "positions", "--csv", "-").code == ExitCode.NO_ENGINE


def test_exported_alerts_are_those_of_the_alerts_command(tmp_path: Path) -> None:
    state = kept(tmp_path, *one_of_each_kind())
    listed = json.loads(driftdeck_here("alerts", "--json", "--state", str(state)).out)
    assert [row["id"] for row in rows(export(state, "alerts", "--csv", "-").out)] == [alert["id"] for alert in listed]


def test_the_words_of_an_alert_keep_their_distance_from_what_became_of_it(tmp_path: Path) -> None:
    words = "22 of 22 assets broke out of their usual hour"
    broad = structs.replace(raised("market.vol.1"), evidence=structs.replace(EVIDENCE, words=words))
    state = kept(tmp_path, broad, raised("layer-1.2"))
    first, _, second, _ = lines(driftdeck_here("alerts", "--state", str(state)).out)
    assert first.endswith(f"{words}  stands")
    assert second.index("stands") == first.index("stands")


@pytest.mark.parametrize(("name", "begins"), [("bars.csv", b"timestamp,"), ("bars.csv.gz", b"\x1f\x8b")])
def test_exported_bars_are_a_price_file_again(tmp_path: Path, name: str, begins: bytes) -> None:
    store = SqliteBars(tmp_path / "bars.db")
    symbols = [Symbol("ETH/USDT:USDT"), Symbol("SOL/USDT:USDT")]
    store.append(
        [
            Bar(symbol=symbol, open_ms=Ms(START + n * HOUR_MS), close=100.0 + (n * 7 + place) % 5, volume=float("nan"))
            for place, symbol in enumerate(symbols)
            for n in range(30 * 24)
        ]
    )
    store.close()
    target = tmp_path / name
    assert export(tmp_path, "bars", "--csv", str(target)).code == ExitCode.DONE
    assert target.read_bytes().startswith(begins)
    said = driftdeck_here("corr", "--prices", str(target), "--windows", "30", "--json")
    assert json.loads(said.out)["windows"]["30"]["assets"] == ["ETH", "SOL"]


def test_export_without_records_or_a_place_says_what_is_wrong(tmp_path: Path) -> None:
    assert export(tmp_path, "journal", "--csv", "-").code == ExitCode.NO_ENGINE
    assert export(tmp_path, "bars", "--csv", "-").code == ExitCode.NO_ENGINE
    state = kept(tmp_path, EngineStarted(at=START, version="1", mode="paper", market="sim", baskets=1, assets=2))
    said = export(state, "journal", "--csv", str(tmp_path / "no" / "where.csv"))
    assert (said.code, len(lines(said.err))) == (ExitCode.REFUSED, 1)


def test_the_engines_own_deposit_is_not_told_as_a_persons() -> None:
    paper = Deposited(at=START, amount=proposal().cost, note="", actor=Actor(who="engine", terminal="start"))
    assert sentences(paper) == ["the engine paid in $0.23"]
