"""What do the broker's tables say of an attribute: whom it is about, and which grants cover it now? The rows that the broker joins."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

from kairo.context.gate import DataClass
from kairo.context.granting import Grant
from kairo.trust.readers.rules import Held

_ENTITY: Final = """
SELECT e.type_key, e.scopes, e.data_class, e.writer, $3 = ANY(e.withheld) AS is_withheld FROM entity e
WHERE e.tenant = $1 AND e.id = $2 AND e.doc ? $3 AND (e.expires_at IS NULL OR e.expires_at > $4)
"""
_SUBJECTS: Final = (
    "SELECT s.attribute, s.subject, s.role FROM entity_subject s WHERE s.tenant = $1 AND s.entity = $2 AND s.is_now"
)
_GRANTS: Final = """
SELECT g.id, g.principal, g.purpose, g.types, g.basis, g.since, g.until, g.attributes, g.subject, g.area, g.relation
FROM access_grant g
WHERE g.tenant = $1 AND (g.subject = ANY($2) OR g.subject IS NULL) AND g.since <= $3 AND g.until > $3 AND g.types && $4
  AND (g.attributes IS NULL OR $5 = ANY(g.attributes))
  AND (g.area IS NULL OR g.area = '' OR EXISTS (
      SELECT FROM unnest($6::text[]) AS p(scope) WHERE p.scope = g.area OR starts_with(p.scope, g.area || '/')))
ORDER BY g.principal, g.purpose, g.id LIMIT $7
"""
_SHIELDED: Final = "SELECT true FROM shielded_person x WHERE x.tenant = $1 AND x.subject = ANY($2) LIMIT 1"
_ABOUT: Final = """
SELECT s.entity, s.attribute, e.type_key, e.data_class, e.withheld,
       ARRAY(SELECT k FROM jsonb_object_keys(e.doc) AS k WHERE k NOT IN ('id', 'type') ORDER BY k) AS present
FROM entity_subject s JOIN entity e ON e.tenant = $1 AND e.id = s.entity
WHERE s.tenant = $1 AND s.subject = ANY($2) AND s.is_now AND (e.expires_at IS NULL OR e.expires_at > $3)
ORDER BY s.entity, s.attribute LIMIT $4
"""


async def held(connection: Any, tenant: str, entity: str, attribute: str, now: datetime, most: int) -> Held | None:
    """What decides who reads the attribute; None where there is no such entity, or it has no such attribute."""
    row = await connection.fetchrow(_ENTITY, tenant, entity, attribute, now)
    if row is None:
        return None
    named = await connection.fetch(_SUBJECTS, tenant, entity)
    about = frozenset(one["subject"] for one in named if one["attribute"] in ("*", attribute))
    second = now.astimezone(UTC).replace(microsecond=0)
    asked = (sorted(about), second, row["type_key"].split(" "), attribute, row["scopes"], most)
    grants = [_grant(one) for one in await connection.fetch(_GRANTS, tenant, *asked)]
    if await connection.fetchval(_SHIELDED, tenant, sorted(about)):
        grants = [one for one in grants if one.subject is not None]
    return Held(
        DataClass(row["data_class"]),
        row["is_withheld"],
        row["writer"],
        about,
        frozenset((one["subject"], one["role"]) for one in named),
        tuple(grants),
    )


async def about(
    connection: Any, tenant: str, persons: Collection[str], now: datetime, most: int
) -> list[tuple[str, str, list[str]]]:
    """What is held about these persons: entity, its types, and those of its attributes that are about them and not open."""
    found: dict[str, tuple[str, set[str]]] = {}
    for row in await connection.fetch(_ABOUT, tenant, sorted(persons), now, most):
        closed = row["present"] if row["data_class"] == "personal" else row["withheld"]
        mine = [name for name in closed if row["attribute"] in ("*", name) and name in row["present"]]
        found.setdefault(row["entity"], (row["type_key"], set()))[1].update(mine)
    return [(entity, types, sorted(names)) for entity, (types, names) in found.items() if names]


def _grant(row: Any) -> Grant:
    lists = {"types": tuple(row["types"]), "attributes": None if row["attributes"] is None else tuple(row["attributes"])}
    return Grant(**{**row, **lists})
