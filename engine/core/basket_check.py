"""Owns the judgment of one basket at one check: WATCH, the shift, each leg's excess, and the words they speak.

Makes events and changes nothing but the WATCH marks; evidence is measured only when something speaks. Called by
`signals_check` for every basket and for the portfolio.
"""

import math
from dataclasses import dataclass, field, replace

from engine.core.readings import BasketReading
from engine.core.signal_state import Signals
from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.events import (
    AlertCleared,
    AlertRaised,
    AlertWorsened,
    BasketCheck,
    Event,
    WatchCleared,
    WatchRaised,
)
from engine.domain.units import Asset, BasketName, Ms
from engine.domain.views import BasketState
from engine.signals.alert import (
    Standing,
    Turn,
    direction_of,
    judge,
    sign_of,
    words_for,
)
from engine.signals.asset import asset_words
from engine.signals.board import alert_id
from engine.signals.evidence import EvidenceMaker
from engine.signals.watch import NOTHING, WatchChange


def raised(
    signals: Signals,
    at: Ms,
    kind: AlertKind,
    basket: BasketName | None,
    asset: Asset | None,
    direction: Direction,
    evidence: Evidence,
) -> Event:
    """Return the message on entry."""
    return AlertRaised(
        at=at,
        id=alert_id(kind, basket, asset, at),
        kind=kind,
        basket=basket,
        asset=asset,
        direction=direction,
        evidence=evidence,
        rings=signals.board.may_ring((kind, basket, asset), at),
    )


def cleared(signals: Signals, at: Ms, raised: AlertRaised, shift: float) -> Event:
    """Return the message on recovery, with the duration."""
    return AlertCleared(at=at, id=raised.id, lasted_ms=at - raised.at, shift=shift)


@dataclass(slots=True)
class Desk:
    """One basket at one check: the reading, and the evidence that is made only if something speaks."""

    signals: Signals
    at: Ms
    as_of: Ms
    reading: BasketReading
    _maker: EvidenceMaker | None = field(default=None)

    @property
    def maker(self) -> EvidenceMaker:
        if self._maker is None:
            measured = not self.signals.unwatched
            self._maker = EvidenceMaker(self.signals.rules, self.reading.returns, measured=measured)
        return self._maker

    def watch(self) -> tuple[list[Event], WatchChange]:
        """Return the WATCH events, what is raised with its z, and what changed."""
        name, order = self.reading.name, self.reading.drift.moves
        watch = self.signals.watches.get(name)
        if watch is None:
            return [], NOTHING
        change = watch.update(order)
        events: list[Event] = []
        if change.raised:
            events.append(WatchRaised(at=self.at, basket=name, pairs=self.maker.moves(change.raised, order)))
        if change.cleared:
            events.append(WatchCleared(at=self.at, basket=name, pairs=change.cleared))
        return events, change

    def shift(self, change: WatchChange) -> tuple[list[Event], Standing]:
        """Return what the basket's shift says, by the confirmed rule or by the stated one where that rings."""
        name, drift = self.reading.name, self.reading.drift
        standing = self.signals.standing(name)
        judged, turn = judge(standing, self.signals.shift_limits, drift.shift, self.as_of)
        sign = judged.sign
        if self.signals.rules.alert_on == "watch" and name in self.signals.watches:
            turn, sign = self._stated(standing, change)
        if turn is Turn.NONE:
            return [], judged if sign == judged.sign else replace(judged, sign=sign)
        words = words_for(direction_of(sign or standing.sign))
        evidence = self.maker.of_basket(drift, words)
        events = self._speak(turn, AlertKind.BASKET, None, sign, evidence)
        return events, replace(judged, sign=sign)

    def _stated(self, standing: Standing, change: WatchChange) -> tuple[Turn, int]:
        """Return the turn where WATCH itself rings: on with the first pair, again with more, off with the last."""
        pairs = self.signals.watches[self.reading.name].pairs
        if standing.sign == 0:
            moved = sum(move.delta for move in change.raised)
            return (Turn.RAISED, sign_of(moved) or 1) if pairs and change.raised else (Turn.NONE, 0)
        if not pairs:
            return Turn.CLEARED, 0
        return (Turn.WORSENED if change.raised else Turn.NONE), standing.sign

    def excess(self, column: int) -> tuple[list[Event], Standing]:
        """Return what one leg's excess over its basket says."""
        name, asset, value = self.reading.name, self.reading.assets[column], self.reading.excess[column]
        standing = self.signals.standing(name, asset)
        judged, turn = judge(standing, self.signals.excess_limits, value, self.as_of)
        if turn is Turn.NONE:
            return [], judged
        direction = direction_of(judged.sign or standing.sign)
        words = asset_words(asset, name, direction)
        evidence = self.maker.of_asset(self.reading.drift, value, column, words)
        return self._speak(turn, AlertKind.ASSET, asset, judged.sign, evidence), judged

    def _speak(self, turn: Turn, kind: AlertKind, asset: Asset | None, sign: int, evidence: Evidence) -> list[Event]:
        signals, name = self.signals, self.reading.name
        if turn is Turn.RAISED:
            return [raised(signals, self.at, kind, name, asset, direction_of(sign), evidence)]
        entry = signals.board.find(kind, name, asset)
        if entry is None:
            return []
        if turn is Turn.CLEARED:
            return [cleared(signals, self.at, entry.raised, evidence.shift)]
        rings = signals.board.may_ring(entry.cause, self.at)
        return [AlertWorsened(at=self.at, id=entry.raised.id, evidence=evidence, rings=rings)]


def judge_basket(desk: Desk) -> tuple[list[Event], BasketCheck]:
    """Return what one basket has to say at a check, and how it stands."""
    reading, drift = desk.reading, desk.reading.drift
    events, change = desk.watch()
    said, standing = desk.shift(change)
    events += said
    leaning: list[tuple[Asset, int]] = []
    standings, enter = desk.signals.standings(reading.name), desk.signals.excess_limits.enter
    for column, asset in enumerate(reading.assets):
        if asset not in standings and not abs(reading.excess[column]) > enter:
            continue  # idle and within the limit, or undefined: by far the most
        said, excess = desk.excess(column)
        events += said
        if excess.leaning:
            leaning.append((asset, excess.leaning))
    watch = desk.signals.watches.get(reading.name)
    watching = len(watch.pairs) if watch is not None else 0
    return events, BasketCheck(
        basket=reading.name,
        state=state_word(drift.shift, standing.sign, watching),
        mean_rho_base=drift.mean_rho_base,
        mean_rho_now=drift.mean_rho_now,
        shift=drift.shift,
        watching=watching,
        pairs=len(drift.moves),
        alert=standing.sign,
        leaning=standing.leaning,
        assets_leaning=tuple(leaning),
    )


def state_word(shift: float, alert: int, watching: int) -> str:
    """Return the word for a basket's state; an alert that is held without data is shown as no data."""
    if math.isnan(shift):
        return BasketState.NO_DATA.value
    if alert:
        return BasketState.ALERT.value
    return BasketState.WATCH.value if watching else BasketState.OK.value
