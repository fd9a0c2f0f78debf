"""What is read of the log to prove it? Its rows in order, the hashes of its subtrees, and the heads that were signed."""

from datetime import datetime
from typing import Any, NamedTuple

import orjson

from kairo.platform.clock import iso
from kairo.platform.db import Connection, Database, Unit
from kairo.trust.disclosure.proving.heads import Head
from kairo.trust.disclosure.records import PSEUDONYM, Record
from kairo.trust.disclosure.tree import SPACING, Tree

_STANDS = "SELECT t.size, t.frontier FROM disclosure_tree t WHERE t.tenant = $1"
_LOOKS = """
SELECT l.seq, l.at, l.kind, l.principal, l.persons, l.purpose, l.parts, l.entities, l.what, l.leaf FROM disclosure_look l
WHERE l.tenant = $1 AND l.seq >= $2 AND l.seq < $3 ORDER BY l.seq
"""
_SUBJECTS = """
SELECT s.seq, s.subject, s.part FROM disclosure_subject s WHERE s.tenant = $1 AND s.seq >= $2 AND s.seq < $3
ORDER BY s.seq, s.subject, s.part
"""
_NODES = "SELECT n.level, n.position, n.hash FROM disclosure_node n WHERE n.tenant = $1 AND n.level = $2 AND n.position >= $3 AND n.position < $4"
_LEAVES = "SELECT l.leaf FROM disclosure_look l WHERE l.tenant = $1 AND l.seq >= $2 AND l.seq < $3 ORDER BY l.seq"
_HASHES = """
SELECT n.hash FROM disclosure_node n WHERE n.tenant = $1 AND n.level = $2 AND n.position >= $3 AND n.position < $4 ORDER BY n.position
"""
# What stands beyond the end of the tree, as it is at the same moment: somebody put it beside the log.
_BEYOND = """
WITH t AS (SELECT coalesce(max(size), 0) AS size FROM disclosure_tree WHERE tenant = $1)
(SELECT 'row' AS what, l.seq FROM disclosure_look l, t WHERE l.tenant = $1 AND (l.seq >= t.size OR l.seq < 0) LIMIT 100) UNION ALL
(SELECT 'person', s.seq FROM disclosure_subject s, t WHERE s.tenant = $1 AND (s.seq >= t.size OR s.seq < 0) LIMIT 100) UNION ALL
(SELECT 'hash', n.position << n.level::int FROM disclosure_node n, t
 WHERE n.tenant = $1 AND (n.position < 0 OR n.position + 1 > t.size >> n.level::int) LIMIT 100)
"""
_HEADS = (
    "SELECT h.size, h.key_id, h.at, h.root, h.signature FROM disclosure_head h WHERE h.tenant = $1 ORDER BY h.size, h.key_id"
)
_LAST_HEAD = """
SELECT h.size, h.key_id, h.at, h.root, h.signature FROM disclosure_head h WHERE h.tenant = $1 ORDER BY h.size DESC, h.key_id LIMIT 1
"""
_KEEP_HEAD = """
INSERT INTO disclosure_head (tenant, size, key_id, at, root, signature) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
_SIGNED = "UPDATE disclosure_tree SET signed = greatest(signed, $2) WHERE tenant = $1"
_TO_SIGN = "SELECT t.tenant FROM disclosure_tree t WHERE t.size > t.signed ORDER BY t.tenant"
_ALL = "SELECT t.tenant FROM disclosure_tree t ORDER BY t.tenant"


class Row(NamedTuple):
    """A row as it is stored, with its persons; `leaf`: the hash that is stored of it."""

    record: Record
    leaf: bytes


async def stands(connection: Connection, tenant: str) -> Tree:
    """The tree as the tenant's row has it; an empty one for a tenant that has none."""
    row = await connection.fetchrow(_STANDS, tenant)
    return Tree() if row is None else Tree.of(row["size"], row["frontier"])


async def rows(connection: Connection, tenant: str, first: int, end: int) -> tuple[dict[int, Row], set[int]]:
    """The rows from `first` until before `end` by number, and the numbers of persons there that belong to no row."""
    looks = await connection.fetch(_LOOKS, tenant, first, end)
    by_seq: dict[int, list[tuple[bytes, int]]] = {row["seq"]: [] for row in looks}
    strays = set()
    for seq, subject, part in await connection.fetch(_SUBJECTS, tenant, first, end):
        if seq in by_seq:
            by_seq[seq].append((subject, part))
        else:
            strays.add(seq)
    return {look["seq"]: _row(tenant, look, by_seq[look["seq"]]) for look in looks}, strays


def _row(tenant: str, look: Any, subjects: list[tuple[bytes, int]]) -> Row:
    seq, at, kind, principal, persons, purpose, parts, entities, what, leaf = look
    each = [persons[place : place + PSEUDONYM] for place in range(0, len(persons), PSEUDONYM)]
    said = orjson.loads(parts)
    return Row(Record(tenant, seq, at, kind, principal, each, purpose, said, entities, what, subjects), leaf)


async def nodes(connection: Connection, tenant: str, level: int, first: int, end: int) -> dict[int, bytes]:
    """Kept hashes of a level by position."""
    return {row["position"]: row["hash"] for row in await connection.fetch(_NODES, tenant, level, first, end)}


async def beyond(connection: Connection, tenant: str) -> list[tuple[str, int]]:
    """What was put beside the log: `row`, `person` or `hash`, and its number (of a hash: that of the first row that it is over)."""
    return [(row["what"], row["seq"]) for row in await connection.fetch(_BEYOND, tenant)]


async def hashes(connection: Connection, tenant: str, level: int, first: int, count: int) -> list[bytes]:
    """Kept hashes that stand side by side: of rows (level 0), or of subtrees of a level that is kept."""
    assert level % SPACING == 0
    if level == 0:
        return [row["leaf"] for row in await connection.fetch(_LEAVES, tenant, first, first + count)]
    return [row["hash"] for row in await connection.fetch(_HASHES, tenant, level, first, first + count)]


async def heads(connection: Connection, tenant: str) -> list[Head]:
    """All heads that were signed, in order of size."""
    return [_head(tenant, row) for row in await connection.fetch(_HEADS, tenant)]


async def last_head(connection: Connection, tenant: str) -> Head | None:
    """The head of most rows."""
    row = await connection.fetchrow(_LAST_HEAD, tenant)
    return None if row is None else _head(tenant, row)


def _head(tenant: str, row: Any) -> Head:
    return Head(tenant, row["size"], iso(row["at"]), row["root"], row["key_id"], row["signature"])


async def keep_head(unit: Unit, head: Head, at: datetime) -> None:
    """Keeps a head, and that the tree is signed up to there."""
    said = (head.size, head.key, at, head.root, head.signature)
    await unit.connection.execute(_KEEP_HEAD, unit.tenant, *said)
    await unit.connection.execute(_SIGNED, unit.tenant, head.size)


async def to_sign(database: Database) -> list[str]:
    """The tenants whose tree has grown since it was signed."""
    async with database.owner(name="kairo heads") as owner:
        return [row["tenant"] for row in await owner.fetch(_TO_SIGN)]


async def all_tenants(database: Database) -> list[str]:
    """The tenants that have a log."""
    async with database.owner(name="kairo heads") as owner:
        return [row["tenant"] for row in await owner.fetch(_ALL)]
