"""Which SQL does Kairo send for these requests? Its own application is asked in this process, and the driver tells every statement.

Requests come from as many askers at once as in the measurement, each asking again when it was answered, over one connection to the
database: so statements stand in the order in which they were run, and reads and commits are shared as under load.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from bench.kairo_side import Parts
from bench.load import KINDS, Asked
from kairo.platform.http.messages import App
from kairo.settings import Settings

Statement = tuple[str, tuple[Any, ...]]  # SQL and its arguments
_ENDS = ("COMMIT", "ROLLBACK")
NUMBERS = 10_000  # that a recording may use from `first` on; what is asked before uses as many more


@dataclass(frozen=True, slots=True)
class Recording:
    """Pieces of work, each one statement or one whole transaction, that answered so many requests. `plans_once`: whether any of them
    has one plan for all parameters from the first time on."""

    pieces: list[list[Statement]]
    requests: int
    plans_once: bool = False


async def record(settings: Settings, kind: str, asked: Asked, *, askers: int, number: int, counter: int | None) -> Recording:
    """The statements of `number` requests, after some that are not recorded. `counter`: what the tenant's number of changes is
    set to meanwhile."""
    parts = await Parts.open(replace(settings, pool_size=1), "bench recording")
    try:
        app = parts.asgi()
        before = [_request(raw) for raw in islice(KINDS[kind](replace(asked, first=asked.first + NUMBERS)), 2)]
        await _ask_all(app, iter(before), 1)
        log: list[Statement] = []
        async with parts.database.reading(settings.tenant) as connection:
            connection.add_query_logger(lambda query: log.append((query.query, query.args)))
        async with parts.database.owner() as owner:
            kept = await owner.fetchval("SELECT last_change FROM change_counter WHERE tenant = $1", settings.tenant)
            try:
                if counter is not None:
                    await _count_from(owner, settings.tenant, counter)
                await _ask_all(app, map(_request, islice(KINDS[kind](asked), number)), askers)
            finally:
                await _count_from(owner, settings.tenant, kept)
        return Recording(_pieces(log), number, _plans_once(log))
    finally:
        await parts.close()


async def _count_from(owner: Any, tenant: str, number: int) -> None:
    await owner.execute("UPDATE change_counter SET last_change = $2 WHERE tenant = $1", tenant, number)


async def _ask_all(app: App, requests: Iterator[tuple[dict[str, Any], bytes]], askers: int) -> None:
    """Every request, by so many askers at once. Raises RuntimeError for an answer that is no success."""

    async def ask() -> None:
        for scope, body in requests:
            answer: list[Any] = []

            async def receive(body: bytes = body) -> Any:
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(message: Any, answer: list[Any] = answer) -> None:
                answer.append(message)

            await app(scope, receive, send)
            if not 200 <= answer[0]["status"] < 300:
                raise RuntimeError(f"{scope['method']} {scope['path']} was not answered well: {answer}")

    await asyncio.gather(*[ask() for _ in range(askers)])


def _request(raw: bytes) -> tuple[dict[str, Any], bytes]:
    """A raw request as an ASGI scope, and its body."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.split(b" ")
    path, _, query = target.partition(b"?")
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    scope = {"type": "http", "method": method.decode(), "path": path.decode(), "raw_path": path, "query_string": query}
    return {**scope, "headers": headers, "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 1)}, body


def _plans_once(log: list[Statement]) -> bool:
    """Whether the session was told so before any of the statements."""
    return any("force_generic_plan" in sql for sql, _ in log if sql.lstrip().upper().startswith("SET "))


def _pieces(log: list[Statement]) -> list[list[Statement]]:
    """The statements, those of a transaction together."""
    pieces: list[list[Statement]] = []
    is_open = False
    for statement in log:
        sql = statement[0].lstrip().upper()
        if sql.startswith("SET "):
            continue  # of the session: said once
        if is_open:
            pieces[-1].append(statement)
        else:
            pieces.append([statement])
        is_open = (is_open or sql.startswith("BEGIN")) and not sql.startswith(_ENDS)
    return pieces
