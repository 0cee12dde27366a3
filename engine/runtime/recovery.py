"""Owns the start of the books: what the journal says, the first money of a paper account, changes of the config.

Starting is recovering: the same path whether the engine was stopped, killed, or never ran. Writes the few facts that
belong to a start before anything reads the books.
"""

import hashlib
from dataclasses import dataclass

import msgspec

from engine.core.desk import orphans
from engine.core.trading import Trading
from engine.domain.config import Config, Mode
from engine.domain.errors import RefusedError
from engine.domain.events import SignalEvent
from engine.domain.facts import Actor, ConfigLoaded, Deposited, TradeFact
from engine.domain.journal import SIGNAL_KINDS, TRADE_KINDS, Journaled, kind_of
from engine.domain.ports import Journal
from engine.domain.units import Ms

ENGINE = Actor(who="engine", terminal="start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What the journal holds at a start."""

    signals: tuple[SignalEvent, ...]
    money: tuple[TradeFact, ...]


def recover(journal: Journal, config: Config, at: Ms) -> Recovered:
    """Read the journal, after writing down what this start adds. Raises StoreError, RefusedError."""
    _begin(journal, config, at)
    signals: list[SignalEvent] = []
    money: list[TradeFact] = []
    for record in journal.read(kinds=(*SIGNAL_KINDS, *TRADE_KINDS)):
        if isinstance(record.fact, SignalEvent):
            signals.append(record.fact)
        elif isinstance(record.fact, TradeFact):
            money.append(record.fact)
    _refuse_orphans(Trading(money), config)
    return Recovered(signals=tuple(signals), money=tuple(money))


def kept_facts(journal: Journal) -> tuple[TradeFact, ...]:
    """Return the facts of money that are durable. Raises StoreError."""
    facts = (record.fact for record in journal.read(kinds=TRADE_KINDS))
    return tuple(fact for fact in facts if isinstance(fact, TradeFact))


def _begin(journal: Journal, config: Config, at: Ms) -> None:
    """Write the config that is in force where it changed, and the first money of a paper account."""
    facts: list[Journaled] = []
    seen = journal.read(kinds=(kind_of(_loaded(config, at, ())),))
    last = seen[-1].fact if seen else None
    changes = _changes(last, config) if isinstance(last, ConfigLoaded) else ("first start",)
    if changes:
        facts.append(_loaded(config, at, changes))
    if config.venue.mode is Mode.PAPER and not journal.read(kinds=TRADE_KINDS, limit=1):
        amount = config.account.equity
        facts.append(Deposited(at=at, amount=amount, note="paper money of the config", actor=ENGINE))
    if facts:
        journal.append(facts)


def _parts(config: Config) -> dict[str, str]:
    """Return a digest per part of the config; what a demo changes at every start (its proxy) is left out."""
    parts: dict[str, object] = {
        "account": config.account,
        "rules": config.rules,
        "sizing": (config.sizing, config.basket_sizing),
        "limits": config.limits,
        **{f"basket {basket.name}": basket for basket in config.baskets},
    }
    return {name: hashlib.sha256(msgspec.json.encode(part)).hexdigest()[:8] for name, part in parts.items()}


def _loaded(config: Config, at: Ms, changes: tuple[str, ...]) -> ConfigLoaded:
    digest = " ".join(f"{name.replace(' ', '_')}={value}" for name, value in _parts(config).items())
    return ConfigLoaded(at=at, digest=digest, changes=changes)


def _changes(last: ConfigLoaded, config: Config) -> tuple[str, ...]:
    """Say in words which parts differ from the config of the last start."""
    before = dict(word.rsplit("=", 1) for word in last.digest.split())
    now = {name.replace(" ", "_"): value for name, value in _parts(config).items()}
    changed = [f"{name.replace('_', ' ', 1)} changed" for name in now if name in before and before[name] != now[name]]
    added = [f"{name.replace('_', ' ', 1)} is new" for name in now if name not in before]
    gone = [f"{name.replace('_', ' ', 1)} is gone" for name in before if name not in now]
    return tuple(changed + added + gone)


def _refuse_orphans(trading: Trading, config: Config) -> None:
    left = orphans(trading, [basket.name for basket in config.baskets])
    if left:
        raise RefusedError(
            f"{', '.join(left)} still holds positions and is not in the config any more: put it back, close it, then "
            "take it out"
        )
