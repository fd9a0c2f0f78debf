"""How are requests and their steps kept? Steps are only added to; both go with a person who is erased."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kairo.platform.db import Connection
from kairo.trust.rights.cases.rules import OPEN, Act, Case, Kind, State, Step

_COLUMNS: Final = (
    "c.id, c.kind, c.person, c.asked_by, c.channel, c.ial, c.aal, c.evidence, c.entity, c.attribute, c.text, c.state,"
    " c.received_at, c.decision_days, c.withheld"
)
_INSERT: Final = """
INSERT INTO rights_case (tenant, id, kind, person, asked_by, channel, ial, aal, evidence, entity, attribute, text, state,
                         received_at, decision_days)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
_STEP: Final = """
INSERT INTO rights_step (tenant, case_id, number, act, at, by, text, articles, days, did)
SELECT $1, $2, (SELECT count(*) + 1 FROM rights_step s WHERE s.tenant = $1 AND s.case_id = $2), $3, $4, $5, $6, $7, $8, $9
"""
_STEPS: Final = """
SELECT s.case_id, s.act, s.at, s.by, s.text, s.articles, s.days, s.did FROM rights_step s
WHERE s.tenant = $1 AND s.case_id = ANY ($2::text[]) ORDER BY s.case_id, s.number
"""
# The purposes and bases of what others were granted of a person; roles and areas name nobody and stay.
_GRANTS: Final = """
SELECT g.id, g.principal, g.purpose, g.basis FROM access_grant g WHERE g.tenant = $1 AND g.subject = $2 ORDER BY g.id LIMIT 1000
"""
_STOP: Final = "INSERT INTO use_stop (tenant, person, case_id, purposes, since, by) VALUES ($1, $2, $3, $4, $5, $6)"
_STOPS: Final = "SELECT u.purposes, u.since FROM use_stop u WHERE u.tenant = $1 AND u.person = $2 ORDER BY u.since"
# Who subscribed to just these entities by name for a purpose that has ended.
_SUBSCRIPTIONS: Final = """
SELECT DISTINCT w.subscription FROM subscription_watch w
JOIN subscription b ON b.tenant = $1 AND b.id = w.subscription
WHERE w.tenant = $1 AND (b.principal, b.purpose) IN (SELECT * FROM unnest($3::text[], $4::text[]))
  AND w.entity IN (SELECT s.entity FROM entity_subject s WHERE s.tenant = $1 AND s.subject = $2)
"""
_ABOUT: Final = """
SELECT s.entity, e.type_key, array_agg(DISTINCT s.attribute) AS mine, ARRAY(
    SELECT k FROM jsonb_object_keys(e.doc) AS k WHERE k NOT IN ('id', 'type', 'scope', 'expiresAt') ORDER BY k
) AS present
FROM entity_subject s JOIN entity e ON e.tenant = $1 AND e.id = s.entity
WHERE s.tenant = $1 AND s.subject = $2 AND s.is_now AND (e.expires_at IS NULL OR e.expires_at > $3)
GROUP BY s.entity, e.type_key, e.doc ORDER BY s.entity LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class About:
    """An entity about a person: which of its attributes are about them (`*`: all), and which it has."""

    id: str
    types: tuple[str, ...]
    mine: frozenset[str]
    present: tuple[str, ...]


async def insert(connection: Connection, tenant: str, one: Case) -> None:
    """Keeps a new request."""
    who = (one.kind, one.person, one.asked_by, one.channel, one.ial, one.aal, one.evidence)
    await connection.execute(
        _INSERT, tenant, one.id, *who, one.entity, one.attribute, one.text, one.state, one.received_at, one.decision_days
    )


async def add_step(connection: Connection, tenant: str, id: str, step: Step) -> None:
    """Keeps what happened. Whoever calls holds the request (`locked`)."""
    said = (step.act, step.at, step.by, step.text, list(step.articles), step.days, list(step.did))
    await connection.execute(_STEP, tenant, id, *said)


async def put(connection: Connection, tenant: str, id: str, state: State, withheld: Sequence[str]) -> None:
    """Notes how it stands."""
    sql = "UPDATE rights_case SET state = $3, withheld = $4 WHERE tenant = $1 AND id = $2"
    await connection.execute(sql, tenant, id, state, list(withheld))


async def get(connection: Connection, tenant: str, id: str, *, lock: bool = False) -> Case | None:
    """A request with its steps; with `lock` it is held until the unit ends."""
    sql = f"SELECT {_COLUMNS} FROM rights_case c WHERE c.tenant = $1 AND c.id = $2{' FOR UPDATE' if lock else ''}"
    found = await _with_steps(connection, tenant, await connection.fetch(sql, tenant, id[:64]))
    return found[0] if found else None


async def of_persons(connection: Connection, tenant: str, persons: Collection[str], limit: int) -> list[Case]:
    """What these persons asked for, the newest first."""
    sql = f"SELECT {_COLUMNS} FROM rights_case c WHERE c.tenant = $1 AND c.person = ANY ($2::text[]) ORDER BY c.received_at DESC, c.id LIMIT $3"
    return await _with_steps(connection, tenant, await connection.fetch(sql, tenant, sorted(persons), limit))


async def in_states(connection: Connection, tenant: str, states: Collection[State], limit: int, *, newest: bool) -> list[Case]:
    """Requests that stand so."""
    order = "DESC" if newest else "ASC"
    sql = f"SELECT {_COLUMNS} FROM rights_case c WHERE c.tenant = $1 AND c.state = ANY ($2::text[]) ORDER BY c.received_at {order}, c.id LIMIT $3"
    return await _with_steps(connection, tenant, await connection.fetch(sql, tenant, sorted(states), limit))


async def number_open(connection: Connection, tenant: str, person: str) -> int:
    """How many requests of a person wait for a decision."""
    sql = "SELECT count(*) FROM rights_case c WHERE c.tenant = $1 AND c.person = $2 AND c.state = ANY ($3::text[])"
    return int(await connection.fetchval(sql, tenant, person, sorted(OPEN)))


async def grants_about(connection: Connection, tenant: str, person: str) -> list[tuple[str, str, str, str]]:
    """Id, principal, purpose and basis of what was granted of a person."""
    return [tuple(row) for row in await connection.fetch(_GRANTS, tenant, person)]


async def stop(
    connection: Connection, tenant: str, person: str, id: str, purposes: Collection[str], now: datetime, by: str
) -> None:
    """Sets the mark that the use for these purposes was ended."""
    await connection.execute(_STOP, tenant, person, id, sorted(purposes), now, by)


async def stops(connection: Connection, tenant: str, person: str) -> list[tuple[list[str], datetime]]:
    """For which purposes the use of a person's data was ended, and when."""
    return [tuple(row) for row in await connection.fetch(_STOPS, tenant, person)]


