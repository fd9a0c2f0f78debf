"""Who may do what to which entity? The truth table of the gate, and for each operation how it is tried. Walked by test_permissions.

A new route without an entry here fails the test: nobody has to remember.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from tests.context.api.broker import Asker

YES, HIDDEN, SIGN_IN, FORBIDDEN = "yes", "not there", "sign in", "forbidden"
ASKERS = ("anonymous", "anonymous under --open", "application", "administrator")
# The class of the entity, by whom it was written, and its type.
TYPES = {"open": "OpenThing", "own": "KioskGadget", "foreign": "CityGadget", "personal": "Resident"}


def row(*verdicts: str) -> dict[str, str]:
    return dict(zip(TYPES, verdicts, strict=True))


READ = {
    "anonymous": row(YES, HIDDEN, HIDDEN, HIDDEN),
    "anonymous under --open": row(YES, YES, YES, HIDDEN),
    "application": row(YES, YES, HIDDEN, HIDDEN),
    "administrator": row(YES, YES, YES, YES),
}
CHANGE = {**READ, "anonymous": row(SIGN_IN, HIDDEN, HIDDEN, HIDDEN)}
# Who may write nothing is told so at once, whatever the query would find.
PURGE = {**READ, "anonymous": row(SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN)}
# Of an undeclared type whoever creates is the writer, so "foreign" and "own" are the same for a new entity.
CREATE = {
    "anonymous": row(SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    "anonymous under --open": row(YES, YES, YES, SIGN_IN),
    "application": row(YES, YES, YES, FORBIDDEN),
    "administrator": row(YES, YES, YES, YES),
}
ANYONE = dict.fromkeys(ASKERS, row(YES, YES, YES, YES))
WRITERS = {**ANYONE, "anonymous": row(SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN)}


@dataclass(frozen=True, slots=True)
class Target:
    """An entity to try it on: there are as many as there are tries. `mark` is an attribute that only its class has."""

    id: str
    type: str
    mark: str
    context: str = ""

    @property
    def new_type(self) -> str:
        """The type of an entity that is created beside it: another undeclared one, so that it does not show this one's."""
        return self.type if self.type in {"OpenThing", "Resident"} else f"New{self.type}"


Try = Callable[[Asker, Target], Awaitable[str]]


def verdict(answer: httpx.Response) -> str:
    """What an answer means to the asker."""
    found = {200: YES, 201: YES, 204: YES, 401: SIGN_IN, 403: FORBIDDEN, 404: HIDDEN}.get(answer.status_code)
    if answer.status_code == 207:
        ((error,),) = [answer.json()["errors"]]
        found = {401: SIGN_IN, 403: FORBIDDEN, 404: HIDDEN}.get(error["error"]["status"])
    assert found is not None, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return found


def shown(answer: httpx.Response, text: str) -> str:
    """Whether a list shows something."""
    assert answer.status_code == 200, answer.text
    return YES if f'"{text}"' in answer.text else HIDDEN


def on_one(method: str, path: str, body: object = None) -> Try:
    async def attempt(asker: Asker, target: Target) -> str:
        sent = {} if body is None else {"json": body}
        return verdict(await asker.request(method, path.format(id=target.id, mark=target.mark), **sent))  # type: ignore[arg-type]

    return attempt


def on_many(operation: str, *, new: bool = False) -> Try:
    async def attempt(asker: Asker, target: Target) -> str:
        id = f"{target.id}-{operation}" if new else target.id
        member: object = {"id": id, "type": target.new_type, "extra": 1}
        if operation == "delete":
            member = id
        elif operation in {"update", "merge"}:
            member = {"id": id, "extra": 1}
        return verdict(await asker.post(f"/entityOperations/{operation}", json=[member]))

    return attempt


async def create(asker: Asker, target: Target) -> str:
    return verdict(await asker.post("/entities", json={"id": f"{target.id}-new", "type": target.new_type}))


async def query(asker: Asker, target: Target) -> str:
    return shown(await asker.get("/entities", params={"type": target.type, "id": target.id}), target.id)


async def purge(asker: Asker, target: Target) -> str:
    """By its type and id: what is not to be seen is not found, and none is purged."""
    answer = await asker.delete("/entities", params={"type": target.type, "id": target.id})
    if answer.status_code == 204:
        return YES if answer.headers["ngsild-results-count"] == "1" else HIDDEN
    return verdict(answer)


async def query_by_post(asker: Asker, target: Target) -> str:
    body = {"type": "Query", "entities": [{"type": target.type, "id": target.id}]}
    return shown(await asker.post("/entityOperations/query", json=body), target.id)


