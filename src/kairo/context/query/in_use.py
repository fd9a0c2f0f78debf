"""Which types and attributes are in use, as far as the asker may read the entities that have them? (CIM 009 5.7.5 to 5.7.10)"""

from datetime import datetime
from typing import Any

from kairo.context.gate import Scope
from kairo.context.query.seeing import seeing_of
from kairo.context.query.statements import Reading, alive


async def types_in_use(database: Reading, scope: Scope, now: datetime) -> list[Any]:
    """The type keys of entities that the scope may read, with how many there are of each."""
    seeing = seeing_of(scope)
    statement = (
        f"{seeing.hint}SELECT e.type_key, count(*) AS number FROM {seeing.source()} WHERE e.tenant = $1 AND $2::text[] IS NULL"
        f" AND {seeing.seen()} AND $6::{seeing.last_type} IS NOT NULL AND {alive()} GROUP BY e.type_key"
    )
    return await database.fetch(scope.tenant, statement, scope.tenant, None, *seeing.arguments(scope), now)


async def attributes_in_use(database: Reading, scope: Scope, now: datetime) -> list[Any]:
    """Rows of (type_key, attribute, kinds, number) over the entities that the scope may read."""
    seeing = seeing_of(scope)
    statement = f"""{seeing.hint}
        SELECT d.type_key, a.key AS attribute, count(*) AS number,
               array_agg(DISTINCT coalesce(a.value ->> 'type', a.value -> 0 ->> 'type')) AS kinds
        FROM (SELECT e.type_key, {seeing.doc()} AS doc FROM {seeing.source()}
              WHERE e.tenant = $1 AND $2::text[] IS NULL AND {seeing.seen()} AND {alive()}) AS d,
             jsonb_each(d.doc) AS a
        WHERE a.key NOT IN ('id', 'type', 'scope', 'expiresAt')
        GROUP BY d.type_key, a.key
    """
    return await database.fetch(scope.tenant, statement, scope.tenant, None, *seeing.arguments(scope), now)
