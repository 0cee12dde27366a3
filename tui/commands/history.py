"""Owns `driftdeck alerts` and `driftdeck journal`: what the journal says, with an engine running or not.

Reads the journal file; nothing here writes it. The words of the story are `story`'s.
"""

import os
import pwd
import re
from pathlib import Path

import msgspec

from engine.adapters.fact_codec import encode_fact
from engine.adapters.paths import state_dir
from engine.adapters.sqlite_journal import FILE_NAME, SqliteJournal
from engine.domain.errors import ConfigError, NoEngineError
from engine.domain.events import AlertAcknowledged, AlertCleared, AlertRaised, AlertSnoozed, AlertWorsened
from engine.domain.journal import JournalRecord
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Ms, iso
from tui.cockpit.text import date, hour_minute
from tui.commands.output import number, one_line, print_json
from tui.commands.story import told

ALERT_KINDS = ("AlertRaised", "AlertWorsened", "AlertCleared", "AlertAcknowledged", "AlertSnoozed")
UNITS_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


def duration_ms(option: str, text: str) -> int:
    """Return a duration such as 90m, 12h or 7d in milliseconds. Raises ConfigError."""
    found = re.fullmatch(r"(\d+)([mhd])", text)
    if found is None or int(found[1]) == 0:
        raise ConfigError(f"{option} {text}: take a duration such as 90m, 12h or 7d")
    return int(found[1]) * UNITS_MS[found[2]]


def read_journal(state: Path | None, *, since: str, kinds: tuple[str, ...] = ()) -> list[JournalRecord]:
    """Return the facts of the last `since` of market time (all for ""). Raises NoEngineError where nothing ever ran."""
    path = state_dir(state) / FILE_NAME
    if not path.exists():
        raise NoEngineError(f"no engine has ever run for {path.parent}: start one with 'driftdeck run'")
    journal = SqliteJournal(path, read_only=True)
    try:
        records = journal.read(kinds=kinds)
        if not since or not records:
            return records
        newest = max(record.at for record in journal.read(after=journal.last_seq() - 1))
        earliest = Ms(newest - duration_ms("--since", since))
        return [record for record in records if record.at >= earliest]
    finally:
        journal.close()


def journal(state: Path | None, *, since: str, every: bool, as_json: bool) -> None:
    """Tell what happened; with `every`, print each fact as it is kept."""
    records = read_journal(state, since=since)
    if as_json:
        print_json([_entry(record) for record in records])
    elif every:
        for record in records:
            print(f"{record.seq:>7}  {iso(record.at)}  {record.kind:<20} {_words(record)}")
    else:
        before = read_journal(state, since="") if since else records  # what a sentence refers to may lie further back
        first = records[0].at if records else 0
        for at, sentence in told((record.fact for record in before), _login_name()):
            if at >= first:
                print(f"{date(at)} {hour_minute(at)}  {sentence}")


def _login_name() -> str:
    """Return who reads, as the wire names who acts; empty where the system knows no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def _entry(record: JournalRecord) -> object:
    return {
        "seq": record.seq,
        "at": iso(record.at),
        "kind": record.kind,
        "fact": msgspec.json.decode(encode_fact(record.fact)),
    }


def _words(record: JournalRecord) -> str:
    fact = msgspec.json.decode(encode_fact(record.fact))
    said = {key: value for key, value in fact.items() if key not in ("type", "at", "evidence", "baskets", "pairs")}
    return "  ".join(f"{key}={one_line(str(value))}" for key, value in said.items() if value not in (None, "", []))[
        :160
    ]


def alerts(state: Path | None, *, since: str, as_json: bool) -> None:
    """Print the alerts that began, changed or ended lately, oldest first."""
    if since:
        duration_ms("--since", since)
    found = folded(read_journal(state, since="", kinds=ALERT_KINDS))
    if since:
        touched = {_ident(record) for record in read_journal(state, since=since, kinds=ALERT_KINDS)}
        found = {ident: alert for ident, alert in found.items() if ident in touched or alert["cleared_at"] is None}
    if as_json:
        print_json(list(found.values()))
        return
    said = max((len(str(alert["words"])) for alert in found.values()), default=0)
    for alert in found.values():
        over = f"over {alert['cleared_at']}" if alert["cleared_at"] else "stands"
        print(f"{alert['at']}  {alert['kind']:<7} {alert['basket'] or 'market':<16} {alert['words']:<{said}}  {over}")
        print(
            f"    {alert['id']}" + (f"  acknowledged by {alert['acknowledged_by']}" if alert["acknowledged_by"] else "")
        )
    if not found:
        print("no alerts")


def _ident(record: JournalRecord) -> str:
    fact = record.fact
    known = AlertRaised | AlertWorsened | AlertCleared | AlertAcknowledged | AlertSnoozed
    return fact.id if isinstance(fact, known) else ""


def folded(records: list[JournalRecord]) -> dict[str, dict[str, object]]:
    """Return the alerts by id, each with its latest numbers, from their facts in order."""
    found: dict[str, dict[str, object]] = {}
    for record in records:
        match record.fact:
            case AlertRaised() as raised:
                found[raised.id] = _raised(raised)
            case AlertWorsened(id=ident, evidence=evidence) if ident in found:
                found[ident] |= {"shift": number(evidence.shift), "acknowledged_by": None}
            case AlertCleared(id=ident, at=at) if ident in found:
                found[ident]["cleared_at"] = iso(at)
            case AlertAcknowledged(id=ident, who=who) if ident in found:
                found[ident]["acknowledged_by"] = who
            case AlertSnoozed(id=ident, until=until) if ident in found:
                found[ident]["snoozed_until"] = iso(until)
            case _:
                pass
    return found


def _raised(raised: AlertRaised) -> dict[str, object]:
    evidence = raised.evidence
    return {
        "id": raised.id,
        "at": iso(raised.at),
        "kind": raised.kind,
        "basket": raised.basket,
        "asset": raised.asset,
        "direction": raised.direction,
        "words": evidence.words,
        "shift": number(evidence.shift),
        "rho_base": number(evidence.rho_base),
        "rho_now": number(evidence.rho_now),
        "delta": number(evidence.delta),
        "z": number(evidence.z),
        "n": evidence.n,
        "pairs": [[p.first, p.second, number(p.rho_base), number(p.rho_now)] for p in evidence.pairs],
        "acknowledged_by": None,
        "snoozed_until": None,
        "cleared_at": None,
    }
