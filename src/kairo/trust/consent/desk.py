"""What do the pages of consent work with? One object, put together in the composition root."""

from dataclasses import dataclass
from typing import Self

from kairo.context.gate import Witness
from kairo.platform.clock import Clock
from kairo.trust.consent.codes import Codes
from kairo.trust.consent.people import Members, People
from kairo.trust.consent.purposes import Purposes
from kairo.trust.consent.reading import ConsentReader
from kairo.trust.consent.service import ConsentService, Database


@dataclass(frozen=True, slots=True)
class ConsentDesk:
    """Consents of an installation: to change, to read, their codes, and who people are. `synthetic`: pages say that nobody is real."""

    service: ConsentService
    reader: ConsentReader
    codes: Codes
    people: People
    purposes: Purposes
    clock: Clock
    synthetic: bool = False

    @classmethod
    def of(
        cls,
        database: Database,
        clock: Clock,
        purposes: Purposes,
        people: People,
        *,
        members: Members | None = None,
        witness: Witness | None = None,
        synthetic: bool = False,
    ) -> Self:
        """All parts over one database. `members` says who works in a department, `witness` is told of clerks' looks."""
        service = ConsentService(database, clock, purposes, people, members)
        reader = ConsentReader(database, clock, purposes, people, witness)
        return cls(service, reader, Codes(database, clock), people, purposes, clock, synthetic)
