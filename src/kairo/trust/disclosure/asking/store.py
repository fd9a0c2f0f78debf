"""How are questions about looks kept? One a look and person; the SQL of `access_question`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from kairo.platform.db import Connection

_COLUMNS = "q.id, q.seq, q.person, q.state, q.question, q.answer, q.asked_at, q.answered_at, q.answered_by"
_ASK = """
INSERT INTO access_question (tenant, id, seq, person, state, question, asked_at) VALUES ($1, $2, $3, $4, 'open', $5, $6)
ON CONFLICT (tenant, person, seq) DO NOTHING
"""
_ANSWER = """
UPDATE access_question SET state = 'answered', answer = $3, answered_at = $4, answered_by = $5
WHERE tenant = $1 AND id = $2 AND state = 'open' RETURNING person
"""
_OF = f"SELECT {_COLUMNS} FROM access_question q WHERE q.tenant = $1 AND q.person = $2 ORDER BY q.asked_at DESC, q.id LIMIT 500"
_ALL = f"SELECT {_COLUMNS} FROM access_question q WHERE q.tenant = $1 AND q.state = $2 ORDER BY q.asked_at, q.id LIMIT $3"
_OPEN = "SELECT count(*) FROM access_question q WHERE q.tenant = $1 AND q.person = $2 AND q.state = 'open'"
_WAITING = "SELECT count(*) FROM access_question q WHERE q.tenant = $1 AND q.state = 'open'"
_LOOKS = """
SELECT l.seq, l.at, l.principal, l.purpose FROM disclosure_look l WHERE l.tenant = $1 AND l.seq = ANY ($2::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and, once there is one, its answer. `state`: open, answered."""

    id: str
    seq: int
    person: str
    state: str
    question: str
    answer: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str | None


async def ask(connection: Connection, tenant: str, id: str, seq: int, person: str, question: str, now: datetime) -> bool:
    """Keeps a question; False where this look was asked about before."""
    return await connection.execute(_ASK, tenant, id, seq, person, question, now) == "INSERT 0 1"


async def answer(connection: Connection, tenant: str, id: str, text: str, now: datetime, by: str) -> str | None:
    """Answers an open question: the person who asked; None where there is no open one of this id."""
    found: str | None = await connection.fetchval(_ANSWER, tenant, id, text, now, by)
    return found


async def of_person(connection: Connection, tenant: str, person: str) -> list[Question]:
    """What a person asked, the newest first."""
    return [Question(*row) for row in await connection.fetch(_OF, tenant, person)]


async def number_open(connection: Connection, tenant: str, person: str) -> int:
    """How many questions of a person wait for an answer."""
    return int(await connection.fetchval(_OPEN, tenant, person))


async def number_waiting(connection: Connection, tenant: str) -> int:
    """How many questions of all persons wait."""
    return int(await connection.fetchval(_WAITING, tenant))


async def all_of(connection: Connection, tenant: str, state: str, limit: int) -> list[Question]:
    """Questions in this state, the oldest first."""
    return [Question(*row) for row in await connection.fetch(_ALL, tenant, state, limit)]


async def looks(connection: Connection, tenant: str, numbers: Collection[int]) -> dict[int, tuple[datetime, str, str]]:
    """When, who and for which purpose, of these looks."""
    rows = await connection.fetch(_LOOKS, tenant, list(numbers))
    return {row["seq"]: (row["at"], row["principal"], row["purpose"]) for row in rows}
