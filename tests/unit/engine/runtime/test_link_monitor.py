"""The verdict on a link, from outcomes and host time alone."""

import math

from engine.domain.market import LinkState
from engine.runtime.link_monitor import DOWN_AFTER_FAILURES, DOWN_AFTER_S, LinkMonitor


def test_before_the_first_answer_the_link_is_down() -> None:
    monitor = LinkMonitor(now=0.0)
    assert monitor.verdict(0.0).state is LinkState.DOWN
    assert not monitor.answered


def test_one_failure_degrades_and_some_in_a_row_break_it() -> None:
    monitor = LinkMonitor(now=0.0)
    monitor.succeeded(now=1.0)
    states = [monitor.failed("timeout", now=2.0 + n).state for n in range(DOWN_AFTER_FAILURES)]
    assert states == [LinkState.DEGRADED, LinkState.DEGRADED, LinkState.DOWN]
    assert monitor.verdict(6.0).why == "timeout"
    assert monitor.succeeded(now=7.0).state is LinkState.UP


def test_silence_alone_breaks_a_link() -> None:
    monitor = LinkMonitor(now=0.0)
    monitor.succeeded(now=0.0)
    assert monitor.verdict(DOWN_AFTER_S).state is LinkState.UP
    assert monitor.verdict(DOWN_AFTER_S + 0.1).state is LinkState.DOWN


def test_latency_is_unknown_until_measured_then_smoothed() -> None:
    monitor = LinkMonitor(now=0.0)
    assert math.isnan(monitor.succeeded(now=0.0).latency_ms)
    assert monitor.succeeded(now=0.0, round_trip_ms=10.0).latency_ms == 10.0
    assert monitor.succeeded(now=0.0, round_trip_ms=20.0).latency_ms == 12.0
    assert monitor.succeeded(now=0.0).latency_ms == 12.0
