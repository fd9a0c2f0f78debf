"""How are mandates kept? The SQL of `mandate`. A row is never deleted: who acted for whom stays known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from kairo.trust.identity.mandates.rules import Kind, Mandate

_COLUMNS = "id, kind, person, proxy, since, until, recorded_by, types, evidence, created_at, ended_at, ended_by"
_INSERT = """
INSERT INTO mandate (tenant, id, kind, person, proxy, types, evidence, recorded_by, since, until, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_GET = f"SELECT {_COLUMNS} FROM mandate WHERE tenant = $1 AND id = $2 FOR UPDATE"
_OF = f"""
SELECT {_COLUMNS} FROM mandate WHERE tenant = $1 AND (person = $2 OR proxy = $2) ORDER BY created_at DESC, id LIMIT 200
"""
_OPEN = f"""
SELECT {_COLUMNS} FROM mandate
WHERE tenant = $1 AND (person = $2 OR proxy = $2) AND ended_at IS NULL AND until > $3 ORDER BY id FOR UPDATE
"""
_SAME = """
SELECT true FROM mandate WHERE tenant = $1 AND kind = $2 AND person = $3 AND proxy = $4 AND ended_at IS NULL AND until > $5 LIMIT 1
"""
_END = "UPDATE mandate SET ended_at = $3, ended_by = $4 WHERE tenant = $1 AND id = ANY($2::text[]) AND ended_at IS NULL"


async def insert(connection: Any, tenant: str, mandate: Mandate, now: datetime) -> None:
    """Keeps a new mandate."""
    await connection.execute(
        _INSERT, tenant, mandate.id, mandate.kind.value, mandate.person, mandate.proxy, list(mandate.types), mandate.evidence,
        mandate.recorded_by, mandate.since, mandate.until, now,
    )  # fmt: skip


async def locked(connection: Any, tenant: str, id: str) -> Mandate | None:
    """The mandate, which nobody changes until the unit ends."""
    row = await connection.fetchrow(_GET, tenant, id)
    return _mandate(row) if row else None


async def of(connection: Any, tenant: str, key: str) -> list[Mandate]:
    """All mandates over an account and by it, the latest first; ended ones too."""
    return [_mandate(row) for row in await connection.fetch(_OF, tenant, key)]


async def still_open(connection: Any, tenant: str, key: str, now: datetime) -> list[Mandate]:
    """Those of an account that are not over, locked."""
    return [_mandate(row) for row in await connection.fetch(_OPEN, tenant, key, now)]


async def has_same(connection: Any, tenant: str, mandate: Mandate, now: datetime) -> bool:
    """Whether there is one of this kind between the two that is not over."""
    given = (mandate.kind.value, mandate.person, mandate.proxy, now)
    return await connection.fetchrow(_SAME, tenant, *given) is not None


async def end(connection: Any, tenant: str, ids: Sequence[str], now: datetime, by: str) -> None:
    """They are over from now on."""
    await connection.execute(_END, tenant, list(ids), now, by)


def _mandate(row: Any) -> Mandate:
    values = dict(row.items())
    return replace(Mandate(**values), kind=Kind(values["kind"]), types=tuple(values["types"]))


_BY_LAW = """
SELECT m.person, m.proxy, m.until, m.recorded_by FROM mandate m JOIN account p ON p.tenant = $1 AND p.key = m.person
JOIN account a ON a.tenant = $1 AND a.key = m.proxy
WHERE m.tenant = $1 AND m.proxy IN (SELECT o.proxy FROM mandate o WHERE o.tenant = $1 AND o.person = ANY($2::text[]))
  AND m.kind IN ('parental', 'guardian') AND m.since <= $3 AND m.until > $3 AND m.ended_at IS NULL AND p.status = 'active'
  AND a.status = 'active' ORDER BY m.proxy, m.person, m.until
"""


async def by_law(connection: Any, tenant: str, persons: Sequence[str], now: datetime) -> list[tuple[str, str, datetime, str]]:
    """Person, proxy, end and recorder of the mandates by law that count now, of each proxy of one of these persons (keys)."""
    return [tuple(row.values()) for row in await connection.fetch(_BY_LAW, tenant, list(persons), now)]