async def subscriptions_about(
    connection: Connection, tenant: str, person: str, readers: Collection[tuple[str, str]]
) -> list[str]:
    """The subscriptions of these readers (principal, purpose) that name an entity about the person."""
    ordered = sorted(readers)
    principals, purposes = [one for one, _ in ordered], [one for _, one in ordered]
    return [row["subscription"] for row in await connection.fetch(_SUBSCRIPTIONS, tenant, person, principals, purposes)]


async def about(connection: Connection, tenant: str, person: str, now: datetime, limit: int) -> list[About]:
    """The entities about a person."""
    rows = await connection.fetch(_ABOUT, tenant, person, now, limit)
    return [
        About(row["entity"], tuple(row["type_key"].split(" ")), frozenset(row["mine"]), tuple(row["present"])) for row in rows
    ]


async def _with_steps(connection: Connection, tenant: str, rows: Sequence[Any]) -> list[Case]:
    steps: dict[str, list[Step]] = {row["id"]: [] for row in rows}
    for one in await connection.fetch(_STEPS, tenant, list(steps)):
        lists = (tuple(one["articles"]), one["days"], tuple(one["did"]))
        steps[one["case_id"]].append(Step(Act(one["act"]), one["at"], one["by"], one["text"], *lists))
    return [
        Case(
            **{
                **row,
                "kind": Kind(row["kind"]),
                "state": State(row["state"]),
                "withheld": tuple(row["withheld"]),
                "steps": tuple(steps[row["id"]]),
            }
        )
        for row in rows
    ]
