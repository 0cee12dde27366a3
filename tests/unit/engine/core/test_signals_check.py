"""One instant of the signals: what speaks, in which order, what a restart knows, and what is judged only once."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from engine.core.readings import BasketReading, Instant
from engine.core.signal_state import Signals
from engine.core.signals_check import run_instant
from engine.domain.alerts import AlertKind, Direction
from engine.domain.config import Estimator, RulesConfig
from engine.domain.events import (
    AlertCleared,
    AlertRaised,
    AlertWorsened,
    CheckCompleted,
    Event,
    EventRecord,
    VolatilityBroadened,
    VolatilityFell,
    WatchRaised,
)
from engine.domain.units import HOUR_MS, MINUTE_MS, Asset, BasketName, Ms
from engine.signals.drift import BasketDrift, DriftMatrices, Member, basket_drift
from engine.signals.volatility import Breakouts
from support.books import START
from support.quant_oracles import Floats, fat_returns

ONE = BasketName("one")
ASSETS = (Asset("AAA"), Asset("BBB"), Asset("CCC"))
RETURNS = fat_returns(np.random.default_rng(0), 800, 3)
QUIET = Breakouts(hot=(), judged=10, breadth=0.0, peak_sigma=0.0)


def returns_of(_: Estimator, bars: int) -> Floats:
    return RETURNS[-bars:]


def drift_with(shift: float) -> BasketDrift:
    """A basket whose three pairs all moved by `shift` in Fisher's measure, from 0.6."""
    base = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    now = np.full((3, 3), np.tanh(np.arctanh(0.6) + shift)) if not math.isnan(shift) else np.full((3, 3), np.nan)
    matrices = DriftMatrices(base=base, now=now)
    members = tuple(Member(asset=asset, index=k, sign=1) for k, asset in enumerate(ASSETS))
    return basket_drift(members, matrices, matrices, shown=matrices)


def hot(count: int) -> Breakouts:
    names = tuple(Asset(f"H{k}") for k in range(count))
    return Breakouts(hot=names, judged=10, breadth=count / 10, peak_sigma=4.0 + count)


class Desk:
    """Signals driven hour by hour with made-up readings; keeps the events as a journal would."""

    def __init__(self, rules: RulesConfig | None = None, journal: list[Event] | None = None) -> None:
        self.signals = Signals(rules or RulesConfig(), {ONE: ASSETS})
        self.journal: list[Event] = list(journal or [])
        self.signals.restore(self.journal)
        self.read = 0

    def at(
        self, hour: float, shift: float, *, excess: tuple[float, ...] = (0.0, 0.0, 0.0), found: Breakouts | None = QUIET
    ) -> list[Event]:
        """Run the instant `hour` after START, on the bar closed by its full hour; return what spoke."""

        def readings() -> tuple[BasketReading, ...]:
            self.read += 1
            drift = drift_with(shift)
            return (
                BasketReading(name=ONE, assets=ASSETS, hedged=False, drift=drift, excess=excess, returns=returns_of),
            )

        whole = int(hour)
        said = run_instant(
            self.signals,
            Instant(
                at=Ms(START + int(hour * HOUR_MS)),
                as_of=Ms(START + whole * HOUR_MS),
                version=whole,
                readings=readings,
                breakouts=found,
            ),
        )
        self.journal += said
        return [event for event in said if not isinstance(event, CheckCompleted)]


def through_a_journal(event: Event) -> Event:
    """Write an event as bytes and read it back."""
    record = msgspec.msgpack.encode(EventRecord(seq=1, event=event))
    return msgspec.msgpack.decode(record, type=EventRecord).event


def only_alerts(events: list[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, AlertRaised | AlertWorsened | AlertCleared)]


def test_an_alert_speaks_once_on_entry_once_when_worse_and_once_at_its_end() -> None:
    desk = Desk()
    said = [only_alerts(desk.at(hour, shift)) for hour, shift in ((0, 0.45), (4, 0.47), (8, 0.5), (12, 0.6), (16, 0.1))]
    assert [len(events) for events in said] == [0, 1, 0, 1, 1]
    raised, worsened, cleared = said[1][0], said[3][0], said[4][0]
    assert isinstance(raised, AlertRaised)
    assert (raised.direction, raised.rings, raised.evidence.words) == (Direction.UP, True, "moving together")
    assert len(raised.evidence.pairs) == 3
    assert not math.isnan(raised.evidence.z)
    assert isinstance(worsened, AlertWorsened)
    assert worsened.evidence.shift == pytest.approx(0.6)
    assert isinstance(cleared, AlertCleared)
    assert cleared.lasted_ms == 12 * HOUR_MS


def test_between_grid_instants_nothing_is_read() -> None:
    desk = Desk()
    assert [desk.at(hour, 0.5) for hour in (1, 2, 3)] == [[], [], []]
    assert desk.read == 0


