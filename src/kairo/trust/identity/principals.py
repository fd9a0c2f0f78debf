"""What kinds of asker are there? Each has a name that the audit record can keep."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PERSON: Final = "urn:ngsi-ld:Resident:"  # the beginning of a person's URI; behind it stands the key of the account


class PrincipalKind(StrEnum):
    """Kinds of principal that this installation knows."""

    ANONYMOUS = "anonymous"
    ADMINISTRATOR = "administrator"
    APPLICATION = "application"
    RESIDENT = "resident"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone or something that asks. `id` is `<kind>:<name>` and stands in audit records and in `entity.writer`."""

    id: str
    kind: PrincipalKind

    @staticmethod
    def named(identifier: str) -> "Principal":
        """The principal with this id. Raises ValueError for a kind that is not known."""
        return Principal(identifier, PrincipalKind(identifier.partition(":")[0]))


def person_of(principal: str) -> str | None:
    """The person (a URI, the id of an entity of type Resident) that a principal is; None for who is no resident."""
    kind, _, key = principal.partition(":")
    return f"{PERSON}{key}" if kind == PrincipalKind.RESIDENT and key else None


ANONYMOUS = Principal("anonymous:", PrincipalKind.ANONYMOUS)
LOCAL_ADMINISTRATOR = Principal("administrator:local", PrincipalKind.ADMINISTRATOR)
SYNTHETIC_WORLD = Principal("application:synthetic-world", PrincipalKind.APPLICATION)
