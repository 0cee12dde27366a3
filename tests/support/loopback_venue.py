"""A scripted venue on loopback: a CONNECT proxy that ends TLS itself with a CA made for the test.

For answers that the simulated exchange never gives (pages, cut-off bodies, bans, wrong shapes). It speaks just enough
HTTP/1.1 for one client; what it answers is a function that the test sets. `requests` and `tunnels` log what was asked.
"""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from engine.venue_sim.certificates import make_tls

HOSTS = (
    "api-demo.bybit.com",
    "demo-fapi.binance.com",
    "api.bybit.com",
    "api.binance.com",
    "fapi.binance.com",
    "api.coingecko.com",
    "www.okx.com",
    "api.kraken.com",
    "api.gateio.ws",
    "api.bitget.com",
    "api.kucoin.com",
    "api-futures.kucoin.com",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asked; `query` holds the first value of each key."""

    host: str
    path: str
    query: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer. `cut` sends only half of the body and hangs up; `hang` never answers."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: bool = False


def json_reply(value: Any, **changes: Any) -> Reply:
    """Return `value` as a JSON answer."""
    headers = {"Content-Type": "application/json"} | dict(changes.pop("headers", {}))
    return Reply(body=json.dumps(value), headers=headers, **changes)


class LoopbackVenue:
    """Use as an async context manager, with `proxy` and `ca_file` in the venue's config."""

    def __init__(self, directory: Path, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.tunnels: list[str] = []
        ca_file, self._trust = make_tls(directory, HOSTS)
        self.ca_file = str(ca_file)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._closing = asyncio.Event()

    @property
    def proxy(self) -> str:
        """Return the URL of the proxy."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self._closing.set()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._tunnel(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client hung up
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, _ = await _head(reader)
        target = first.split()[1]
        self.tunnels.append(target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(self._trust)
        while True:
            first, _ = await _head(reader)
            parts = urlsplit(first.split()[1])
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            request = Request(host=target.partition(":")[0], path=parts.path, query=query)
            self.requests.append(request)
            reply = self.answer(request)
            if reply.hang:
                await self._closing.wait()
            body = reply.body.encode()
            headers = {"Content-Type": "text/html"} | dict(reply.headers) | {"Content-Length": str(len(body))}
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            writer.write(f"HTTP/1.1 {reply.status} Scripted\r\n{head}\r\n".encode())
            writer.write(body[: len(body) // 2] if reply.cut else body)
            await writer.drain()
            if reply.cut:
                return


async def _head(reader: asyncio.StreamReader) -> tuple[str, list[str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    return lines[0], lines[1:]
