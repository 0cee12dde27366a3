"""Owns a request as aiohttp's server has it, without a socket under it: what the exchange's doors look at."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.http import HttpVersion11, RawRequestMessage
from aiohttp.streams import EMPTY_PAYLOAD
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL


class Wire:
    """A connection, as far as the exchange's doors look at one: transport, protocol and writer in one."""

    peername = sockname = ssl_context = None
    length = 0

    def __init__(self) -> None:
        self.aborted, self.began = False, False
        self.transport = self

    def abort(self) -> None:
        """Cut it."""
        self.aborted = True

    def get_extra_info(self, _name: str) -> None:
        """Say nothing of it."""

    async def write_headers(self, _line: str, _headers: object) -> None:
        """Begin an answer."""
        self.began = True

    async def write(self, _part: bytes) -> None:
        """Take a part of an answer."""

    def enable_compression(self, *_: object) -> None:
        """Do not."""

    enable_chunking = enable_compression


def served(method: str, url: URL, headers: Mapping[str, str], body: bytes, wire: Any) -> web.Request:
    """Return a request as aiohttp's server makes one, whose body has been read."""
    told = CIMultiDictProxy(CIMultiDict({**headers, "Host": url.host or ""}))
    raw = tuple((name.encode(), value.encode()) for name, value in told.items())
    target = url.raw_path_qs
    message = RawRequestMessage(method, target, HttpVersion11, told, raw, False, None, False, False, URL(target))
    loop = asyncio.get_running_loop()
    made = web.Request(message, EMPTY_PAYLOAD, wire, wire, asyncio.current_task(), loop)  # type: ignore[arg-type]
    made._read_bytes = body
    return made
