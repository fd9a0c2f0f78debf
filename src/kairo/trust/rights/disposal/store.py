"""What is due, what goes, and where is the proof? The SQL of disposal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from kairo.platform.db import Connection
from kairo.trust.identity.principals import PERSON
from kairo.trust.rights.disposal.rules import Certificate, List, joined, parted

# Whose end is over for long enough: deleted entities of which the past is left, and those about people all of whose accounts have ended. A person
# goes after all that is about them: without the account nobody could say when its end was.
# $2 the type, $3 before when, $4 the ids to which it is narrowed (NULL: none), $5 how many.
_DUE: Final = f"""
SELECT p.entity AS id FROM entity_past p
WHERE p.tenant = $1 AND $2 = ANY (string_to_array(p.type_key, ' ')) AND p.deleted_at < $3
  AND ($4::text[] IS NULL OR p.entity = ANY ($4))
  AND NOT EXISTS (SELECT FROM entity e WHERE e.tenant = $1 AND e.id = p.entity)
  AND NOT EXISTS (SELECT FROM entity_past l WHERE l.tenant = $1 AND l.entity = p.entity AND l.deleted_at >= $3)
  AND NOT EXISTS (SELECT FROM entity_subject o WHERE o.tenant = $1 AND o.subject = p.entity AND o.entity <> p.entity)
UNION
SELECT e.id FROM entity e
WHERE e.tenant = $1 AND $2 = ANY (string_to_array(e.type_key, ' ')) AND ($4::text[] IS NULL OR e.id = ANY ($4))
  AND EXISTS (SELECT FROM entity_subject s WHERE s.tenant = $1 AND s.entity = e.id AND s.is_now)
  AND NOT EXISTS (SELECT FROM entity_subject o WHERE o.tenant = $1 AND o.subject = e.id AND o.entity <> e.id)
  AND NOT EXISTS (
      SELECT FROM entity_subject s
      LEFT JOIN account a ON a.tenant = $1 AND a.key = substr(s.subject, {len(PERSON) + 1}) AND starts_with(s.subject, '{PERSON}')
      WHERE s.tenant = $1 AND s.entity = e.id AND s.is_now
        AND (a.key IS NULL OR a.status = 'active' OR a.changed_at >= $3))
