"""Which handler answers which path? A table that the house tests, the permission tests and OpenAPI read as well."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kairo.errors import MethodNotAllowed, ResourceNotFound
from kairo.platform.http.messages import Request, Response

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `permission` names what the gate is asked; `summary` is its line in the docs; `clause` its source.

    `parameters` are the query parameters that it takes, `options` the values of the one named so; `body` names what it reads.
    """

    method: str
    path: str
    handler: Handler
    permission: str
    summary: str
    clause: str = ""
    parameters: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    body: str = ""
    responses: dict[int, str] = field(default_factory=dict)


class _Node:
    __slots__ = ("children", "name", "routes", "wildcard")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.wildcard: _Node | None = None
        self.name = ""
        self.routes: dict[str, Route] = {}


class Router:
    """Finds a route by method and path segments; `{name}` in a template takes one segment."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = list(routes)
        self._root = _Node()
        for route in self._routes:
            self._add(route)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def _add(self, route: Route) -> None:
        node = self._root
        for part in route.path.strip("/").split("/"):
            if part.startswith("{"):
                if node.wildcard is None:
                    node.wildcard = _Node()
                node = node.wildcard
                node.name = part.strip("{}")
            else:
                node = node.children.setdefault(part, _Node())
        if route.method in node.routes:
            raise ValueError(f"{route.method} {route.path} is routed twice")
        node.routes[route.method] = route

    def find(self, method: str, segments: list[str]) -> tuple[Route, dict[str, str]]:
        """The route and the values of its path. Raises ResourceNotFound, or MethodNotAllowed with the Allow header."""
        node, values = self._node(segments)
        route = node.routes.get(method)
        if route is not None:
            return route, values
        allowed = ", ".join(_allowed(node))
        raise MethodNotAllowed(
            f"{method[:20]} is not offered here; {allowed} are",
            detail_ja=f"{method[:20]} は使えません。使えるのは {allowed} です。",
            headers={"Allow": allowed},
        )

    def allowed(self, segments: list[str]) -> list[str]:
        """The methods that are offered at this address. Raises ResourceNotFound where there is nothing."""
        return _allowed(self._node(segments)[0])

    def _node(self, segments: list[str]) -> tuple[_Node, dict[str, str]]:
        node, values = self._root, {}
        parts = segments[:-1] if len(segments) > 1 and segments[-1] == "" else segments
        for part in parts:
            child: Any = node.children.get(part)
            if child is None and node.wildcard is not None and part:
                child = node.wildcard
                values[child.name] = part
            if child is None:
                raise ResourceNotFound("there is nothing at this address", detail_ja="このアドレスには何もありません。")
            node = child
        if not node.routes:
            raise ResourceNotFound("there is nothing at this address", detail_ja="このアドレスには何もありません。")
        return node, values


def _allowed(node: _Node) -> list[str]:
    """Its methods; whoever answers a GET answers a HEAD."""
    return sorted({*node.routes, "OPTIONS", *(("HEAD",) if "GET" in node.routes else ())})
