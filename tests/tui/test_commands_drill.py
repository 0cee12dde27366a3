"""The faults of a drill as the command and the cockpit's menu ask for them: a real simulated exchange, and only one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.domain.errors import NoEngineError, RefusedError
from engine.domain.market import MarketKind
from engine.venue_sim.faults import FaultKind
from support.sim_process import SimProcess
from tui.commands.drill import NOTE, SimulatedExchange, open_drill_account
from tui.commands.drill_faults import FAULTS, ON_ORDERS, TOLD


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim")) as running:
        yield running


def drill_in(state: Path, sim: SimProcess, monkeypatch: pytest.MonkeyPatch) -> SimulatedExchange:
    for name in ("DRIFTDECK_BYBIT_KEY", "DRIFTDECK_BYBIT_SECRET"):
        monkeypatch.setenv(name, "")  # so that what the drill sets is taken back
    open_drill_account(sim.ready.control, state, venue="bybit", market=MarketKind.SWAP)
    return SimulatedExchange(state)


def test_every_kind_of_fault_is_in_the_list_once() -> None:
    kinds = [fault.kind for fault in FAULTS]
    assert sorted(kinds) == sorted(FaultKind)
    assert set(ON_ORDERS) | TOLD.keys() <= set(kinds)


def test_every_fault_can_be_begun_is_listed_with_its_time_and_mended(
    tmp_path: Path, sim: SimProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = drill_in(tmp_path, sim, monkeypatch)
    for fault in FAULTS:
        exchange.begin(fault.kind, 40)
    broken = exchange.broken()
    exchange.mend()
    assert [each.kind for each in broken] == [fault.kind for fault in FAULTS]
    assert all(0 < each.left_s <= 40 for each in broken)
    assert exchange.broken() == ()


def test_faults_of_orders_meet_orders_only(tmp_path: Path, sim: SimProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = drill_in(tmp_path, sim, monkeypatch)
    for kind in ON_ORDERS:
        exchange.begin(kind, 40)
    told = sim.state()["faults"]
    exchange.mend()
    assert {fault["path"] for fault in told} == {"POST /v5/order/create"}
    assert next(fault for fault in told if fault["kind"] == "slow-answers")["delay_s"] == 15.0


def test_without_a_drill_or_after_it_nothing_is_asked(tmp_path: Path) -> None:
    exchange = SimulatedExchange(tmp_path)
    assert not exchange.noted
    with pytest.raises(NoEngineError, match="demo --live-drill"):
        exchange.broken()
    exchange.forget()


@pytest.mark.parametrize(
    "control",
    [
        "https://api.bybit.com",
        "http://api.bybit.com:80",
        "http://127.0.0.1.example.com:80",
        "http://127.0.0.1:80@api.bybit.com",
        "http://127.0.0.1:80/v5",
    ],
)
def test_a_note_that_leads_to_another_host_is_never_followed(tmp_path: Path, control: str) -> None:
    (tmp_path / NOTE).write_text(json.dumps({"control": control, "orders": "POST /v5/order/create"}))
    exchange = SimulatedExchange(tmp_path)
    for ask in (exchange.broken, exchange.mend, lambda: exchange.begin("ban", 10)):
        with pytest.raises(RefusedError, match="leads elsewhere"):
            ask()


def test_an_exchange_that_is_over_is_said_to_be_silent(
    tmp_path: Path, sim: SimProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = drill_in(tmp_path, sim, monkeypatch)
    note = tmp_path / NOTE
    note.write_text(json.dumps({"control": "http://127.0.0.1:9", "orders": "POST /v5/order/create"}))
    with pytest.raises(NoEngineError, match="does not answer"):
        exchange.broken()
