"""Owns fetching coins for an import: which asset each one is, its hours in pieces, and what is said about them.

Decides nothing about bars that are stored already; what comes goes to `importing`, also when a later coin fails.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.adapters.coingecko import (
    HOURLY_DAYS,
    NAME,
    REACH_DAYS,
    Points,
    currency_of,
    hourly_closes,
    joined,
    spans,
)
from engine.adapters.coingecko_client import CoinGecko
from engine.adapters.price_import import Incoming, Target, targets_of
from engine.domain.config import Config
from engine.domain.errors import ConfigError, RefusedError
from engine.domain.units import MINUTE_MS, Ms, iso
from tui.commands.import_text import age_worry

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(slots=True, kw_only=True)
class Fetched:
    """What has come so far; a failure leaves it as it is."""

    incoming: list[Incoming] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


async def fetch(
    coins: Sequence[str],
    config: Config,
    into: Fetched,
    *,
    named: Mapping[str, str],
    days: int,
    grace_minutes: int,
    now_ms: Ms,
    say: Callable[[str], None],
) -> None:
    """Fetch the last `days` of every coin. Raises ConfigError, RefusedError, VenueUnreachableError."""
    check(coins, named, days=days, grace_minutes=grace_minutes)
    currency = currency_of(config.venue.quote)
    async with CoinGecko(config.venue, say=say) as client:
        meant = await _meant(client, coins, config, named, currency)
        for coin, target in meant.items():
            points = await _points(client, coin, into, currency=currency, days=days, now_ms=now_ms, say=say)
            grace_ms = grace_minutes * MINUTE_MS
            hourly = hourly_closes(points, now_ms=now_ms, step_ms=config.rules.bar_ms, grace_ms=grace_ms)
            into.warnings += age_worry(target.asset, hourly.age_ms, grace_minutes)
            source = f"{NAME}:{coin}"
            into.incoming.append(Incoming(target=target, source=source, open_ms=hourly.open_ms, closes=hourly.closes))


def check(coins: Sequence[str], named: Mapping[str, str], *, days: int, grace_minutes: int) -> None:
    """Refuse what cannot be asked for, before anything is. Raises ConfigError."""
    if not 1 <= days <= REACH_DAYS:
        raise ConfigError(
            f"--days {days}: take 1 to {REACH_DAYS}; {NAME}'s free tier reaches no further back, and gives hourly "
            f"prices in pieces of at most {HOURLY_DAYS} days"
        )
    if not 0 <= grace_minutes < 60:
        raise ConfigError(f"--grace {grace_minutes}: take 0 to 59 minutes")
    for coin in coins:
        if not _ID.fullmatch(coin):
            raise ConfigError(f"{coin}: is no API id; they look like ethereum or avalanche-2")
        if coins.count(coin) > 1:
            raise ConfigError(f"{coin} stands twice")
    for coin in named:
        if coin not in coins:
            raise ConfigError(f"--asset {coin}={named[coin]}: {coin} is not among the coins to import")


async def _meant(
    client: CoinGecko, coins: Sequence[str], config: Config, named: Mapping[str, str], currency: str
) -> dict[str, Target]:
    """Return the market of each coin; those that nobody named are asked for their ticker. Raises ConfigError."""
    unnamed = [coin for coin in coins if coin not in named]
    tickers = await client.tickers(unnamed, currency=currency) if unnamed else {}
    unknown = [coin for coin in unnamed if coin not in tickers]
    if unknown:
        raise ConfigError(f"{NAME} knows no coin {', '.join(unknown)}; use the API id of the coin's page")
    absent = [f"{coin} is {tickers[coin]}" for coin in unnamed if tickers[coin] not in config.symbols]
    if absent:
        raise ConfigError(
            f"{'; '.join(absent)}: the config does not have that (it has {', '.join(config.symbols)}); say which "
            "asset it is with --asset ID=ETH"
        )
    meant, _ = targets_of(coins, config.symbols, {coin: named.get(coin) or tickers[coin] for coin in coins})
    return meant


async def _points(
    client: CoinGecko,
    coin: str,
    into: Fetched,
    *,
    currency: str,
    days: int,
    now_ms: Ms,
    say: Callable[[str], None],
) -> Points:
    """Return the hourly points of one coin, piece by piece. Raises RefusedError where all pieces are coarser."""
    parts: list[Points] = []
    coarse: list[Points] = []
    for first, last in spans(days=days, now_ms=now_ms):
        say(f"{NAME}: {coin}, {iso(first)[:10]} to {iso(last)[:10]}")
        part = await client.points(coin, currency=currency, first=first, last=last)
        (coarse if part.coarse else parts).append(part)
    for part in coarse:
        into.warnings.append(
            f"{coin}: one price every {part.spacing_ms / 3_600_000:.0f} hours from {iso(Ms(int(part.times[0])))[:10]} "
            f"to {iso(Ms(int(part.times[-1])))[:10]} makes no hourly bars and stayed out"
        )
    if coarse and not parts:
        raise RefusedError(f"{NAME} gave no hourly prices for {coin}: ask for fewer --days (90 are always hourly)")
    whole = joined(parts)
    mended = (
        (whole.out_of_order, "out of order: sorted"),
        (whole.duplicates, "with the time of another: dropped, the last of each kept"),
        (whole.unreadable, "without a price: left out"),
    )
    into.warnings += [
        f"{coin}: {'1 point' if count == 1 else f'{count:,} points'} {what}" for count, what in mended if count
    ]
    return whole
