"""How are emergency releases and the notices to residents kept? Releases are never deleted."""

from datetime import datetime
from typing import Any, Final

import orjson

from kairo.trust.emergency.rules import Item, Release

_COLUMNS: Final = (
    "r.id, r.is_drill, r.reason, r.area, r.recipients, r.items, r.opened_by, r.opened_at, r.confirm_by, r.until, r.confirmed_by,"
    " r.confirmed_at, r.closed_by, r.closed_at"
)
_INSERT: Final = """
INSERT INTO emergency_release (tenant, id, is_drill, reason, area, recipients, items, opened_by, opened_at, confirm_by, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_IS_RUNNING: Final = "r.until > $2 AND r.closed_at IS NULL AND (r.confirmed_at IS NOT NULL OR r.confirm_by > $2)"
_GRANTS: Final = (
    "SELECT g.id FROM access_grant g WHERE g.tenant = $1 AND g.principal = ANY($2) AND g.purpose = $3 AND g.basis = $4"
)

# Whom a release concerns: the persons that what it releases is about ('*': the whole entity). $3 the area, $4 pairs of a type and an
# attribute. A notice that is there stays: whoever was concerned at one moment is told.
_TELL: Final = """
INSERT INTO emergency_notice (tenant, person, release)
SELECT DISTINCT $1, s.subject, $2 FROM jsonb_to_recordset($4::jsonb) AS i(type text, attribute text)
JOIN entity e ON e.tenant = $1 AND i.type = ANY(string_to_array(e.type_key, ' '))
JOIN entity_subject s ON s.tenant = $1 AND s.entity = e.id AND s.is_now AND s.attribute IN ('*', i.attribute)
WHERE e.doc ? i.attribute AND ($3 = '' OR EXISTS (
    SELECT FROM unnest(e.scopes) AS p(scope) WHERE p.scope = $3 OR starts_with(p.scope, $3 || '/')))
ON CONFLICT (tenant, person, release) DO NOTHING
"""
_NOTICES: Final = f"""
SELECT {_COLUMNS} FROM emergency_notice n JOIN emergency_release r ON r.tenant = n.tenant AND r.id = n.release
WHERE n.tenant = $1 AND n.person = $2 AND NOT ({_IS_RUNNING.replace("$2", "$3")}) ORDER BY r.opened_at DESC, r.id LIMIT $4
"""


async def insert(connection: Any, tenant: str, one: Release) -> None:
    """Keeps a new release."""
    what = (one.id, one.is_drill, one.reason, one.area, list(one.recipients), orjson.dumps(one.items))
    await connection.execute(_INSERT, tenant, *what, one.opened_by, one.opened_at, one.confirm_by, one.until)


async def locked(connection: Any, tenant: str, id: str) -> Release | None:
    """The release, held until the unit ends."""
    sql = f"SELECT {_COLUMNS} FROM emergency_release r WHERE r.tenant = $1 AND r.id = $2 FOR UPDATE"
    row = await connection.fetchrow(sql, tenant, id)
    return None if row is None else _release(row)


async def confirm(connection: Any, tenant: str, id: str, by: str, now: datetime) -> None:
    """Notes the second officer."""
    await connection.execute(
        "UPDATE emergency_release SET confirmed_by = $3, confirmed_at = $4 WHERE tenant = $1 AND id = $2", tenant, id, by, now
    )


async def close(connection: Any, tenant: str, id: str, by: str, now: datetime) -> None:
    """Notes who closed it."""
    await connection.execute(
        "UPDATE emergency_release SET closed_by = $3, closed_at = $4 WHERE tenant = $1 AND id = $2", tenant, id, by, now
    )


async def known(connection: Any, tenant: str, limit: int) -> list[Release]:
    """The latest, newest first."""
    sql = f"SELECT {_COLUMNS} FROM emergency_release r WHERE r.tenant = $1 ORDER BY r.opened_at DESC, r.id LIMIT $2"
    return [_release(row) for row in await connection.fetch(sql, tenant, limit)]


async def running(connection: Any, tenant: str, now: datetime) -> list[Release]:
    """Those that are open or confirmed now."""
    sql = (
        f"SELECT {_COLUMNS} FROM emergency_release r WHERE r.tenant = $1 AND {_IS_RUNNING} ORDER BY r.opened_at, r.id LIMIT 200"
    )
    return [_release(row) for row in await connection.fetch(sql, tenant, now)]


async def named(connection: Any, tenant: str, ids: list[str]) -> dict[str, Release]:
    """Releases by id."""
    sql = f"SELECT {_COLUMNS} FROM emergency_release r WHERE r.tenant = $1 AND r.id = ANY($2)"
    return {row["id"]: _release(row) for row in await connection.fetch(sql, tenant, ids)}


async def grants_of(connection: Any, tenant: str, one: Release) -> list[str]:
    """The ids of the grants that stand on a release."""
    found = await connection.fetch(_GRANTS, tenant, list(one.recipients), one.purpose, one.basis)
    return sorted(row["id"] for row in found)


async def tell(connection: Any, tenant: str, one: Release) -> None:
    """Keeps a notice for each person whom the release concerns as things stand now."""
    pairs = [{"type": item.type, "attribute": name} for item in one.items for name in item.attributes]
    await connection.execute(_TELL, tenant, one.id, one.area, orjson.dumps(pairs))


async def notices(connection: Any, tenant: str, person: str, now: datetime, limit: int) -> list[Release]:
    """The releases that concerned a person and are over, newest first."""
    return [_release(row) for row in await connection.fetch(_NOTICES, tenant, person, now, limit)]


def _release(row: Any) -> Release:
    items = tuple(Item(one["type"], tuple(one["attributes"]), one["basis"], one["cites"]) for one in orjson.loads(row["items"]))
    return Release(**{**row, "recipients": tuple(row["recipients"]), "items": items})
