"""Which operations does the broker offer, and how does a request get to its handler? The table of routes and the ASGI callable."""

from typing import Any

from kairo.context.api.batch import Batch
from kairo.context.api.consumption import FORMATS, Consumption
from kairo.context.api.contexts import Contexts
from kairo.context.api.discovery import Discovery
from kairo.context.api.exchange import Desk, refuse_unknown
from kairo.context.api.joining import JOIN_PARAMETERS
from kairo.context.api.openapi import Description
from kairo.context.api.provision import Provision
from kairo.context.api.purge import PURGE_PARAMETERS, Purge
from kairo.context.api.subscriptions import Subscriptions
from kairo.context.api.temporal import Temporal
from kairo.context.api.temporal_provision import TemporalProvision
from kairo.context.api.temporal_routes import temporal_routes
from kairo.context.contexts.store import PostgresContextStore
from kairo.context.query import ORDER_PARAMETERS, QUERY_PARAMETERS
from kairo.errors import KairoError
from kairo.platform.http import Request, Response, Route, Router, problem_response
from kairo.platform.http.messages import Limits, Receive, Scope, Send, path_segments
from kairo.platform.http.routing import Handler

BASE = "/ngsi-ld/v1"
READ = "read the entities that the gate's scope shows"
WRITE = "write entities of the classes that the gate's scope allows"
SUBSCRIBE = "subscribe; what is sent is what the subscriber may read at that moment"
KEEP = frozenset({"noOverwrite"})


class BrokerApi:
    """An ASGI application for everything below `/ngsi-ld/v1`."""

    def __init__(self, desk: Desk, contexts: PostgresContextStore) -> None:
        self.desk = desk
        self.router = Router(routes(desk, contexts))
        self._limits = Limits(desk.settings.max_body_bytes, desk.settings.max_query_length, desk.settings.body_seconds)
        # The routes whose address says all, by method and path as they come.
        self._plain = {(route.method, route.path.encode()): route for route in self.router if "{" not in route.path}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(scope, receive)
        except KairoError as error:
            language = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
            response = problem_response(error, accept_language=language.decode("latin-1"))
        await response.send(send, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        method: str = scope["method"]
        route, values = self._plain.get((method, scope.get("raw_path", b""))), dict[str, str]()
        if route is None:
            segments = path_segments(scope, self._limits)
            if method == "OPTIONS":
                return self._options(segments)
            route, values = self.router.find("GET" if method == "HEAD" else method, segments)
        request = Request(scope, receive, self._limits, values)
        if scope["query_string"]:
            refuse_unknown(request.query, route)
        return await route.handler(request)

    def _options(self, segments: list[str]) -> Response:
        return Response(204, headers=[(b"allow", ", ".join(self.router.allowed(segments)).encode())])


def routes(desk: Desk, contexts: PostgresContextStore) -> list[Route]:
    """Every operation of the API with its permission, its line in the docs, its clause and what it takes."""
    table = [*_provision(Provision(desk), Purge(desk).purge), *_batch(Batch(desk))]
    table += [*_consumption(Consumption(desk, contexts)), *_discovery(Discovery(desk))]
    table += temporal_routes(BASE, READ, WRITE, Temporal(desk), TemporalProvision(desk))
    table += _contexts(Contexts(desk, contexts))
    table += _subscriptions(Subscriptions(desk))
    description = Description(table, desk)
    what = {200: "The description"}
    table.append(Route("GET", f"{BASE}/openapi.json", description.serve, "anyone", "This API's description", responses=what))
    return table


def _provision(on: Provision, purge: Handler) -> list[Route]:
    entity, attribute = f"{BASE}/entities/{{id}}", f"{BASE}/entities/{{id}}/attrs/{{attribute}}"
    local, typed = frozenset({"local"}), frozenset({"local", "type"})
    merging = local | {"options", "format", "observedAt", "lang"}
    formats = frozenset(FORMATS)
    created, done, some = {201: "Created"}, {204: "Done"}, {204: "Done", 207: "Some was left as it is"}
    purged = {204: "Purged; NGSILD-Results-Count says how many", 207: "Some may not be changed"}

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
        write("DELETE", f"{BASE}/entities", purge, "Purge entities", "5.6.21", parameters=PURGE_PARAMETERS, responses=purged),
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
    showing = JOIN_PARAMETERS | {"options", "format", "attrs", "pick", "omit", "lang", "geometryProperty", "datasetId", "local"}
    paging = showing | {"limit", "offset", "after", "count"}
    shown = frozenset({*FORMATS, "sysAttrs"})
    counting = shown | {"count"}
    one, many = {200: "The entity"}, {200: "A page of entities"}
    entities, by_post = f"{BASE}/entities", f"{BASE}/entityOperations/query"
    asked = paging | QUERY_PARAMETERS | ORDER_PARAMETERS
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
    listed, detailed, reload = frozenset({"details", "kind"}), frozenset({"details"}), frozenset({"reload"})
    stored, found, context, done = {201: "Stored"}, {200: "Their addresses"}, {200: "The @context"}, {204: "Deleted"}
    return [
        Route("POST", every, on.add, WRITE, "Store an @context", "5.13.2", body="Context", responses=stored),
        Route("GET", every, on.list, READ, "List stored @contexts", "5.13.3", listed, responses=found),
        Route("GET", one, on.serve, READ, "Serve an @context", "5.13.4", detailed, responses=context),
        Route("DELETE", one, on.delete, WRITE, "Delete an @context or fetch it anew", "5.13.5", reload, responses=done),
    ]


def _subscriptions(on: Subscriptions) -> list[Route]:
    every, one = f"{BASE}/subscriptions", f"{BASE}/subscriptions/{{subscription}}"
    letters = f"{one}/deadLetters"
    shown, local = frozenset({"sysAttrs"}), frozenset({"local"})
    created, done, found, page = {201: "Created"}, {204: "Done"}, {200: "The subscription"}, {200: "A page of subscriptions"}

    def ask(method: str, path: str, handler: Handler, summary: str, clause: str, **more: Any) -> Route:
        return Route(method, path, handler, SUBSCRIBE, summary, clause, **more)

    paging = frozenset({"limit", "offset", "after", "count", "options", "local"})
    return [
        ask("POST", every, on.create, "Subscribe", "5.8.1", parameters=local, body="Subscription", responses=created),
        ask("GET", every, on.list, "List subscriptions", "5.8.4", parameters=paging, options=shown | {"count"}, responses=page),
        ask(
            "GET",
            one,
            on.retrieve,
            "Retrieve a subscription",
            "5.8.3",
            parameters=local | {"options"},
            options=shown,
            responses=found,
        ),
        ask(
            "PATCH",
            one,
            on.update,
            "Change a subscription",
            "5.8.2",
            parameters=local,
            body="SubscriptionFragment",
            responses=done,
        ),
        ask("DELETE", one, on.delete, "Unsubscribe", "5.8.5", parameters=local, responses=done),
        ask(
            "GET", letters, on.dead_letters, "List notifications that were given up", "", responses={200: "They, oldest first"}
        ),
        ask("POST", f"{letters}/replay", on.replay, "Send again what was given up", "", responses={200: "How many"}),
        ask("DELETE", letters, on.discard, "Forget what was given up", "", responses=done),
        ask("POST", f"{one}/trial", on.fire, "Send one notification now", "", responses={200: "What came of it"}),
    ]
