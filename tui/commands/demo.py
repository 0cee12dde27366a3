"""Owns `driftdeck demo`: a simulated exchange, an engine and a cockpit as three processes, and their common end.

Everything lives in a private temporary state directory unless --state keeps it. Without a terminal the demo runs
headless and says so.
"""

import shutil
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from engine.adapters.paths import prepare_state_dir, socket_path, state_dir
from engine.domain.errors import ConfigError, ExitCode, RefusedError
from engine.domain.market import MarketKind
from engine.domain.units import HOUR_MS, Ms, iso, parse_iso
from engine.runtime.lock import holder_of
from tui.cockpit.options import Look
from tui.commands.demo_market import demo_baskets, demo_config, refuse_another_market, write_private
from tui.commands.drill import SimulatedExchange, open_drill_account
from tui.commands.output import no_screen, say
from tui.commands.processes import Child, end_process, start_sim, undisturbed
from tui.commands.stage import Stage

UNATTENDED_S = 600.0  # an engine of a demo whose cockpit was killed waits this long for another
CONTROL_WITHIN_S = 5.0
TOUR_SEEN = "tour.seen"
VENUES = ("bybit", "binance")
SCENARIOS = ("calm", "cascade", "overnight", "decouple", "alternating")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoChoice:
    """What was asked for."""

    speed: float = 600.0
    scenario: str = "alternating"
    seed: int = 7
    replay: Path | None = None
    start: str = ""
    venue: str = "bybit"
    market: str = "swap"
    live_drill: bool = False
    config: Path | None = None
    headless: bool = False
    duration_s: float | None = None
    state: Path | None = None
    look: Look = field(default_factory=Look)
    tour: bool = True

    def judged(self) -> "DemoChoice":
        """Return the choice itself. Raises ConfigError naming every option that makes no sense."""
        problems = []
        if not 1 <= self.speed <= 36_000:
            problems.append(f"--speed {self.speed:g}: take 1 (real time) to 36000 (a market hour in 0.1 s)")
        if self.scenario not in SCENARIOS:
            problems.append(f"--scenario {self.scenario}: there are {', '.join(SCENARIOS)}")
        if self.venue not in VENUES:
            problems.append(f"--venue {self.venue}: the simulated exchange speaks {' and '.join(VENUES)}")
        if self.market not in set(MarketKind):
            problems.append(f"--market {self.market}: there are {' and '.join(MarketKind)}")
        if self.duration_s is not None and self.duration_s <= 0:
            problems.append(f"--duration {self.duration_s:g}: take seconds above 0")
        if (self.replay is None) != (not self.start):
            problems.append("--replay FILE and --start ISO go together")
        if self.start:
            try:
                parse_iso(self.start)
            except ValueError:
                problems.append(f"--start {self.start}: not an ISO 8601 time such as 2022-11-01T00:00:00Z")
        if problems:
            raise ConfigError("these options of 'driftdeck demo' cannot be used:", tuple(problems))
        return self


class DemoStage(Stage):
    """A stage with a simulated exchange before the engine."""

    def __init__(self, choice: DemoChoice, state: Path) -> None:
        super().__init__(
            config=state / "demo.toml", state=state, socket=socket_path(state), exit_when_idle_s=UNATTENDED_S
        )
        self._choice = choice
        self._sim: Child | None = None
        self._control = ""
        self._say("starting the simulated exchange")

    def prepare(self) -> None:
        """Start the exchange and write the config that leads to it."""
        market = MarketKind(self._choice.market)
        refuse_another_market(self.config, self._choice.venue, market)
        listed, arguments = self._market()
        own = self._own(listed, market)
        self._sim, said = start_sim(arguments, words=self.state / "sim.err")
        self._control = said.control
        baskets = demo_baskets(listed, market)
        if not baskets and self._choice.config is None:
            raise RefusedError(f"{self._choice.replay} holds no two assets of any demo basket at {self._choice.start}")
        drill = self._choice.live_drill
        if drill:
            open_drill_account(said.control, self.state, venue=self._choice.venue, market=market)
        text = demo_config(said, baskets, venue=self._choice.venue, market=market, drill=drill)
        write_private(self.config, own(text))

    def _own(self, listed: tuple[str, ...] | None, market: MarketKind) -> Callable[[str], str]:
        """Judge the trader's own config before anything is started; return what puts it on the simulated market."""
        path = self._choice.config
        if path is None:
            return lambda text: text
        from engine.venue_sim.catalog import CATALOG
        from tui.commands.demo_own import judged_config, own_config

        there = listed if listed is not None else [str(each.asset) for each in CATALOG]
        settings = judged_config(path, listed=there, market=market)
        return lambda text: own_config(path, settings, text)

    def ready(self) -> None:
        """Tell the exchange that somebody is watching: the first cascade is a minute away."""
        super().ready()
        threading.Thread(target=self._begin, name="begin", daemon=True).start()

    def leave_note(self) -> str:
        """Say nothing of an engine that goes on: a demo ends whole."""
        return f"the demo is over; its state is kept in {self.state}" if self._choice.state else "the demo is over"

    def end(self) -> None:
        """End the engine, then the exchange."""
        super().end()
        if self._engine is not None:
            self._engine.end()
        holder = holder_of(self.state)
        if holder is not None and holder.pid:  # one that was started by hand after ours was killed
            end_process(holder.pid)
        if self._sim is not None:
            self._sim.end()
        if self._choice.live_drill:
            SimulatedExchange(self.state).forget()

    def _begin(self) -> None:
        request = urllib.request.Request(f"{self._control}/begin", method="POST")
        try:
            with urllib.request.urlopen(request, timeout=CONTROL_WITHIN_S):
                pass
        except (urllib.error.URLError, OSError):
            self._say("")  # an exchange that is gone shows as a link that is down

    def _market(self) -> tuple[tuple[str, ...] | None, list[str]]:
        """Return which assets the market lists (None: all of ours) and the exchange's arguments."""
        choice = self._choice
        arguments = ["--dir", str(self.state / "sim"), "--speed", str(choice.speed), "--seed", str(choice.seed)]
        newest = _newest_stored(self.state)
        if newest is not None:
            arguments += ["--not-before", str(newest + HOUR_MS)]
        if choice.replay is None:
            return None, [*arguments, "--scenario", choice.scenario]
        self._say(f"reading {choice.replay.name}")
        listed, file = _prepare_replay(choice.replay, parse_iso(choice.start), self.state)
        if newest is not None and newest + HOUR_MS > parse_iso(choice.start):
            say(f"this state goes on from {iso(Ms(newest + HOUR_MS))}, its last bar, not from {choice.start}")
        return listed, [*arguments, "--replay", str(file), "--start", choice.start]


