"""Has every route a permission, a test and a line in the docs? The list of exceptions only shrinks.

The routes come from `kairo.parts.routes()`, the table that the program itself is served from: nobody has to remember.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.generate_docs import all_routes
from tests.house.house import ROOT, compare_with_exceptions, name_of, python_files, texts, tree

# A test may write the path below a base address that it keeps in a constant or a client.
BASES = ("/ngsi-ld/v1", "/{language}", "/{lang}", "")
PARAMETER = re.compile(r"\{[^}]*\}")


def routes() -> list[Any]:
    return all_routes() or []


def spelled(path: str) -> re.Pattern[str]:
    """How a test may write a route's path: whole or below its base, with anything in place of its parameters."""
    ways = {path}
    for base in BASES:
        if base and path.startswith(base) and path != base:
            ways.add(path.removeprefix(base))
    patterns = ["[^/?#]+".join(map(re.escape, PARAMETER.split(way))) for way in sorted(ways)]
    return re.compile(r"(?:^|[}\d])(?:" + "|".join(patterns) + r")/?(?=$|[?#{])")


def written_in_tests() -> Iterator[tuple[str, str, str]]:
    """(file, text, the file's source) of every text in the tests that may be a path."""
    for path in python_files("tests/"):
        if "house" in path.parts:
            continue
        source = path.read_text(encoding="utf-8")
        for _, text in texts(tree(path)):
            if "/" in text and "\n" not in text:
                yield name_of(path), text, source


def is_tested(method: str, path: str, written: list[tuple[str, str, str]]) -> bool:
    """Whether some test names the path, and the method in the same file."""
    pattern = spelled(path)
    asked = re.compile(
        rf"\"{method}\"|'{method}'|\.{method.lower()}\(|\.goto\(" if method == "GET" else rf"\"{method}\"|\.{method.lower()}\("
    )
    return any(pattern.search(text) and asked.search(source) for _, text, source in written)


def test_every_route_asks_a_permission() -> None:
    silent = [f"{route.method} {route.path}" for route in routes() if not str(route.permission).strip()]
    assert not silent, f"say what the gate is asked, or `public`: {silent}"


def test_every_route_has_its_line() -> None:
    found = routes()
    silent = [f"{route.method} {route.path}" for route in found if not str(route.summary).strip()]
    assert not silent, f"a route's summary is its line in docs/routes.md: {silent}"
    page = ROOT / "docs" / "routes.md"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    missing = [f"{route.method} {route.path}" for route in found if f"| `{route.method}` | `{route.path}` |" not in text]
    assert not missing, f"run `make fix`, which writes docs/routes.md: {missing}"


def test_every_route_has_a_test() -> None:
    written = list(written_in_tests())
    untested = [f"{route.method} {route.path}" for route in routes() if not is_tested(route.method, route.path, written)]
    compare_with_exceptions(untested, "routes_without_test.txt", "a route has a test that names its path and method")


def test_nothing_is_served_twice() -> None:
    found = [f"{route.method} {route.path}" for route in routes()]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/ngsi-ld/v1/entities", "/ngsi-ld/v1/entities?type=A"),
        ("/ngsi-ld/v1/entities", "{}/entities"),
        ("/ngsi-ld/v1/entities/{id}", "/ngsi-ld/v1/entities/urn:ngsi-ld:A:1"),
        ("/ngsi-ld/v1/entities/{id}/attrs/{attr}", "{}/entities/{}/attrs/level"),
        ("/{language}/projects/{number}", "/ja/projects/3"),
        ("/health", "http://127.0.0.1:8080/health"),
    ],
)
def test_a_named_path_is_seen(path: str, text: str) -> None:
    assert spelled(path).search(text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/ngsi-ld/v1/entities", "/ngsi-ld/v1/entities/urn:ngsi-ld:A:1"),
        ("/ngsi-ld/v1/entities/{id}", "/ngsi-ld/v1/entities"),
        ("/ngsi-ld/v1/entities/{id}", "/ngsi-ld/v1/types/A"),
    ],
)
def test_another_path_is_not_taken_for_it(path: str, text: str) -> None:
    assert not spelled(path).search(text)


def test_the_method_counts(tmp_path: Path) -> None:
    written = [("tests/a.py", "/ngsi-ld/v1/entities", 'client.get("/ngsi-ld/v1/entities")')]
    assert is_tested("GET", "/ngsi-ld/v1/entities", written)
    assert not is_tested("POST", "/ngsi-ld/v1/entities", written)
