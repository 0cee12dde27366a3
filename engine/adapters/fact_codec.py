"""Owns a fact as text: JSON that people can read and that gives back the very same fact.

Decimals are text; floats are the shortest digits that read back exactly; a float that is undefined or infinite, which
JSON cannot say, is the text "nan", "inf" or "-inf". The journal keeps these texts; the wire has a codec of its own.
"""

import math

import msgspec

from engine.domain.errors import StoreError
from engine.domain.journal import KINDS, Journaled

_decoder: msgspec.json.Decoder[Journaled] = msgspec.json.Decoder(Journaled, strict=False)  # reads "nan" as a float


def encode_fact(fact: Journaled) -> str:
    """Return `fact` as JSON. Raises StoreError for what is no fact of the journal."""
    if type(fact) not in KINDS.values():
        raise StoreError(f"{type(fact).__name__} is not a fact that the journal keeps; nothing was written")
    return msgspec.json.encode(_sayable(msgspec.to_builtins(fact))).decode()


def decode_fact(text: str, *, where: str) -> Journaled:
    """Return the fact in `text`; `where` names the entry. Raises StoreError."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(
            f"{where} cannot be read ({error}): it was damaged, or written by a newer driftdeck; update driftdeck, or "
            "restore the journal from a backup"
        ) from None


def _sayable(value: object) -> object:
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {key: _sayable(each) for key, each in value.items()}
        case list() | tuple():
            return [_sayable(each) for each in value]
        case _:
            return value
