"""Is the API's description true? Every route, parameter and option is in it, and nothing else; its examples are taken."""

from typing import Any

import jsonschema_rs

from kairo.context.api.app import BASE, routes
from kairo.context.api.openapi import describe
from kairo.context.api.openapi_parameters import PARAMETERS
from kairo.context.api.openapi_schemas import SCHEMAS
from kairo.platform.http import Route
from tests.context.api.broker import Asker, Broker, ok, refused

TABLE = routes(None, None)  # type: ignore[arg-type]
BODIES: dict[str, Any] = {
    "Entity": {"id": "urn:x:1", "type": "OpenThing"},
    "Fragment": {"a": 1},
    "Attribute": {"value": 1},
    "Entities": [{"id": "urn:x:2", "type": "OpenThing"}],
    "Fragments": [{"id": "urn:x:2", "a": 1}],
    "Ids": ["urn:x:3"],
    "Query": {"type": "Query", "entities": [{"type": "OpenThing"}]},
    "TemporalEntity": {"id": "urn:x:4", "type": "OpenThing", "a": [{"type": "Property", "value": 1}]},
    "TemporalFragment": {"a": [{"type": "Property", "value": 1}]},
    "Instance": {"type": "Property", "value": 1},
    "TemporalQuery": {
        "type": "Query",
        "entities": [{"type": "OpenThing"}],
        "temporalQ": {"timerel": "after", "timeAt": "2026-01-01T00:00:00Z"},
    },
    "Context": {"@context": {"a": "https://example.org/a"}},
    "Subscription": {
        "type": "Subscription",
        "entities": [{"type": "OpenThing"}],
        "notification": {"endpoint": {"uri": "https://receiver.example/"}},
    },
    "SubscriptionFragment": {"isActive": False},
}


def described() -> dict[str, Any]:
    return describe(TABLE, 1000)


def query_parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in operation["parameters"] if item["in"] == "query"}


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


async def test_it_is_served_to_anyone(anyone: Asker) -> None:
    answer = ok(await anyone.get("http://test/ngsi-ld/v1/openapi.json"))
    assert answer.json() == described()
    assert answer.headers["content-type"] == "application/json"


async def test_every_route_is_described_and_nothing_else(broker: Broker) -> None:
    found = {
        f"{method.upper()} {path}": operation["x-permission"]
        for path, operations in described()["paths"].items()
        for method, operation in operations.items()
    }
    assert found == {name_of(route): route.permission for route in broker.api.router}


def test_it_is_openapi_with_schemas_that_are_schemas() -> None:
    document = described()
    assert document["openapi"] == "3.1.0"
    for name, schema in SCHEMAS.items():
        jsonschema_rs.meta.validate({**schema, "components": {"schemas": SCHEMAS}})
        for example in schema.get("examples", []):
            assert validator(name).is_valid(example)
    identifiers = [item["operationId"] for path in document["paths"].values() for item in path.values()]
    assert len(identifiers) == len(set(identifiers))


def validator(name: str) -> Any:
    return jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}})


def test_every_kind_of_body_is_described() -> None:
    assert {route.body for route in TABLE if route.body} == set(BODIES)
    for name, body in BODIES.items():
        validator(name).validate(body)


def addressed(route: Route, id: str) -> str:
    """The address of a route with its parameters filled in."""
    values = {"id": id, "attribute": "a", "type": "T", "context": "none", "instance": "urn:x:i", "subscription": "urn:x:s"}
    return route.path.removeprefix(BASE).format(**values)


def attempt(route: Route) -> tuple[str, dict[str, Any], dict[str, dict[str, Any]]]:
    """The address of a request to this route, its body, and the query parameters that are described."""
    url = addressed(route, "urn:x:1")
    operation = described()["paths"][route.path][route.method.lower()]
    return url, {"json": BODIES[route.body]} if route.body else {}, query_parameters(operation)


async def test_every_route_takes_the_parameters_that_are_described_and_no_other(administrator: Asker) -> None:
    for route in TABLE:
        url, body, parameters = attempt(route)
        answer = await administrator.request(route.method, url, params={"surprise": "1"}, **body)
        known = refused(answer, 400, "InvalidRequest")["detail"].partition("known are ")[2]
        assert known == (", ".join(sorted(parameters)) or "none"), name_of(route)
        assert ("options" in parameters) == bool(route.options), name_of(route)
        if route.options:
            answer = await administrator.request(route.method, url, params={"options": "surprise"}, **body)
            taken = refused(answer, 400, "InvalidRequest")["detail"].partition("takes ")[2]
            assert taken == ", ".join(parameters["options"]["schema"]["items"]["enum"]), name_of(route)


async def test_no_described_parameter_is_called_unknown(administrator: Asker) -> None:
    for route in TABLE:
        url, body, parameters = attempt(route)
        for name in parameters:
            answer = await administrator.request(route.method, url, params={name: "true"}, **body)
            assert "no query parameter" not in answer.text, name_of(route)
            assert answer.status_code < 500, answer.text


def test_no_parameter_is_described_that_no_route_takes() -> None:
    assert set(PARAMETERS) == {name for route in TABLE for name in route.parameters}


async def test_bodies_are_read_where_they_are_described(administrator: Asker) -> None:
    for route in TABLE:
        url = addressed(route, "urn:x:9")
        answer = await administrator.request(route.method, url, content=b"{", headers={"Content-Type": "application/json"})
        if route.body:
            assert "JSON" in refused(answer, 400, "InvalidRequest")["detail"]
        else:
            assert answer.status_code in {200, 204, 400, 404}
