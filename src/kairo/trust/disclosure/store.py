"""How are looks found out about and kept? The SQL of the log, for many looks at once: one statement a step, none a row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from kairo.platform.db import Connection
from kairo.trust.disclosure.records import Key, Record
from kairo.trust.disclosure.tree import Tree

_LOCK = "SELECT t.size, t.at, t.frontier FROM disclosure_tree t WHERE t.tenant = $1 FOR UPDATE"
# To plan anew each time took longer than the rest. A plan that is kept must do for tables that grow: short walks in indexes.
_PLANNING = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"
_PLANT = """
INSERT INTO disclosure_tree (tenant, size, at, frontier) SELECT t.tenant, 0, $2, '' FROM tenant t WHERE t.tenant = $1
ON CONFLICT (tenant) DO NOTHING
"""
# Of each entry (an entity as somebody got it): whom it is about by which of the attributes (NULL: by all), and the bases of it.
# What is about nobody comes as a row of its own. Grants are asked for in two ways, so that each is a short walk in the index of grants, whatever else the asker was granted.
_SPEAKS = "(g.attributes IS NULL OR s.attributes = '{}' OR g.attributes && coalesce(f.attributes, s.attributes))"
_ABOUT = f"""
WITH asker AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS a(n int, principal text, purpose text, persons text[], at timestamptz)
), shape AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($3::jsonb) AS s(n int, types text[], attributes text[])
)
SELECT e.n::int - 1 AS entry, f.subject, f.attributes, (
    SELECT k.pseudonym FROM disclosure_key k WHERE k.tenant = $1 AND k.subject = f.subject
) AS pseudonym, ARRAY(
    SELECT DISTINCT b.basis FROM (
        SELECT g.basis FROM access_grant g
        WHERE g.tenant = $1 AND g.principal = a.principal AND g.purpose = a.purpose AND g.subject = f.subject
          AND g.since <= a.at AND g.until > a.at AND g.types && s.types
          AND {_SPEAKS}
        UNION ALL
        SELECT g.basis FROM access_grant g
        WHERE g.tenant = $1 AND g.principal = a.principal AND g.purpose = a.purpose AND g.subject IS NULL
          AND g.since <= a.at AND g.until > a.at AND g.types && s.types
          AND {_SPEAKS}
          AND (g.relation IS NULL OR EXISTS (
              SELECT FROM entity_subject r WHERE r.tenant = $1 AND r.entity = e.entity AND r.role = g.relation
                AND r.subject = ANY (a.persons)))
          AND (g.area IS NULL OR EXISTS (
              SELECT FROM entity i, unnest(i.scopes) AS p(scope)
              WHERE i.tenant = $1 AND i.id = e.entity AND (p.scope = g.area OR starts_with(p.scope, g.area || '/'))))
    ) AS b ORDER BY b.basis
) AS bases
FROM unnest($4::int[], $5::int[], $6::text[]) WITH ORDINALITY AS e(asker, shape, entity, n)
JOIN asker a ON a.n = e.asker JOIN shape s ON s.n = e.shape
LEFT JOIN LATERAL (
    SELECT x.subject, CASE WHEN bool_or(x.attribute = '*') THEN NULL ELSE array_agg(DISTINCT x.attribute) END AS attributes
    FROM entity_subject x
    WHERE x.tenant = $1 AND x.entity = e.entity AND (x.attribute = '*' OR x.attribute = ANY (s.attributes))
    GROUP BY x.subject
    UNION ALL
    SELECT NULL, o.names FROM (SELECT ARRAY(
        SELECT n FROM unnest(s.attributes) AS n EXCEPT
        SELECT x.attribute FROM entity_subject x WHERE x.tenant = $1 AND x.entity = e.entity
    ) AS names) AS o WHERE o.names <> '{{}}' AND NOT EXISTS (
        SELECT FROM entity_subject x WHERE x.tenant = $1 AND x.entity = e.entity AND x.attribute = '*')
) AS f ON true
"""
_KEYS = "SELECT k.subject, k.pseudonym FROM disclosure_key k WHERE k.tenant = $1 AND k.subject = ANY ($2::text[])"
_WRITE = """
WITH keys AS (
    INSERT INTO disclosure_key (tenant, subject, key, pseudonym)
    SELECT $1, u.* FROM unnest($2::text[], $3::bytea[], $4::bytea[]) AS u
), looks AS (
    INSERT INTO disclosure_look (tenant, at, seq, kind, principal, persons, purpose, parts, entities, what, leaf)
    SELECT $1, $5, u.* FROM unnest($6::bigint[], $7::text[], $8::text[], $9::bytea[], $10::text[], $11::jsonb[], $12::bigint[],
                                   $13::text[], $14::bytea[]) AS u
), subjects AS (
    INSERT INTO disclosure_subject (tenant, seq, subject, part)
    SELECT $1, u.* FROM unnest($15::bigint[], $16::bytea[], $17::smallint[]) AS u
), nodes AS (
    INSERT INTO disclosure_node (tenant, level, position, hash)
    SELECT $1, u.* FROM unnest($18::smallint[], $19::bigint[], $20::bytea[]) AS u
)
UPDATE disclosure_tree SET size = $21, at = $5, frontier = $22 WHERE tenant = $1
"""
_ERASE = "DELETE FROM disclosure_key k WHERE k.tenant = $1 AND k.subject = $2 RETURNING k.pseudonym"
_ERASE_QUESTIONS = "DELETE FROM access_question q WHERE q.tenant = $1 AND q.person = $2"


@dataclass(frozen=True, slots=True)
class About:
    """A person whom an entry is about (None: it names nobody), the attributes that are about them (None: all), and the bases."""

    entry: int
    subject: str | None
    attributes: list[str] | None
    pseudonym: bytes | None
    bases: list[str]


async def lock(connection: Connection, tenant: str, now: datetime) -> tuple[Tree, datetime] | None:
    """Takes the tenant's turn until the commit: its tree, and when its last row was added. None: no such tenant."""
    await connection.execute(_PLANNING)
    row = await connection.fetchrow(_LOCK, tenant)
    if row is None:
        await connection.execute(_PLANT, tenant, now)
        row = await connection.fetchrow(_LOCK, tenant)
    return None if row is None else (Tree.of(row["size"], row["frontier"]), row["at"])