def _newest_stored(state: Path) -> Ms | None:
    """Return the open time of the newest stored bar, None where there is no store."""
    path = state / "bars.db"
    if not path.exists():
        return None
    from engine.adapters.sqlite_bars import SqliteBars

    store = SqliteBars(path)
    try:
        return max(store.last_open().values(), default=None)
    finally:
        store.close()


def _prepare_replay(path: Path, start: Ms, state: Path) -> tuple[tuple[str, ...], Path]:
    """Write the price file as arrays for the exchange; return the assets that trade at `start` and the file."""
    import numpy as np

    from engine.adapters.price_file import read_prices

    table = read_prices(path)
    open_ms, closes = table.open_ms, table.closes
    if not open_ms[0] + HOUR_MS <= start <= open_ms[-1] + HOUR_MS:
        raise ConfigError(
            f"--start {iso(start)} lies outside {path.name}, which covers {iso(Ms(int(open_ms[0])))} to "
            f"{iso(Ms(int(open_ms[-1]) + HOUR_MS))}"
        )
    last_row = int(np.searchsorted(open_ms, start - HOUR_MS, side="right")) - 1
    recent = closes[max(0, last_row - 23) : last_row + 1]
    file = state / f"{path.name.split('.')[0]}.npz"
    np.savez(file, open_ms=open_ms, assets=np.array(table.assets), closes=closes)
    trading = (asset for column, asset in enumerate(table.assets) if not np.isnan(recent[:, column]).all())
    return tuple(trading), file


def demo(choice: DemoChoice) -> int:
    """Run the demo; return the exit code. Raises DriftdeckError."""
    choice = choice.judged()
    missing = no_screen()
    headless = choice.headless or bool(missing)
    if headless and not choice.headless:
        say(f"{missing}: the demo runs headless (one line per check and basket); ctrl-c ends it")
    if choice.state is not None:
        return _run(choice, prepare_state_dir(choice.state), headless=headless)
    state = Path(tempfile.mkdtemp(prefix="driftdeck-demo-"))
    try:
        return _run(choice, state, headless=headless)
    finally:
        with undisturbed():
            shutil.rmtree(state, ignore_errors=True)


def _run(choice: DemoChoice, state: Path, *, headless: bool) -> int:
    holder = holder_of(state)
    if holder is not None:
        raise RefusedError(
            f"an engine already runs for {state} (pid {holder.pid}, since {holder.since}): attach with "
            f"'driftdeck attach --state {state}', or end it with 'driftdeck stop --state {state}'"
        )
    stage = DemoStage(choice, state)
    show: Callable[[], str | None] = _headless(choice, stage) if headless else _cockpit(choice, stage)
    stage.begin()
    try:
        sentence = show()
    finally:
        with undisturbed():
            stage.end()
    if stage.error is not None:
        raise stage.error
    say(sentence or stage.leave_note())
    return int(ExitCode.DONE)


def _headless(choice: DemoChoice, stage: DemoStage) -> Callable[[], str | None]:
    from tui.commands.headless import print_checks

    def show() -> str | None:
        checks = print_checks(stage.socket, stage, choice.duration_s)
        return f"{checks} checks; the demo is over"

    return show


def _cockpit(choice: DemoChoice, stage: DemoStage) -> Callable[[], str | None]:
    from tui.cockpit.memory import FILE
    from tui.commands.opening import cockpit_on

    seen_before = (state_dir(None) / TOUR_SEEN).exists()  # by a demo without --state
    tour_seen = _tour_seen(choice) if choice.tour and not seen_before else None
    memory = state_dir(choice.state) / FILE  # a demo's own state directory is gone after it
    return cockpit_on(stage, choice.look, memory=memory, tour_seen=tour_seen, drill=choice.live_drill)


def _tour_seen(choice: DemoChoice) -> Path:
    """Return the file that says that the tour was seen."""
    return prepare_state_dir(state_dir(choice.state)) / TOUR_SEEN
