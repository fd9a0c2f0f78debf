"""How are many entities changed in one request? Batch create, upsert, update, merge and delete (CIM 009 6.14 to 6.18, 6.31)."""

from collections.abc import Callable
from typing import Any

import orjson

from kairo.context.api.exchange import Desk, done, options_of
from kairo.context.api.negotiation import JSON
from kairo.context.contexts import TermMap
from kairo.context.entities.commits import Command
from kairo.context.entities.rules import Append, Create, Delete, Merge, Upsert
from kairo.context.gate import Scope
from kairo.context.model.parse import Purpose, parse_attributes, parse_entity, parse_id
from kairo.errors import BadRequestData, KairoError
from kairo.platform.http import Request, Response
from kairo.platform.http.problems import prefers_japanese, problem
from kairo.platform.turns import Turns

Maker = Callable[[Any, TermMap], Command]
Failure = tuple[str, KairoError]


class Batch:
    """Handlers of the batch operations. Members succeed or fail one by one; those that succeed share one commit, or few."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def create(self, request: Request) -> Response:
        """POST /entityOperations/create (6.14): 201 with the ids, or 207."""

        def make(item: Any, terms: TermMap) -> Command:
            entity = parse_entity(item, terms)
            return Command(entity.id, Create(entity))

        scope, created, _, failures = await self._run(request, make)
        if not failures:
            return _body(scope, request, 201, created)
        return mixed(scope, request, created, failures)

    async def upsert(self, request: Request) -> Response:
        """POST /entityOperations/upsert (6.15): 201 with the ids of the new ones, 204 where all were there, or 207."""
        update = "update" in options_of(request.query)

        def make(item: Any, terms: TermMap) -> Command:
            entity = parse_entity(item, terms)
            return Command(entity.id, Upsert(entity, update=update))

        scope, created, changed, failures = await self._run(request, make)
        if failures:
            return mixed(scope, request, created + changed, failures)
        return _body(scope, request, 201, created) if created else done(scope, request)

    async def update(self, request: Request) -> Response:
        """POST /entityOperations/update (6.16): 204 or 207."""
        overwrite = "noOverwrite" not in options_of(request.query)

        def make(item: Any, terms: TermMap) -> Command:
            id = _id_of(item)
            return Command(id, Append(parse_attributes(item, terms, Purpose.WHOLE, entity_id=id), overwrite=overwrite))

        return await self._changed(request, make)

    async def merge(self, request: Request) -> Response:
        """POST /entityOperations/merge (6.31): 204 or 207."""

        def make(item: Any, terms: TermMap) -> Command:
            id = _id_of(item)
            return Command(id, Merge(parse_attributes(item, terms, Purpose.MERGE, entity_id=id)))

        return await self._changed(request, make)

    async def delete(self, request: Request) -> Response:
        """POST /entityOperations/delete (6.17): an array of ids; 204 or 207."""
        scope = await self._desk.scope(request)
        ids, _ = await self._desk.json(request)
        most = self._desk.max_batch(scope)
        if not isinstance(ids, list) or not ids or len(ids) > most:
            raise BadRequestData(
                f"the body is a JSON array of 1 to {most} entity ids",
                detail_ja="本文はエンティティIDのJSON配列です。",
            )
        commands: list[Command] = []
        failures: list[Failure] = []
        for id in ids:
            try:
                commands.append(Command(parse_id(id), Delete()))
            except KairoError as error:
                failures.append((str(id)[:200], error))
        _, changed = await self._submit(request, scope, commands, failures)
        return mixed(scope, request, changed, failures) if failures else done(scope, request)

    async def _changed(self, request: Request, make: Maker) -> Response:
        scope, _, changed, failures = await self._run(request, make)
        return mixed(scope, request, changed, failures) if failures else done(scope, request)

    async def _run(self, request: Request, make: Maker) -> tuple[Scope, list[str], list[str], list[Failure]]:
        """The scope, the ids of new and of other successful members, and what failed."""
        scope = await self._desk.scope(request)
        commands: list[Command] = []
        failures: list[Failure] = []
        turns = Turns()
        for item, terms in await self._desk.batch(request, self._desk.max_batch(scope)):
            await turns.give()
            try:
                if isinstance(terms, KairoError):
                    raise terms
                commands.append(make(item, terms))
            except KairoError as error:
                failures.append((str(item.get("id", ""))[:200] if isinstance(item, dict) else "", error))
        await self._desk.require_room(
            scope, [command.entity for command in commands if isinstance(command.operation, Create | Upsert)]
        )
        created, changed = await self._submit(request, scope, commands, failures)
        return scope, created, changed, failures

    async def _submit(
        self, request: Request, scope: Scope, commands: list[Command], failures: list[Failure]
    ) -> tuple[list[str], list[str]]:
        if not commands:
            return [], []
        results = await self._desk.graph.submit(scope, commands, request=request.scope.get("request_id", ""))
        created: list[str] = []
        changed: list[str] = []
        for command, result in zip(commands, results, strict=True):
            if isinstance(result, KairoError):
                failures.append((command.entity, result))
            elif result.not_updated:
                reasons = "; ".join(f"{name}: {reason}" for name, reason in result.not_updated)
                failures.append((command.entity, BadRequestData(f"not everything was taken: {reasons}")))
            else:
                (created if result.created else changed).append(command.entity)
        return created, changed


def _id_of(item: Any) -> str:
    if not isinstance(item, dict) or "id" not in item:
        raise BadRequestData("each member is an object with an id", detail_ja="各要素には id が必要です。")
    return parse_id(item["id"])


def _body(scope: Scope, request: Request, status: int, value: Any) -> Response:
    response = done(scope, request, status)
    response.body, response.content_type = orjson.dumps(value), JSON.encode()
    return response


def mixed(scope: Scope, request: Request, successes: list[str], failures: list[Failure]) -> Response:
    """207 with a BatchOperationResult (5.2.16); where nothing at all succeeded for want of credentials, that answer itself."""
    if not successes and all(error.status in {401, 403} for _, error in failures):
        raise failures[0][1]
    japanese = prefers_japanese(request.headers.get("accept-language", ""))
    errors = [{"entityId": id, "error": problem(error, japanese=japanese)} for id, error in failures]
    return _body(scope, request, 207, {"success": successes, "errors": errors})
