"""Do pages of any sizes, in any order, show what stays exactly once, whatever others write between them? (CIM 009 5.5.9, 4.23)

`test_paging.py` has writers at work while pages are read; here what they do between two pages is drawn, so that a failure is
small and comes again.
"""

import os
from collections.abc import Iterator
from itertools import count, cycle
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.context.api.app import BASE, routes
from tests.context.api.broker import Asker, Broker, ok
from tests.contracts.conftest import Running

EXAMPLES = int(os.environ.get("KAIRO_TEST_EXAMPLES", "60"))  # more for a long hunt; CI takes the same ones every time
EXTRA_TYPES = ("Late", "Later", "Latest")
NEAR = {"georel": "near;maxDistance==5000", "geometry": "Point", "coordinates": "[131.5,34.2]"}
QUERIES: list[dict[str, str]] = [{}, {"q": "n>=0"}, {"attrs": "n"}, NEAR]
TABLE = routes(None, None)  # type: ignore[arg-type]
if any("orderBy" in route.parameters for route in TABLE if (route.method, route.path) == ("GET", f"{BASE}/entities")):
    QUERIES += [
        {"local": "true", "orderBy": "n"},
        {"local": "true", "orderBy": "n;desc"},
        {"local": "true", "orderBy": "n;desc", **NEAR},
        {"local": "true", "orderBy": "missing,n"},
    ]

NUMBERS = st.integers(0, 99)
DOINGS = st.sampled_from(["insert", "delete", "retype", "touch", "add type"])
_kinds = count(1)


@pytest.fixture(scope="module")
def running(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(database_url, tmp_path_factory.mktemp("paging"))
    yield found
    found.close()


def entity(kind: str, number: int, suffix: str) -> dict[str, Any]:
    """Where it stands in every order follows from its number; many stand at the same place of the order by n."""
    point = {"type": "Point", "coordinates": [131.5 + number / 10_000, 34.2]}
    return {
        "id": f"urn:{kind}:{number:02}{suffix}",
        "type": kind,
        "n": {"type": "Property", "value": number * 7 % 5},
        "m": {"type": "Property", "value": 0},
        "location": {"type": "GeoProperty", "value": point},
    }


class Walk:
    """One walk through the pages of a query, with somebody who writes."""

    def __init__(self, asker: Asker, staying: list[int]) -> None:
        self.asker = asker
        self.kind = f"Walked{next(_kinds)}"
        self.staying = [entity(self.kind, number, "") for number in staying]

    async def write(self, doing: str, number: int) -> None:
        """Something happens: to one of those that come and go, or to one that stays, in what no query asks for."""
        passing = entity(self.kind, number, "x")
        one = self.staying[number % len(self.staying)]["id"]
        match doing:
            case "insert":
                await self.asker.post("/entityOperations/upsert", json=[passing])
            case "delete":
                await self.asker.delete(f"/entities/{passing['id']}")
            case "retype":
                await self.asker.post("/entityOperations/upsert", json=[{**passing, "type": EXTRA_TYPES[number % 3]}])
            case "touch":
                ok(await self.asker.patch(f"/entities/{one}/attrs/m", json={"value": number}), 204)
            case "add type":
                ok(await self.asker.patch(f"/entities/{one}", json={"type": EXTRA_TYPES[number % 3]}), 204)

    async def run(self, query: dict[str, str], sizes: list[int], doings: list[list[tuple[str, int]]]) -> list[str]:
        """The ids on all pages."""
        ok(await self.asker.post("/entityOperations/create", json=self.staying), 201)
        seen: list[str] = []
        following: dict[str, str] = {}
        for size, between in zip(cycle(sizes), cycle(doings), strict=False):
            for doing, number in between:
                await self.write(doing, number)
            answer = ok(await self.asker.get("/entities", params={**query, "type": self.kind, "limit": str(size), **following}))
            seen += [item["id"] for item in answer.json()]
            link = next((part for part in answer.headers.get_list("link") if 'rel="next"' in part), None)
            if link is None:
                return seen
            following = {"after": httpx.URL(link[link.index("<") + 1 : link.index(">")]).params["after"]}
        raise AssertionError("unreachable")


@settings(
    max_examples=EXAMPLES,
    derandomize="KAIRO_TEST_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    staying=st.lists(NUMBERS, min_size=1, max_size=40, unique=True),
    query=st.sampled_from(QUERIES),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    doings=st.lists(st.lists(st.tuples(DOINGS, NUMBERS), max_size=4), min_size=1, max_size=6),
)
def test_what_stays_is_seen_once(
    running: Running, staying: list[int], query: dict[str, str], sizes: list[int], doings: list[list[tuple[str, int]]]
) -> None:
    walk = Walk(running.broker.asker(running.token), staying)
    seen = running.run(walk.run(query, sizes, doings))
    assert len(seen) == len(set(seen)), "nothing is repeated"
    found = [id for id in seen if not id.endswith("x")]
    assert sorted(found) == sorted(item["id"] for item in walk.staying), "nothing is skipped"
    places = {item["id"]: item["n"]["value"] for item in walk.staying}
    if "orderBy" in query:
        sign = -1 if "desc" in query["orderBy"] else 1
        assert found == sorted(found, key=lambda id: (sign * places[id], id))
    else:
        assert found == sorted(found)


@pytest.mark.parametrize("query", [*QUERIES, {"q": "n==0"}], ids=str)
async def test_a_type_that_is_added_meanwhile_hides_nothing(
    broker: Broker, administrator: Asker, monkeypatch: pytest.MonkeyPatch, query: dict[str, str]
) -> None:
    """With a condition that is true, and with one that becomes true by the change alone."""
    kind = f"Steady{next(_kinds)}"
    id = await administrator.made(entity(kind, 1, ""))
    fetch, waiting = broker.database.fetch, ["the first page"]

    async def meanwhile(tenant: str, statement: str, *arguments: Any) -> list[Any]:
        if waiting and "FROM entity e" in statement:
            waiting.clear()
            change = {"type": f"AddedTo{kind}", "n": {"type": "Property", "value": 0}}
            ok(await administrator.patch(f"/entities/{id}", json=change), 204)
        return await fetch(tenant, statement, *arguments)

    monkeypatch.setattr(broker.database, "fetch", meanwhile)
    assert await administrator.ids(type=kind, **query) == [id]
    assert not waiting


async def test_a_type_that_is_added_meanwhile_hides_nothing_of_a_count_and_the_past(
    broker: Broker, administrator: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = f"Steady{next(_kinds)}"
    id = await administrator.made(entity(kind, 1, ""))
    fetch, waiting = broker.database.fetch, [""]

    async def meanwhile(tenant: str, statement: str, *arguments: Any) -> list[Any]:
        if waiting and ("FROM entity e" in statement or "FROM entity_past p" in statement):
            ok(await administrator.patch(f"/entities/{id}", json={"type": waiting.pop()}), 204)
        return await fetch(tenant, statement, *arguments)

    monkeypatch.setattr(broker.database, "fetch", meanwhile)
    waiting = ["AddedMeanwhile"]
    answer = ok(await administrator.get("/entities", params={"type": kind, "limit": "0", "count": "true"}))
    assert (answer.headers["ngsild-results-count"], waiting) == ("1", [])
    waiting = ["AddedLater"]
    times = {"timerel": "after", "timeAt": "2000-01-01T00:00:00Z", "timeproperty": "modifiedAt"}
    past = ok(await administrator.get("/temporal/entities", params={"type": kind, **times})).json()
    assert ([item["id"] for item in past], waiting) == ([id], [])