PAST = {"timerel": "after", "timeAt": "2000-01-01T00:00:00Z", "timeproperty": "createdAt"}


async def enter_past(asker: Asker, target: Target) -> str:
    body = {"id": f"{target.id}-past", "type": target.new_type, "n": {"value": 1}}
    return verdict(await asker.post("/temporal/entities", json=body))


async def query_past(asker: Asker, target: Target) -> str:
    return shown(await asker.get("/temporal/entities", params={"type": target.type, "id": target.id, **PAST}), target.id)


async def query_past_by_post(asker: Asker, target: Target) -> str:
    body = {"type": "Query", "entities": [{"type": target.type, "id": target.id}], "temporalQ": PAST}
    return shown(await asker.post("/temporal/entityOperations/query", json=body), target.id)


def on_instance(method: str, body: object = None) -> Try:
    """On the instance of the mark; who may not see it tries one that cannot be."""

    async def attempt(asker: Asker, target: Target) -> str:
        found = await asker.get(f"/temporal/entities/{target.id}")
        instance = found.json()[target.mark][0]["instanceId"] if found.status_code == 200 else "urn:ngsi-ld:Instance:none"
        sent = {} if body is None else {"json": body}
        url = f"/temporal/entities/{target.id}/attrs/{target.mark}/{instance}"
        return verdict(await asker.request(method, url, **sent))  # type: ignore[arg-type]

    return attempt


async def types(asker: Asker, target: Target) -> str:
    return shown(await asker.get("/types"), target.type)


async def one_type(asker: Asker, target: Target) -> str:
    return verdict(await asker.get(f"/types/{target.type}"))


async def attributes(asker: Asker, target: Target) -> str:
    return shown(await asker.get("/attributes"), target.mark)


async def one_attribute(asker: Asker, target: Target) -> str:
    return verdict(await asker.get(f"/attributes/{target.mark}"))


async def add_context(asker: Asker, target: Target) -> str:
    return verdict(await asker.post("/jsonldContexts", json={"@context": {"a": "https://example.org/a"}}))


async def list_contexts(asker: Asker, target: Target) -> str:
    return shown(await asker.get("/jsonldContexts"), target.context)


async def serve_context(asker: Asker, target: Target) -> str:
    return verdict(await asker.get(target.context))


async def delete_context(asker: Asker, target: Target) -> str:
    return verdict(await asker.delete(target.context))


def on_subscription(method: str, path: str = "", body: object = None) -> Try:
    """On a subscription of one's own, or where nobody may have one, on one that is not there. Those of others: test_subscriptions."""

    async def attempt(asker: Asker, target: Target) -> str:
        made = await asker.post("/subscriptions", json=subscription(target))
        id = made.headers.get("location", "/urn:ngsi-ld:Subscription:none").rpartition("/")[2]
        sent = {} if body is None else {"json": body}
        return verdict(await asker.request(method, f"/subscriptions/{id}{path}", **sent))  # type: ignore[arg-type]

    return attempt


def subscription(target: Target) -> dict[str, object]:
    """To the entities of the target's type: who may not see them is told of none."""
    endpoint = {"uri": "https://receiver.invalid/"}
    return {"type": "Subscription", "entities": [{"type": target.type}], "notification": {"endpoint": endpoint}}


async def subscribe(asker: Asker, target: Target) -> str:
    return verdict(await asker.post("/subscriptions", json=subscription(target)))


async def list_subscriptions(asker: Asker, target: Target) -> str:
    return verdict(await asker.get("/subscriptions"))


async def description(asker: Asker, target: Target) -> str:
    return verdict(await asker.get("/openapi.json"))


