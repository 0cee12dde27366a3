"""The parts around the prices: clock, memory, opening, command line, the door, and the limit on requests."""

import json
import ssl
import stat
from pathlib import Path

import pytest

from engine.domain.errors import RefusedError
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Ms, iso, parse_iso
from engine.venue_sim.certificates import make_tls
from engine.venue_sim.cli import main, settings_from
from engine.venue_sim.clock import MarketClock
from engine.venue_sim.opening import Opened, Settings, open_venue
from engine.venue_sim.proxy import refuse
from engine.venue_sim.saved import claim, load
from engine.venue_sim.scenario import Scenario
from engine.venue_sim.throttle import Throttle

WALL = parse_iso("2026-11-20T09:41:13Z")


class Hand:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def opened(directory: Path, hand: Hand, *arguments: str) -> Opened:
    return open_venue(settings(directory, *arguments), wall_ms=WALL, monotonic=hand)


def settings(directory: Path, *arguments: str) -> Settings:
    return settings_from(["--dir", str(directory), *arguments])


def test_market_time_runs_at_its_speed_and_never_back() -> None:
    hand = Hand()
    clock = MarketClock(start=Ms(1_000), speed=600.0, monotonic=hand)
    assert clock.now() == 1_000
    hand.seconds += 6.0
    assert clock.now() == 1_000 + HOUR_MS
    assert clock.ahead(60.0) == 1_000 + 11 * HOUR_MS
    hand.seconds -= 50.0
    assert clock.now() == 1_000


def test_a_replay_s_clock_stops_at_the_end() -> None:
    hand = Hand()
    clock = MarketClock(start=Ms(0), speed=10.0, monotonic=hand, end=Ms(15_000))
    assert not clock.ended()
    hand.seconds += 2.0
    assert (clock.now(), clock.ended()) == (15_000, True)


def test_a_new_market_starts_at_the_last_full_hour(tmp_path: Path) -> None:
    venue = opened(tmp_path, Hand()).venue
    assert iso(venue.now()) == "2026-11-20T09:00:00Z"


def test_a_new_market_at_real_time_shows_the_host_s_own(tmp_path: Path) -> None:
    assert opened(tmp_path, Hand(), "--speed", "1").venue.now() == WALL


def test_a_new_market_never_starts_before_what_the_engine_already_holds(tmp_path: Path) -> None:
    later = WALL + 3 * DAY_MS + 1
    now = opened(tmp_path, Hand(), "--not-before", str(later)).venue.now()
    assert later <= now < later + MINUTE_MS


def test_a_clean_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    hand = Hand()
    first = opened(tmp_path, hand).venue
    hand.seconds += 10.0
    last = first.now()
    first.close()
    assert opened(tmp_path, Hand()).venue.now() == last == parse_iso("2026-11-20T10:40:00Z")


def test_a_killed_market_restarts_past_everything_it_served(tmp_path: Path) -> None:
    hand = Hand()
    killed = opened(tmp_path, hand).venue
    for _ in range(50):
        hand.seconds += 0.37
        served = killed.now()
    again = opened(tmp_path, Hand()).venue.now()
    assert served <= again <= served + 2 * 600_000


def test_the_play_is_remembered(tmp_path: Path) -> None:
    hand = Hand()
    first = opened(tmp_path, hand).venue
    first.begin()
    hand.seconds += 90.0
    expected = first.state()
    first.close()
    again = opened(tmp_path, Hand()).venue
    again.begin()
    assert again.state() == expected
    assert again.state()["phase"] == "cascade"


def test_scenarios_other_than_alternating_start_when_the_cockpit_is_ready(tmp_path: Path) -> None:
    hand = Hand()
    venue = opened(tmp_path, hand, "--scenario", "overnight").venue
    assert venue.state()["phase"] == "calm"
    venue.begin()
    hand.seconds += 0.2
    assert venue.state()["phase"] == "overnight"


