"""A replay is the live code on a table: equal to the live states, blind to the future, idle at its start."""

import json
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from engine.core.live_readings import LiveReader
from engine.core.readings import Instant
from engine.core.regime_history import learn_silently
from engine.core.signal_state import Signals
from engine.core.signals_check import run_instant
from engine.core.warmup import new_tracks
from engine.domain.basket import Side
from engine.domain.config import Config
from engine.domain.errors import ConfigError
from engine.domain.events import AlertCleared, AlertRaised, BasketCheck, CheckCompleted, Event, VolatilityBroadened
from engine.domain.units import HOUR_MS, Ms
from engine.lab.quiet_checks import QuietChecks
from engine.lab.replay import Replay, replay
from engine.lab.replay_output import document, series
from engine.market.correlation_state import CorrelationState
from support.books import START, basket, long_basket, small_config
from support.markets import Floats, switching_closes, table_of

NAMES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
CONFIG = small_config(
    long_basket("one", "AAA", "BBB", "CCC"),
    long_basket("two", "CCC", "DDD", "EEE", "FFF"),
    basket("hedged", {"AAA": Side.LONG, "DDD": Side.SHORT, "FFF": Side.LONG}),
)
HOURS, WARM = 3500, 2905
BEGIN = Ms(START + WARM * HOUR_MS)


@cache
def closes() -> Floats:
    """A market with two crises, holes of one asset and of all, and a coin that is listed late."""
    found = switching_closes(4, HOURS, 6, together={1500: 60, 3050: 60, 3300: 40})
    found[2000:2004, 1] = np.nan
    found[3200:3206] = np.nan
    found[3120, 4] = np.nan
    found[:1700, 5] = np.nan
    return found


@cache
def whole() -> Replay:
    return replay(CONFIG, table_of(closes(), *NAMES), begin=BEGIN)


def live_events(config: Config) -> list[Event]:
    """Drive the live states hour by hour over the same bars, from a warm start, as the engine does."""
    prices = closes()
    state = CorrelationState(tuple(config.symbols), config.rules)
    reader, tracks = LiveReader(config), new_tracks(config)
    assert reader.portfolio is not None
    signals = Signals(config.rules, {one.name: one.assets for one in config.baskets})
    state.warm_up(START, prices[: WARM - 1])
    reader.portfolio.warm_up(START, prices[: WARM - 1])
    samples, win = reader.past_samples(state)
    learn_silently(signals.regime, samples, win, first_open=START, bar_ms=HOUR_MS)
    events: list[Event] = []
    for row in range(WARM - 1, HOURS):
        open_ms = Ms(START + row * HOUR_MS)
        state.append(open_ms, prices[row])
        reader.portfolio.append(open_ms, prices[row])
        for quarter in range(4):
            at = Ms(open_ms + HOUR_MS + quarter * 15 * 60_000)
            if quarter == 0 or signals.volatile(at):
                events += run_instant(signals, reader.instant(state, tracks, at, anchors=signals.anchors))
    return events


def facts(events: list[Event]) -> list[tuple[object, ...]]:
    """Return what was said, to the check; numbers are compared apart."""
    return [
        (type(event).__name__, event.at, getattr(event, "id", ""), getattr(event, "basket", ""))
        for event in events
        if not isinstance(event, CheckCompleted)
    ]


def test_live_states_and_the_table_say_the_same_at_every_check() -> None:
    run = whole()
    live = live_events(CONFIG)
    assert facts(live) == facts(list(run.events))
    checks = [event for event in live if isinstance(event, CheckCompleted) and event.at <= run.end]
    assert [check.at for check in checks] == [check.at for check in run.checks]
    for mine, theirs in zip(checks, run.checks, strict=True):
        assert [one.alert for one in mine.baskets[:3]] == list(theirs.states)
        shifts = [float(one.shift[theirs.row]) for one in run.table.baskets]
        np.testing.assert_allclose([one.shift for one in mine.baskets[:3]], shifts, atol=1e-7, equal_nan=True)
    portfolio = run.table.portfolio
    assert portfolio is not None
    mine_last = [check.baskets[-1].shift for check in checks]
    np.testing.assert_allclose(mine_last, [portfolio.shift[check.row] for check in run.checks], atol=1e-7)


