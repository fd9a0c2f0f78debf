"""What does a row of the log say, to the byte? The hash of a row, and the pseudonyms that stand in it for persons.

A row's bytes are the JSON array that `Record.said` makes: UTF-8, no spaces, keys in order. They follow from what is stored, so that
anyone who may read the rows can make them again.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from kairo.trust.disclosure.tree import leaf_hash
from kairo.trust.identity.principals import person_of

PSEUDONYM = 16  # bytes: an HMAC-SHA256, cut to the half that RFC 2104 (5) allows
VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Part = dict[str, list[str]]  # types, attributes, bases: each in order


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a person and what it makes of them. Without its row nobody can say whose pseudonym it was."""

    subject: str
    key: bytes
    pseudonym: bytes

    @staticmethod
    def new(subject: str) -> "Key":
        """A fresh key."""
        key = secrets.token_bytes(32)
        return Key(subject, key, hmac.digest(key, subject.encode(), "sha256")[:PSEUDONYM])


@dataclass(slots=True)
class Record:
    """One row. `principal`: as `hidden` made it; `persons`: those for whom the principal acted, itself included; `subjects`: whose data
    they were, each with the number of a part; in order."""

    tenant: str
    seq: int
    at: datetime
    kind: str
    principal: str
    persons: list[bytes]
    purpose: str
    parts: list[Part]
    entities: int
    what: str
    subjects: list[tuple[bytes, int]]

    def leaf(self) -> bytes:
        """The hash by which the row stands in the tree."""
        return leaf_hash(self.said())

    def said(self) -> bytes:
        """The row's bytes."""
        said: list[Any] = [
            *(VERSION, self.tenant, self.seq, (self.at - _EPOCH) // _MICROSECOND, self.kind, self.principal),
            *([one.hex() for one in self.persons], self.purpose, self.parts, self.entities, self.what),
            [f"{subject.hex()}.{part}" for subject, part in self.subjects],
        ]
        return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def hidden(principal: str, pseudonyms: dict[str, bytes]) -> str:
    """How a principal stands in the log: a resident by their pseudonym, everybody else as they are called."""
    person = person_of(principal)
    return principal if person is None else f"resident:{pseudonyms[person].hex()}"


def pseudonym_in(principal: str) -> bytes | None:
    """The pseudonym in a resident's principal as it stands in the log; None for others."""
    kind, _, name = principal.partition(":")
    return bytes.fromhex(name) if kind == "resident" else None
