"""How do tests get a broker and people who ask it? The API over a real database, called through ASGI in this process."""

import secrets
from collections.abc import AsyncIterator, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx

from kairo.context.api.app import BASE, BrokerApi
from kairo.context.api.exchange import Desk
from kairo.context.contexts import ContextResolver
from kairo.context.contexts.store import PostgresContextStore
from kairo.context.gate import Declarations, Witness
from kairo.context.graph import Graph
from kairo.context.quotas import Quotas
from kairo.context.subscriptions import ReactionTable
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.platform.http.edge import Edge
from kairo.platform.http.proxies import TrustedProxies
from kairo.platform.manifests import Concerns, EntityType
from kairo.settings import Settings
from kairo.trust.gate import CityGate
from kairo.trust.identity import LOCAL_ADMINISTRATOR, Credentials
from kairo.trust.identity import store as credential_store
from kairo.trust.identity.digests import digest_of

DECLARED = Declarations.of(
    [
        EntityType("OpenThing", "open", {"en": "open"}, personal_attributes=frozenset({"ownerName"})),
        EntityType("OtherOpenThing", "open", {"en": "open, without personal attributes"}),
        EntityType("Resident", "personal", {"en": "personal"}, subjects=(Concerns("id", "self"),)),
    ]
)
PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "mend"}


class Asker(httpx.AsyncClient):
    """Someone who asks the broker; addresses are written below /ngsi-ld/v1."""

    async def made(self, entity: dict[str, Any], **more: Any) -> str:
        """The id of an entity that is created."""
        ok(await self.post("/entities", json=entity, **more), 201)
        return str(entity["id"])

    async def entity(self, id: str, **parameters: Any) -> dict[str, Any]:
        """The entity as it now is."""
        found: dict[str, Any] = ok(await self.get(f"/entities/{id}", params=parameters)).json()
        return found

    async def ids(self, **parameters: Any) -> list[str]:
        """The ids that a query finds."""
        return [item["id"] for item in ok(await self.get("/entities", params=parameters)).json()]


def ok(answer: httpx.Response, status: int = 200) -> httpx.Response:
    """The answer, which must have this status."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return answer


def refused(answer: httpx.Response, status: int, kind: str = "") -> dict[str, Any]:
    """The problem document of an answer that must be an error in the one shape of this house."""
    ok(answer, status)
    assert answer.headers["content-type"] == PROBLEM
    document: dict[str, Any] = answer.json()
    assert document.keys() >= MEMBERS
    assert document["status"] == status
    assert all(isinstance(document[name], str) and document[name] for name in MEMBERS - {"status"})
    assert document["type"].endswith(kind), document
    return document


@dataclass(slots=True)
class Broker:
    """A running broker."""

    api: BrokerApi
    graph: Graph
    database: Database
    credentials: Credentials
    settings: Settings
    gate: CityGate

    def asker(self, token: str = "", **headers: str) -> Asker:
        """Someone with this token, or nobody in particular. What raises inside answers 500, as in the program."""
        front: Any = Edge(self.api, TrustedProxies(()))
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            given["Authorization"] = f"Bearer {token}"
        return Asker(transport=httpx.ASGITransport(app=front), base_url=f"http://test{BASE}", headers=given)

    async def raw(
        self, method: str, target: bytes, headers: Sequence[tuple[bytes, bytes]] = (), body: AsyncIterator[bytes] | None = None
    ) -> httpx.Response:
        """The answer to a request that no client library has put in order. `body` is read as far as the broker reads it."""
        path, _, query = target.partition(b"?")
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            part = await anext(body, b"") if body is not None else b""
            return {"type": "http.request", "body": part, "more_body": bool(part)}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "client": ("127.0.0.1", 5),
            "server": ("test", 80),
            "path": unquote(path, errors="replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(b"host", b"test"), *headers],
        }
        await Edge(self.api, TrustedProxies(()))(scope, receive, send)
        content = b"".join(message.get("body", b"") for message in sent[1:])
        request = httpx.Request("GET", "http://test/")
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content, request=request)

    async def token_of(self, principal: str) -> str:
        """A token of a principal that nobody has yet."""
        secret = secrets.token_urlsafe(16)
        home = self.settings.tenant
        async with self.database.unit(home) as unit:
            await credential_store.insert(unit.connection, home, digest_of(secret), "token", principal, system_clock(), None)
        return secret

    async def administrator(self, folder: Path, **headers: str) -> Asker:
        """The local administrator."""
        return self.asker(await self.credentials.administrator_token(folder / "token"), **headers)

    async def rows(self, table: str, **equal: Any) -> list[dict[str, Any]]:
        """Rows of a table as the owner sees them: history, attribute_history, change, entity, tenant."""
        columns = list(equal)
        where = " AND ".join(f"{name} = ${number}" for number, name in enumerate(columns, 1)) or "true"
        async with self.database.owner() as owner:
            await owner.execute(f"SET app.tenant = '{equal.get('tenant', self.settings.tenant)}'")
            found = await owner.fetch(f"SELECT * FROM {table} WHERE {where}", *equal.values())
        return [dict(row) for row in found]


@asynccontextmanager
async def open_broker(
    database: Database, *, open_to_all: bool = False, settings: Settings | None = None, witness: Witness | None = None
) -> AsyncIterator[Broker]:
    """A broker with the declared types above in which the home tenant is there."""
    settings = settings or Settings(open=open_to_all)
    credentials = Credentials(database, settings.tenant, system_clock)
    graph = Graph(
        database, DECLARED, ReactionTable([], DECLARED), system_clock, most_linked=settings.max_linked, witness=witness
    )
    await graph.create_tenant(settings.tenant, LOCAL_ADMINISTRATOR.id)
    contexts = PostgresContextStore(database, settings.tenant, frozenset({"test", "localhost"}))
    gate = CityGate(credentials, open_to_all=open_to_all)
    quotas = Quotas.of_settings(settings, database, system_clock)
    api = BrokerApi(Desk(graph, gate, ContextResolver(contexts), settings, quotas), contexts)
    try:
        yield Broker(api, graph, database, credentials, settings, gate)
    finally:
        await graph.close()
