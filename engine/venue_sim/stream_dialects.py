"""Owns which stream stands where: hosts and paths of both venues, and the dialect that each market speaks.

A table and a look-up; the sockets are `stream`'s.
"""

from collections.abc import Mapping

from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.binance_conversation import BinanceConversation, opened_at
from engine.venue_sim.binance_private_stream import SPOT_HOSTS
from engine.venue_sim.binance_stream import BinanceStream, category_of
from engine.venue_sim.bybit_conversation import BybitConversation
from engine.venue_sim.bybit_stream import CATEGORIES, BybitStream
from engine.venue_sim.stream_topics import Conversation, Dialect

DIALECTS: Mapping[str, Dialect] = {
    **{category: BybitStream(category) for category in CATEGORIES},
    **{category_of(segment): BinanceStream(segment) for segment in Segment},
}
BYBIT_STREAM_HOSTS = ("stream.bybit.com", "stream-demo.bybit.com")  # the second has private streams only
_BYBIT_PREFIX = "/v5/public/"
_BINANCE_HOSTS = {
    "stream.binance.com": Segment.SPOT,
    "fstream.binance.com": Segment.FUTURES,
    "fstream.binancefuture.com": Segment.FUTURES,  # of its practice accounts
}
STREAM_HOSTS = (*BYBIT_STREAM_HOSTS, *_BINANCE_HOSTS, *SPOT_HOSTS)


def conversation_at(host: str, path: str, query: Mapping[str, str], connection: str) -> Conversation | None:
    """Return the conversation that a socket at `host` and `path` begins, None where there is no stream."""
    name = host.partition(":")[0].lower()
    if name in BYBIT_STREAM_HOSTS:
        category = path.removeprefix(_BYBIT_PREFIX)
        return BybitConversation(category=category, connection=connection) if category in CATEGORIES else None
    if name not in _BINANCE_HOSTS:
        return None
    door = opened_at(_BINANCE_HOSTS[name], path, query)
    return None if door is None else BinanceConversation(door)
