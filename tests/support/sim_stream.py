"""A bare socket on a simulated exchange's stream, for what ccxt.pro would hide: raw messages in their order."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from support.sim_process import SimProcess

WITHIN_S = 10.0


@asynccontextmanager
async def raw_stream(sim: SimProcess, category: str = "linear") -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Give a bare socket to a stream of the venue."""
    url = f"wss://stream.bybit.com/v5/public/{category}"
    trust = ssl.create_default_context(cafile=sim.ready.ca_file)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, proxy=sim.ready.proxy, ssl=trust) as socket,
    ):
        yield socket
    await asyncio.sleep(0.1)  # TLS through a proxy closes a moment after aiohttp says it is closed


async def say(socket: aiohttp.ClientWebSocketResponse, **request: Any) -> dict[str, Any]:
    """Send a request and return its answer, passing over data."""
    await socket.send_json(request)
    while True:
        answer: dict[str, Any] = json.loads(await socket.receive_str(timeout=WITHIN_S))
        if "op" in answer:
            return answer
