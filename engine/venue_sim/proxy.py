"""Owns the CONNECT proxy: the door through which an unmodified client reaches the simulated venue.

It accepts CONNECT to the venue's hosts on their TLS ports and pipes the bytes to our own TLS server on loopback;
everything else is refused. It never opens a connection to any other address, so nothing can leak out of a simulation.
"""

import asyncio
import contextlib
import logging

LOOPBACK = "127.0.0.1"
VENUE_HOSTS = (
    "api.bybit.com",
    "api.bytick.com",
    "api-demo.bybit.com",
    "stream.bybit.com",
    "stream-demo.bybit.com",
    "api.binance.com",
    "fapi.binance.com",
    "demo-api.binance.com",
    "demo-fapi.binance.com",
    "stream.binance.com",
    "fstream.binance.com",
    "fstream.binancefuture.com",
    "ws-api.binance.com",
    "demo-ws-api.binance.com",
)

_OTHER_PORTS = {"stream.binance.com": "9443"}  # beside 443
_HEAD_LIMIT = 8_192
_HEAD_TIMEOUT_S = 10.0
_CHUNK = 65_536
_LOG = logging.getLogger(__name__)


class ConnectProxy:
    """A plain-HTTP CONNECT proxy in front of one TLS server at `tls_port`."""

    def __init__(self, *, tls_port: int) -> None:
        self._tls_port = tls_port
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Listen on an ephemeral loopback port and return it."""
        await self.open()
        return self._port

    async def open(self) -> None:
        """Listen, on the same port as before where there was one."""
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, LOOPBACK, self._port, limit=_HEAD_LIMIT)
            self._port = int(self._server.sockets[0].getsockname()[1])

    async def shut(self) -> None:
        """Stop listening, so that connections are refused, and drop what is open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop()

    def drop(self) -> None:
        """Drop every connection without goodbye."""
        for task in self._open:
            task.cancel()

    async def close(self) -> None:
        """Stop listening and drop what is open, for good."""
        await self.shut()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError) as error:
            _LOG.debug("a proxied connection ended: %s", error)
        except asyncio.CancelledError:
            _LOG.debug("a proxied connection was dropped at the end")
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_TIMEOUT_S)
        refusal = refuse(head.split(b"\r\n", 1)[0].decode("latin-1"))
        if refusal:
            _LOG.warning("the proxy refused a client: %s", refusal)
            body = f"{refusal}\n".encode()
            status = f"HTTP/1.1 403 Forbidden\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(status.encode() + body)
            await writer.drain()
            return
        inner_reader, inner_writer = await asyncio.open_connection(LOOPBACK, self._tls_port)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            async with asyncio.TaskGroup() as pipes:
                pipes.create_task(_pipe(reader, inner_writer))
                pipes.create_task(_pipe(inner_reader, writer))
        finally:
            inner_writer.close()


def refuse(request_line: str) -> str:
    """Return why the proxy does not serve `request_line`, or an empty text when it does."""
    method, _, rest = request_line.partition(" ")
    target = rest.split(" ", 1)[0]
    if method != "CONNECT":
        return "this proxy speaks CONNECT only"
    host, _, port = target.rpartition(":")
    if host.lower() not in VENUE_HOSTS or port not in ("443", _OTHER_PORTS.get(host.lower())):
        return f"the simulated exchange is not {target[:100]!r}: only {', '.join(VENUE_HOSTS)} on 443 are served"
    return ""


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the sender is done; a peer that went away ends it quietly."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()
