"""Owns `driftdeck setup-venue` and the doctor's look at an account: how it is set against what the config assumes.

The only place that changes anything at a venue beside orders, and only after a yes.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from engine.adapters.account_settings import Deviation, deviations_from
from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.clocks import SystemClock
from engine.adapters.config_file import load_config
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.paths import config_path, keys_file
from engine.adapters.venue_keys import read_keys
from engine.adapters.venue_knowledge import Finding, Verdict
from engine.domain.config import Config, Mode
from engine.domain.errors import DriftdeckError, RefusedError
from engine.domain.market import MarketKind
from tui.commands.output import say
from tui.commands.question import refuse_unattended, says_yes

T = TypeVar("T")


def account_findings(config: Config) -> list[Finding]:
    """Say what the key may do and where the account is set otherwise; nothing on paper."""
    if config.venue.mode is Mode.PAPER:
        return []
    try:
        found = asyncio.run(_with_broker(config, lambda broker: _deviations(config, broker)))
    except DriftdeckError as error:
        return [Finding(what="account", verdict=Verdict.BAD, words=str(error))]
    way = ", one-way" if config.venue.market is MarketKind.SWAP else ""
    good = Finding(what="account", verdict=Verdict.GOOD, words=f"the key is taken in {config.venue.mode} mode{way}")
    wrong = [
        Finding(what="account", verdict=Verdict.BAD, words=f"{each.symbol}: {each.words}; see 'driftdeck setup-venue'")
        for each in found
    ]
    return [good, *wrong]


def setup_venue(config: Path | None, *, yes: bool) -> None:
    """Show what is set otherwise, ask, and set leverage. Raises RefusedError, ConfigError, VenueUnreachableError."""
    settings = load_config(config_path(config)).config
    if settings.venue.mode is Mode.PAPER:
        raise RefusedError("paper money has no account at a venue: there is nothing to set")
    found = asyncio.run(_with_broker(settings, lambda broker: _deviations(settings, broker)))
    if not found:
        say("the account is set as the config assumes")
        return
    print(*(f"{each.symbol}: {each.words}" for each in found), sep="\n")
    wanted = [each for each in found if each.leverage is not None]
    if len(wanted) < len(found) or not wanted:
        say("the margin mode is set at the venue itself: it concerns everything the account holds")
    if not wanted:
        return
    if not yes:
        refuse_unattended("changing the account")
        if not says_yes(f"set the leverage of {len(wanted)} symbols at {settings.venue.id} ({settings.venue.mode})?"):
            say("nothing was changed")
            return
    asyncio.run(_with_broker(settings, lambda broker: _set(broker, wanted)))
    say(f"leverage is set for {len(wanted)} symbols")


async def _with_broker(config: Config, act: Callable[[CcxtBroker], Awaitable[T]]) -> T:
    venue = config.venue
    keys = read_keys(venue.id, environ=os.environ, file=keys_file())
    symbols = tuple(config.symbols.values())
    breaker = HostBreaker(time.monotonic)
    broker = CcxtBroker(venue, keys, clock=SystemClock(), symbols=symbols, breaker=breaker)
    try:
        await broker.admit()
        return await act(broker)
    finally:
        await broker.close()


async def _deviations(config: Config, broker: CcxtBroker) -> tuple[Deviation, ...]:
    return deviations_from(config, await broker.settings())


async def _set(broker: CcxtBroker, wanted: list[Deviation]) -> None:
    for each in wanted:
        if each.leverage is not None:
            await broker.set_leverage(each.symbol, each.leverage)
