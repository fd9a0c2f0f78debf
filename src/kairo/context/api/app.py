"""Which operations does the broker offer, and how does a request get to its handler? The table of routes and the ASGI callable."""

from kairo.context.api.batch import Batch
from kairo.context.api.consumption import Consumption
from kairo.context.api.contexts import Contexts
from kairo.context.api.discovery import Discovery
from kairo.context.api.exchange import Desk
from kairo.context.api.provision import Provision
from kairo.context.contexts.store import PostgresContextStore
from kairo.errors import KairoError
from kairo.platform.http import Request, Response, Route, Router, problem_response
from kairo.platform.http.messages import Limits, Receive, Scope, Send, path_segments

BASE = "/ngsi-ld/v1"
READ = "read the entities that the gate's scope shows"
WRITE = "write entities of the classes that the gate's scope allows"


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
        return await route.handler(Request(scope, receive, self._limits, values))

    def _options(self, segments: list[str]) -> Response:
        allowed = {"OPTIONS"}
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            try:
                self.router.find(method, segments)
            except KairoError:
                continue
            allowed.add(method)
        return Response(204, headers=[(b"allow", ", ".join(sorted(allowed)).encode())])


def routes(desk: Desk, contexts: PostgresContextStore) -> list[Route]:
    """Every operation of the API with its permission, its line in the docs and its clause."""
    provision, consumption, batch, discovery = Provision(desk), Consumption(desk), Batch(desk), Discovery(desk)
    hosting = Contexts(desk, contexts)
    entity, attribute = f"{BASE}/entities/{{id}}", f"{BASE}/entities/{{id}}/attrs/{{attribute}}"
    operations, stored = f"{BASE}/entityOperations", f"{BASE}/jsonldContexts"
    return [
        Route("POST", f"{BASE}/entities", provision.create, WRITE, "Create an entity", "5.6.1", reads_body=True),
        Route("GET", f"{BASE}/entities", consumption.query, READ, "Query entities", "5.7.2"),
        Route("GET", entity, consumption.retrieve, READ, "Retrieve an entity", "5.7.1"),
        Route("PUT", entity, provision.replace, WRITE, "Replace an entity", "5.6.18", reads_body=True),
        Route("PATCH", entity, provision.merge, WRITE, "Merge into an entity", "5.6.17", reads_body=True),
        Route("DELETE", entity, provision.delete, WRITE, "Delete an entity", "5.6.6"),
        Route("POST", f"{entity}/attrs", provision.append, WRITE, "Append attributes", "5.6.3", reads_body=True),
        Route("PATCH", f"{entity}/attrs", provision.update, WRITE, "Update attributes", "5.6.2", reads_body=True),
        Route("PATCH", attribute, provision.partial_update, WRITE, "Change members of an attribute", "5.6.4", reads_body=True),
        Route("PUT", attribute, provision.replace_attribute, WRITE, "Replace an attribute", "5.6.19", reads_body=True),
        Route("DELETE", attribute, provision.delete_attribute, WRITE, "Delete an attribute", "5.6.5"),
        Route("POST", f"{operations}/create", batch.create, WRITE, "Create many entities", "5.6.7", reads_body=True),
        Route("POST", f"{operations}/upsert", batch.upsert, WRITE, "Create or change many entities", "5.6.8", reads_body=True),
        Route("POST", f"{operations}/update", batch.update, WRITE, "Update many entities", "5.6.9", reads_body=True),
        Route("POST", f"{operations}/merge", batch.merge, WRITE, "Merge into many entities", "5.6.20", reads_body=True),
        Route("POST", f"{operations}/delete", batch.delete, WRITE, "Delete many entities", "5.6.10", reads_body=True),
        Route(
            "POST", f"{operations}/query", consumption.query_by_post, READ, "Query entities by POST", "5.7.2", reads_body=True
        ),
        Route("GET", f"{BASE}/types", discovery.types, READ, "List entity types", "5.7.5"),
        Route("GET", f"{BASE}/types/{{type}}", discovery.type_info, READ, "Describe an entity type", "5.7.7"),
        Route("GET", f"{BASE}/attributes", discovery.attributes, READ, "List attributes", "5.7.8"),
        Route("GET", f"{BASE}/attributes/{{attribute}}", discovery.attribute_info, READ, "Describe an attribute", "5.7.10"),
        Route("POST", stored, hosting.add, WRITE, "Store an @context", "5.13.2", reads_body=True),
        Route("GET", stored, hosting.list, READ, "List stored @contexts", "5.13.3"),
        Route("GET", f"{stored}/{{context}}", hosting.serve, READ, "Serve an @context", "5.13.4"),
        Route("DELETE", f"{stored}/{{context}}", hosting.delete, WRITE, "Delete an @context", "5.13.5"),
    ]
