"""Owns bytes on the socket: a 4-byte big-endian length, then MessagePack. One codec for both directions.

Never interprets a message. A frame that is too long or does not decode is a ProtocolError: the connection ends.
"""

import asyncio

import msgspec

from engine.domain.errors import DriftdeckError
from engine.domain.sections import VIEW_TYPES, View
from engine.domain.views import Section
from engine.wire.messages import ClientMessage, ServerMessage

MAX_FRAME = 16 * 1024 * 1024
_LENGTH = 4

_encoder = msgspec.msgpack.Encoder()
_client_messages = msgspec.msgpack.Decoder(ClientMessage)
_server_messages = msgspec.msgpack.Decoder(ServerMessage)
_views = {section: msgspec.msgpack.Decoder(kind) for section, kind in VIEW_TYPES.items()}


class ProtocolError(DriftdeckError):
    """The other side does not speak this protocol."""


def encode_frame(message: ClientMessage | ServerMessage) -> bytes:
    """Return `message` as one frame."""
    body = _encoder.encode(message)
    return len(body).to_bytes(_LENGTH, "big") + body


def encode_view(view: View) -> bytes:
    """Return a view's own bytes, as they travel inside a Snapshot."""
    return _encoder.encode(view)


def decode_view(section: Section, data: bytes) -> View:
    """Return the view of `section` that `data` holds. Raises ProtocolError."""
    try:
        return _views[section].decode(data)
    except msgspec.DecodeError as error:
        raise ProtocolError(f"the engine sent a {section} section this version cannot read: {error}") from error


async def _read_frame(reader: asyncio.StreamReader) -> bytes:
    length = int.from_bytes(await reader.readexactly(_LENGTH), "big")
    if length > MAX_FRAME:
        raise ProtocolError(f"a frame of {length} bytes is over the limit of {MAX_FRAME}")
    return await reader.readexactly(length)


async def read_client_message(reader: asyncio.StreamReader) -> ClientMessage:
    """Return the next message of a client. Raises ProtocolError, asyncio.IncompleteReadError at the end."""
    body = await _read_frame(reader)
    try:
        message: ClientMessage = _client_messages.decode(body)
        return message
    except msgspec.DecodeError as error:
        raise ProtocolError(f"not a message of this protocol: {error}") from error


async def read_server_message(reader: asyncio.StreamReader) -> ServerMessage:
    """Return the next message of a server. Raises ProtocolError, asyncio.IncompleteReadError at the end."""
    body = await _read_frame(reader)
    try:
        message: ServerMessage = _server_messages.decode(body)
        return message
    except msgspec.DecodeError as error:
        raise ProtocolError(f"not a message of this protocol: {error}") from error
