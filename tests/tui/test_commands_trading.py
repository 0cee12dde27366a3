"""The verbs that decide: they send exactly what they printed, follow it to its end, and refuse in one sentence."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.domain.commands import (
    AcknowledgeAlert,
    AdoptPosition,
    ApproveProposals,
    CloseBasket,
    DepositMoney,
    EditProposal,
    HoldProposal,
    SnoozeAlert,
    SnoozeProposal,
    WithdrawMoney,
)
from engine.domain.errors import ExitCode
from engine.domain.proposal import ProposalState
from engine.domain.units import BasketName, ProposalId
from support.fake_alerts import alarm, ident
from support.fake_engine import propose
from support.trading_room import Room, driftdeck_here, lines, trading_room
from tui.commands import approving


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with trading_room(tmp_path / "state") as running:
        yield running


def waiting(room: Room, name: str = "layer-1") -> ProposalId:
    """Let a proposal wait; return its id."""
    drafted = propose(room.engine, name)
    return drafted.proposal.id


def state_of(room: Room, proposal: str) -> ProposalState:
    return room.engine.desk.views[ProposalId(proposal)].state


# -- approve


def test_approve_sends_the_hash_it_printed_and_follows_every_leg_to_the_end(room: Room) -> None:
    proposal = room.engine.desk.views[waiting(room)].proposal
    said = room.run("approve", proposal.id, "--yes", "--note", "seen it")
    assert said.code == ExitCode.DONE, said.err
    sent = room.engine.acts[-1]
    assert isinstance(sent, ApproveProposals)
    assert [(shown.id, shown.hash) for shown in sent.shown] == [(proposal.id, proposal.hash)]
    assert sent.note == "seen it"
    assert said.out.count(" filled ") == len(proposal.legs)
    assert lines(said.out)[-1].startswith(f"{proposal.id} is done: traded $")
    assert said.err == ""


def test_a_proposal_is_printed_with_legs_cost_risk_before_and_after_and_the_time_left(room: Room) -> None:
    found = room.engine.desk.views[waiting(room)].proposal
    room.engine.desk.views[found.id] = replace(
        room.engine.desk.views[found.id], proposal=replace(found, warnings=("the account is small",))
    )
    room.engine.desk.refusals[found.id] = "ETH price is 42 s old"
    said = room.run("approve", found.id, typed="n\n")
    text = said.out
    assert f"{found.id}  rebalance layer-1  30m left to decide" in text
    assert all(f"sell {leg.asset}" in text and "reduces" in text for leg in found.legs)
    assert re.search(r"gross +\$10,800 → \$3,7\d\d ", text)
    assert "with rho at .95" in text
    assert "account" in text
    assert "! the account is small" in text
    assert "it would be refused right now: ETH price is 42 s old" in text
    assert all(len(line) <= 110 for line in text.splitlines())


def test_only_a_clear_yes_approves(room: Room) -> None:
    proposal = waiting(room)
    for typed in ("n\n", "\n", "", "maybe\n"):
        said = room.run("approve", proposal, typed=typed)
        assert (said.code, state_of(room, proposal)) == (ExitCode.REFUSED, ProposalState.PENDING)
        assert f"{proposal} was not approved: it waits" in said.err
    assert room.run("approve", proposal, typed="y\n").code == ExitCode.DONE
    assert state_of(room, proposal) is ProposalState.DONE


def test_without_a_terminal_and_without_yes_it_refuses_in_one_sentence(room: Room) -> None:
    proposal = waiting(room)
    said = room.run("approve", proposal)
    assert (said.code, said.out, len(lines(said.err))) == (ExitCode.REFUSED, "", 1)
    assert "--yes" in said.err
    assert room.engine.acts == []


def test_a_superseded_proposal_is_refused_with_the_id_of_the_new_one(room: Room) -> None:
    old = waiting(room)
    fresh = room.engine.desk.requote(old)
    room.engine.add(fresh)
    said = room.run("approve", old, "--yes")
    assert said.code == ExitCode.REFUSED
    assert "superseded" in said.err
    assert fresh.proposal.id in said.err
    assert room.engine.acts == []


def test_a_proposal_that_changed_while_it_was_read_is_refused_by_the_engine(room: Room) -> None:
    proposal = waiting(room)
    room.engine.desk.stale = "prices left their band"
    said = room.run("approve", proposal, typed="y\n")
    fresh = next(view for view in room.engine.desk.views.values() if view.state is ProposalState.PENDING)
    assert said.code == ExitCode.REFUSED
    assert f"prices left their band; {fresh.proposal.id} has the prices of now" in said.err


def test_an_unknown_proposal_names_what_waits(room: Room) -> None:
    proposal = waiting(room)
    said = room.run("approve", "layer-9", "--yes")
    assert (said.code, said.err) == (
        ExitCode.REFUSED,
        f"driftdeck: there is no proposal layer-9; {proposal} waits for a decision\n",
    )


def test_an_execution_that_takes_too_long_is_left_to_the_engine(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approving, "FOLLOWED_FOR_S", 0.2)
    room.engine.desk.slow = True
    said = room.run("approve", waiting(room), "--yes")
    assert said.code == ExitCode.REFUSED
    assert "still being executed" in said.err


def test_an_execution_that_fails_half_way_ends_with_its_reason(room: Room) -> None:
    proposal = waiting(room)
    room.engine.ends = (ProposalState.PARTIAL, "sell 2 NEAR: the venue refused it")
    said = room.run("approve", proposal, "--yes")
    assert said.code == ExitCode.REFUSED
    assert said.err == f"driftdeck: {proposal} is done in part: sell 2 NEAR: the venue refused it\n"
    assert f"{proposal} is done in part: traded $" in said.out


# -- other decisions


def test_hold_and_snooze_reach_the_engine_and_snooze_knows_alerts_from_proposals(room: Room) -> None:
    room.engine.add(*alarm(room.engine.scene))
    held, put_off = waiting(room), waiting(room, "defi")
    assert room.run("hold", held, "--note", "thesis stands").code == ExitCode.DONE
    assert room.run("snooze", put_off, "--for", "2h").code == ExitCode.DONE
    assert room.run("snooze", ident("layer-1"), "--for", "90m").code == ExitCode.DONE
    assert room.run("ack", ident("defi")).code == ExitCode.DONE
    assert room.engine.acts == [
        HoldProposal(id=held, note="thesis stands"),
        SnoozeProposal(id=put_off, for_ms=7_200_000),
        SnoozeAlert(id=ident("layer-1"), for_ms=5_400_000),
        AcknowledgeAlert(id=ident("defi")),
    ]
    said = room.run("snooze", "nothing-here")
    assert (said.code, "neither an alert nor a proposal" in said.err) == (ExitCode.REFUSED, True)
    assert room.run("snooze", held, "--for", "soon").code == ExitCode.USAGE


def test_halt_refuses_approvals_until_resume(room: Room) -> None:
    proposal = waiting(room)
    assert room.run("halt", "--note", "lunch").code == ExitCode.DONE
    assert json.loads(room.run("status", "--json").out)["account"]["halted"] == "lunch"
    assert "HALTED: no order leaves (lunch)" in room.run("status").out
    refused = room.run("approve", proposal, "--yes")
    assert (refused.code, "halted: lunch" in refused.err) == (ExitCode.REFUSED, True)
    assert room.run("resume").code == ExitCode.DONE
    assert room.run("approve", proposal, "--yes").code == ExitCode.DONE


# -- drafts


def test_a_draft_without_a_terminal_waits_and_says_how_to_go_on(room: Room) -> None:
    said = room.run("close", "defi", "--fraction", "50%")
    assert said.code == ExitCode.DONE
    assert room.engine.acts == [CloseBasket(basket=BasketName("defi"), fraction=0.5)]
    (proposal,) = room.engine.desk.views
    assert said.err == f"nothing is sent; {proposal} waits: 'driftdeck approve {proposal}' sends it\n"
    assert state_of(room, proposal) is ProposalState.PENDING


def test_a_draft_goes_on_to_be_approved_with_yes_or_on_a_terminal(room: Room) -> None:
    assert room.run("rebalance", "layer-1", "--note", "less of it", "--yes").code == ExitCode.DONE
    assert room.run("close", "layer-1", typed="yes\n").code == ExitCode.DONE
    said = room.run("close", "defi", typed="no\n")
    assert said.code == ExitCode.DONE
    states = [view.state for view in room.engine.desk.views.values()]
    assert states == [ProposalState.DONE, ProposalState.DONE, ProposalState.PENDING]


def test_open_drafts_the_opening_of_a_flat_basket(tmp_path: Path) -> None:
    with trading_room(tmp_path / "state", held=False) as flat:
        said = flat.run("open", "layer-1", "--yes")
        assert said.code == ExitCode.DONE
        assert "buy  ETH" in said.out
        assert "held 0 →" in said.out


def test_flatten_asks_once_and_approves_everything_together(room: Room) -> None:
    said = room.run("flatten", typed="y\n")
    assert said.code == ExitCode.DONE, said.err
    assert said.err.count("[y/N]") == 1
    sent = room.engine.acts[-1]
    assert isinstance(sent, ApproveProposals)
    assert len(sent.shown) == 6
    assert said.out.count("is done: traded") == 6


def test_edit_drafts_again_without_legs_and_smaller(room: Room) -> None:
    old = waiting(room)
    said = room.run("edit", old, "--drop", "ETH,SOL", "--drop", "AVAX", "--scale", "50%")
    assert said.code == ExitCode.DONE
    assert room.engine.acts == [EditProposal(id=old, drop=("ETH", "SOL", "AVAX"), scale=0.5)]  # type: ignore[arg-type]
    assert state_of(room, old) is ProposalState.SUPERSEDED
    assert "sell ETH" not in said.out
    assert "sell NEAR" in said.out
    assert room.run("edit", old).code == ExitCode.USAGE


# -- money and nonsense


def test_amounts_reach_the_engine_exactly(room: Room) -> None:
    assert room.run("adopt", "layer-1", "ETH", "-0.1", "--price", "3000.5").code == ExitCode.DONE
    assert room.run("deposit", "0.1").code == ExitCode.DONE
    assert room.run("withdraw", "2500.50", "--note", "rent").code == ExitCode.DONE
    adopted, paid, taken = room.engine.acts
    assert isinstance(adopted, AdoptPosition)
    assert isinstance(paid, DepositMoney)
    assert isinstance(taken, WithdrawMoney)
    assert (str(adopted.quantity), str(adopted.price), str(paid.amount)) == ("-0.1", "3000.5", "0.1")
    assert (str(taken.amount), taken.note) == ("2500.50", "rent")


@pytest.mark.parametrize(
    "arguments",
    [
        ("deposit", "1,000"),
        ("deposit", "-5"),
        ("deposit", "0"),
        ("deposit", "NaN"),
        ("deposit", "Infinity"),
        ("deposit", "1e99"),
        ("withdraw", "much"),
        ("withdraw", ""),
        ("adopt", "layer-1", "ETH", "0"),
        ("adopt", "layer-1", "ETH", "1", "--price", "-3"),
        ("close", "layer-1", "--fraction", "150%"),
        ("close", "layer-1", "--fraction", "0"),
        ("edit", "layer-1.1", "--scale", "x"),
        ("rebalance", "layer-1", "--note", "  "),
        ("rebalance", "layer-1"),
        ("approve",),
        ("snooze", "x", "--for", "0h"),
        ("hold", "x", "--wrong"),
        ("export", "everything", "--csv", "-"),
    ],
)
def test_nonsense_is_refused_before_the_engine_is_asked(room: Room, arguments: tuple[str, ...]) -> None:
    said = room.run(*arguments)
    assert (said.code, said.out) == (ExitCode.USAGE, "")
    assert "Traceback" not in said.err
    assert room.engine.acts == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("proposals",),
        ("orders", "--json"),
        ("positions",),
        ("approve", "x", "--yes"),
        ("hold", "x"),
        ("halt",),
        ("open", "layer-1"),
        ("flatten", "--yes"),
        ("deposit", "5"),
    ],
)
def test_without_an_engine_every_verb_ends_with_three(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    said = driftdeck_here(*arguments, "--state", str(tmp_path))
    assert (said.code, said.out, len(lines(said.err))) == (ExitCode.NO_ENGINE, "", 1)
    assert "driftdeck run" in said.err
