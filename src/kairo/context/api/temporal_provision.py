"""How is the past of entities written over HTTP? Enter, correct and erase instances (CIM 009 6.18.3.1, 6.19.3.2, 6.20 to 6.22)."""

from urllib.parse import quote

from kairo.context.api.exchange import Desk, done, flag
from kairo.context.contexts import TermMap
from kairo.context.gate import Scope
from kairo.context.model.names import NONE
from kairo.context.model.parse import parse_attribute_name, parse_id
from kairo.context.temporal.instance_ids import InstanceKey, read_instance_id
from kairo.context.temporal.writing.fragments import parse_additions, parse_correction, parse_evolution
from kairo.context.temporal.writing.operations import (
    CorrectInstance,
    Enter,
    EraseAttribute,
    EraseEvolution,
    EraseInstance,
    TemporalOperation,
)
from kairo.platform.http import Request, Response


class TemporalProvision:
    """Handlers of the operations that change the past."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def _submit(self, request: Request, scope: Scope, operation: TemporalOperation) -> bool:
        return await self._desk.graph.evolutions.submit(scope, operation, request=request.scope.get("request_id", ""))

    async def create(self, request: Request) -> Response:
        """POST /temporal/entities (6.18.3.1): 201 with Location, or 204 where the entity was known."""
        scope = await self._desk.scope(request)
        payload, terms = await self._desk.payload(request)
        evolution = parse_evolution(payload, terms, self._desk.settings.max_instances)
        if not await self._submit(request, scope, Enter(evolution, may_create=True)):
            return done(scope, request)
        location = f"/ngsi-ld/v1/temporal/entities/{quote(evolution.id, safe=':')}".encode()
        return done(scope, request, 201, [(b"location", location)])

    async def append(self, request: Request) -> Response:
        """POST /temporal/entities/{id}/attrs (6.20.3.1)."""
        scope = await self._desk.scope(request)
        id = parse_id(request.path_values["id"])
        payload, terms = await self._desk.payload(request)
        evolution = parse_additions(payload, terms, id, self._desk.settings.max_instances)
        await self._submit(request, scope, Enter(evolution, may_create=False))
        return done(scope, request)

    async def delete(self, request: Request) -> Response:
        """DELETE /temporal/entities/{id} (6.19.3.2)."""
        scope = await self._desk.scope(request)
        await self._submit(request, scope, EraseEvolution(parse_id(request.path_values["id"])))
        return done(scope, request)

    async def delete_attribute(self, request: Request) -> Response:
        """DELETE /temporal/entities/{id}/attrs/{attribute} (6.21.3.1): one dataset or all."""
        query = request.query
        scope = await self._desk.scope(request)
        terms = await self._desk.terms(request)
        dataset = parse_id(query["datasetId"]) if query.get("datasetId", NONE) != NONE else NONE
        chosen = None if flag(query, "deleteAll") else dataset
        id = parse_id(request.path_values["id"])
        await self._submit(request, scope, EraseAttribute(id, _attribute(request, terms), chosen))
        return done(scope, request)

    async def correct(self, request: Request) -> Response:
        """PATCH /temporal/entities/{id}/attrs/{attribute}/{instance} (6.22.3.1)."""
        scope = await self._desk.scope(request)
        id, key = parse_id(request.path_values["id"]), _instance(request)
        payload, terms = await self._desk.payload(request, patch=True)
        name = _attribute(request, terms)
        entered = parse_correction(payload, terms, request.path_values["attribute"], name)
        await self._submit(request, scope, CorrectInstance(id, name, key, entered))
        return done(scope, request)

    async def delete_instance(self, request: Request) -> Response:
        """DELETE /temporal/entities/{id}/attrs/{attribute}/{instance} (6.22.3.2)."""
        scope = await self._desk.scope(request)
        terms = await self._desk.terms(request)
        id, key = parse_id(request.path_values["id"]), _instance(request)
        await self._submit(request, scope, EraseInstance(id, _attribute(request, terms), key))
        return done(scope, request)


def _attribute(request: Request, terms: TermMap) -> str:
    given = request.path_values["attribute"]
    return given if given == "scope" else parse_attribute_name(given, terms)


def _instance(request: Request) -> InstanceKey | None:
    return read_instance_id(parse_id(request.path_values["instance"]))
