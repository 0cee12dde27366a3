"""Owns what differs between venues where orders are concerned: one table, one row per venue that money may be sent to.

Hosts per mode, refusal codes that are certain, how a key's rights are asked for. Data only: nothing is sent and nothing
is decided here. Read by the trading client, by the broker and by the dialects of single venues.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import RefusedError
from engine.domain.market import MarketKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where a mode's requests go; `header` must stand on signed requests where live and practice share a host.

    `streams` is where its private streams are.
    """

    hosts: frozenset[str]
    streams: frozenset[str] = frozenset()
    header: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingTraits:
    """One venue's row."""

    doors: Mapping[Mode, Door]
    closed: Mapping[tuple[Mode, MarketKind], str] = field(default_factory=dict)  # offered by ccxt, but not usable
    # Codes after which nothing was placed for certain. Never here: duplicate ids (one exists!), time-outs, overload.
    certain_refusals: frozenset[str] = frozenset()
    certain_messages: tuple[str, ...] = ()  # for codes that mean several things
    nothing_to_cancel: frozenset[str] = frozenset()
    order_every_s: float = 0.15  # Bybit takes ten orders a second; room is left for other programs


def _door(*hosts: str, header: tuple[str, str] | None = None, streams: str = "") -> Door:
    return Door(hosts=frozenset(hosts), header=header, streams=frozenset(streams.split()))


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BINANCE_LIVE = _door(
    *("api.binance.com", "fapi.binance.com", "dapi.binance.com", "eapi.binance.com", "papi.binance.com"),
    streams="fstream.binance.com ws-api.binance.com",
)
_BINANCE_DEMO = _door(
    *("demo-api.binance.com", "demo-fapi.binance.com", "demo-dapi.binance.com"),
    # the first as the venue documents it: the old testnet's name
    streams="fstream.binancefuture.com demo-ws-api.binance.com",
)
_BITGET_PRACTICE = _door("api.bitget.com", header=("PAPTRADING", "1"))

TRADING: Mapping[str, TradingTraits] = {
    "bybit": TradingTraits(
        doors={
            Mode.LIVE: _door("api.bybit.com", streams="stream.bybit.com"),
            Mode.TESTNET: _door("api-testnet.bybit.com", streams="stream-testnet.bybit.com"),
            Mode.DEMO: _door("api-demo.bybit.com", streams="stream-demo.bybit.com"),
        },
        certain_refusals=_codes(
            "10001 10002 10003 10004 10005 10007 10010 10024 10027 10029"
            " 110003 110004 110006 110007 110012 110016 110017 110020 110023 110044 110045 110094"
            " 110118 110120 110121 110123 110124 110125 110132"
            " 170121 170124 170130 170131 170132 170133 170134 170135 170136 170137 170140 170151 170157 170193 170194"
        ),
        nothing_to_cancel=_codes("110001 110008 110010 170139 170142 170143 170190 170213"),
    ),
    "binance": TradingTraits(
        doors={
            Mode.LIVE: _BINANCE_LIVE,
            Mode.TESTNET: _door(
                "testnet.binance.vision", "testnet.binancefuture.com", streams="ws-api.testnet.binance.vision"
            ),
            Mode.DEMO: _BINANCE_DEMO,
        },
        closed={(Mode.TESTNET, MarketKind.SWAP): 'its futures testnet is closed; use mode = "demo"'},
        certain_refusals=_codes(
            "-1013 -1021 -1022 -1100 -1101 -1102 -1103 -1104 -1105 -1106 -1111 -1114 -1115 -1116 -1117 -1121"
            " -2014 -2015 -2018 -2019 -2022 -2027 -2028"
            " -4003 -4004 -4005 -4014 -4023 -4061 -4164"
        ),
        certain_messages=("Account has insufficient balance for requested action.",),
        nothing_to_cancel=_codes("-2011 -2013"),
    ),
    "okx": TradingTraits(
        doors={
            Mode.LIVE: _door("www.okx.com"),
            Mode.TESTNET: _door("www.okx.com", header=("x-simulated-trading", "1")),
        },
    ),
    "bitget": TradingTraits(
        doors={
            Mode.LIVE: _door("api.bitget.com"),
            Mode.TESTNET: _BITGET_PRACTICE,
            Mode.DEMO: _BITGET_PRACTICE,
        },
    ),
    "gate": TradingTraits(
        doors={Mode.LIVE: _door("api.gateio.ws"), Mode.TESTNET: _door("api-testnet.gateapi.io")},
    ),
    "hyperliquid": TradingTraits(
        doors={
            Mode.LIVE: _door("api.hyperliquid.xyz"),
            Mode.TESTNET: _door("api.hyperliquid-testnet.xyz"),
        },
    ),
    "krakenfutures": TradingTraits(
        doors={Mode.LIVE: _door("futures.kraken.com"), Mode.TESTNET: _door("demo-futures.kraken.com")},
    ),
}


def trading_traits(venue: VenueConfig) -> TradingTraits:
    """Return the row of a venue. Raises RefusedError where there is none."""
    traits = TRADING.get(venue.id)
    if traits is None:
        known = ", ".join(TRADING)
        raise RefusedError(f"venue.mode: no orders go to {venue.id}: its hosts are not known; use paper, or {known}")
    return traits


def door_of(venue: VenueConfig) -> Door:
    """Return where this venue's mode sends its requests. Raises RefusedError where there is no such door."""
    if venue.mode is Mode.PAPER:
        raise RefusedError("venue.mode: paper money needs no account at a venue")
    traits = trading_traits(venue)
    closed = traits.closed.get((venue.mode, venue.market))
    if closed:
        raise RefusedError(f"venue.mode: {venue.id} has no {venue.mode} for {venue.market}: {closed}")
    door = traits.doors.get(venue.mode)
    if door is None:
        offered = ", ".join(sorted(mode.value for mode in traits.doors))
        raise RefusedError(f"venue.mode: {venue.id} has no {venue.mode}; it has {offered}, and paper works everywhere")
    return door
