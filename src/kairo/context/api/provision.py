"""How are entities changed over HTTP? Create, append, update, merge, replace, delete (CIM 009 6.4 to 6.7)."""

import re
from urllib.parse import quote

import orjson

from kairo.context.api.consumption import FORMATS
from kairo.context.api.exchange import Desk, done, flag, options_of
from kairo.context.api.negotiation import JSON
from kairo.context.entities.commits import Command
from kairo.context.entities.rules import (
    Append,
    Create,
    Delete,
    DeleteAttribute,
    Merge,
    Operation,
    Outcome,
    PartialUpdate,
    ReplaceAttribute,
    ReplaceEntity,
    UpdateAttributes,
)
from kairo.context.gate import Scope
from kairo.context.model.names import NONE
from kairo.context.model.parse import (
    Purpose,
    parse_attribute_name,
    parse_attributes,
    parse_entity,
    parse_id,
    parse_instance,
    parse_language,
    parse_time,
)
from kairo.errors import BadRequestData, InvalidRequest, KairoError
from kairo.platform.http import Request, Response

_UNQUOTED = re.compile(r"[A-Za-z0-9:._~-]+")  # ids that stand in a path as they are


class Provision:
    """Handlers of the operations that change one entity."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def _apply(self, request: Request, scope: Scope, entity: str, operation: Operation) -> Outcome:
        (result,) = await self._desk.graph.submit(
            scope, [Command(entity, operation)], request=request.scope.get("request_id", ""), size=request.body_bytes
        )
        if isinstance(result, KairoError):
            raise result
        return result

    async def create(self, request: Request) -> Response:
        """POST /entities (6.4.3.1): 201 with Location."""
        scope = await self._desk.scope(request)
        payload, terms = await self._desk.payload(request)
        entity = parse_entity(payload, terms)
        await self._desk.require_room(scope, [entity.id])
        await self._apply(request, scope, entity.id, Create(entity))
        id = entity.id if _UNQUOTED.fullmatch(entity.id) else quote(entity.id, safe=":")
        return done(scope, request, 201, [(b"location", f"/ngsi-ld/v1/entities/{id}".encode())])

    async def replace(self, request: Request) -> Response:
        """PUT /entities/{id} (6.5.3.3)."""
        scope = await self._desk.scope(request)
        id = parse_id(request.path_values["id"])
        payload, terms = await self._desk.payload(request)
        payload.setdefault("id", id)
        entity = parse_entity(payload, terms)
        if entity.id != id:
            raise BadRequestData(
                f"the body is about {entity.id!r}, the address about {id!r}", detail_ja="本文とアドレスのIDが異なります。"
            )
        await self._apply(request, scope, id, ReplaceEntity(entity))
        return done(scope, request)

    async def merge(self, request: Request) -> Response:
        """PATCH /entities/{id} (6.5.3.4): merge patch; `observedAt` and `lang` as 5.6.17 has them."""
        query = request.query
        simplified = _is_simplified(query)
        observed_at = parse_time(query["observedAt"]) if "observedAt" in query else None
        language = parse_language(query["lang"]) if "lang" in query else None
        scope = await self._desk.scope(request)
        id = parse_id(request.path_values["id"])
        payload, terms = await self._desk.payload(request, patch=True)
        fragment = parse_attributes(payload, terms, Purpose.MERGE, simplified=simplified, entity_id=id)
        await self._apply(request, scope, id, Merge(fragment, observed_at, language))
        return done(scope, request)

    async def delete(self, request: Request) -> Response:
        """DELETE /entities/{id} (6.5.3.2)."""
        scope = await self._desk.scope(request)
        await self._apply(request, scope, parse_id(request.path_values["id"]), Delete())
        return done(scope, request)

    async def append(self, request: Request) -> Response:
        """POST /entities/{id}/attrs (6.6.3.1): 204, or 207 where something was left as it is."""
        overwrite = "noOverwrite" not in options_of(request.query)
        scope = await self._desk.scope(request)
        id = parse_id(request.path_values["id"])
        payload, terms = await self._desk.payload(request)
        fragment = parse_attributes(payload, terms, Purpose.WHOLE, entity_id=id)
        outcome = await self._apply(request, scope, id, Append(fragment, overwrite=overwrite))
        return _updated(outcome, scope, request, terms.compact)

    async def update(self, request: Request) -> Response:
        """PATCH /entities/{id}/attrs (6.6.3.2): 204 or 207."""
        scope = await self._desk.scope(request)
        id = parse_id(request.path_values["id"])
        payload, terms = await self._desk.payload(request, patch=True)
        fragment = parse_attributes(payload, terms, Purpose.UPDATE, entity_id=id)
        outcome = await self._apply(request, scope, id, UpdateAttributes(fragment))
        return _updated(outcome, scope, request, terms.compact)

    async def partial_update(self, request: Request) -> Response:
        """PATCH /entities/{id}/attrs/{attribute} (6.7.3.1)."""
        scope = await self._desk.scope(request)
        id = parse_id(request.path_values["id"])
        payload, terms = await self._desk.payload(request, patch=True)
        name, stored = parse_instance(request.path_values["attribute"], payload, terms, Purpose.PARTIAL)
        await self._apply(request, scope, id, PartialUpdate(name, stored))
        return done(scope, request)

    async def replace_attribute(self, request: Request) -> Response:
        """PUT /entities/{id}/attrs/{attribute} (6.7.3.3)."""
        scope = await self._desk.scope(request)
        id = parse_id(request.path_values["id"])
        payload, terms = await self._desk.payload(request)
        name, stored = parse_instance(request.path_values["attribute"], payload, terms, Purpose.WHOLE)
        await self._apply(request, scope, id, ReplaceAttribute(name, stored))
        return done(scope, request)

    async def delete_attribute(self, request: Request) -> Response:
        """DELETE /entities/{id}/attrs/{attribute} (6.7.3.2), one dataset or all."""
        query = request.query
        scope = await self._desk.scope(request)
        terms = await self._desk.terms(request)
        given = request.path_values["attribute"]
        name = given if given == "scope" else parse_attribute_name(given, terms)
        dataset = parse_id(query["datasetId"]) if "datasetId" in query else NONE
        operation = DeleteAttribute(name, dataset, flag(query, "deleteAll"))
        await self._apply(request, scope, parse_id(request.path_values["id"]), operation)
        return done(scope, request)


def _is_simplified(query: dict[str, str]) -> bool:
    named = query.get("format")
    if named is not None and named not in FORMATS:
        raise InvalidRequest(
            f"format is one of {', '.join(FORMATS)}, not {named[:40]!r}",
            detail_ja=f"format は {'、'.join(FORMATS)} のいずれかです。",
        )
    return not {"keyValues", "simplified"}.isdisjoint({named} if named else options_of(query))


def _updated(outcome: Outcome, scope: Scope, request: Request, compact: object) -> Response:
    """204 where all was taken, else 207 with an UpdateResult (5.2.18)."""
    if not outcome.not_updated:
        return done(scope, request)
    name = compact if callable(compact) else str
    body = {
        "updated": [name(attribute) for attribute in outcome.updated],
        "notUpdated": [{"attributeName": name(attribute), "reason": reason} for attribute, reason in outcome.not_updated],
    }
    response = done(scope, request, 207)
    response.body, response.content_type = orjson.dumps(body), JSON.encode()
    return response