def test_a_basket_that_is_passed_over_had_nothing_to_say() -> None:
    table, names = whole().table, {one.name: one.assets for one in CONFIG.baskets}
    judged, quick = Signals(CONFIG.rules, names), Signals(CONFIG.rules, names)
    quiet, passed = QuietChecks(table, quick), list[BasketCheck]()
    for row in range(WARM, HOURS, 4):
        at = Ms((table.closed(row) // CONFIG.rules.check_every_ms) * CONFIG.rules.check_every_ms)
        readings = quiet.readings(row)
        passed += [reading for reading in readings if isinstance(reading, BasketCheck)]
        plain = Instant(at=at, as_of=at, version=row, readings=partial(table.readings, row))
        said = run_instant(quick, structs.replace(plain, readings=partial(quiet.readings, row)))
        assert repr(run_instant(judged, plain)) == repr(said)
        assert sum(not isinstance(reading, BasketCheck) for reading in readings) < len(said)  # who is judged speaks
    assert 0 < len(passed) < (HOURS - WARM)  # four of them at each of a quarter as many checks
    assert {each.alert for each in passed} >= {0, 1}  # under an alert as well, as long as it says nothing new
    assert any(each.leaning and not each.alert for each in passed)


def test_the_market_in_question_has_alerts_of_every_kind() -> None:
    raised = [event for event in whole().events if isinstance(event, AlertRaised)]
    assert {event.kind.value for event in raised} >= {"basket", "vol"}
    assert {"portfolio", "one", "two"} <= {event.basket for event in raised}
    assert any(isinstance(event, VolatilityBroadened) for event in whole().events)


@given(cut=st.integers(WARM + 20, HOURS - 1))
@settings(max_examples=6, deadline=None)
def test_truncating_the_future_changes_no_word(cut: int) -> None:
    short = replay(CONFIG, table_of(closes()[:cut], *NAMES), begin=BEGIN)
    assert [repr(event) for event in short.events] == [repr(e) for e in whole().events if e.at <= short.end]
    assert short.checks == tuple(check for check in whole().checks if check.at <= short.end)


def test_states_start_idle_wherever_a_replay_begins() -> None:
    inside = next(e for e in whole().events if isinstance(e, AlertRaised) and e.basket == "one")
    later = replay(CONFIG, table_of(closes(), *NAMES), begin=Ms(inside.at + HOUR_MS))
    assert set(later.checks[0].states) == {0}
    assert not [event for event in later.events if isinstance(event, AlertCleared) and event.id == inside.id]


def test_the_document_is_json_and_names_what_the_contract_names() -> None:
    text = json.dumps(document(whole()), allow_nan=False)
    found = json.loads(text)
    assert set(found) == {"checks", "fast_cycles", "watch", "alerts", "proposals"}
    assert found["checks"] == len(whole().checks)
    assert {"at", "basket", "pair", "rho_base", "rho_now", "delta", "z", "cleared_at"} <= set(found["watch"][0])
    wanted = {"at", "basket", "kind", "direction", "shift", "delta", "z", "pairs", "cleared_at"}
    assert all(wanted <= set(alert) for alert in found["alerts"])
    assert set(found["fast_cycles"][0]) == {"from", "to", "assets", "breadth", "peak_sigma"}
    first = next(alert for alert in found["alerts"] if alert["kind"] == "basket")
    assert first["at"].endswith("Z")
    assert len(first["pairs"]) == 3
    assert len(first["pairs"][0]) == 4


def test_the_series_has_a_row_per_check_and_basket() -> None:
    header, *rows = series(whole())
    assert ",".join(header) == "at,basket,shift_raw,shift_win,shift,mean_rho_base,mean_rho_now,state"
    assert len(rows) == 3 * len(whole().checks)
    fast = [row for row in rows if not row[0].endswith("00:00Z")]
    assert fast
    assert {row[7] for row in rows} <= {"1", "-1", "0"}
    assert {row[0][14:16] for row in rows} == {"00", "15", "30", "45"}


def test_an_anchored_baseline_stays_what_it_was() -> None:
    anchor = Ms(BEGIN + 24 * HOUR_MS)
    rules = replace(CONFIG.rules, baseline="anchored")
    name = CONFIG.baskets[0].name
    run = replay(replace(CONFIG, rules=rules), table_of(closes(), *NAMES), begin=BEGIN, anchors={name: anchor})
    one, rolling = run.table.baskets[0], whole().table.baskets[0]
    row = WARM + 23
    assert np.ptp(one.base[row:], axis=0).max() == 0
    np.testing.assert_array_equal(one.base[row], rolling.base[row])
    np.testing.assert_array_equal(one.base[:row], rolling.base[:row])
    np.testing.assert_array_equal(run.table.baskets[1].base, whole().table.baskets[1].base)


def test_a_replay_outside_the_file_or_without_an_asset_is_refused_with_the_reason() -> None:
    table = table_of(closes(), *NAMES)
    with pytest.raises(ConfigError, match="does not fit the price file"):
        replay(CONFIG, table, begin=START)
    with pytest.raises(ConfigError, match="no column for FFF"):
        replay(CONFIG, table_of(closes()[:, :5], *NAMES[:5]))
    with pytest.raises(ConfigError, match="bars of"):
        replay(CONFIG, replace(table, bar_ms=60_000))
