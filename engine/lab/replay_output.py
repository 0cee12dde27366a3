"""Owns a replay as CONTRACT prints it: the JSON document, and one series row per check and basket.

Undefined is null in JSON and empty in a series. Never runs anything and never writes a file: the command does.
"""

import math
from collections.abc import Iterable, Iterator

from engine.domain.alerts import AlertKind, Evidence, PairMove, Regime
from engine.domain.events import (
    AlertCleared,
    AlertRaised,
    RegimeChanged,
    VolatilityBroadened,
    VolatilityFell,
    WatchCleared,
    WatchRaised,
)
from engine.domain.proposal import Proposal
from engine.domain.units import Ms, iso
from engine.lab.replay import Replay

SERIES_HEADER = ("at", "basket", "shift_raw", "shift_win", "shift", "mean_rho_base", "mean_rho_now", "state")

Number = float | None
JsonRecord = dict[str, object]


def document(run: Replay, proposals: Iterable[Proposal] = ()) -> JsonRecord:
    """Return CONTRACT's JSON of a replay and of the `proposals` that were drafted in it."""
    return {
        "checks": len(run.checks),
        "fast_cycles": _fast_cycles(run),
        "watch": _watch(run),
        "alerts": _alerts(run),
        "proposals": [_proposal(each) for each in proposals],
    }


def _proposal(proposal: Proposal) -> JsonRecord:
    return {
        "at": iso(proposal.created_at),
        "basket": proposal.basket,
        "id": proposal.id,
        "kind": proposal.kind.value,
        "turnover": number(proposal.turnover),
        "cost_bps": number(proposal.cost_bps),
        "reason": proposal.reason,
    }


def series(run: Replay) -> Iterator[tuple[str, ...]]:
    """Yield the rows of --series, the header first; fast checks too."""
    yield SERIES_HEADER
    for check in run.checks:
        at = iso(check.at)
        for basket, state in zip(run.table.baskets, check.states, strict=True):
            row = check.row
            numbers = (
                basket.shift_raw[row],
                basket.shift_win[row],
                basket.shift[row],
                basket.mean_base[row],
                basket.mean_now[row],
            )
            texts = ("" if math.isnan(value) else repr(float(value)) for value in numbers)
            yield (at, basket.name, *texts, str(state))


def _fast_cycles(run: Replay) -> list[JsonRecord]:
    found: list[JsonRecord] = []
    going: VolatilityBroadened | None = None
    worst: list[VolatilityBroadened] = []
    for event in run.events:
        if isinstance(event, VolatilityBroadened):
            if event.started:
                going, worst = event, []
            worst.append(event)
        elif isinstance(event, VolatilityFell):
            last = worst[-1].until if worst else event.at
            found.append(_cycle(event.since, last, event.assets, event.breadth, event.peak_sigma))
            going = None
    if going is not None:
        assets = tuple(dict.fromkeys(asset for event in worst for asset in event.assets))
        breadth, peak = max(event.breadth for event in worst), max(event.peak_sigma for event in worst)
        found.append(_cycle(going.at, None, assets, breadth, peak))
    return found


def _cycle(since: Ms, until: Ms | None, assets: tuple[str, ...], breadth: float, peak: float) -> JsonRecord:
    return {
        "from": iso(since),
        "to": None if until is None else iso(until),
        "assets": list(assets),
        "breadth": number(breadth),
        "peak_sigma": number(peak),
    }


def _watch(run: Replay) -> list[JsonRecord]:
    """Return one record per pair and time on WATCH, in the order of being raised."""
    found: list[JsonRecord] = []
    open_at: dict[tuple[str, str, str], JsonRecord] = {}
    for event in run.events:
        if isinstance(event, WatchRaised):
            for move in event.pairs:
                record = _raised_pair(event, move)
                found.append(record)
                open_at[event.basket, move.first, move.second] = record
        elif isinstance(event, WatchCleared):
            for move in event.pairs:
                open_at.pop((event.basket, move.first, move.second))["cleared_at"] = iso(event.at)
    return found


def _raised_pair(event: WatchRaised, move: PairMove) -> JsonRecord:
    return {
        "at": iso(event.at),
        "basket": event.basket,
        "pair": [move.first, move.second],
        "rho_base": number(move.rho_base),
        "rho_now": number(move.rho_now),
        "delta": number(move.delta),
        "z": number(move.z),
        "cleared_at": None,
    }


def _alerts(run: Replay) -> list[JsonRecord]:
    found: list[JsonRecord] = []
    open_at: dict[str, JsonRecord] = {}
    regime: JsonRecord | None = None
    for event in run.events:
        if isinstance(event, AlertRaised):
            record = _alert(event)
            found.append(record)
            open_at[event.id] = record
        elif isinstance(event, AlertCleared):
            open_at.pop(event.id)["cleared_at"] = iso(event.at)
        elif isinstance(event, RegimeChanged):
            if regime is not None:
                regime["cleared_at"] = iso(event.at)
            regime = _regime(event) if event.regime == Regime.STRESS else None
            found += [] if regime is None else [regime]
    return found


def _alert(event: AlertRaised) -> JsonRecord:
    evidence: Evidence = event.evidence
    record: JsonRecord = {
        "at": iso(event.at),
        "id": event.id,
        "basket": event.basket,
        "kind": event.kind.value,
        "direction": event.direction.value,
        "words": evidence.words,
        "shift": number(evidence.shift),
        "rho_base": number(evidence.rho_base),
        "rho_now": number(evidence.rho_now),
        "delta": number(evidence.delta),
        "z": number(evidence.z),
        "n": evidence.n,
        "pairs": [[m.first, m.second, number(m.rho_base), number(m.rho_now)] for m in evidence.pairs],
        "cleared_at": None,
    }
    if event.kind is AlertKind.ASSET:
        record |= {"asset": event.asset, "residual_z": number(evidence.residual_z)}
    if event.kind is AlertKind.VOL:
        record |= {"assets": list(evidence.assets), "peak_sigma": number(evidence.peak_sigma)}
    return record


def _regime(event: RegimeChanged) -> JsonRecord:
    return {
        "at": iso(event.at),
        "basket": None,
        "kind": "regime",
        "direction": "up",
        "words": event.regime,
        "shift": None,
        "delta": None,
        "z": None,
        "pairs": [],
        "probability": number(event.probability),
        "reasons": list(event.reasons),
        "cleared_at": None,
    }


def number(value: float) -> Number:
    """Return a number as JSON takes it: what is undefined or endless is null."""
    return float(value) if math.isfinite(value) else None
