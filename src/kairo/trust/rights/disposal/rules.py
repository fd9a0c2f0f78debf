"""How does a list of what is to be disposed of stand, and what does its certificate say? Pure; time is passed in."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kairo.trust.roles.four_eyes import Proposed

CONFIRMED_WITHIN: Final = timedelta(days=7)
MOST_IN_LIST: Final = 500
_DIGEST: Final = 32


class State(StrEnum):
    """How a list stands."""

    PROPOSED = "proposed"
    DONE = "done"
    ENDED = "ended"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class List:
    """What was proposed. `entities` is empty once they are gone; `persons`: those of them who are erased as a whole."""

    id: str
    type: str
    kept_days: int
    entities: tuple[str, ...]
    proposed_by: str
    proposed_at: datetime
    confirm_by: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    persons: tuple[str, ...] = ()

    @property
    def proposed(self) -> Proposed:
        """What the second person is asked."""
        return Proposed(
            self.proposed_by, frozenset(), self.confirm_by, self.confirmed_by is not None, self.ended_by is not None
        )


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was disposed of, when and by whom. `digests`: one of each entity; `rows_gone`: how many rows of which table."""

    list_id: str
    at: datetime
    type: str
    proposed_by: str
    confirmed_by: str
    salt: bytes
    digests: tuple[bytes, ...]
    rows_gone: dict[str, int]

    def proves(self, entity: str) -> bool:
        """Whether the entity of this id is among those that are gone."""
        return digest(self.salt, entity) in self.digests


def digest(salt: bytes, entity: str) -> bytes:
    """By which an entity stands in a certificate: SHA-256 over the salt and its id."""
    return hashlib.sha256(salt + entity.encode()).digest()


def joined(salt: bytes, entities: tuple[str, ...]) -> bytes:
    """The digests of all, in order of their bytes: the order of ids says nothing."""
    return b"".join(sorted(digest(salt, one) for one in entities))


def parted(digests: bytes) -> tuple[bytes, ...]:
    """The digests one by one."""
    return tuple(digests[at : at + _DIGEST] for at in range(0, len(digests), _DIGEST))


def state_of(one: List, now: datetime) -> State:
    """How it stands at `now`."""
    if one.confirmed_at is not None:
        return State.DONE
    if one.ended_at is not None:
        return State.ENDED
    return State.LAPSED if now >= one.confirm_by else State.PROPOSED
