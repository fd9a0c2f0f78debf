"""How is access granted, and taken back? The rows of `access_grant`; each change leaves its audit record in the same unit.

Trust decides who may grant what on which basis; here is only what the broker joins. A grant is never changed: it is withdrawn,
and another one is given. What a reader holds by then is none of the broker's; what it asks for next it does not get.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from kairo.context.entities.store import lock_tenant
from kairo.context.gate import Scope
from kairo.context.granting.grants import Grant
from kairo.context.query.statements import Reading
from kairo.context.temporal.writing.store import audit
from kairo.errors import BadRequestData, NonexistentTenant, ResourceNotFound
from kairo.platform.db import PLANNED_ONCE, Unit

_GIVE = """
INSERT INTO access_grant (tenant, id, principal, purpose, subject, area, relation, types, attributes, basis, since, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (tenant, id) DO NOTHING
"""
_GIVEN_TO = """
SELECT g.id, g.principal, g.purpose, g.subject, g.area, g.relation, g.types, g.attributes, g.basis, g.since, g.until
FROM access_grant g WHERE g.tenant = $1 AND g.principal = $2 AND g.id > $3 ORDER BY g.id LIMIT $4
"""
_HELD = """
SELECT g.id, g.principal, g.purpose, g.subject, g.area, g.relation, g.types, g.attributes, g.basis, g.since, g.until
FROM access_grant g
WHERE g.tenant = $1 AND g.principal = $2 AND g.purpose = $3 AND g.since <= $4 AND g.until > $4
  AND (g.subject IS NULL OR g.subject = ANY($5::text[]))
"""
_SHIELD = "INSERT INTO shielded_person (tenant, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_UNSHIELD = "DELETE FROM shielded_person x WHERE x.tenant = $1 AND x.subject = $2"
_SHIELDED = "SELECT x.subject FROM shielded_person x WHERE x.tenant = $1 AND x.subject = ANY($2::text[])"
_WITHDRAW = "DELETE FROM access_grant g WHERE g.tenant = $1 AND g.id = $2"

# The entities that are about a person whom a grant to the asker, or the asker, is about; one more than are few says that they are
# not. NULL: a grant of an area or of a role opens entities that no list names.
_ENTITIES_GRANTED = f"""{PLANNED_ONCE}
WITH given AS (
    SELECT g.subject FROM access_grant g
    WHERE g.tenant = $1 AND g.principal = $2 AND g.purpose = $3 AND g.since <= $5 AND g.until > $5 LIMIT $6 + 1
), whom AS (
    SELECT x.subject FROM given x UNION SELECT unnest($4::text[])
)
SELECT CASE WHEN (SELECT count(*) > $6 OR bool_or(x.subject IS NULL) FROM given x) THEN NULL ELSE ARRAY(
    SELECT DISTINCT s.entity FROM entity_subject s JOIN whom w ON w.subject = s.subject WHERE s.tenant = $1 AND (s.is_now OR $7) LIMIT $6 + 1
) END AS ids
"""


async def give(unit: Unit, grant: Grant, now: datetime, *, by: str, request: str = "") -> None:
    """Gives it; `by`: who decided, for the audit record. Raises BadRequestData where its id is taken."""
    number = await _numbered(unit, now)
    which = (grant.subject, grant.area, grant.relation)
    lists = (list(grant.types), None if grant.attributes is None else list(grant.attributes))
    times = (_second(grant.since), _second(grant.until))
    done = await unit.connection.execute(
        _GIVE, unit.tenant, grant.id, grant.principal, grant.purpose, *which, *lists, grant.basis, *times
    )
    if done != "INSERT 0 1":
        raise BadRequestData(f"there is a grant {grant.id!r} already", detail_ja="同じIDの許可があります。")
    record = (by, grant.purpose, "grant", grant.id, list(grant.attributes or ()), request)
    await audit(unit.connection, unit.tenant, number, now, *record)


async def withdraw(unit: Unit, id: str, now: datetime, *, by: str, purpose: str, request: str = "") -> None:
    """Takes it back: from its commit on nothing is read by it. Raises ResourceNotFound where there is none."""
    number = await _numbered(unit, now)
    if await unit.connection.execute(_WITHDRAW, unit.tenant, id) != "DELETE 1":
        raise ResourceNotFound(f"there is no grant {id!r}", detail_ja="その許可はありません。")
    await audit(unit.connection, unit.tenant, number, now, by, purpose, "withdraw", id, [], request)


async def shield(unit: Unit, person: str, now: datetime, *, by: str, is_shielded: bool = True) -> None:
    """From its commit on a grant of an area or of a role releases nothing that is about this person; or (`is_shielded` false) again."""
    number = await _numbered(unit, now)
    await unit.connection.execute(_SHIELD if is_shielded else _UNSHIELD, unit.tenant, person)
    await audit(unit.connection, unit.tenant, number, now, by, "", "shield" if is_shielded else "unshield", person, [], "")


async def shielded(database: Reading, tenant: str, persons: Collection[str]) -> frozenset[str]:
    """Those of the persons whom nothing may reveal."""
    return frozenset(row["subject"] for row in await database.fetch(tenant, _SHIELDED, tenant, sorted(persons)))


async def given_to(connection: Any, tenant: str, principal: str, *, after: str = "", limit: int = 100) -> list[Grant]:
    """What was granted to a principal, in order of id, whether it holds now or not."""
    return [_grant(row) for row in await connection.fetch(_GIVEN_TO, tenant, principal, after, limit)]


def _grant(row: Any) -> Grant:
    return Grant(
        row["id"],
        row["principal"],
        row["purpose"],
        tuple(row["types"]),
        row["basis"],
        row["since"],
        row["until"],
        None if row["attributes"] is None else tuple(row["attributes"]),
        row["subject"],
        row["area"],
        row["relation"],
    )


async def held(database: Reading, scope: Scope, now: datetime, persons: Collection[str]) -> list[Grant]:
    """What the asker holds at this moment, for its purpose: grants of these persons, and those of areas and roles."""
    rows = await database.fetch(
        scope.tenant, _HELD, scope.tenant, scope.principal, scope.purpose, _second(now), sorted(persons)
    )
    return [_grant(row) for row in rows]


async def entities_granted(
    database: Reading, scope: Scope, now: datetime, few: int, *, ever: bool = False
) -> frozenset[str] | None:
    """The ids of all entities of which something may be granted to the asker, if those and the grants are few; else None. `ever`: also
    of those that were about such a person once."""
    given = (scope.principal, scope.purpose, list(scope.persons), _second(now), few, ever)
    rows = await database.fetch(scope.tenant, _ENTITIES_GRANTED, scope.tenant, *given)
    ids = rows[0]["ids"]
    return None if ids is None or len(ids) > few else frozenset(ids)


async def _numbered(unit: Unit, now: datetime) -> int:
    turn = await lock_tenant(unit.connection, unit.tenant, 1, now)
    if turn is None:
        raise NonexistentTenant(f"there is no tenant {unit.tenant!r}", detail_ja=f"テナント「{unit.tenant}」はありません。")
    return turn.last_change


def _second(moment: datetime) -> datetime:
    """Readers compare whole seconds (entities/store.py)."""
    return moment.astimezone(UTC).replace(microsecond=0)
