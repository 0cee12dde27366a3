"""The rules are told with the numbers in force, and counted on the book's own history."""

from dataclasses import replace

from engine.domain.events import AlertRaised, VolatilityBroadened, WatchRaised
from engine.domain.units import HOUR_MS, Ms
from engine.lab.replay import replay
from engine.lab.rule_report import EXPLAINED_DAYS, explained_from, rule_report
from support.books import START, long_basket, small_config
from support.markets import switching_closes, table_of

NAMES = ("AAA", "BBB", "CCC", "DDD")
CONFIG = small_config(long_basket("one", *NAMES))


def test_every_rule_is_told_with_its_setting_and_no_count_where_there_is_no_history() -> None:
    rules = replace(CONFIG.rules, alert_shift=0.5, watch_delta=0.2, now_halflife_ms=48 * HOUR_MS)
    lines = {line.rule: line for line in rule_report(replace(CONFIG, rules=rules), None)}
    assert "> 0.50" in lines["ALERT up"].formula
    assert "< 0.30" in lines["ALERT up"].formula
    assert "> 0.20" in lines["WATCH"].formula
    assert "half-life 48 bars" in lines["now"].formula
    assert {line.fired for line in lines.values()} == {None}


def test_counts_are_those_of_the_last_ninety_days_on_this_book() -> None:
    closes = switching_closes(2, 5100, 4, together={3500: 60, 4000: 50, 4600: 80})
    end = Ms(START + 5100 * HOUR_MS)
    assert end - explained_from(end) == EXPLAINED_DAYS * 24 * HOUR_MS
    run = replay(CONFIG, table_of(closes, *NAMES), begin=explained_from(end), end=end)
    lines = {line.rule: line for line in rule_report(CONFIG, run)}
    ups = [e for e in run.events if isinstance(e, AlertRaised) and e.kind.value == "basket" and e.direction.sign > 0]
    assert (lines["ALERT up"].fired or 0) >= len(ups) > 0
    assert lines["WATCH"].fired == sum(len(e.pairs) for e in run.events if isinstance(e, WatchRaised))
    assert lines["VOL"].fired == sum(isinstance(e, VolatilityBroadened) and e.started for e in run.events)
    assert lines["base"].fired is None
    assert lines["WATCH"].days == EXPLAINED_DAYS


def test_the_other_settings_are_told_as_they_are() -> None:
    rules = replace(CONFIG.rules, alert_on="watch", baseline="anchored")
    lines = {line.rule: line for line in rule_report(replace(CONFIG, rules=rules), None)}
    assert lines["WATCH"].does == "rings"
    assert "any pair on WATCH" in lines["ALERT down"].formula
    assert "last rebalance" in lines["base"].formula