@pytest.mark.parametrize("other", [("--seed", "8"), ("--scenario", "calm")])
def test_another_seed_or_scenario_is_refused_in_a_used_directory(tmp_path: Path, other: tuple[str, str]) -> None:
    opened(tmp_path, Hand()).venue.close()
    with pytest.raises(RefusedError, match=r"holds the market sim:seed=7 \(alternating\)"):
        opened(tmp_path, Hand(), *other)


def test_a_directory_has_one_simulator_and_keeps_others_out(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "sim"
    with claim(home):
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        with pytest.raises(RefusedError, match="already runs in"):
            claim(home)
    with claim(home):
        opened(home, Hand()).venue.close()
    assert stat.S_IMODE((home / "sim.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"model": 1, "epoch_ms": "x"}'])
def test_a_spoiled_file_is_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "sim.json").write_text(text)
    with pytest.raises(RefusedError, match="remove it or use a new --dir"):
        load(tmp_path)


def test_a_file_of_another_model_is_refused(tmp_path: Path) -> None:
    opened(tmp_path, Hand()).venue.close()
    document = json.loads((tmp_path / "sim.json").read_text())
    (tmp_path / "sim.json").write_text(json.dumps(document | {"model": 0}))
    with pytest.raises(RefusedError, match="another version"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "--dir"),
        (["--speed", "0"], "'0' is not a speed"),
        (["--speed", "nan"], "'nan' is not a speed"),
        (["--speed", "fast"], "'fast' is not a number"),
        (["--seed", "-1"], "seed"),
        (["--seed", "1.5"], "'1.5' is not a whole number"),
        (["--scenario", "boom"], "invalid choice: 'boom'"),
        (["--start", "2022-11-01"], "--replay and --start come together"),
        (["--replay", "x.npz"], "--replay and --start come together"),
        (["--replay", "x.npz", "--start", "yesterday"], "'yesterday' is not an ISO 8601 instant"),
        (["--not-before", "99999999999999"], "before the year 2100"),
        (["--parent-grace", "inf"], "'inf' is not a number of seconds"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_nonsense_arguments_get_one_sentence_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    home = tmp_path / "sim"
    code = main([*(["--dir", str(home)] if arguments else []), *arguments])
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert reason in said.err
    assert said.err.count("\n") == 1
    assert not home.exists()


def test_defaults_are_those_of_the_demo(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert (found.scenario, found.seed, found.speed, found.parent_grace_s) == (Scenario.ALTERNATING, 7, 600.0, 60.0)


@pytest.mark.parametrize("host", ["api.bybit.com", "API.BYBIT.COM", "api.bytick.com"])
def test_the_door_opens_for_the_venue_s_hosts(host: str) -> None:
    assert not refuse(f"CONNECT {host}:443 HTTP/1.1")


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT dapi.binance.com:443 HTTP/1.1",
        "CONNECT api.bybit.com:80 HTTP/1.1",
        "CONNECT api.bybit.com HTTP/1.1",
        "CONNECT 127.0.0.1:443 HTTP/1.1",
        "CONNECT :443 HTTP/1.1",
        "GET https://api.bybit.com/ HTTP/1.1",
        "",
    ],
)
def test_the_door_stays_shut_for_everything_else(line: str) -> None:
    assert refuse(line)


def test_more_than_600_requests_in_5_seconds_are_a_ban_of_ten_minutes() -> None:
    throttle = Throttle()
    assert [throttle.take(0.004 * n) for n in (0, 1, 2)] == [599, 598, 597]
    assert all(throttle.take(1.0) is not None for _ in range(597))
    assert throttle.take(1.0) is None
    assert throttle.take(300.0) is None
    assert throttle.take(601.1) == 599


def test_a_steady_client_is_never_banned() -> None:
    throttle = Throttle()
    assert all(throttle.take(n / 119.0) is not None for n in range(5_000))


def test_the_authority_signs_the_venue_s_names_and_leaves_no_key_behind(tmp_path: Path) -> None:
    ca_file, _ = make_tls(tmp_path, ("api.bybit.com",))
    strict = ssl.create_default_context(cafile=str(ca_file))
    assert len(strict.get_ca_certs()) == 1
    assert stat.S_IMODE(ca_file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["ca.pem"]
    assert "PRIVATE" not in ca_file.read_text()
