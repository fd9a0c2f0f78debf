"""How does the API describe itself to programs? OpenAPI 3.1, made from the route table: what is not routed is not described."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kairo import __version__
from kairo.context.api.exchange import Desk
from kairo.context.api.negotiation import GEO_JSON, JSON, LD_JSON, MERGE_PATCH
from kairo.context.api.openapi_parameters import PARAMETERS, PATH_PARAMETERS
from kairo.context.api.openapi_schemas import SCHEMAS
from kairo.context.model.jsontext import dumps
from kairo.context.temporal.asking import TimeFormat
from kairo.errors import (
    AlreadyExists,
    BadRequestData,
    Forbidden,
    KairoError,
    LdContextNotAvailable,
    LengthRequired,
    NotAcceptable,
    PayloadTooLarge,
    RequestTimeout,
    ResourceNotFound,
    StorageFull,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    UriTooLong,
)
from kairo.platform.http import Request, Response, Route

_PROBLEM: Final = "application/problem+json"
_IN_PATH: Final = re.compile(r"\{(\w+)\}")
_ANYWHERE: Final = (BadRequestData, UriTooLong, Unavailable)
_OF_THE_GRAPH: Final = (Unauthenticated, Forbidden, ResourceNotFound, TooManyRequests, LdContextNotAvailable)
_RETRY_AFTER: Final = {"Retry-After": {"description": "Seconds to wait, where it is known.", "schema": {"type": "integer"}}}
_TENANT: Final = {
    "name": "NGSILD-Tenant",
    "in": "header",
    "description": "The tenant (municipality code); this installation's home tenant where it is left out.",
    "schema": {"type": "string", "pattern": "^[a-z0-9_]{1,63}$"},
}
_LINK: Final = {
    "name": "Link",
    "in": "header",
    "description": 'The @context of names: `<URL>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"`.',
    "schema": {"type": "string"},
}


class Description:
    """Handler of `GET /openapi.json`. `table` may still grow: it is read when somebody first asks."""

    def __init__(self, table: Sequence[Route], desk: Desk | None) -> None:
        self._table = table
        self._desk = desk
        self._body = b""

    async def serve(self, request: Request) -> Response:
        """The description as JSON."""
        if not self._body:
            assert self._desk is not None
            self._body = dumps(describe(self._table, self._desk.settings.max_limit))
        return Response(200, self._body)


def describe(table: Sequence[Route], max_limit: int) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, max_limit)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kairo: NGSI-LD",
            "version": __version__,
            "summary": "Entities of the city, as ETSI GS CIM 009 v1.8.1 says.",
            "description": "Every operation names its clause in `x-clause` and what the gate is asked in `x-permission`. "
            "What the asker may not see looks the same as what is not there.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "A token of this installation."}},
        },
    }


def _operation(route: Route, max_limit: int) -> dict[str, Any]:
    names = _IN_PATH.findall(route.path)
    parameters = [{"name": name, "in": "path", "required": True, **PATH_PARAMETERS[name]} for name in names]
    parameters += [_parameter(name, route, max_limit) for name in sorted(route.parameters)]
    if route.permission != "anyone":
        parameters.append(_TENANT)
        if not route.body and "jsonldContexts" not in route.path:
            parameters.append(_LINK)
    operation: dict[str, Any] = {
        "operationId": route.handler.__qualname__.replace(".", "-"),
        "summary": route.summary,
        "tags": [route.path.split("/")[3]],
        "x-permission": route.permission,
        "parameters": parameters,
        "responses": _responses(route),
        "security": [] if route.permission == "anyone" else [{}, {"token": []}],
    }
    if route.clause:
        operation["x-clause"] = route.clause
    if route.body:
        types = (JSON, LD_JSON, MERGE_PATCH) if route.method == "PATCH" else (JSON, LD_JSON)
        operation["requestBody"] = {"required": True, "content": _content(types, route.body)}
    return operation


def _parameter(name: str, route: Route, max_limit: int) -> dict[str, Any]:
    described: dict[str, Any] = {"name": name, "in": "query", **PARAMETERS[name]}
    if name == "options":
        described |= {"schema": {"type": "array", "items": {"enum": sorted(route.options)}}, "style": "form", "explode": False}
    elif name == "format" and "/temporal/" in route.path:
        described |= {"schema": {"enum": [form.value for form in TimeFormat], "default": "normalized"}}
    elif name == "limit":
        described |= {"schema": {"type": "integer", "minimum": 0, "maximum": max_limit, "default": 20}}
    return described


def _content(types: Sequence[str], schema: str) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}} for media_type in types}


def _responses(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, meaning in route.responses.items():
        found[str(status)] = {"description": meaning, **_answer(route, status)}
    for error in _errors(route):
        found.setdefault(str(error.status), _problem(error))
    found["default"] = _problem(KairoError)
    return found


def _answer(route: Route, status: int) -> Mapping[str, Any]:
    """What stands in a successful answer; nothing of its inside is promised but that it is JSON."""
    if status == 207:
        return {"content": {JSON: {"schema": {"type": "object"}}}}
    if status == 201 and route.body in {"Entities", "Context"}:
        return {"content": {JSON: {"schema": {"type": "array" if route.body == "Entities" else "object"}}}}
    if status not in {200, 206}:
        return {}
    if route.permission == "anyone":
        return {"content": {JSON: {"schema": {"type": "object"}}}}
    types = (JSON, LD_JSON, GEO_JSON) if "entit" in route.path and "/temporal/" not in route.path else (JSON, LD_JSON)
    return {"content": {media_type: {"schema": {"type": ["object", "array"]}} for media_type in types}}


def _errors(route: Route) -> list[type[KairoError]]:
    found: list[type[KairoError]] = [*_ANYWHERE]
    if route.permission == "anyone":
        return found
    found += _OF_THE_GRAPH
    if route.body:
        found += [LengthRequired, PayloadTooLarge, RequestTimeout, UnsupportedMediaType]
    if route.method in {"POST", "PUT", "PATCH", "DELETE"} and not route.path.endswith("/query"):
        found.append(StorageFull)
    if 201 in route.responses and "{" not in route.path:
        found.append(AlreadyExists)
    if 200 in route.responses:
        found.append(NotAcceptable)
    return found


def _problem(error: type[KairoError]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": f"{error.title}. {error.default_mend}",
        "content": _content((_PROBLEM,), "Problem"),
    }
    if error in {TooManyRequests, Unavailable}:
        described["headers"] = _RETRY_AFTER
    return described
