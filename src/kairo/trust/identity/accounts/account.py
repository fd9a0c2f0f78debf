"""What is known of an account, and what of it stands in the graph?"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from kairo.trust.identity.accounts.rules import Status, is_shown_in_graph
from kairo.trust.identity.principals import PERSON

DISTRICTS = "/districts"  # the scope above those of the districts: an area that grants may name


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `district`: a slug (21 districts); `department`: of staff, at the moment of the look; `login`: of staff."""

    key: str
    kind: str
    name: str
    kana: str = ""
    born_on: date | None = None
    district: str | None = None
    household: str | None = None
    department: str | None = None
    controller: str | None = None
    login: str | None = None
    status: Status = Status.ACTIVE
    has_guardian: bool = False
    is_protected: bool = False
    is_synthetic: bool = False
    ial: int = 1

    @property
    def principal(self) -> str:
        """`resident:<key>` and so on."""
        return f"{self.kind}:{self.key}"

    @property
    def person(self) -> str:
        """The URI of a resident, the id of their entity."""
        return f"{PERSON}{self.key}"

    @property
    def is_shown(self) -> bool:
        """Whether there is an entity of it in the graph."""
        return is_shown_in_graph(self.kind, self.status, is_protected=self.is_protected)


def as_entity(account: Account, tenant: str) -> dict[str, Any]:
    """The entity of a resident. Who has moved out belongs to no district any more, and so to no area of a grant."""
    doc: dict[str, Any] = {"id": account.person, "type": "Resident", "name": {"type": "Property", "value": account.name}}
    if account.kana:
        doc["nameKana"] = {"type": "Property", "value": account.kana}
    if account.born_on:
        doc["birthDate"] = {"type": "Property", "value": account.born_on.isoformat()}
    if account.district and account.status is Status.ACTIVE:
        district = f"urn:ngsi-ld:District:{tenant}:{account.district}"
        doc["district"] = {"type": "Relationship", "object": district}
        doc["scope"] = f"{DISTRICTS}/{account.district}"
    if account.is_synthetic:
        doc["synthetic"] = {"type": "Property", "value": True}
    return doc