async def about(
    connection: Connection,
    tenant: str,
    askers: Sequence[dict[str, Any]],
    shapes: Sequence[dict[str, Any]],
    entries: tuple[list[int], list[int], list[str]],
) -> list[About]:
    """Whom the entries are about, with the bases on which the asker got it. `entries`: asker, shape and entity of each."""
    rows = await connection.fetch(_ABOUT, tenant, orjson.dumps(askers), orjson.dumps(shapes), *entries)
    return [About(row["entry"], row["subject"], row["attributes"], row["pseudonym"], row["bases"]) for row in rows]


async def pseudonyms(connection: Connection, tenant: str, subjects: Sequence[str]) -> dict[str, bytes]:
    """Those that the persons have already."""
    return {row["subject"]: row["pseudonym"] for row in await connection.fetch(_KEYS, tenant, subjects)}


async def write(
    connection: Connection,
    tenant: str,
    at: datetime,
    records: Sequence[Record],
    leaves: Sequence[bytes],
    nodes: Sequence[tuple[int, int, bytes]],
    keys: Iterable[Key],
    tree: Tree,
) -> None:
    """Adds the rows with their persons and hashes, the new keys, and says where the tree stands."""
    new = [(one.subject, one.key, one.pseudonym) for one in keys]
    rows = [
        (one.seq, one.kind, one.principal, b"".join(one.persons), one.purpose, orjson.dumps(one.parts), one.entities, one.what)
        for one in records
    ]
    subjects = [(one.seq, *subject) for one in records for subject in one.subjects]
    await connection.execute(
        _WRITE, tenant, *_columns(new, 3), at, *_columns(rows, 8), leaves, *_columns(subjects, 3), *_columns(nodes, 3),
        tree.size, tree.kept(),
    )  # fmt: skip


def _columns(rows: Sequence[tuple[Any, ...]], number: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * number


async def erase(connection: Connection, tenant: str, subject: str) -> bytes | None:
    """Forgets who a pseudonym was, and what they asked; the pseudonym, None where there was none."""
    await connection.execute(_ERASE_QUESTIONS, tenant, subject)
    found: bytes | None = await connection.fetchval(_ERASE, tenant, subject)
    return found
