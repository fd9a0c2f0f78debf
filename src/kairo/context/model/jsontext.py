"""Is this body JSON that we may keep? Strict reading and plain writing of JSON, in about four microseconds an entity.

The good path decodes, encodes again and counts: a duplicate key is dropped by the decoder, and with it at least one colon,
so fewer colons in the re-encoded text than in the body betray it. Colons inside strings are the same on both sides, except
where the body escapes one (`\\u003a`); such a body is looked at token by token. What is wrong and where is found out by
`jsonfault`, on the bad path only.
"""

from typing import Any

import msgspec
import orjson

from kairo.context.model.jsonfault import MAX_DEPTH, explain, find_fault
from kairo.errors import InvalidRequest

_decode = msgspec.json.Decoder().decode  # unlike orjson it keeps integers beyond 64 bits, so that they can be refused
_encode = orjson.dumps  # refuses integers beyond 64 bits and unpaired surrogates


def loads(body: bytes) -> Any:
    """Reads a request body. Raises InvalidRequest that says what is wrong and where.

    Refused: duplicate keys, NaN and Infinity, unpaired surrogates, U+0000 (PostgreSQL cannot hold it), integers beyond
    64 bits, floats beyond double precision, more than 64 levels, a byte order mark, invalid UTF-8, an empty body.
    """
    try:
        value = _decode(body)
        again = _encode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError, RecursionError) as error:
        raise explain(body, error) from None
    if body.count(b":") != again.count(b":") or (b"\\" in body and _is_suspicious(body)):
        _look_closely(body)
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_deep(value):
        raise explain(body, None)
    return value


def as_body(value: Any) -> Any:
    """A value made by a program as it would come in a request body. Raises InvalidRequest where it could not: see `loads`."""
    try:
        body = _encode(value)
    except (TypeError, RecursionError) as error:
        raise InvalidRequest(
            f"this cannot be written as JSON: {error}", detail_ja="JSONとして書けない値が含まれています。"
        ) from None
    return loads(body)


def loads_stored(text: bytes | str) -> Any:
    """Reads what PostgreSQL holds. Numbers like 1e22 come back from jsonb as long integers: they become floats again."""
    return orjson.loads(text)


def dumps(value: Any) -> bytes:
    """Writes JSON as UTF-8, compact."""
    return orjson.dumps(value)


def canonical(value: Any) -> bytes:
    """Writes JSON with sorted keys: two values are the same JSON if and only if their canonical bytes are (1 is not true)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _is_suspicious(body: bytes) -> bool:
    """Whether the body may hold an escaped NUL or an escaped colon, which the counts do not see."""
    return b"\\u0000" in body or b"\\u003a" in body or b"\\u003A" in body


def _look_closely(body: bytes) -> None:
    """Raises for a duplicate key or U+0000; the counts may also differ for harmless reasons."""
    fault: InvalidRequest | None = find_fault(body.decode())
    if fault is not None:
        raise fault


def _is_deep(value: Any) -> bool:
    """Whether there are more than MAX_DEPTH levels, walking the containers level by level."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for node in level
            for item in (node.values() if type(node) is dict else node)
            if type(item) is dict or type(item) is list
        ]
        if not level:
            return False
    return True
