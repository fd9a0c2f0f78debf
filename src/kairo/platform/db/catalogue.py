"""What does PostgreSQL's catalogue say about our tables? Read once, for the manifest's checker (tables.py)."""

from dataclasses import dataclass

import asyncpg

from kairo.platform.db.pool import Connection

# Ordinary and partitioned tables of `public`; partitions count with their parent.
CATALOGUE = """
SELECT c.oid, c.relname AS name, c.relrowsecurity, c.relforcerowsecurity,
       pg_has_role($1, c.relowner, 'MEMBER') AS owner_is_app,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant' AND a.attnotnull
               AND a.atttypid = 'text'::regtype) AS tenant_is_text
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname"""

_POLICIES = """
SELECT polrelid AS oid, coalesce(pg_get_expr(polqual, polrelid), '') || ' ' || coalesce(pg_get_expr(polwithcheck, polrelid), '')
       AS text FROM pg_policy"""

_KEYS = """
SELECT i.indrelid AS oid, x.relname AS key, i.indisprimary,
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place) AS columns
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indisunique"""

_FOREIGN_KEYS = """
SELECT c.conrelid AS oid, c.conname AS key, t.relname AS target, c.confdeltype::text AS on_delete,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k (number, place)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place) AS target_columns
FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid WHERE c.contype = 'f' AND c.conparentid = 0"""

_FORBIDDEN = """
SELECT tgrelid AS oid, 'the trigger ' || tgname AS what FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT conrelid, 'the deferred constraint ' || conname FROM pg_constraint WHERE condeferrable AND conrelid <> 0
UNION ALL SELECT conrelid, 'ON DELETE SET NULL of ' || conname FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'n'"""

_ODD_IDENTITIES = """
SELECT a.attrelid AS oid, a.attname AS name FROM pg_attribute a
WHERE (a.attidentity <> '' AND a.atttypid <> 'bigint'::regtype)
   OR EXISTS (SELECT FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum
              AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%')"""

_OPEN_PARTITIONS = """
SELECT pg_partition_root(c.oid)::oid AS oid, c.relname AS name FROM pg_class c
WHERE c.relispartition AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
  AND has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE')"""


@dataclass(slots=True)
class LiveTable:
    """One table as it is."""

    owner_is_app: bool
    rls_enabled: bool
    rls_forced: bool
    tenant_is_text: bool
    policies: list[str]
    keys: list[tuple[str, list[str | None]]]  # unique indexes; None stands for an expression
    has_primary_key: bool
    foreign_keys: list[tuple[str, list[str], str, list[str]]]
    forbidden: list[str]
    odd_identities: list[str]
    open_partitions: list[str]


async def live_tables(connection: Connection, app_role: str) -> dict[str, LiveTable]:
    """Every table of the schema `public`, by name."""
    rows = await connection.fetch(CATALOGUE, app_role)
    policies = await connection.fetch(_POLICIES)
    keys = await connection.fetch(_KEYS)
    foreign = await connection.fetch(_FOREIGN_KEYS)
    forbidden = await connection.fetch(_FORBIDDEN)
    odd = await connection.fetch(_ODD_IDENTITIES)
    partitions = await connection.fetch(_OPEN_PARTITIONS, app_role)
    return {
        row["name"]: LiveTable(
            owner_is_app=row["owner_is_app"],
            rls_enabled=row["relrowsecurity"],
            rls_forced=row["relforcerowsecurity"],
            tenant_is_text=row["tenant_is_text"],
            policies=[one["text"] for one in _of(policies, row)],
            keys=[(one["key"], one["columns"]) for one in _of(keys, row)],
            has_primary_key=any(one["indisprimary"] for one in _of(keys, row)),
            foreign_keys=[(one["key"], one["columns"], one["target"], one["target_columns"]) for one in _of(foreign, row)],
            forbidden=[one["what"] for one in _of(forbidden, row)],
            odd_identities=[one["name"] for one in _of(odd, row)],
            open_partitions=[one["name"] for one in _of(partitions, row)],
        )
        for row in rows
    }


def _of(found: list[asyncpg.Record], table: asyncpg.Record) -> list[asyncpg.Record]:
    return [one for one in found if one["oid"] == table["oid"]]
