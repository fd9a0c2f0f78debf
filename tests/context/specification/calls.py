"""Which calls do the tests make? Each as data: sent to the API, and done by the model of the specification."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from tests.context.specification.model import DEFAULT, STATUS, Answer, Model, Refused
from tests.context.specification.views import Shown, query, retrieve

MANY = "/entityOperations"
READS = {"retrieve", "query"}


@dataclass(frozen=True)
class Call:
    """An operation of the model (or `retrieve`, `query`) with its arguments."""

    operation: str
    arguments: dict[str, Any] = field(default_factory=dict)


def perform(model: Model, times: Mapping[int, str], call: Call) -> Answer:
    """What the specification answers."""
    try:
        if call.operation in READS:
            read = retrieve if call.operation == "retrieve" else query
            return read(model.entities, times, **call.arguments)
        answer: Answer = getattr(model, call.operation)(**call.arguments)
        return answer
    except Refused as refused:
        return Answer(STATUS[refused.kind], refused.kind)


# As a request: method, path, parameters and body

Request = tuple[str, str, dict[str, str], Any]
Given = dict[str, Any]
REQUESTS: dict[str, Callable[[Given], Request]] = {
    "create": lambda given: ("POST", "/entities", {}, given["entity"]),
    "append": lambda given: ("POST", f"{_one(given)}/attrs", _keeping(given), given["fragment"]),
    "update": lambda given: ("PATCH", f"{_one(given)}/attrs", {}, given["fragment"]),
    "merge": lambda given: ("PATCH", _one(given), {}, given["fragment"]),
    "replace": lambda given: ("PUT", _one(given), {}, given["entity"]),
    "partial_update": lambda given: ("PATCH", f"{_one(given)}/attrs/{given['name']}", {}, given["patch"]),
    "replace_attribute": lambda given: ("PUT", f"{_one(given)}/attrs/{given['name']}", {}, given["instance"]),
    "delete_attribute": lambda given: ("DELETE", f"{_one(given)}/attrs/{given['name']}", _of(given["of"]), None),
    "delete_scope": lambda given: ("DELETE", f"{_one(given)}/attrs/scope", {}, None),
    "delete": lambda given: ("DELETE", _one(given), {}, None),
    "batch_create": lambda given: ("POST", f"{MANY}/create", {}, given["entities"]),
    "batch_upsert": lambda given: (
        "POST",
        f"{MANY}/upsert",
        {"options": "update"} if given["update"] else {},
        given["entities"],
    ),
    "batch_update": lambda given: ("POST", f"{MANY}/update", _keeping(given), given["fragments"]),
    "batch_merge": lambda given: ("POST", f"{MANY}/merge", {}, given["fragments"]),
    "batch_delete": lambda given: ("POST", f"{MANY}/delete", {}, given["ids"]),
    "retrieve": lambda given: ("GET", _one(given), _showing(given["shown"]), None),
    "query": lambda given: ("GET", "/entities", _asking(given), None),
}


def _one(given: Given) -> str:
    return f"/entities/{given['id']}"


def _keeping(given: Given) -> dict[str, str]:
    return {} if given["overwrite"] else {"options": "noOverwrite"}


def _of(dataset: str) -> dict[str, str]:
    return {} if dataset == DEFAULT else {"deleteAll": "true"} if dataset == "*" else {"datasetId": dataset}


def _showing(shown: Shown) -> dict[str, str]:
    options = [] if shown.format == "normalized" else [shown.format]
    options += ["sysAttrs"] if shown.times else []
    found = {"options": ",".join(options)} if options else {}
    return found | ({"attrs": ",".join(shown.attrs)} if shown.attrs else {})


def _asking(given: dict[str, Any]) -> dict[str, str]:
    joined, terms = given.get("q", ("", ()))
    words = [f"{name}{operator}{'' if number is None else number}" for name, operator, number in terms]
    found = _showing(given["shown"]) | {"type": ",".join(given["types"])}
    found |= {"id": ",".join(given["ids"])} if given.get("ids") else {}
    found |= {"q": (joined or ";").join(words)} if words else {}
    found |= {"limit": str(given["limit"])} if "limit" in given else {}
    found |= {"after": given["after"]} if given.get("after") else {}
    return found | ({"count": "true"} if given.get("count") else {})


def answer(call: Call, response: httpx.Response) -> Answer:
    """What the API answered, as the model would say it."""
    status = response.status_code
    if status >= 400:
        return Answer(status, response.json()["type"].rpartition("/")[2])
    if call.operation == "create" and status == 201:
        assert response.headers["location"] == f"/ngsi-ld/v1/entities/{quote(call.arguments['entity']['id'], safe=':')}"
    if not response.content:
        return Answer(status)
    body = response.json()
    if call.operation == "retrieve":
        return Answer(status, _sorted(body))
    if call.operation == "query":
        count = response.headers.get("ngsild-results-count")
        more = any('rel="next"' in link for link in response.headers.get_list("link"))
        return Answer(
            status, {"entities": [_sorted(one) for one in body], "count": None if count is None else int(count), "more": more}
        )
    if status == 201:
        return Answer(status, sorted(body))
    if call.operation == "append":
        return Answer(status, {"updated": set(body["updated"]), "left": {one["attributeName"] for one in body["notUpdated"]}})
    errors = sorted((one["entityId"], one["error"]["type"].rpartition("/")[2]) for one in body["errors"])
    return Answer(status, {"success": sorted(body["success"]), "errors": errors})


def _sorted(entity: dict[str, Any]) -> dict[str, Any]:
    """Without the orders that mean nothing: of types, and of the instances of an attribute."""
    out = {}
    for name, value in entity.items():
        if name == "type" and isinstance(value, list):
            out[name] = sorted(value)
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            out[name] = sorted(value, key=lambda one: one.get("datasetId", DEFAULT))
        else:
            out[name] = value
    return out
