"""How are told numbers, tables, budgets and extracts kept? The SQL of anonymity.

The ledger of a population is read with its version and written only where the version is still the same: a table that was made beside
another one, unseen, is made once more.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

import orjson

from kairo.trust.anonymity.groups import Group, group_from, key_of
from kairo.trust.anonymity.releasing import Kept
from kairo.trust.anonymity.tables import Answer, Budget, Extract, Release, Request, axes_from

_VERSION = "SELECT version FROM statistic_population WHERE tenant = $1 AND population = $2"
_FIRST = """
INSERT INTO statistic_population (tenant, population, version) VALUES ($1, $2, 1) ON CONFLICT (tenant, population) DO NOTHING
"""
_ADVANCE = "UPDATE statistic_population SET version = version + 1 WHERE tenant = $1 AND population = $2 AND version = $3"
_NUMBERS = """
SELECT condition, persons, told, amount FROM statistic_number WHERE tenant = $1 AND population = $2 AND measure = $3 ORDER BY digest
"""
_KEEP = """
INSERT INTO statistic_number (tenant, population, measure, digest, condition, persons, told, amount)
SELECT $1, $2, $3, u.digest, u.condition, u.persons, u.told, u.amount
FROM jsonb_to_recordset($4::jsonb) AS u(digest text, condition text, persons bigint, told boolean, amount double precision)
ON CONFLICT (tenant, population, measure, digest)
DO UPDATE SET persons = excluded.persons, told = excluded.told, amount = excluded.amount
"""
_RETIRE = "DELETE FROM statistic_number WHERE tenant = $1 AND population = $2 AND digest = ANY ($3::text[])"
_RELEASE_COLUMNS = "id, population, question, k, measure, axes, cells, kept, title, synthetic, asked_by, purpose, asked_at, published_by, published_at"
_ADD_RELEASE = f"""
INSERT INTO statistic_release (tenant, {_RELEASE_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL, NULL)
"""
_LATEST = f"""
SELECT {_RELEASE_COLUMNS} FROM statistic_release WHERE tenant = $1 AND population = $2 AND question = $3 ORDER BY asked_at DESC LIMIT 1
"""
_RELEASE = f"SELECT {_RELEASE_COLUMNS} FROM statistic_release WHERE tenant = $1 AND id = $2"
_RELEASES = f"""
SELECT {_RELEASE_COLUMNS} FROM statistic_release WHERE tenant = $1 AND ($2 OR published_at IS NOT NULL)
ORDER BY coalesce(published_at, asked_at) DESC, id LIMIT $3
"""
_PUBLISH = """
UPDATE statistic_release SET published_by = $3, published_at = $4, title = $5 WHERE tenant = $1 AND id = $2
"""
_BUDGETS = "SELECT population, period, budget, spent FROM privacy_budget WHERE tenant = $1 AND period = $2 ORDER BY population"
_OPEN_BUDGET = """
INSERT INTO privacy_budget (tenant, population, period, budget, spent) VALUES ($1, $2, $3, $4, 0)
ON CONFLICT (tenant, population, period) DO NOTHING
"""
_HOLD_BUDGET = "SELECT budget, spent FROM privacy_budget WHERE tenant = $1 AND population = $2 AND period = $3 FOR UPDATE"
_SPEND = "UPDATE privacy_budget SET spent = spent + $4 WHERE tenant = $1 AND population = $2 AND period = $3"
_ANSWER_COLUMNS = "population, period, question, epsilon, axes, cells, synthetic, asked_by, purpose, asked_at"
_ANSWER = f"""
SELECT {_ANSWER_COLUMNS} FROM noisy_answer
WHERE tenant = $1 AND population = $2 AND period = $3 AND question = $4 AND epsilon = $5
"""
_ADD_ANSWER = f"INSERT INTO noisy_answer (tenant, {_ANSWER_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_ANSWERS = f"SELECT {_ANSWER_COLUMNS} FROM noisy_answer WHERE tenant = $1 ORDER BY asked_at DESC, question LIMIT $2"
_EXTRACT_COLUMNS = (
    "id, request, population, kind, recipient, third_party, series, basis, columns, sensitive, k_reached, l_reached, persons, left_out, format, file_digest,"
    " made_by, agreed_by, purpose, made_at"
)
_ADD_EXTRACT = f"""
INSERT INTO data_extract (tenant, {_EXTRACT_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
"""
_REQUEST_COLUMNS = "id, wish, asked_by, asked_at, valid_until, agreed_by, agreed_at"
_ADD_REQUEST = """
INSERT INTO extract_request (tenant, id, wish, asked_by, asked_at, valid_until) VALUES ($1, $2, $3, $4, $5, $6)
"""
_REQUEST = f"SELECT {_REQUEST_COLUMNS} FROM extract_request WHERE tenant = $1 AND id = $2 AND valid_until > $3"
_REQUESTS = f"""
SELECT {_REQUEST_COLUMNS} FROM extract_request WHERE tenant = $1 AND valid_until > $2 ORDER BY asked_at DESC, id LIMIT $3
"""
_AGREE = """
UPDATE extract_request SET agreed_by = $3, agreed_at = $4
WHERE tenant = $1 AND id = $2 AND valid_until > $4 AND agreed_by IS NULL AND asked_by <> $3
"""
_EXTRACTS = f"SELECT {_EXTRACT_COLUMNS} FROM data_extract WHERE tenant = $1 ORDER BY made_at DESC, id LIMIT $2"


class Connection(Protocol):
    """The part of an asyncpg connection that this store uses."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


def digest_of(text: str) -> str:
    """A short name of a long text: keys of an index are bounded."""
    return hashlib.sha256(text.encode()).hexdigest()


async def version(connection: Connection, tenant: str, population: str) -> int:
    """The version of the population's ledger; 0 before its first table."""
    return int(await connection.fetchval(_VERSION, tenant, population) or 0)


async def advance(connection: Connection, tenant: str, population: str, seen: int) -> bool:
    """Takes the next version; False where somebody else took it since it was seen."""
    if seen == 0:
        return await connection.execute(_FIRST, tenant, population) == "INSERT 0 1"
    return await connection.execute(_ADVANCE, tenant, population, seen) == "UPDATE 1"


async def ledger(connection: Connection, tenant: str, population: str) -> dict[Group, Kept]:
    """Which numbers of persons were told or held back."""
    rows = await connection.fetch(_NUMBERS, tenant, population, "")
    return {group_from(row["condition"]): Kept(row["persons"], row["told"]) for row in rows}


async def sums(connection: Connection, tenant: str, population: str, measure: str) -> dict[Group, float]:
    """Which sums were told."""
    rows = await connection.fetch(_NUMBERS, tenant, population, measure)
    return {group_from(row["condition"]): row["amount"] for row in rows}


async def keep(
    connection: Connection, tenant: str, population: str, numbers: Mapping[Group, Kept], retired: Iterable[Group]
) -> None:
    """Enters numbers of persons; those that stand no longer go, with their sums."""
    gone = [digest_of(key_of(group)) for group in (*retired, *numbers)]
    await connection.execute(_RETIRE, tenant, population, gone)
    rows = [_number(group, kept.persons, kept.told) for group, kept in numbers.items()]
    await connection.execute(_KEEP, tenant, population, "", orjson.dumps(rows))


async def keep_sums(
    connection: Connection, tenant: str, population: str, measure: str, amounts: Mapping[Group, tuple[int, float]]
) -> None:
    """Enters sums that were told, each with its number of persons."""
    rows = [{**_number(group, persons, True), "amount": amount} for group, (persons, amount) in amounts.items()]
    await connection.execute(_KEEP, tenant, population, measure, orjson.dumps(rows))


def _number(group: Group, persons: int, told: bool) -> dict[str, Any]:
    key = key_of(group)
    return {"digest": digest_of(key), "condition": key, "persons": persons, "told": told}


async def add_release(connection: Connection, tenant: str, one: Release) -> None:
    """Enters a table."""
    shape = [orjson.dumps(part) for part in (one.axes_as_json(), one.cells, one.kept)]
    given = (one.id, one.population, one.question, one.k, one.measure, *shape, one.title, one.synthetic)
    await connection.execute(_ADD_RELEASE, tenant, *given, one.asked_by, one.purpose, one.asked_at)


async def latest(connection: Connection, tenant: str, population: str, question: str) -> Release | None:
    """The last table for this very question."""
    row = await connection.fetchrow(_LATEST, tenant, population, question)
    return _release(row) if row else None


async def release(connection: Connection, tenant: str, id: str) -> Release | None:
    """One table."""
    row = await connection.fetchrow(_RELEASE, tenant, id)
    return _release(row) if row else None


async def releases(connection: Connection, tenant: str, *, all: bool, limit: int) -> list[Release]:
    """The latest tables, all or those that were published."""
    return [_release(row) for row in await connection.fetch(_RELEASES, tenant, all, limit)]


async def publish(connection: Connection, tenant: str, id: str, by: str | None, at: datetime | None, title: str) -> None:
    """Opens a table to everybody, or (by nobody) closes it again."""
    await connection.execute(_PUBLISH, tenant, id, by, at, title)


def _release(row: Any) -> Release:
    given = dict(row)
    for name in ("cells", "kept"):
        given[name] = orjson.loads(given[name])
    return Release(**{**given, "axes": axes_from(orjson.loads(given["axes"]))})


async def budgets(connection: Connection, tenant: str, period: str) -> list[Budget]:
    """What was spent in this period, of every population that was asked about."""
    return [Budget(**dict(row)) for row in await connection.fetch(_BUDGETS, tenant, period)]


async def hold_budget(connection: Connection, tenant: str, population: str, period: str, budget: int) -> Budget:
    """The budget, which is opened where it is not; nobody else spends of it until the unit ends."""
    await connection.execute(_OPEN_BUDGET, tenant, population, period, budget)
    row = await connection.fetchrow(_HOLD_BUDGET, tenant, population, period)
    return Budget(population, period, row["budget"], row["spent"])


async def spend(connection: Connection, tenant: str, population: str, period: str, epsilon: int) -> None:
    """Takes it from the budget, which the unit holds."""
    await connection.execute(_SPEND, tenant, population, period, epsilon)


async def answer(
    connection: Connection, tenant: str, population: str, period: str, question: str, epsilon: int
) -> Answer | None:
    """The answer that this question got."""
    row = await connection.fetchrow(_ANSWER, tenant, population, period, question, epsilon)
    return _answer(row) if row else None


async def add_answer(connection: Connection, tenant: str, one: Answer) -> None:
    """Enters an answer."""
    shape = [orjson.dumps(part) for part in (one.axes_as_json(), one.cells)]
    given = (one.population, one.period, one.question, one.epsilon, *shape, one.synthetic)
    await connection.execute(_ADD_ANSWER, tenant, *given, one.asked_by, one.purpose, one.asked_at)


async def answers(connection: Connection, tenant: str, limit: int) -> list[Answer]:
    """The latest answers with noise."""
    return [_answer(row) for row in await connection.fetch(_ANSWERS, tenant, limit)]


def _answer(row: Any) -> Answer:
    return Answer(**{**dict(row), "axes": axes_from(orjson.loads(row["axes"])), "cells": orjson.loads(row["cells"])})


async def add_request(connection: Connection, tenant: str, one: Request) -> None:
    """Enters what somebody wants to extract."""
    await connection.execute(_ADD_REQUEST, tenant, one.id, orjson.dumps(one.wish), one.asked_by, one.asked_at, one.valid_until)


async def request(connection: Connection, tenant: str, id: str, now: datetime) -> Request | None:
    """What was asked for, while it is valid."""
    row = await connection.fetchrow(_REQUEST, tenant, id, now)
    return _request(row) if row else None


async def requests(connection: Connection, tenant: str, now: datetime, limit: int) -> list[Request]:
    """What was asked for and is valid."""
    return [_request(row) for row in await connection.fetch(_REQUESTS, tenant, now, limit)]


async def agree(connection: Connection, tenant: str, id: str, by: str, now: datetime) -> bool:
    """A second person agrees; False for who asked, for what is over or was agreed to."""
    return await connection.execute(_AGREE, tenant, id, by, now) == "UPDATE 1"


def _request(row: Any) -> Request:
    return Request(**{**dict(row), "wish": orjson.loads(row["wish"])})


async def add_extract(connection: Connection, tenant: str, one: Extract) -> None:
    """Enters an extract."""
    given = asdict(one)
    names: Sequence[str] = _EXTRACT_COLUMNS.replace(",", " ").split()
    await connection.execute(_ADD_EXTRACT, tenant, *(given[name] for name in names))


async def extracts(connection: Connection, tenant: str, limit: int) -> list[Extract]:
    """The latest extracts."""
    return [Extract(**dict(row)) for row in await connection.fetch(_EXTRACTS, tenant, limit)]
