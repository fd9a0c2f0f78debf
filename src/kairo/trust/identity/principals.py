"""What kinds of asker are there? Each has a name that the audit record can keep."""

from dataclasses import dataclass
from enum import StrEnum


class PrincipalKind(StrEnum):
    """Kinds of principal that this installation knows."""

    ANONYMOUS = "anonymous"
    ADMINISTRATOR = "administrator"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone or something that asks. `id` is `<kind>:<name>` and stands in audit records and in `entity.writer`."""

    id: str
    kind: PrincipalKind

    @staticmethod
    def named(identifier: str) -> "Principal":
        """The principal with this id. Raises ValueError for a kind that is not known."""
        return Principal(identifier, PrincipalKind(identifier.partition(":")[0]))


ANONYMOUS = Principal("anonymous:", PrincipalKind.ANONYMOUS)
LOCAL_ADMINISTRATOR = Principal("administrator:local", PrincipalKind.ADMINISTRATOR)
SYNTHETIC_WORLD = Principal("application:synthetic-world", PrincipalKind.APPLICATION)
