"""How are the rows of the search index read and written? The only SQL on `search_entry` and `search_gram`.

Every statement names its tenant; a hit is seen by the broker's own predicate (`context/entities/store.py`), asked twice in
the same statement: of the index row, and of the entity itself for those on the page, so that a row that lags behind the graph
shows nothing that is gone or no longer open.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from kairo.capabilities.search.entries import Entry, number_of
from kairo.capabilities.search.normalise import grams
from kairo.context.gate import Scope
from kairo.context.query.seeing import BY_CLASS

Record = Any


class Connection(Protocol):
    """The part of an asyncpg connection that this store uses."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def execute(self, query: str, *args: Any) -> str: ...


class Reading(Protocol):
    """The part of the database that runs one reading statement."""

    async def fetch(self, tenant: str, statement: str, *arguments: Any) -> list[Any]: ...


# $1 tenant, $2 language, $3 to $5 the scope, $6 now, $7 types or NULL, $8 the whole query, $9 patterns, $10 limit, $11 offset,
# $12 and $13 the grams that candidates have, each as a half-open range.
_CANDIDATES = """
e.number = ANY (ARRAY(
    SELECT g.number FROM unnest($12::text[], $13::text[]) AS r(low, high)
    JOIN search_gram g ON g.tenant = $1 AND g.gram >= r.low AND g.gram < r.high
))
"""
_EVERY = "$12::text[] IS NULL AND $13::text[] IS NULL"
_ALL_WORDS = "e.folded LIKE ALL ($9::text[])"
_ANY_WORD = "e.folded LIKE ANY ($9::text[])"
_MATCHED = "(SELECT count(*) FROM unnest($9::text[]) AS p(pattern) WHERE e.folded LIKE p.pattern)"


_SEEN = BY_CLASS.seen()  # nothing that is granted stands in the index: only types that are open are searchable


def _find(candidates: str, words: str, matched: str) -> str:
    return f"""
        WITH found AS MATERIALIZED (
            SELECT e.entity, e.language, e.weight, e.title_key, {matched} AS matched,
                   CASE WHEN e.title_key = $8 THEN 0
                        WHEN starts_with(e.title_key, $8) THEN 1
                        WHEN e.title_key LIKE ALL ($9::text[]) THEN 2
                        WHEN e.kana_key = $8 THEN 3
                        WHEN starts_with(e.kana_key, $8) THEN 4
                        WHEN e.kana_key LIKE ALL ($9::text[]) THEN 5
                        ELSE 6 END AS rank
            FROM search_entry e
            WHERE e.tenant = $1 AND {candidates} AND $2 = ANY (e.serves) AND {_SEEN}
              AND (e.expires_at IS NULL OR e.expires_at > $6) AND ($7::text[] IS NULL OR e.types && $7::text[]) AND {words}
        ), page AS (
            SELECT * FROM found
            ORDER BY matched DESC, rank, weight DESC, length(title_key), title_key, entity LIMIT $10 OFFSET $11
        )
        SELECT s.entity, s.types, s.title, s.shown, s.folded, (SELECT count(*) FROM found) AS total
        FROM page p JOIN search_entry s ON s.tenant = $1 AND s.entity = p.entity AND s.language = p.language
        WHERE EXISTS (SELECT 1 FROM entity e WHERE e.tenant = $1 AND e.id = p.entity AND {_SEEN}
                      AND (e.expires_at IS NULL OR e.expires_at > $6))
        ORDER BY p.matched DESC, p.rank, p.weight DESC, length(p.title_key), p.title_key, p.entity
    """


_FIND = {
    (False, False): _find(_EVERY, _ALL_WORDS, "0"),
    (False, True): _find(_EVERY, _ANY_WORD, _MATCHED),
    (True, False): _find(_CANDIDATES, _ALL_WORDS, "0"),
    (True, True): _find(_CANDIDATES, _ANY_WORD, _MATCHED),
}

_HOW_OFTEN = """
SELECT r.low, (SELECT count(*) FROM (SELECT 1 FROM search_gram g WHERE g.tenant = $1 AND g.gram >= r.low AND g.gram < r.high
                                     LIMIT $4) AS first) AS number
FROM unnest($2::text[], $3::text[]) AS r(low, high)
"""

_DIGESTS = "SELECT entity, language, digest FROM search_entry WHERE tenant = $1 AND entity = ANY($2::text[])"

_ROWS = "SELECT entity, language, number, digest, folded FROM search_entry WHERE tenant = $1 AND entity = ANY($2::text[])"

_ENTITIES = "SELECT DISTINCT entity FROM search_entry WHERE tenant = $1 AND entity > $2 ORDER BY entity LIMIT $3"