ENTITY, ATTRIBUTE = "/entities/{id}", "/entities/{id}/attrs/{mark}"
BASE = "/ngsi-ld/v1"
OPERATIONS: dict[str, tuple[dict[str, dict[str, str]], Try]] = {
    f"POST {BASE}/entities": (CREATE, create),
    f"GET {BASE}/entities": (READ, query),
    f"DELETE {BASE}/entities": (PURGE, purge),
    f"GET {BASE}/entities/{{id}}": (READ, on_one("GET", ENTITY)),
    f"PUT {BASE}/entities/{{id}}": (CHANGE, on_one("PUT", ENTITY, {"type": "OpenThing"})),
    f"PATCH {BASE}/entities/{{id}}": (CHANGE, on_one("PATCH", ENTITY, {"extra": 5})),
    f"DELETE {BASE}/entities/{{id}}": (CHANGE, on_one("DELETE", ENTITY)),
    f"POST {BASE}/entities/{{id}}/attrs": (CHANGE, on_one("POST", ENTITY + "/attrs", {"extra": 5})),
    f"PATCH {BASE}/entities/{{id}}/attrs": (CHANGE, on_one("PATCH", ENTITY + "/attrs", {"extra": 5})),
    f"PATCH {BASE}/entities/{{id}}/attrs/{{attribute}}": (CHANGE, on_one("PATCH", ATTRIBUTE, {"value": 5})),
    f"PUT {BASE}/entities/{{id}}/attrs/{{attribute}}": (CHANGE, on_one("PUT", ATTRIBUTE, {"value": 5})),
    f"DELETE {BASE}/entities/{{id}}/attrs/{{attribute}}": (CHANGE, on_one("DELETE", ATTRIBUTE)),
    f"POST {BASE}/entityOperations/create": (CREATE, on_many("create", new=True)),
    f"POST {BASE}/entityOperations/upsert": (CREATE, on_many("upsert", new=True)),
    f"POST {BASE}/entityOperations/update": (CHANGE, on_many("update")),
    f"POST {BASE}/entityOperations/merge": (CHANGE, on_many("merge")),
    f"POST {BASE}/entityOperations/delete": (CHANGE, on_many("delete")),
    f"POST {BASE}/entityOperations/query": (READ, query_by_post),
    f"POST {BASE}/temporal/entities": (CREATE, enter_past),
    f"GET {BASE}/temporal/entities": (READ, query_past),
    f"GET {BASE}/temporal/entities/{{id}}": (READ, on_one("GET", f"/temporal{ENTITY}")),
    f"DELETE {BASE}/temporal/entities/{{id}}": (CHANGE, on_one("DELETE", f"/temporal{ENTITY}")),
    f"POST {BASE}/temporal/entities/{{id}}/attrs": (
        CHANGE,
        on_one("POST", f"/temporal{ENTITY}/attrs", {"extra": {"value": 5}}),
    ),
    f"DELETE {BASE}/temporal/entities/{{id}}/attrs/{{attribute}}": (CHANGE, on_one("DELETE", f"/temporal{ATTRIBUTE}")),
    f"PATCH {BASE}/temporal/entities/{{id}}/attrs/{{attribute}}/{{instance}}": (CHANGE, on_instance("PATCH", {"value": 5})),
    f"DELETE {BASE}/temporal/entities/{{id}}/attrs/{{attribute}}/{{instance}}": (CHANGE, on_instance("DELETE")),
    f"POST {BASE}/temporal/entityOperations/query": (READ, query_past_by_post),
    f"GET {BASE}/types": (READ, types),
    f"GET {BASE}/types/{{type}}": (READ, one_type),
    f"GET {BASE}/attributes": (READ, attributes),
    f"GET {BASE}/attributes/{{attribute}}": (READ, one_attribute),
    f"POST {BASE}/jsonldContexts": (WRITERS, add_context),
    f"GET {BASE}/jsonldContexts": (ANYONE, list_contexts),
    f"GET {BASE}/jsonldContexts/{{context}}": (ANYONE, serve_context),
    f"DELETE {BASE}/jsonldContexts/{{context}}": (WRITERS, delete_context),
    f"POST {BASE}/subscriptions": (WRITERS, subscribe),
    f"GET {BASE}/subscriptions": (WRITERS, list_subscriptions),
    f"GET {BASE}/subscriptions/{{subscription}}": (WRITERS, on_subscription("GET")),
    f"PATCH {BASE}/subscriptions/{{subscription}}": (WRITERS, on_subscription("PATCH", body={"isActive": False})),
    f"DELETE {BASE}/subscriptions/{{subscription}}": (WRITERS, on_subscription("DELETE")),
    f"GET {BASE}/subscriptions/{{subscription}}/deadLetters": (WRITERS, on_subscription("GET", "/deadLetters")),
    f"POST {BASE}/subscriptions/{{subscription}}/deadLetters/replay": (WRITERS, on_subscription("POST", "/deadLetters/replay")),
    f"DELETE {BASE}/subscriptions/{{subscription}}/deadLetters": (WRITERS, on_subscription("DELETE", "/deadLetters")),
    f"POST {BASE}/subscriptions/{{subscription}}/trial": (WRITERS, on_subscription("POST", "/trial")),
    f"GET {BASE}/openapi.json": (ANYONE, description),
}
