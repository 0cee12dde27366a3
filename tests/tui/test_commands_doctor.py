"""The doctor: against a simulated exchange, against a silent one, and with a terminal that can do little."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapters.venue_conformance import examine
from engine.adapters.venue_knowledge import Verdict
from engine.domain.config import VenueConfig
from engine.domain.errors import ExitCode
from engine.domain.market import MarketKind
from support.command_line import driftdeck, write_config
from support.loopback_venue import LoopbackVenue
from support.other_venues import KRAKEN, NOW_MS
from support.sim_process import SimProcess
from tui.commands.doctor_terminal import clock_findings, terminal_findings


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--scenario", "calm", "--speed", "60") as process:
        yield process


def test_it_says_what_the_venue_can_do(sim: SimProcess, tmp_path: Path) -> None:
    config = write_config(tmp_path / "config.toml", sim.ready)
    done = driftdeck("doctor", "--json", "--config", str(config), "--state", str(tmp_path / "state"))
    found = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert "hourly candles of 121 days" in found["history"]["words"]
    assert found["streams"]["words"] == "prices and candles"
    assert found["markets"]["words"].startswith("lists BTC/USDT:USDT")
    assert found["engine"]["verdict"] == Verdict.NOTE
    assert "clock" not in found  # a simulated market has a time of its own


def test_a_venue_that_is_silent_ends_with_code_four_and_still_tells_what_is_known(
    sim: SimProcess, tmp_path: Path
) -> None:
    config = write_config(tmp_path / "config.toml", sim.ready)
    config.write_text(config.read_text().replace(sim.ready.proxy, "http://127.0.0.1:1"), encoding="utf-8")
    done = driftdeck("doctor", "--venue", "kraken", "--market", "spot", "--quote", "usd", "--config", str(config))
    assert done.returncode == ExitCode.UNREACHABLE
    assert "! link" in done.stdout
    assert "hourly candles of 30 days; no correlation of 60 and 90 days until the engine has run" in done.stdout
    assert "candles of closed hours are fetched" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--venue", "kraken", "--market", "swap"), 'it has no swap markets; use market = "spot"'),
        (("--venue", "bitfinex", "--market", "spot"), "no price step"),
        (("--venue", "cryptocom", "--market", "spot"), "does not tell its time"),
    ],
)
def test_what_cannot_work_is_refused_without_asking(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    done = driftdeck("doctor", *arguments, "--config", str(tmp_path / "none.toml"))
    assert done.returncode == ExitCode.REFUSED, done.stderr
    assert words in done.stdout
    assert "link" not in done.stdout


async def test_a_venue_is_told_by_its_own_answers(tmp_path: Path) -> None:
    async with LoopbackVenue(tmp_path, KRAKEN) as server:
        venue = VenueConfig(
            id="kraken", market=MarketKind.SPOT, quote="USDT", proxy=server.proxy, ca_file=server.ca_file
        )
        there = await examine(replace(venue, quote="USD"), wall=lambda: NOW_MS / 1000)
        elsewhere = await examine(venue, wall=lambda: NOW_MS / 1000 - 90)
    found = {finding.what: finding for finding in there}
    assert found["markets"].words == "lists ETH/USD"
    assert found["candles"].words == "720 a request: 1 request per asset for 30 days"
    assert found["prices"].words == "with bid and ask"
    assert [finding.what for finding in there].count("history") == 1
    assert found["history"].verdict is Verdict.NOTE
    wrong = {finding.what: finding for finding in elsewhere}
    assert (wrong["clock"].verdict, wrong["markets"].verdict) == (Verdict.BAD, Verdict.BAD)
    assert "set venue.quote" in wrong["markets"].words


def test_nonsense_is_one_sentence(tmp_path: Path) -> None:
    done = driftdeck("doctor", "--venue", "nonsense", "--config", str(tmp_path / "none.toml"))
    assert done.returncode == ExitCode.USAGE
    assert "ccxt knows no exchange 'nonsense'" in done.stderr


def test_a_broken_config_is_a_finding_and_not_the_end(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[rules]\nbar = 5\n", encoding="utf-8")
    done = driftdeck("doctor", "--config", str(config), "--state", str(tmp_path / "state"))
    assert done.returncode == ExitCode.REFUSED
    assert "! config" in done.stdout


def answering(**options: str) -> Callable[[Sequence[str]], str]:
    """Return a tmux (and a host) that answers with these options; a `_` stands for the `-` of their names."""
    return lambda command: options.get(command[-1].replace("-", "_"), options.get(command[0], ""))


def test_a_poor_terminal_is_told_what_to_type() -> None:
    poor = {finding.what: finding for finding in terminal_findings({"TERM": "xterm", "LANG": "C"}, asked=answering())}
    rich = {
        finding.what: finding
        for finding in terminal_findings({"TERM": "xterm", "COLORTERM": "truecolor", "LANG": "de_DE.UTF-8"})
    }
    assert "export TERM=xterm-256color" in poor["colors"].words
    assert "--ascii" in poor["characters"].words
    assert rich["colors"].words == "truecolor"
    assert "characters" not in rich


@pytest.mark.parametrize(
    ("changed", "typed"),
    [
        ({"default_terminal": "screen"}, 'set -g default-terminal "tmux-256color"'),
        ({"terminal_features": "xterm*:clipboard"}, 'set -as terminal-features ",*:RGB"'),
        ({"focus_events": "off"}, "set -g focus-events on"),
        ({"allow_passthrough": "off"}, "set -g allow-passthrough on"),
        ({"escape_time": "500"}, "set -s escape-time 10"),
    ],
)
def test_each_option_of_tmux_that_is_not_as_it_should_be_is_told_with_its_mend(
    changed: dict[str, str], typed: str
) -> None:
    good = {
        "default_terminal": "tmux-256color",
        "terminal_features": "*:RGB",
        "focus_events": "on",
        "allow_passthrough": "on",
        "escape_time": "10",
    }
    environment = {"TERM": "tmux-256color", "TMUX": "x", "LANG": "C.UTF-8"}
    fine = [each for each in terminal_findings(environment, asked=answering(**good)) if each.what == "tmux"]
    assert [each.verdict for each in fine] == [Verdict.GOOD]
    told = terminal_findings(environment, asked=answering(**{**good, **changed}))
    (only,) = [each for each in told if each.what == "tmux"]
    assert f"tmux {typed}" in only.words


def test_a_clock_that_nobody_keeps_right_is_told_and_one_that_does_not_say_is_not_guessed_at() -> None:
    (adrift,) = clock_findings(answering(timedatectl="no"))
    assert "timedatectl set-ntp true" in adrift.words
    assert [each.verdict for each in clock_findings(answering(timedatectl="yes"))] == [Verdict.GOOD]
    assert clock_findings(answering()) == []
