"""What the verbs print of the engine's views: CONTRACT's JSON, and tables in which undefined is a dash."""

import json
import math
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.domain.errors import ExitCode
from engine.domain.order import OrderState
from engine.domain.trade_views import BlotterView, ProposalsView
from engine.domain.units import ProposalId, parse_iso
from support.fake_engine import propose
from support.fake_scene import FakeScene
from support.trading_room import Room, lines, trading_room
from tui.commands.approving import Follower
from tui.commands.blotter import order_table, position_table
from tui.commands.proposal_json import RISK_FIGURES
from tui.commands.status import basket_lines, status_document


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with trading_room(tmp_path / "state") as running:
        yield running


def document(room: Room, *verb: str) -> Any:
    said = room.run(*verb, "--json")
    assert (said.code, said.err) == (ExitCode.DONE, "")
    return json.loads(said.out)


def test_proposals_json_is_the_contracts(room: Room) -> None:
    made = propose(room.engine).proposal
    (found,) = document(room, "proposals")
    wanted = "id basket kind state created_at expires_at hash reason legs skipped cost cost_bps carry_day before after "
    assert set((wanted + "account_before account_after warnings factor equal_risk_factor cause").split()) <= set(found)
    assert (found["id"], found["kind"], found["state"], found["hash"]) == (made.id, "rebalance", "pending", made.hash)
    assert parse_iso(found["created_at"]) == made.created_at
    assert found["cause"] == "layer-1.20221108T0300"
    assert {"asset", "side", "qty", "price", "notional", "fee", "reduces"} <= set(found["legs"][0])
    assert found["legs"][0]["qty"] == float(made.legs[0].quantity)
    assert set(found["before"]) == set(RISK_FIGURES)
    assert found["account_after"]["es95_rho95"] == pytest.approx(made.account_after.es95_rho95)


def test_a_proposal_expires_on_the_wall_clock_and_only_while_it_waits(room: Room) -> None:
    made = propose(room.engine).proposal
    (found,) = document(room, "proposals")
    now = time.time() * 1000
    assert 1_790_000 < parse_iso(found["expires_at"]) - now < 1_802_000
    assert room.run("hold", made.id).code == ExitCode.DONE
    (held,) = document(room, "proposals")
    assert (held["state"], held["expires_at"]) == ("held", None)
    assert held["decided_by"]


def test_what_is_undefined_is_null_in_json_and_a_dash_in_text(room: Room) -> None:
    made = propose(room.engine).proposal
    bare = replace(made, cost_share_year=math.nan, after=replace(made.after, hidden_leverage=math.nan))
    room.engine.desk.views[made.id] = replace(room.engine.desk.views[made.id], proposal=bare)
    (found,) = document(room, "proposals")
    assert (found["cost_share_year"], found["after"]["hidden_leverage"]) == (None, None)
    printed = room.run("approve", made.id, typed="n\n").out
    assert re.search(r"hidden leverage +1\.84× → – ", printed)
    assert "nan" not in printed


def test_what_a_person_typed_cannot_move_the_cursor(room: Room) -> None:
    said = room.run("rebalance", "layer-1", "--note", "one\x1b[2J\ntwo")
    assert "  one [2J two\n" in said.out
    assert "\x1b" not in said.out + room.run("proposals").out


def test_the_tables_hold_a_line_each(room: Room) -> None:
    assert room.run("proposals").out == "no proposals\n"
    assert room.run("orders").out == "no orders\n"
    made = propose(room.engine).proposal
    assert room.run("approve", made.id, "--yes").code == ExitCode.DONE
    assert len(lines(room.run("proposals").out)) == 2
    assert len(lines(room.run("orders").out)) == 1 + len(made.legs)
    assert len(lines(room.run("positions").out)) == 1 + len(room.engine.desk.blotter().positions)
    assert "majors-hedged −" in room.run("positions").out


def test_what_only_the_account_holds_stands_alone_and_nothing_has_no_sign(room: Room) -> None:
    held = room.engine.desk.blotter()
    dust = replace(held.positions[0], baskets=(), foreign=Decimal("-0.058"))
    assert position_table(replace(held, positions=(dust,)))[1].endswith("  −0.058 of no basket")
    books = FakeScene().books()
    still = replace(books.baskets[0], pnl=-0.3, shift=-0.001)
    row = basket_lines(replace(books, baskets=(still,)))[1].split()
    assert (row[5], row[10]) == ("0", "0.00")


