"""What stands in the log, read back plainly: rows with the persons whose pseudonyms they hold."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from kairo.platform.db import Database
from tests.context.granting.world import city, graph_of


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `seen`: (person, type, attributes, bases), None for who was erased."""

    seq: int
    at: datetime
    kind: str
    principal: str
    persons: list[str | None]
    purpose: str
    parts: list[dict[str, list[str]]]
    entities: int
    what: str
    seen: set[tuple[str | None, str, tuple[str, ...], tuple[str, ...]]]


async def tenant_with(database: Database, tenant: str, *entities: dict[str, Any]) -> None:
    graph = graph_of(database)
    await graph.create_tenant(tenant, "administrator:local")
    written = await graph.upsert(city(tenant), entities)
    assert [one.outcome for one in written] == ["created"] * len(entities)
    await graph.close()


async def rows_of(database: Database, tenant: str) -> list[Row]:
    async with database.reading(tenant) as connection:
        known = {
            row["pseudonym"]: row["subject"]
            for row in await connection.fetch("SELECT * FROM disclosure_key WHERE tenant = $1", tenant)
        }
        looks = await connection.fetch("SELECT * FROM disclosure_look WHERE tenant = $1 ORDER BY seq", tenant)
        subjects = await connection.fetch("SELECT * FROM disclosure_subject WHERE tenant = $1", tenant)
    found = []
    for look in looks:
        parts = orjson.loads(look["parts"])
        seen = set()
        for one in subjects:
            if one["seq"] == look["seq"]:
                part = parts[one["part"]]
                types = " ".join(part["types"])
                seen.add((known.get(one["subject"]), types, tuple(part["attributes"]), tuple(part["bases"])))
        kept = look["persons"]
        persons = [known.get(kept[at : at + 16]) for at in range(0, len(kept), 16)]
        principal = look["principal"]
        if principal.startswith("resident:"):
            person = known.get(bytes.fromhex(principal.partition(":")[2]))
            principal = f"resident:{person.rpartition(':')[2]}" if person else principal
        found.append(
            Row(
                *(look["seq"], look["at"], look["kind"], principal, persons, look["purpose"], parts, look["entities"]),
                look["what"],
                seen,
            )
        )
    return found
