"""A first start that is killed in the middle of its history, and the next one: only what is missing is asked for."""

import math
import time
from pathlib import Path

from engine.adapters.paths import socket_path
from engine.adapters.sqlite_bars import SqliteBars
from engine.domain.errors import NoEngineError
from engine.domain.units import HOUR_MS, Ms
from engine.domain.views import HealthView, Section
from engine.runtime.history_loader import PAGE
from support.command_line import engine_process
from support.load_run import write_config
from support.sim_process import SimProcess
from tui.commands.asking import ask_engine
from tui.commands.status import history_progress

ASSETS = 20
SLOTS = 121 * 24
WITHIN_S = 60.0
UNDER_WAY = 6 + 4  # pages asked for when it was killed, and bars that are looked at again as soon as it is ready


def asked(sim: SimProcess) -> int:
    """Return how many pages of candles the venue was asked for so far."""
    return int(sim.state()["asked"].get("/v5/market/kline", 0))


def health_when(state: Path, enough: str) -> HealthView:
    """Return the health of the engine as soon as it is `ready`, or a third of its history is `loaded`."""
    until = time.monotonic() + WITHIN_S
    while True:
        assert time.monotonic() < until, f"never {enough}"
        try:
            (health,) = ask_engine(socket_path(state), Section.HEALTH)
        except NoEngineError:
            time.sleep(0.02)
            continue
        assert isinstance(health, HealthView)
        if health.ready or (enough == "loaded" and health.wanted and health.loaded > health.wanted / 3):
            return health
        time.sleep(0.02)


def test_a_killed_first_start_goes_on_where_it_stopped_and_asks_for_nothing_twice(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with SimProcess(tmp_path / "sim", "--speed", "1", "--assets", str(ASSETS)) as sim:
        config = write_config(tmp_path / "config.toml", sim.ready, ASSETS, speed=1.0)
        sim.fault("slow-answers", path="/v5/market/kline", delay_s=0.25, duration_s=600.0)
        with engine_process(config, state) as engine:
            half = health_when(state, "loaded")
            engine.kill()
            engine.wait()
        assert not half.ready
        assert history_progress(half).startswith(f"history {half.assets_loaded} of {ASSETS} assets, ~")
        assert 0 < half.load_left_s < WITHIN_S
        sim.mend()
        store = SqliteBars(state / "bars.db")
        newest = store.last_open()
        store.close()
        until = Ms(sim.ready.market_ms // HOUR_MS * HOUR_MS)
        missing = [SLOTS] * (ASSETS - len(newest)) + [(until - at) // HOUR_MS - 1 for at in newest.values()]
        pages = sum(math.ceil(slots / PAGE) for slots in missing)
        assert 0 < pages < ASSETS * math.ceil(SLOTS / PAGE)
        before = asked(sim)
        with engine_process(config, state):
            whole = health_when(state, "ready")
            again = asked(sim) - before
        assert whole.assets_loaded == ASSETS
        assert pages <= again <= pages + UNDER_WAY
        store = SqliteBars(state / "bars.db")
        assert {symbol: len(store.load(symbol, since_ms=Ms(0))) for symbol in newest} == dict.fromkeys(newest, SLOTS)
        store.close()
