"""Is an answer the right one? As many entities as were asked for, and nothing in it that was not granted."""

from typing import Final

from bench import residents
from bench.entities import TYPE

_THING, _RESIDENT = f"urn:ngsi-ld:{TYPE}:".encode(), f"urn:ngsi-ld:{residents.RESIDENT_TYPE}:".encode()  # in nothing but ids
_HIDDEN = residents.WITHHELD.encode()
PAGE: Final = 20
_EXPECTED = {
    "retrieve": (_THING, 1),
    "retrieve_granted": (_RESIDENT, 1),
    "list_type_20": (_THING, PAGE),
    "list_open": (_THING, PAGE),
    "list_granted": (_RESIDENT, PAGE),
    "list_few": (_RESIDENT, residents.FEW),
}


def is_right(kind: str, body: bytes) -> bool:
    """Whether the answer to a request of this kind may be counted; of other kinds the status says it."""
    if kind not in _EXPECTED:
        return True
    id, number = _EXPECTED[kind]
    return body.count(id) == number and _HIDDEN not in body
