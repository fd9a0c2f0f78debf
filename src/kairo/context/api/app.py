"""Which operations does the broker offer, and how does a request get to its handler? The table of routes and the ASGI callable."""

from typing import Any

from kairo.context.api.batch import Batch
from kairo.context.api.consumption import FORMATS, Consumption
from kairo.context.api.contexts import Contexts
from kairo.context.api.discovery import Discovery
from kairo.context.api.exchange import Desk, refuse_unknown
from kairo.context.api.openapi import Description
from kairo.context.api.provision import Provision
from kairo.context.contexts.store import PostgresContextStore
from kairo.context.query import QUERY_PARAMETERS
from kairo.errors import KairoError, ResourceNotFound
from kairo.platform.http import Request, Response, Route, Router, problem_response
from kairo.platform.http.messages import Limits, Receive, Scope, Send, path_segments
from kairo.platform.http.routing import Handler

BASE = "/ngsi-ld/v1"
READ = "read the entities that the gate's scope shows"
WRITE = "write entities of the classes that the gate's scope allows"
KEEP = frozenset({"noOverwrite"})


class BrokerApi:
    """An ASGI application for everything below `/ngsi-ld/v1`."""

    def __init__(self, desk: Desk, contexts: PostgresContextStore) -> None:
        self.desk = desk
        self.router = Router(routes(desk, contexts))
        self._limits = Limits(desk.settings.max_body_bytes, desk.settings.max_query_length)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(scope, receive)
        except KairoError as error:
            language = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
            response = problem_response(error, accept_language=language.decode("latin-1"))
        await response.send(send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        segments = path_segments(scope)
        if scope["method"] == "OPTIONS":
            return self._options(segments)
        route, values = self.router.find(scope["method"], segments)
        request = Request(scope, receive, self._limits, values)
        if scope["query_string"]:
            refuse_unknown(request.query, route)
        return await route.handler(request)

    def _options(self, segments: list[str]) -> Response:
        allowed = {"OPTIONS"}
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            try:
                self.router.find(method, segments)
            except KairoError:
                continue
            allowed.add(method)
        if len(allowed) == 1:
            raise ResourceNotFound("there is nothing at this address", detail_ja="このアドレスには何もありません。")
        return Response(204, headers=[(b"allow", ", ".join(sorted(allowed)).encode())])


def routes(desk: Desk, contexts: PostgresContextStore) -> list[Route]:
    """Every operation of the API with its permission, its line in the docs, its clause and what it takes."""
    table = [*_provision(Provision(desk)), *_batch(Batch(desk)), *_consumption(Consumption(desk)), *_discovery(Discovery(desk))]
    table += _contexts(Contexts(desk, contexts))
    description = Description(table, desk)
    what = {200: "The description"}
    table.append(Route("GET", f"{BASE}/openapi.json", description.serve, "anyone", "This API's description", responses=what))
    return table


def _provision(on: Provision) -> list[Route]:
    entity, attribute = f"{BASE}/entities/{{id}}", f"{BASE}/entities/{{id}}/attrs/{{attribute}}"
    local, typed = frozenset({"local"}), frozenset({"local", "type"})
    merging = local | {"options", "format", "observedAt", "lang"}
    formats = frozenset(FORMATS)
    created, done, some = {201: "Created"}, {204: "Done"}, {204: "Done", 207: "Some was left as it is"}

    def write(method: str, path: str, handler: Handler, summary: str, clause: str, **more: Any) -> Route:
        return Route(method, path, handler, WRITE, summary, clause, **{"parameters": typed, "responses": done, **more})

    adding = {"body": "Fragment", "responses": some}
    return [
        write(
            "POST",
            f"{BASE}/entities",
            on.create,
            "Create an entity",
            "5.6.1",
            parameters=local,
            body="Entity",
            responses=created,
        ),
        write("PUT", entity, on.replace, "Replace an entity", "5.6.18", parameters=local, body="Entity"),
        write(
            "PATCH", entity, on.merge, "Merge into an entity", "5.6.17", parameters=merging, options=formats, body="Fragment"
        ),
        write("DELETE", entity, on.delete, "Delete an entity", "5.6.6"),
        write(
            "POST",
            f"{entity}/attrs",
            on.append,
            "Append attributes",
            "5.6.3",
            **adding,
            parameters=typed | {"options"},
            options=KEEP,
        ),
        write("PATCH", f"{entity}/attrs", on.update, "Update attributes", "5.6.2", **adding),
        write("PATCH", attribute, on.partial_update, "Change members of an attribute", "5.6.4", body="Attribute"),
        write("PUT", attribute, on.replace_attribute, "Replace an attribute", "5.6.19", body="Attribute"),
        write(
            "DELETE",
            attribute,
            on.delete_attribute,
            "Delete an attribute",
            "5.6.5",
            parameters=typed | {"datasetId", "deleteAll"},
        ),
    ]


def _batch(on: Batch) -> list[Route]:
    local, chosen = frozenset({"local"}), frozenset({"local", "options"})
    modes = frozenset({"update", "replace"})
    created, done, mixed = {201: "The ids of new entities"}, {204: "Done"}, {207: "What succeeded and what did not"}

    def write(name: str, handler: Handler, summary: str, clause: str, **more: Any) -> Route:
        given = {"parameters": local, "body": "Entities", "responses": done | mixed, **more}
        return Route("POST", f"{BASE}/entityOperations/{name}", handler, WRITE, summary, clause, **given)

    return [
        write("create", on.create, "Create many entities", "5.6.7", responses=created | mixed),
        write(
            "upsert",
            on.upsert,
            "Create or change many entities",
            "5.6.8",
            parameters=chosen,
            options=modes,
            responses=created | done | mixed,
        ),
        write("update", on.update, "Update many entities", "5.6.9", parameters=chosen, options=KEEP, body="Fragments"),
        write("merge", on.merge, "Merge into many entities", "5.6.20", body="Fragments"),
        write("delete", on.delete, "Delete many entities", "5.6.10", body="Ids"),
    ]


def _consumption(on: Consumption) -> list[Route]:
    showing = frozenset({"options", "format", "attrs", "pick", "omit", "lang", "geometryProperty", "datasetId", "local"})
    paging = showing | {"limit", "offset", "after", "count"}
    shown = frozenset({*FORMATS, "sysAttrs"})
    counting = shown | {"count"}
    one, many = {200: "The entity"}, {200: "A page of entities"}
    entities, by_post = f"{BASE}/entities", f"{BASE}/entityOperations/query"
    asked = paging | QUERY_PARAMETERS
    return [
        Route("GET", entities, on.query, READ, "Query entities", "5.7.2", asked, counting, responses=many),
        Route(
            "GET",
            f"{entities}/{{id}}",
            on.retrieve,
            READ,
            "Retrieve an entity",
            "5.7.1",
            showing | {"type"},
            shown,
            responses=one,
        ),
        Route("POST", by_post, on.query_by_post, READ, "Query entities by POST", "5.7.2", paging, counting, "Query", many),
    ]


def _discovery(on: Discovery) -> list[Route]:
    local, detailed = frozenset({"local"}), frozenset({"local", "details"})
    types, attributes = {200: "The types"}, {200: "The attributes"}
    one_type, one_attribute = {200: "The type"}, {200: "The attribute"}
    kind, attribute = f"{BASE}/types/{{type}}", f"{BASE}/attributes/{{attribute}}"
    return [
        Route("GET", f"{BASE}/types", on.types, READ, "List entity types", "5.7.5", detailed, responses=types),
        Route("GET", kind, on.type_info, READ, "Describe an entity type", "5.7.7", local, responses=one_type),
        Route("GET", f"{BASE}/attributes", on.attributes, READ, "List attributes", "5.7.8", detailed, responses=attributes),
        Route("GET", attribute, on.attribute_info, READ, "Describe an attribute", "5.7.10", local, responses=one_attribute),
    ]


def _contexts(on: Contexts) -> list[Route]:
    every, one = f"{BASE}/jsonldContexts", f"{BASE}/jsonldContexts/{{context}}"
    listed, detailed = frozenset({"details", "kind"}), frozenset({"details"})
    stored, found, context, done = {201: "Stored"}, {200: "Their addresses"}, {200: "The @context"}, {204: "Deleted"}
    return [
        Route("POST", every, on.add, WRITE, "Store an @context", "5.13.2", body="Context", responses=stored),
        Route("GET", every, on.list, READ, "List stored @contexts", "5.13.3", listed, responses=found),
        Route("GET", one, on.serve, READ, "Serve an @context", "5.13.4", detailed, responses=context),
        Route("DELETE", one, on.delete, WRITE, "Delete an @context", "5.13.5", responses=done),
    ]
