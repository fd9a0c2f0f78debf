"""What are people called, and who works in a department? Handed in by the composition root; consent keeps no names itself."""

from typing import Protocol

from kairo.platform.db import Connection
from kairo.trust.identity.principals import PERSON, PrincipalKind


class People(Protocol):
    """Knows residents, staff and applications by name."""

    async def display_name(self, tenant: str, who: str, *, by: str = "") -> str:
        """What a principal or a person (URI) is called; empty where nobody is known by it, or nobody may know. `by`: who asks."""
        ...


class Members(Protocol):
    """Knows who works where."""

    async def staff_of(self, connection: Connection, tenant: str, department: str) -> list[str]:
        """The principals of the staff who work in a department (`department:<name>`) now."""
        ...


def principal_of(person: str) -> str:
    """The resident that a person is."""
    return f"{PrincipalKind.RESIDENT}:{person.removeprefix(PERSON)}"


def person_with(key: str) -> str:
    """The person with a key."""
    return f"{PERSON}{key}"
