"""The demo's config and what its headless printer says of proposals."""

import math
import os
import signal
from pathlib import Path

import pytest

from engine.adapters.config_file import load_config
from engine.domain.errors import ConfigError, RefusedError
from engine.domain.events import EngineStarted, Event, EventRecord
from engine.domain.facts import Actor, ProposalDecided, ProposalDrafted, ProposalEnded
from engine.domain.market import MarketKind
from engine.domain.proposal import Decision, ProposalState
from engine.domain.units import ProposalId
from engine.wire.messages import Facts
from support.books import START
from support.some_facts import LAYER_1, proposal
from tui.commands.demo import DemoChoice, DemoStage
from tui.commands.demo_market import demo_baskets, demo_config, price_band_bps, refuse_another_market
from tui.commands.demo_own import judged_config, own_config
from tui.commands.headless import HeadlessPrinter
from tui.commands.processes import SimReady, undisturbed
from tui.commands.stage import Stage


def stage(folder: Path) -> Stage:
    return Stage(config=folder / "demo.toml", state=folder, socket=folder / "engine.sock")


def sim_in(folder: Path) -> SimReady:
    (folder / "ca.pem").touch()
    return SimReady(
        proxy="http://127.0.0.1:9",
        ca_file=str(folder / "ca.pem"),
        control="",
        market_ms=START,
        speed=600.0,
        source="sim",
        identity="sim:seed=7",
        label="",
    )


@pytest.mark.parametrize(("speed", "band"), [(1.0, 50), (600.0, 1225), (3600.0, 2000), (36_000.0, 2000)])
def test_the_price_band_grows_with_the_square_root_of_speed(speed: float, band: int) -> None:
    assert price_band_bps(speed) == band
    assert band <= math.ceil(50 * math.sqrt(speed))


def test_the_demo_opens_its_baskets_and_its_config_is_sound(tmp_path: Path) -> None:
    sim = sim_in(tmp_path)
    path = tmp_path / "demo.toml"
    path.write_text(demo_config(sim, demo_baskets()), encoding="utf-8")
    config = load_config(path).config
    assert config.simulation.open_baskets
    assert config.limits.max_slippage_bps == 1225
    assert len(config.baskets) == 6


OWN = """
[venue]
id = "kraken"
[notify]
quiet_hours = "22:00-07:00"
[rules]
alert_shift = 0.45  # quiet
[[basket]]
name = "mine"
notional = 5_000
assets = ["ETH", {asset = "INJ", side = "short"}]
"""


def own(folder: Path, text: str, *, market: MarketKind = MarketKind.SWAP) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    made = demo_config(sim_in(folder), demo_baskets())
    return own_config(path, judged_config(path, listed=("ETH", "INJ", "SOL"), market=market), made)


def test_a_demo_on_the_traders_own_config_changes_its_market_only(tmp_path: Path) -> None:
    path = tmp_path / "demo.toml"
    path.write_text(own(tmp_path, OWN), encoding="utf-8")
    config = load_config(path).config
    assert (config.venue.id, config.simulation.source, config.simulation.open_baskets) == ("bybit", "sim", False)
    assert (config.rules.alert_shift, config.limits.max_slippage_bps, config.notify.quiet_hours) == (0.45, 1225, "")
    assert [(basket.name, basket.assets, basket.hedged) for basket in config.baskets] == [
        ("mine", ("ETH", "INJ"), True)
    ]


@pytest.mark.parametrize(
    ("text", "market", "says"),
    [
        (OWN.replace('"ETH"', '"PEPE"'), MarketKind.SWAP, "does not trade PEPE; it has ETH, INJ, SOL"),
        (OWN, MarketKind.SPOT, "mine is short INJ"),
        (
            '[venues.b]\nid = "okx"\n' + OWN.replace("notional", 'venue = "b"\nnotional'),
            MarketKind.SWAP,
            "baskets name b;",
        ),
        (OWN.replace("alert_shift", "alertshift"), MarketKind.SWAP, "1 mistake in the config"),
    ],
)
def test_a_config_that_the_simulated_market_cannot_serve_is_refused(
    tmp_path: Path, text: str, market: MarketKind, says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        own(tmp_path, text, market=market)


def test_a_demo_on_spot_leaves_the_basket_with_shorts_out_and_stays_with_its_market(tmp_path: Path) -> None:
    sim = sim_in(tmp_path)
    path = tmp_path / "demo.toml"
    refuse_another_market(path, "binance", MarketKind.SPOT)
    baskets = demo_baskets(None, MarketKind.SPOT)
    path.write_text(demo_config(sim, baskets, venue="binance", market=MarketKind.SPOT), encoding="utf-8")
    config = load_config(path).config
    assert (config.venue.id, config.venue.market) == ("binance", MarketKind.SPOT)
    assert "majors-hedged" not in {basket.name for basket in config.baskets}
    assert len(config.baskets) == 5
    assert "ETH/USDT" in config.symbols.values()
    refuse_another_market(path, "binance", MarketKind.SPOT)
    with pytest.raises(RefusedError, match="--venue binance --market spot"):
        refuse_another_market(path, "bybit", MarketKind.SWAP)


def test_the_headless_demo_says_what_became_of_a_proposal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo = Actor(who="demo", terminal="engine")
    decided = ProposalDecided(
        at=START,
        proposal=ProposalId("p1"),
        basket=LAYER_1,
        hash=proposal().hash,
        decision=Decision.APPROVE,
        note="",
        until=None,
        actor=demo,
    )
    ended = ProposalEnded(at=START, proposal=ProposalId("p1"), basket=LAYER_1, state=ProposalState.DONE, why="")
    started = EngineStarted(at=START, version="1", mode="paper", market="sim", baskets=6, assets=22)
    events: list[Event] = [ended, started, ProposalDrafted(at=START, proposal=proposal()), decided, ended]
    printer = HeadlessPrinter(tmp_path / "engine.sock", stage(tmp_path), None)
    printer._take(Facts(records=tuple(EventRecord(seq=n + 1, event=event) for n, event in enumerate(events))))
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.split("  PROPOSAL ")[1] for line in said.err.splitlines()] == [
        "p1 proposes to rebalance layer-1: ETH–SOL 0.71 → 0.89; it would cost $0.23",
        "the demo approved p1: sell 0.1 ETH, cost $0.23",
        "p1 is done",
    ]


def test_a_basket_that_the_simulated_exchange_lacks_is_refused_before_anything_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[basket]]\nname = "ai"\nthesis = "t"\nnotional = 6000\nassets = ["FET", "NEAR"]\n')
    monkeypatch.setattr("tui.commands.demo.start_sim", lambda *a, **k: pytest.fail("it was started"))
    state = tmp_path / "state"
    state.mkdir()
    with pytest.raises(ConfigError, match=r"does not trade FET; it has AAVE, .*: take others"):
        DemoStage(DemoChoice(config=path), state).prepare()


def test_an_end_that_has_begun_is_not_disturbed_by_a_terminal_that_closes(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with undisturbed():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(os.getpid(), number)
        (tmp_path / "tidied").touch()
    assert (tmp_path / "tidied").exists()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