def test_an_order_in_doubt_names_itself_and_long_names_keep_their_distance(room: Room) -> None:
    made = propose(room.engine).proposal
    assert room.run("approve", made.id, "--yes").code == ExitCode.DONE
    order = room.engine.desk.views[made.id].orders[0]
    shared = tuple(ProposalId(name) for name in ("layer-1-1", "majors-hedged-1"))
    doubt = replace(order, state=OrderState.UNKNOWN, proposals=shared, note="no answer")
    _, line = order_table(BlotterView(orders=(doubt,)))
    assert " layer-1-1,majors-hedged-1 sell " in line
    assert line.endswith(f"unknown  {order.client_order_id}  no answer")


def test_an_order_of_unknown_outcome_is_told_again_when_it_is_known(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    made = propose(room.engine).proposal
    assert room.run("approve", made.id, "--yes").code == ExitCode.DONE
    view = room.engine.desk.views[made.id]
    follower = Follower([made.id])
    for state in (OrderState.UNKNOWN, OrderState.UNKNOWN, OrderState.FILLED, OrderState.FILLED):
        orders = (replace(view.orders[0], state=state),)
        follower.take(ProposalsView(recent=(replace(view, orders=orders),)))
    assert [line.split()[3] for line in capsys.readouterr().out.splitlines()] == ["unknown", "filled"]


def test_orders_json_is_the_contracts(room: Room) -> None:
    made = propose(room.engine).proposal
    assert room.run("approve", made.id, "--yes").code == ExitCode.DONE
    found = document(room, "orders")
    wanted = (
        "client_order_id venue_order_id proposal basket asset side qty filled avg_price state latency_ms slippage_bps"
    )
    assert set(f"{wanted} updated_at note".split()) <= set(found[0])
    assert {order["state"] for order in found} == {"filled"}
    assert {order["proposal"] for order in found} == {made.id}
    assert all(order["filled"] == order["qty"] for order in found)


def test_positions_json_says_how_the_baskets_share_what_is_held(room: Room) -> None:
    found = {position["asset"]: position for position in document(room, "positions")}
    assert set(found["ETH"]["baskets"]) == {"layer-1", "majors-hedged"}
    assert found["ETH"]["qty"] == pytest.approx(sum(found["ETH"]["baskets"].values()))
    assert found["DOGE"]["qty"] < 0


def test_status_json_keeps_the_contracts_keys_and_adds_money(room: Room) -> None:
    found = document(room, "status")
    assert {"engine", "venue", "cycle", "regime", "account", "portfolio", "baskets"} <= set(found)
    assert {"equity", "pnl_day", "partial", "halted"} <= set(found["account"])
    basket = found["baskets"][0]
    wanted = "name state gross net hidden_leverage mean_rho shift drift_max assets pnl factor notional proposal flag"
    assert set(wanted.split()) <= set(basket)
    leg = basket["assets"][0]
    assert {"asset", "symbol", "side", "last", "change_24h", "age_s", "weight", "target_weight", "pnl"} <= set(leg)


def test_baskets_show_what_is_held_against_the_target(room: Room) -> None:
    said = room.run("baskets").out
    assert re.search(r"ETH +long +\d+\.\d%", said)
    assert said.count("held   target") == 6
    assert "nan" not in said


def test_a_flat_book_says_that_nothing_is_held(tmp_path: Path) -> None:
    with trading_room(tmp_path / "state", held=False) as flat:
        assert "nothing is held" in flat.run("status").out
        assert flat.run("positions").out == "no positions\n"


def test_a_basket_names_the_proposal_that_waits_and_what_is_wrong_with_it() -> None:
    scene = FakeScene()
    first, *others = scene.books().baskets
    hurt = replace(first, proposal=ProposalId("layer-1-3"), flag="short leg missing: buy 2 SOL mends it", partial=True)
    books = replace(scene.books(), baskets=(hurt, *others))
    said = basket_lines(books)
    assert said[1].endswith("  layer-1-3")
    assert "~+" in said[1]
    assert said[-1] == "layer-1: short leg missing: buy 2 SOL mends it"
    found: Any = status_document(scene.health(), scene.quotes(), books)
    assert (found["baskets"][0]["proposal"], found["baskets"][1]["proposal"]) == ("layer-1-3", None)
