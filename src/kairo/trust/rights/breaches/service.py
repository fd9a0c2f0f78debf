"""How is a report of a leak prepared? What is stated of it is kept; whom it concerns is computed from the log of looks, anew each time."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kairo.context.gate import Look, Scope
from kairo.errors import ResourceNotFound
from kairo.platform.clock import Clock
from kairo.platform.db import Database
from kairo.platform.handling import Controller, DataCategory
from kairo.platform.manifests import EntityType
from kairo.trust.recording import record
from kairo.trust.rights.breaches import store
from kairo.trust.rights.breaches.rules import Breach, Deadlines, Ground, check, day_of, deadlines, grounds
from kairo.trust.rights.cases.rules import checked_text
from kairo.trust.rights.cases.service import Witness
from kairo.trust.rights.permissions import Powers, check_report

MOST_SHOWN: Final = 50
MOST_CONCERNED: Final = 50_000


@dataclass(frozen=True, slots=True)
class Report:
    """What the law asks of a report. `counts`: persons by category; `persons`: those to be told; `erased`: how many of whom nobody can
    say any more who they were; `unnamed`: looks that name nobody; `is_cut`: there are more than were counted."""

    breach: Breach
    counts: tuple[tuple[DataCategory, int], ...]
    items: tuple[tuple[str, tuple[str, ...]], ...]
    persons: tuple[str, ...]
    erased: int
    unnamed: int
    grounds: tuple[Ground, ...]
    deadlines: Deadlines
    controller: Controller
    is_cut: bool


class Breaches:
    """The use cases. One for a process."""

    def __init__(
        self, database: Database, types: Mapping[str, EntityType], powers: Powers, witness: Witness, clock: Clock
    ) -> None:
        self._database = database
        self._types = types
        self.powers = powers
        self._witness = witness
        self.clock = clock

    async def latest(self, scope: Scope) -> list[Breach]:
        """The latest ones."""
        check_report(await self.powers.standing(scope))
        async with self._database.reading(scope.tenant) as connection:
            return await store.latest(connection, scope.tenant, MOST_SHOWN)

    async def prepare(
        self,
        scope: Scope,
        *,
        noticed_at: datetime,
        since: datetime,
        until: datetime,
        principal: str,
        type: str,
        text: str,
        is_malicious: bool,
        is_property: bool,
        is_protected: bool,
    ) -> str:
        """Keeps what is stated of a leak: its id. Raises BadRequestData."""
        check_report(await self.powers.standing(scope))
        now, id = self.clock(), secrets.token_hex(8)
        one = Breach(
            id,
            noticed_at,
            checked_text(principal, required=False),
            type if type in self._types else "",
            since,
            until,
            checked_text(text),
            is_malicious,
            is_property,
            is_protected,
            scope.principal,
            now,
        )
        check(one, now)
        async with self._database.unit(scope.tenant) as unit:
            await store.insert(unit.connection, unit.tenant, one)
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did="breach-prepare", what=id)
        return id

    async def report(self, scope: Scope, id: str) -> Report:
        """The report as the log has it now. Reading it is a look at all whom it names."""
        check_report(await self.powers.standing(scope))
        async with self._database.reading(scope.tenant) as connection:
            one = await store.get(connection, scope.tenant, id)
            if one is None:
                raise ResourceNotFound("there is no such report", detail_ja="その報告はありません。")
            rows, unnamed = await store.concerned(connection, scope.tenant, one, MOST_CONCERNED + 1)
        by_category: dict[DataCategory, set[bytes]] = {}
        items: dict[str, set[str]] = {}
        controllers = set()
        for row in rows:
            for kind in row.types:
                items.setdefault(kind, set()).update(row.attributes)
                declared = self._types.get(kind)
                if declared is not None:
                    controllers.add(declared.controller)
                for name in row.attributes:
                    category = declared.category_of(name) if declared is not None else DataCategory.PERSONAL
                    if category is not DataCategory.OPEN:
                        by_category.setdefault(category, set()).add(row.pseudonym)
        everyone = {row.pseudonym for row in rows}
        persons = tuple(sorted({row.person for row in rows if row.person is not None}))
        if persons:
            looks = [Look(person, ("Resident",), ("breachReport",)) for person in persons]
            await self._witness.saw(scope, looks, basis="law:rights")
        stated = {"is_property": one.is_property, "is_malicious": one.is_malicious, "is_protected": one.is_protected}
        controller = Controller.PRIVATE if controllers == {Controller.PRIVATE} else Controller.MUNICIPAL
        return Report(
            one,
            tuple((category, len(found)) for category, found in sorted(by_category.items())),
            tuple((kind, tuple(sorted(names))) for kind, names in sorted(items.items())),
            persons,
            len(everyone) - len(persons),
            unnamed,
            grounds(set(by_category), len(everyone), controller=controller, **stated),
            deadlines(day_of(one.noticed_at), is_malicious=one.is_malicious),
            controller,
            len(rows) > MOST_CONCERNED,
        )
