"""When is an entity over, and who removes it then? The system itself, in the first commit that meets it (CIM 009 4.22).

From `expiresAt` on nobody sees the entity. It is removed by whoever comes first: the remover, or a request that writes to its id
and has to find nothing there. Either way it is a deletion of its own, with its history, its audit record and its event, in the
commit that takes it away; so it happens once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from kairo.context.gate import DataClass, Scope
from kairo.context.model.draft import Outcome, State


@dataclass(frozen=True, slots=True)
class Expire:
    """Asks for nothing: meeting an entity that is over removes it, and one that is not over stays as it is."""

    name: ClassVar[str] = "expire"

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """The entity as it is."""
        del now
        return Outcome(state, is_nothing=True)


def is_over(doc: Mapping[str, Any], now: datetime) -> bool:
    """Whether the time of an entity in stored form is over."""
    return "expiresAt" in doc and datetime.fromisoformat(doc["expiresAt"]) <= now


def expiry_scope(tenant: str) -> Scope:
    """Removes everything whose time is over, whoever may see it; it shows nothing to anyone."""
    every = frozenset(DataClass)
    return Scope(tenant, "system:expiry", "expiry", every, every)
