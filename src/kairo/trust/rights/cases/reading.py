"""What else is handed to a person beside the graph: their consents, and who looked? Read from the parts that keep it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from kairo.platform.clock import iso
from kairo.platform.db import Connection
from kairo.trust.consent import store as consents
from kairo.trust.consent.rules import Consent, State
from kairo.trust.disclosure.viewing import store as viewing
from kairo.trust.disclosure.viewing.store import Seen, Wanted
from kairo.trust.identity.principals import person_of

MOST: Final = 5000
_EVER: Final = Wanted(datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


async def consents_of(connection: Connection, tenant: str, person: str) -> list[Consent]:
    """A person's consents, the last change first."""
    return await consents.of_subject(connection, tenant, person, MOST)


async def consents_given(connection: Connection, tenant: str, person: str) -> list[Consent]:
    """Those that are in force."""
    return [one for one in await consents_of(connection, tenant, person) if one.state is State.GIVEN]


async def looks_at(connection: Connection, tenant: str, person: str) -> list[Mapping[str, Any]]:
    """Who looked at a person, the newest first. Residents stand in it as they stand in the log: who another resident is, is for the page
    of looks to say."""
    pseudonym = await viewing.pseudonym_of(connection, tenant, person)
    if pseudonym is None:
        return []
    own = f"resident:{pseudonym.hex()}"
    found: list[Seen] = []
    for are_own in (False, True):
        found += await viewing.at_person(connection, tenant, pseudonym, _EVER, own, MOST, are_own=are_own)
    return [_look(one, own, person) for one in sorted(found, key=lambda one: -one.seq)]


def _look(one: Seen, own: str, person: str) -> Mapping[str, Any]:
    who = person if one.principal == own else one.principal if person_of(one.principal) is None else "resident"
    return {"number": one.seq, "at": iso(one.at), "who": who, "purpose": one.purpose, "parts": _parts(one.parts)}


def _parts(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(part) for part in parts]