ORDER BY 1 LIMIT $5
"""
_COLUMNS: Final = (
    "d.id, d.type, d.kept_days, d.entities, d.persons, d.proposed_by, d.proposed_at, d.confirm_by, d.confirmed_by, d.confirmed_at,"
    " d.ended_by, d.ended_at"
)
_INSERT: Final = """
INSERT INTO disposal_list (tenant, id, type, kept_days, entities, persons, proposed_by, proposed_at, confirm_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_DONE: Final = """
UPDATE disposal_list SET confirmed_by = $3, confirmed_at = $4, entities = '{}', persons = '{}' WHERE tenant = $1 AND id = $2
"""
_CERTIFY: Final = """
INSERT INTO disposal_certificate (tenant, list_id, at, type, proposed_by, confirmed_by, salt, digests, rows_gone)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_CERTIFICATES: Final = """
SELECT c.list_id, c.at, c.type, c.proposed_by, c.confirmed_by, c.salt, c.digests, c.rows_gone FROM disposal_certificate c
WHERE c.tenant = $1 ORDER BY c.at DESC, c.list_id LIMIT $2
"""
_EVENTS: Final = "SELECT n.seq FROM notification_event n WHERE n.tenant = $1 AND n.entity = ANY ($2::text[])"
# What is held of entities, in the order in which it goes; what was changed when (`change`) holds no values and stays.
_OF_ENTITIES: Final = {
    "notification": f"DELETE FROM notification t WHERE t.tenant = $1 AND t.seq IN ({_EVENTS})",
    "dead_letter": f"DELETE FROM dead_letter t WHERE t.tenant = $1 AND t.seq IN ({_EVENTS})",
    **{
        table: f"DELETE FROM {table} t WHERE t.tenant = $1 AND t.{column} = ANY ($2::text[])"
        for table, column in (
            *(("notification_event", "entity"), ("attribute_value", "entity"), ("entity_geo", "entity")),
            *(("entity_subject", "entity"), ("history", "entity"), ("entity_past", "entity"), ("entity", "id")),
        )
    },
}
# What is held of persons beside the graph: by URI, by the key of the account, or by principal. Consents stay: they hold no text of the
# person, only the key, behind which nobody is found any more.
_CASES: Final = "SELECT c.id FROM rights_case c WHERE c.tenant = $1 AND c.person = ANY ($2::text[])"
_BY_PERSON: Final = {
    "access_grant": "DELETE FROM access_grant t WHERE t.tenant = $1 AND t.subject = ANY ($2::text[])",
    "rights_step": f"DELETE FROM rights_step t WHERE t.tenant = $1 AND t.case_id IN ({_CASES})",
    "rights_case": "DELETE FROM rights_case t WHERE t.tenant = $1 AND t.person = ANY ($2::text[])",
    "use_stop": "DELETE FROM use_stop t WHERE t.tenant = $1 AND t.person = ANY ($2::text[])",
}
_BY_KEY: Final = {
    "mandate": "DELETE FROM mandate t WHERE t.tenant = $1 AND (t.person = ANY ($2::text[]) OR t.proxy = ANY ($2::text[]))",
    "passkey": "DELETE FROM passkey t WHERE t.tenant = $1 AND t.account = ANY ($2::text[])",
    "account": "DELETE FROM account t WHERE t.tenant = $1 AND t.key = ANY ($2::text[])",
}
_BY_PRINCIPAL: Final = {
    "access_grant of theirs": "DELETE FROM access_grant t WHERE t.tenant = $1 AND t.principal = ANY ($2::text[])",
    "credential": "DELETE FROM credential t WHERE t.tenant = $1 AND t.principal = ANY ($2::text[])",
    "linked_login": "DELETE FROM linked_login t WHERE t.tenant = $1 AND t.principal = ANY ($2::text[])",
    "oauth_connection": "DELETE FROM oauth_connection t WHERE t.tenant = $1 AND t.resident = ANY ($2::text[])",
    "shielded_person": (
        "DELETE FROM shielded_person t WHERE t.tenant = $1 AND t.subject IN (SELECT replace(p, 'resident:', 'urn:ngsi-ld:Resident:')"
        " FROM unnest($2::text[]) AS p)"
    ),
}


async def due(
    connection: Connection, tenant: str, kind: str, before: datetime, limit: int, only: Sequence[str] | None = None
) -> list[str]:
    """The ids of entities of a type whose end is over for long enough."""
    return [
        row["id"] for row in await connection.fetch(_DUE, tenant, kind, before, None if only is None else list(only), limit)
    ]


async def insert(connection: Connection, tenant: str, one: List) -> None:
    """Keeps a proposal."""
    lists = (list(one.entities), list(one.persons))
    await connection.execute(
        _INSERT, tenant, one.id, one.type, one.kept_days, *lists, one.proposed_by, one.proposed_at, one.confirm_by
    )


async def locked(connection: Connection, tenant: str, id: str) -> List | None:
    """A list, held until the unit ends."""
    sql = f"SELECT {_COLUMNS} FROM disposal_list d WHERE d.tenant = $1 AND d.id = $2 FOR UPDATE"
    row = await connection.fetchrow(sql, tenant, id[:64])
    return None if row is None else _list(row)


async def latest(connection: Connection, tenant: str, limit: int) -> list[List]:
    """The latest, newest first."""
    sql = f"SELECT {_COLUMNS} FROM disposal_list d WHERE d.tenant = $1 ORDER BY d.proposed_at DESC, d.id LIMIT $2"
    return [_list(row) for row in await connection.fetch(sql, tenant, limit)]


async def end(connection: Connection, tenant: str, id: str, by: str, now: datetime) -> None:
    """Notes that nothing is disposed of by it."""
    sql = "UPDATE disposal_list SET ended_by = $3, ended_at = $4 WHERE tenant = $1 AND id = $2"
    await connection.execute(sql, tenant, id, by, now)


async def erase(connection: Connection, tenant: str, entities: Sequence[str], persons: Sequence[str]) -> dict[str, int]:
    """Takes entities away with all that is held of them, and what is held of persons beside; how many rows of which table."""
    keys = [one.removeprefix(PERSON) for one in persons]
    principals = [f"resident:{key}" for key in keys]
    steps = ((_OF_ENTITIES, entities), (_BY_PERSON, persons), (_BY_KEY, keys), (_BY_PRINCIPAL, principals))
    gone = {
        table: _count(await connection.execute(sql, tenant, list(which)))
        for statements, which in steps
        for table, sql in statements.items()
    }
    return {table: count for table, count in gone.items() if count}


async def certify(connection: Connection, tenant: str, one: Certificate, entities: tuple[str, ...]) -> None:
    """Keeps the proof, and empties the list."""
    await connection.execute(_DONE, tenant, one.list_id, one.confirmed_by, one.at)
    proof = (one.salt, joined(one.salt, entities), orjson.dumps(one.rows_gone))
    await connection.execute(_CERTIFY, tenant, one.list_id, one.at, one.type, one.proposed_by, one.confirmed_by, *proof)


async def certificates(connection: Connection, tenant: str, limit: int) -> list[Certificate]:
    """The latest, newest first."""
    rows = await connection.fetch(_CERTIFICATES, tenant, limit)
    return [
        Certificate(**{**row, "digests": parted(row["digests"]), "rows_gone": orjson.loads(row["rows_gone"])}) for row in rows
    ]


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


def _list(row: Any) -> List:
    return List(**{**row, "entities": tuple(row["entities"]), "persons": tuple(row["persons"])})