_WRITE = """
INSERT INTO search_entry (tenant, entity, language, serves, number, types, title, shown, title_key, kana_key, folded, weight,
                          data_class, writer, digest, modified_at, expires_at)
SELECT $1, u.entity, u.language, string_to_array(u.serves, ' '), u.number, string_to_array(u.types, ' '), u.title, u.shown,
       u.title_key, u.kana_key, u.folded, u.weight, u.data_class, '', u.digest, u.modified_at, u.expires_at
FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::smallint[], $13::text[], $14::text[], $15::timestamptz[], $16::timestamptz[])
     AS u(entity, language, serves, number, types, title, shown, title_key, kana_key, folded, weight, data_class, digest,
          modified_at, expires_at)
ON CONFLICT (tenant, entity, language) DO UPDATE SET
    serves = excluded.serves, number = excluded.number, types = excluded.types, title = excluded.title, shown = excluded.shown,
    title_key = excluded.title_key, kana_key = excluded.kana_key, folded = excluded.folded, weight = excluded.weight,
    data_class = excluded.data_class, writer = excluded.writer, digest = excluded.digest,
    modified_at = excluded.modified_at, expires_at = excluded.expires_at
"""

_DELETE = """
DELETE FROM search_entry s USING unnest($2::text[], $3::text[]) AS u(entity, language)
WHERE s.tenant = $1 AND s.entity = u.entity AND s.language = u.language
"""

_ADD_GRAMS = """
INSERT INTO search_gram (tenant, gram, number) SELECT $1, u.gram, u.number FROM unnest($2::text[], $3::bigint[]) AS u(gram, number)
ON CONFLICT (tenant, gram, number) DO NOTHING
"""

_DROP_GRAMS = """
DELETE FROM search_gram g USING unnest($2::text[], $3::bigint[]) AS u(gram, number)
WHERE g.tenant = $1 AND g.gram = u.gram AND g.number = u.number
"""


async def find(
    database: Reading,
    scope: Scope,
    language: str,
    now: datetime,
    types: Sequence[str] | None,
    whole: str,
    patterns: Sequence[str],
    ranges: Sequence[tuple[str, str]] | None,
    *,
    any_word: bool,
    limit: int,
    offset: int,
) -> list[Any]:
    """One page of hits, best first, each with the number of all. `ranges`: grams of which a hit has one; None: look at all."""
    lows, highs = (None, None) if ranges is None else ([low for low, _ in ranges], [high for _, high in ranges])
    return await database.fetch(
        scope.tenant,
        _FIND[ranges is not None, any_word],
        scope.tenant,
        language,
        *BY_CLASS.arguments(scope)[:3],
        now,
        None if types is None else list(types),
        whole,
        list(patterns),
        limit,
        offset,
        lows,
        highs,
    )


async def how_often(database: Reading, tenant: str, ranges: Sequence[tuple[str, str]], most: int) -> dict[str, int]:
    """In how many rows each gram stands (by the lower end of its range), counted up to `most`."""
    lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
    rows = await database.fetch(tenant, _HOW_OFTEN, tenant, lows, highs, most)
    return {row["low"]: row["number"] for row in rows}


async def digests(database: Reading, tenant: str, entities: Sequence[str]) -> dict[str, dict[str, str]]:
    """What the index holds of these entities: entity → language → digest."""
    found: dict[str, dict[str, str]] = {}
    for row in await database.fetch(tenant, _DIGESTS, tenant, list(entities)):
        found.setdefault(row["entity"], {})[row["language"]] = row["digest"]
    return found


async def entities_after(database: Reading, tenant: str, after: str, limit: int) -> list[str]:
    """Entities that the index knows, in order, beginning after one."""
    return [row["entity"] for row in await database.fetch(tenant, _ENTITIES, tenant, after, limit)]


async def rows(connection: Connection, tenant: str, entities: Sequence[str]) -> list[Any]:
    """The rows of these entities as they are now: entity, language, number, digest, folded."""
    return await connection.fetch(_ROWS, tenant, list(entities))


async def write(connection: Connection, tenant: str, entries: Sequence[Entry], old: Sequence[Any]) -> None:
    """Puts entries in the place of the rows `old`: both are all that there is of the same entities. Grams come along."""
    had = {(row["number"], gram) for row in old for gram in grams(row["folded"].split("\n"))}
    has: set[tuple[int, str]] = set()
    columns: list[tuple[Any, ...]] = []
    for entry in entries:
        folded, number = entry.folded(), number_of(entry.entity)
        has.update((number, gram) for gram in grams((folded.title, folded.reading, *folded.lines)))
        columns.append(
            (
                entry.entity,
                entry.language,
                " ".join(entry.serves),
                number,
                " ".join(entry.types),
                entry.title,
                "\n".join(entry.lines),
                folded.title,
                folded.reading,
                folded.text,
                entry.weight,
                entry.data_class.value,
                entry.digest,
                entry.modified_at,
                entry.expires_at,
            )
        )
    kept = {(entry.entity, entry.language) for entry in entries}
    if gone := [row for row in old if (row["entity"], row["language"]) not in kept]:
        await connection.execute(_DELETE, tenant, [row["entity"] for row in gone], [row["language"] for row in gone])
    if columns:
        await connection.execute(_WRITE, tenant, *(list(column) for column in zip(*columns, strict=True)))
    for statement, pairs in ((_DROP_GRAMS, had - has), (_ADD_GRAMS, has - had)):
        if pairs:
            ordered = sorted((gram, number) for number, gram in pairs)
            await connection.execute(statement, tenant, [gram for gram, _ in ordered], [number for _, number in ordered])
