"""Owns what the demo trades: six starter baskets cut to what the market lists, as a config the engine can read.

Writes a config and, for a replay, an array file into the demo's state directory. Starts nothing.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from engine.adapters.basket_themes import load_theme
from engine.domain.config import LimitsConfig
from engine.domain.errors import RefusedError
from engine.domain.market import MarketKind
from tui.commands.processes import SimReady

DEMO_BASKETS = ("layer-1", "defi", "scaling", "payments", "gaming", "majors-hedged")
PRICE_BAND_BPS = LimitsConfig().max_slippage_bps
WIDEST_BAND_BPS = 2_000.0
DEMO_REQUESTS_PER_S = {"binance": 40}  # ccxt's half of the venue's limit would load its history for 20 seconds
FORMER_NAMES = {"POL": "MATIC"}  # a replayed past knows an asset by the name it had then


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBasket:
    """A starter basket as it can be traded in this market."""

    name: str
    thesis: str
    notional: str
    legs: tuple[dict[str, object], ...]


def demo_baskets(listed: Iterable[str] | None = None, market: MarketKind = MarketKind.SWAP) -> tuple[DemoBasket, ...]:
    """Return the demo's baskets; with `listed`, legs the market does not have are left out or take their old name.

    A basket with shorts is left out on spot: half of it would be another idea.
    """
    known = None if listed is None else frozenset(listed)
    baskets = []
    for name in DEMO_BASKETS:
        theme = load_theme(name)
        if theme is None:
            raise RefusedError(f"the starter basket {name} is missing from this installation: install it again")
        table = theme.table
        legs = [leg for leg in map(dict, table["assets"]) if _place(leg, known)]  # type: ignore[call-overload]
        shorts = any(leg.get("side") == "short" for leg in legs)
        if len(legs) >= 2 and not (shorts and market is MarketKind.SPOT):
            baskets.append(
                DemoBasket(name=name, thesis=str(table["thesis"]), notional=str(table["notional"]), legs=tuple(legs))
            )
    return tuple(baskets)


def _place(leg: dict[str, object], known: frozenset[str] | None) -> bool:
    """Give the leg a name that this market knows; return False where there is none."""
    if known is None or leg["asset"] in known:
        return True
    former = FORMER_NAMES.get(str(leg["asset"]))
    if former is None or former not in known:
        return False
    leg["asset"] = former
    return True


def refuse_another_market(config: Path, venue: str, market: MarketKind) -> None:
    """Raise RefusedError where a demo that is kept here traded elsewhere: its books belong to that market."""
    if not config.exists():
        return
    before = tomlkit.parse(config.read_text(encoding="utf-8")).unwrap().get("venue", {})
    if (before.get("id"), before.get("market")) != (venue, market):
        raise RefusedError(
            f"the demo in {config.parent} trades {before.get('market')} on {before.get('id')}: go on with --venue "
            f"{before.get('id')} --market {before.get('market')}, or choose another --state"
        )


def demo_config(
    sim: SimReady,
    baskets: tuple[DemoBasket, ...],
    *,
    venue: str = "bybit",
    market: MarketKind = MarketKind.SWAP,
    drill: bool = False,
) -> str:
    """Return the config of a demo on the simulated exchange `sim`; a `drill` sends its orders there, signed."""
    document = tomlkit.document()
    money = "orders to an account of the simulated exchange" if drill else "paper money"
    document.add(tomlkit.comment(f"written by 'driftdeck demo': a simulated market, {money}"))
    document["venue"] = {
        "id": venue,
        "market": str(market),
        "mode": "demo" if drill else "paper",
        "stream": True,
        "poll_every": "1s",
        "requests_per_second": DEMO_REQUESTS_PER_S.get(venue, 0),
        "proxy": sim.proxy,
        "ca_file": sim.ca_file,
    }
    document["simulation"] = {
        "source": sim.source,
        "speed": float(sim.speed),
        "identity": sim.identity,
        "start_ms": sim.market_ms,
        "open_baskets": True,
    }
    document["limits"] = {"max_slippage_bps": price_band_bps(float(sim.speed))}
    tables = tomlkit.aot()
    for basket in baskets:
        table = tomlkit.table()
        table["name"] = basket.name
        table["thesis"] = basket.thesis
        table["notional"] = tomlkit.item(float(basket.notional))
        legs = tomlkit.array()
        for leg in basket.legs:
            legs.append({key: value if isinstance(value, str) else float(str(value)) for key, value in leg.items()})
        table["assets"] = legs
        tables.append(table)
    document["basket"] = tables
    return tomlkit.dumps(document)


def price_band_bps(speed: float) -> int:
    """Return how far a price may go before a proposal is no longer what was decided on.

    A person who reads for ten seconds at 600 times real time sees a hundred minutes of market go by. Prices wander with
    the square root of time, and the band with them; at real time it is the product's own.
    """
    return round(min(WIDEST_BAND_BPS, PRICE_BAND_BPS * math.sqrt(speed)))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
