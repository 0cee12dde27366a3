"""Owns `driftdeck doctor`: looks at terminal, config, state, clock and venue, and says what to type where it hurts.

Asks the venue public questions only and changes nothing. Exit 1 where something is bad, 4 where the venue is silent.
"""

import asyncio
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import typer

from engine.adapters.config_file import load_config
from engine.adapters.notify_targets import read_targets
from engine.adapters.paths import config_path, notify_file, state_dir
from engine.adapters.venue_conformance import examine
from engine.adapters.venue_knowledge import Finding, Verdict
from engine.domain.config import MarketSource, VenueConfig
from engine.domain.errors import ConfigError, ExitCode, RefusedError
from engine.domain.market import MarketKind
from engine.runtime.lock import holder_of
from tui.commands.doctor_terminal import clock_findings, terminal_findings
from tui.commands.output import print_json
from tui.commands.venue_setup import account_findings

_SIGN = {Verdict.GOOD: " ", Verdict.NOTE: "-", Verdict.BAD: "!"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedVenue:
    """Which venue to look at, "" for the config's; market and quote where they are not the config's."""

    id: str = ""
    market: str = ""
    quote: str = ""

    def over(self, venue: VenueConfig) -> VenueConfig:
        """Return `venue` with what was asked for. Raises ConfigError."""
        if self.market and self.market not in set(MarketKind):
            raise ConfigError(f"--market {self.market}: there are {' and '.join(MarketKind)}")
        return replace(
            venue,
            id=self.id or venue.id,
            market=MarketKind(self.market) if self.market else venue.market,
            quote=self.quote.upper() or venue.quote,
        )


def doctor(config: Path | None, state: Path | None, *, asked: AskedVenue, as_json: bool) -> int:
    """Print the findings; return the exit code. Raises ConfigError for a venue that ccxt does not know."""
    place = config_path(config)
    findings = (
        [] if asked.id else [*terminal_findings(os.environ), *clock_findings(), *_state_findings(state), *_reach()]
    )
    venue, simulated, about_config = _venue(place, asked)
    findings += about_config
    if venue is not None:
        found = asyncio.run(examine(venue))
        findings += [each for each in found if not (simulated and each.what == "clock")]  # its time is its own
        if not asked.id:
            findings += account_findings(load_config(place).config)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            print(f"{_SIGN[finding.verdict]} {finding.what:<12} {finding.words}")
    bad = [finding for finding in findings if finding.verdict is Verdict.BAD]
    if any(finding.what == "link" for finding in bad):
        return int(ExitCode.UNREACHABLE)
    return int(ExitCode.REFUSED if bad else ExitCode.DONE)


def _state_findings(state: Path | None) -> list[Finding]:
    directory = state_dir(state)
    holder = holder_of(directory) if directory.exists() else None
    if holder is not None:
        return [
            Finding(
                what="engine",
                verdict=Verdict.GOOD,
                words=f"runs for {directory}, pid {holder.pid}, since {holder.since}",
            )
        ]
    if directory.exists() and not os.access(directory, os.W_OK | os.X_OK):
        words = f"{directory} is not writable: 'chmod u+rwx {directory}', or choose another with --state"
        return [Finding(what="state", verdict=Verdict.BAD, words=words)]
    return [
        Finding(what="engine", verdict=Verdict.NOTE, words=f"none runs for {directory}: 'driftdeck run' starts one")
    ]


def _reach() -> list[Finding]:
    """Say whether anybody is told when nobody looks."""
    try:
        targets = read_targets(environ=os.environ, file=notify_file())
    except RefusedError as error:
        return [Finding(what="messages", verdict=Verdict.BAD, words=str(error))]
    if not (targets.urls or targets.heartbeat):
        words = "nobody is told when you do not look: 'driftdeck notify' says how"
        return [Finding(what="messages", verdict=Verdict.NOTE, words=words)]
    beats = "a heartbeat" if targets.heartbeat else "no heartbeat"
    count = len(targets.urls)
    where = f"{count} {'address' if count == 1 else 'addresses'} and {beats}, from {targets.source}"
    words = f"{where}; 'driftdeck notify --test' tries them"
    return [Finding(what="messages", verdict=Verdict.GOOD, words=words)]


def _venue(place: Path, asked: AskedVenue) -> tuple[VenueConfig | None, bool, list[Finding]]:
    """Return the venue to look at (named, through the config's proxy, or the config's), and if it is simulated."""
    try:
        settings = load_config(place).config
    except ConfigError as error:
        if asked.id:
            return asked.over(VenueConfig(id=asked.id)), False, []
        words = str(error).splitlines()[0]
        return (
            None,
            False,
            [Finding(what="config", verdict=Verdict.BAD, words=f"{words}; 'driftdeck check' tells more")],
        )
    count = len(settings.baskets)
    read = Finding(what="config", verdict=Verdict.GOOD, words=f"{place}: {count} baskets on {settings.venue.id}")
    venue = asked.over(settings.venue)
    return venue, settings.simulation.source is not MarketSource.REAL, [read]


def run(config: Path | None, state: Path | None, *, asked: AskedVenue, as_json: bool) -> None:
    """Run it as a command."""
    raise typer.Exit(doctor(config, state, asked=asked, as_json=as_json))
