"""Owns what the state machine of the order path may do: the book, the trader's commands, and every way to break things.

Data only: `order_machine` draws from it.
"""

from engine.domain.basket import Side
from engine.domain.commands import CloseBasket, CoreCommand, FlattenAccount, OpenBasket, RebalanceBasket
from engine.domain.config import Config, LimitsConfig, MarketSource, Mode, SimulationConfig, VenueConfig
from engine.domain.units import BasketName
from support.books import START, basket, long_basket

VENUES = ("bybit", "binance")
ASSETS = ("ETH", "AVAX", "NEAR", "BTC", "SOL")
RATE = 60.0  # market seconds a second: funding falls due every eight minutes
LONGS, HEDGED = BasketName("longs"), BasketName("hedged")

# What a request is aimed at: a part of its method and path, in the words of either dialect.
CREATE = {"bybit": "POST /v5/order/create", "binance": "POST /fapi/v1/order"}
AIMS = {
    "bybit": (CREATE["bybit"], "GET /v5/order", "GET /v5/execution", "GET /v5/position", "/order/cancel", "/v5/"),
    "binance": (
        CREATE["binance"],
        "GET /fapi/v1/order",
        "GET /fapi/v1/userTrades",
        "GET /fapi/v1/income",
        "GET /fapi/v2/positionRisk",
        "DELETE /fapi/v1/order",
        "/fapi/",
    ),
}
FAULTS: tuple[dict[str, object], ...] = (
    {"kind": "drop-before"},
    {"kind": "drop-after"},
    {"kind": "truncated-body"},
    {"kind": "html-page"},
    {"kind": "html-page", "executed": 1},
    {"kind": "server-error", "status": 502},
    {"kind": "server-error", "status": 504, "executed": 1},
    {"kind": "maintenance"},
    {"kind": "maintenance", "executed": 1},
    {"kind": "slow-answers", "delay_s": 12},  # longer than the client waits: executed when nobody listens any more
    {"kind": "slow-answers", "delay_s": 12, "executed": 1},
    {"kind": "slow-answers", "delay_s": 3},
    {"kind": "too-many-requests", "retry_after_s": 5},
    {"kind": "ban"},
)
CONDUCT: tuple[dict[str, object], ...] = (
    {"kind": "partial-fills", "share": 0.5},
    {"kind": "late-fills", "delay_s": 3},
    {"kind": "hidden-orders", "delay_s": 3},
    {"kind": "fill-after-cancel", "count": 1},
)
COMMANDS: tuple[CoreCommand, ...] = (
    OpenBasket(basket=LONGS),
    OpenBasket(basket=HEDGED),
    RebalanceBasket(basket=LONGS, note="the thesis changed"),
    RebalanceBasket(basket=HEDGED, note="the thesis changed"),
    CloseBasket(basket=LONGS, fraction=0.5),
    CloseBasket(basket=HEDGED, fraction=1.0),
    FlattenAccount(),
)


def machine_config(venue: str, style: str) -> Config:
    """Return two baskets that share ETH, on an account at the exchange."""
    hedged = basket("hedged", {"ETH": Side.LONG, "BTC": Side.SHORT, "SOL": Side.SHORT}, notional=9_000)
    return Config(
        venue=VenueConfig(id=venue, mode=Mode.DEMO, requests_per_second=40.0, stream=False),
        simulation=SimulationConfig(source=MarketSource.SIM, speed=RATE, identity="machine", start_ms=START),
        limits=LimitsConfig(max_slippage_bps=1_000.0, max_orders_per_hour=10_000, style=style),
        baskets=(long_basket("longs", "ETH", "AVAX", "NEAR"), hedged),
    )
