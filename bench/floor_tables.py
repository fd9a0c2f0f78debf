"""What does the floor store? The same entities in plain tables, copied from Kairo's; of residents only what was granted."""

from typing import TYPE_CHECKING, Any

from bench import entities, residents
from bench.database import connected
from bench.entities import TENANT

if TYPE_CHECKING:
    from bench.sides import Sides

_TABLES = """
CREATE TABLE plain_document (id text PRIMARY KEY, doc bytea NOT NULL);
CREATE TABLE plain_few (id text PRIMARY KEY);
CREATE TABLE plain_row (LIKE entity INCLUDING ALL) WITH (fillfactor = 80);
CREATE TABLE plain_history (
    entity text, attribute text, at timestamptz, instance jsonb NOT NULL, PRIMARY KEY (entity, attribute, at)
);
"""
_GRANTED = """
SELECT r.* FROM entity e CROSS JOIN LATERAL jsonb_populate_record(e, jsonb_build_object('doc', e.doc - $3)) AS r
WHERE e.tenant = $1 AND e.type_key = $2
"""
_FEW = """
SELECT g.subject FROM access_grant g WHERE g.tenant = $1 AND g.principal = $2
"""
_DOCUMENTS = """
INSERT INTO plain_document SELECT id, convert_to(doc::text, 'UTF8') FROM entity WHERE id >= $1 OR type_key = $2
"""
_PAST = """
SELECT entity, attribute, observed_at, instance FROM history
WHERE tenant = $1 AND entity = ANY($2::text[]) AND attribute = 'temperature' AND at < $3 ORDER BY 1, 2, 3
"""


async def make(url: str) -> None:
    """The plain tables, beside a copy of `entity` and `entity_geo` that the migrations made."""
    async with connected(url) as connection:
        await connection.execute(_TABLES)


async def copy(sides: "Sides", things: int, *, is_first: bool) -> None:
    """What Kairo has and the floor does not: things, and with the first of them residents and the values of those sensors that are
    asked for."""
    sides.say("copying them to the floor")
    path = sides.folder / "rows"
    begin = entities.id_of(sides.stored)
    async with connected(sides.kairo.postgres.url) as ours, connected(sides.floor.postgres.url) as theirs:

        async def move(statement: str, *given: Any, table: str) -> None:
            await ours.copy_from_query(statement, *given, output=path, format="binary")
            await theirs.copy_to_table(table, source=path, format="binary")
            path.unlink()

        for table, key in (("entity", "id"), ("entity_geo", "entity")):
            bounds = (TENANT, begin, entities.id_of(things))
            await move(f"SELECT * FROM {table} WHERE tenant = $1 AND {key} >= $2 AND {key} < $3", *bounds, table=table)
        if is_first:
            await move(_GRANTED, TENANT, residents.RESIDENT_TYPE, residents.WITHHELD, table="entity")
            await move(_FEW, TENANT, residents.TO_FEW, table="plain_few")
        await theirs.execute(_DOCUMENTS, begin, residents.RESIDENT_TYPE if is_first else "")
        if is_first:
            asked = [
                entities.sensor_id(minutes, number)
                for minutes in entities.MINUTES
                for number in range(min(entities.SENSORS_ASKED, entities.sensors_for(sides.sizes.instances, minutes)))
            ]
            await move(_PAST, TENANT, asked, sides.until, table="plain_history")