def test_broad_volatility_compresses_the_cycle_at_once_and_looks_at_each_bar_once() -> None:
    desk = Desk()
    desk.at(0, 0.45)
    said = desk.at(1, 0.5, found=hot(3))
    assert [type(event) for event in said] == [VolatilityBroadened, AlertRaised]
    checks_before = desk.read
    quarters = [desk.at(1 + k / 4, 0.5, found=None) for k in (1, 2, 3)]
    assert quarters == [[], [], []]
    assert desk.read == checks_before
    completed = [event for event in desk.journal if isinstance(event, CheckCompleted)]
    assert [(event.at - START) // (15 * MINUTE_MS) for event in completed] == [0, 4, 5, 6, 7]
    assert completed[-1].as_of == START + HOUR_MS
    assert completed[-1].fast


def test_half_the_market_breaking_out_is_an_alert_of_its_own_until_volatility_is_off() -> None:
    desk = Desk()
    assert [type(e) for e in desk.at(1, 0.0, found=hot(5))] == [VolatilityBroadened, AlertRaised]
    assert only_alerts(desk.at(2, 0.0, found=hot(7))) == []
    assert desk.signals.volatile(Ms(START + 5 * HOUR_MS))
    over = desk.at(14, 0.0)
    assert [type(event) for event in over] == [VolatilityFell, AlertCleared]
    fell = over[0]
    assert isinstance(fell, VolatilityFell)
    assert (fell.breadth, fell.peak_sigma, len(fell.assets)) == (0.7, 11.0, 7)
    assert desk.signals.board.standing == ()


def test_an_asset_leaving_is_a_line_that_never_rings() -> None:
    desk = Desk()
    desk.at(0, 0.0, excess=(0.0, 0.1, -0.3))
    (raised,) = desk.at(4, 0.0, excess=(0.0, 0.1, -0.28))
    assert isinstance(raised, AlertRaised)
    assert (raised.kind, raised.asset, raised.rings) == (AlertKind.ASSET, "CCC", False)
    assert raised.evidence.words == "CCC leaves one"
    assert desk.at(8, 0.0, excess=(0.0, 0.1, -0.16)) == []
    (cleared,) = desk.at(12, 0.0, excess=(0.0, 0.1, -0.14))
    assert isinstance(cleared, AlertCleared)


def test_without_data_an_alert_is_held_and_shown_as_no_data() -> None:
    desk = Desk()
    desk.at(0, 0.5)
    desk.at(4, 0.5)
    assert desk.at(8, math.nan, excess=(math.nan,) * 3) != [] or desk.signals.watches[ONE].pairs == ()
    check = desk.journal[-1]
    assert isinstance(check, CheckCompleted)
    assert (check.baskets[0].state, check.baskets[0].alert) == ("no_data", 1)
    assert only_alerts(desk.at(12, 0.5)) == []


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_restart_anywhere_says_nothing_twice_and_misses_nothing(cut: int) -> None:
    course = [(0, 0.45), (4, 0.47), (8, 0.5), (12, 0.6), (16, 0.1), (20, -0.5), (24, -0.55), (28, -0.1), (32, 0.5)]
    excess = (0.3, -0.3, 0.0)
    whole = Desk()
    for hour, shift in course:
        whole.at(hour, shift, excess=excess, found=hot(2) if hour == 8 else QUIET)
    first = Desk()
    for hour, shift in course[:cut]:
        first.at(hour, shift, excess=excess, found=hot(2) if hour == 8 else QUIET)
    second = Desk(journal=[through_a_journal(event) for event in first.journal])
    for hour, shift in course[cut:]:
        second.at(hour, shift, excess=excess, found=hot(2) if hour == 8 else QUIET)
    differ = [k for k, (a, b) in enumerate(zip(second.journal, whole.journal, strict=True)) if repr(a) != repr(b)]
    assert differ == []
    assert [repr(entry) for entry in second.signals.board.standing] == [
        repr(entry) for entry in whole.signals.board.standing
    ]


def test_a_snooze_holds_over_a_restart_and_ends_when_it_is_over() -> None:
    first = Desk()
    first.at(0, 0.45)
    (raised,) = only_alerts(first.at(4, 0.5))
    assert isinstance(raised, AlertRaised)
    until = Ms(START + 10 * HOUR_MS)
    first.journal.append(first.signals.board.snooze(raised.id, Ms(raised.at + 1), until=until, who="me"))
    second = Desk(journal=first.journal)
    (worse,) = only_alerts(second.at(8, 0.7))
    (again,) = only_alerts(second.at(12, 0.9))
    assert isinstance(worse, AlertWorsened)
    assert isinstance(again, AlertWorsened)
    assert (worse.rings, again.rings) == (False, True)


def test_alert_on_watch_lets_the_stated_rule_ring() -> None:
    desk = Desk(replace(RulesConfig(), alert_on="watch"))
    first = desk.at(0, 0.3)
    assert [type(event) for event in first] == [WatchRaised, AlertRaised]
    assert desk.at(4, 0.3) == []
    said = desk.at(8, 0.0)
    assert isinstance(said[-1], AlertCleared)
    assert isinstance(desk.at(12, -0.3)[-1], AlertRaised)
    assert desk.signals.board.standing[0].raised.direction is Direction.DOWN


def test_alerts_of_what_left_the_config_are_retired_with_the_reason() -> None:
    first = Desk()
    first.at(0, 0.5)
    first.at(4, 0.5)
    other = Signals(RulesConfig(), {BasketName("two"): ASSETS})
    other.restore(first.journal)
    (retired,) = other.retired(Ms(START + 5 * HOUR_MS))
    assert retired.why == "it is no longer in the config"
    other.apply(retired)
    assert other.retired(Ms(START + 6 * HOUR_MS)) == []
