"""Does whoever follows the links of answers about the past get every instance exactly once, however many share a moment?"""

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.db import Database
from kairo.settings import Settings
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused
from tests.context.api.test_temporal_laws import LAWS, enter, expected, moment

# Few moments for many instances: most moments hold more than an answer does.
CROWDED = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["", "urn:d:1"]), st.integers(0, 2)), min_size=1, max_size=25
)
Entered = list[tuple[str, str, int]]


@pytest_asyncio.fixture
async def narrow(database: Database) -> AsyncIterator[Broker]:
    """A broker that shows seven instances at a time."""
    async with open_broker(database, settings=Settings(max_instances=7)) as opened:
        yield opened


def shown(answer: httpx.Response) -> list[tuple[str, int]]:
    """Which instances an answer holds, by entity and value."""
    found = answer.json()
    return [
        (entity["id"], item["value"])
        for entity in (found if isinstance(found, list) else [found])
        for name in "ab"
        for item in entity.get(name, [])
    ]


async def walked(asker: Asker, url: str, params: dict[str, Any]) -> list[list[tuple[str, int]]]:
    """What each answer holds on the way along the links."""
    answer, parts = await asker.get(url, params=params or None), []
    while True:
        assert answer.status_code in {200, 206}, answer.text
        parts.append(shown(answer))
        assert len(parts[-1]) <= 7
        onward = answer.links.get("next")
        assert onward is not None or answer.status_code == 200, "a cut answer goes on"
        if onward is None:
            return parts
        assert onward["type"] == "application/json"
        answer = await asker.get(httpx.URL("http://test").join(onward["url"]))


def flat(parts: list[list[tuple[str, int]]]) -> list[tuple[str, int]]:
    return sorted(item for part in parts for item in part)


@LAWS
@given(CROWDED, st.sampled_from([{}, {"timerel": "after", "timeAt": moment(0)}, {"timerel": "before", "timeAt": moment(9)}]))
async def test_one_entity(narrow: Broker, administrator: Asker, entered: Entered, asked: dict[str, str]) -> None:
    id = await enter(administrator, entered)
    async with narrow.asker() as asker:
        parts = await walked(asker, f"/temporal/entities/{id}", asked)
    assert flat(parts) == [(id, place) for place in range(len(entered))]
    minutes = [sorted(entered[place][2] for _, place in part) for part in parts]
    assert all(one[-1] <= other[0] for one, other in pairwise(minutes)), "in order of time"


@LAWS
@given(CROWDED, st.integers(1, 9))
async def test_the_last_backwards(narrow: Broker, administrator: Asker, entered: Entered, last_n: int) -> None:
    id = await enter(administrator, entered)
    async with narrow.asker() as asker:
        parts = await walked(asker, f"/temporal/entities/{id}", {"lastN": last_n})
    wanted = expected(entered, None, None, last_n)
    assert flat(parts) == sorted((id, place) for places in wanted.values() for place in places)
    minutes = [sorted(entered[place][2] for _, place in part) for part in parts]
    assert all(one[0] >= other[-1] for one, other in pairwise(minutes)), "from the latest on"


@LAWS
@given(
    st.lists(CROWDED, min_size=1, max_size=4), st.integers(1, 3), st.sampled_from(["", "desc"]), st.sampled_from(["", "offset"])
)
async def test_pages_of_entities(
    narrow: Broker, administrator: Asker, every: list[Entered], limit: int, direction: str, by_offset: str
) -> None:
    """Each page to its end, then the next one."""
    ids = [await enter(administrator, entered) for entered in every]
    asked: dict[str, Any] = {"type": "OpenThing", "id": ",".join(ids), "timerel": "after", "timeAt": moment(0), "limit": limit}
    asked |= {"orderBy": f"id;{direction}", "local": "true"} if direction else {}
    asked |= {"offset": 0} if by_offset else {}
    async with narrow.asker() as asker:
        parts = await walked(asker, "/temporal/entities", asked)
    assert flat(parts) == sorted((id, place) for id, entered in zip(ids, every, strict=True) for place in range(len(entered)))
    pages = [[sorted(ids, reverse=bool(direction)).index(id) // limit for id, _ in part] for part in parts]
    assert [len(set(page)) for page in pages] == [1] * len(pages), "no answer holds entities of two pages"
    assert [page[0] for page in pages] == sorted(page[0] for page in pages)


async def test_by_post(narrow: Broker, administrator: Asker) -> None:
    ids = [await enter(administrator, [("a", "", 1)] * 10), await enter(administrator, [("b", "", 2)] * 3)]
    body = {"type": "Query", "entities": [{"type": "OpenThing", "id": ids}], "temporalQ": {"timerel": "after"}}
    body["temporalQ"] = {"timerel": "after", "timeAt": moment(0)}
    found, params = [], {"limit": "1"}
    async with narrow.asker() as asker:
        while True:
            answer = await asker.post("/temporal/entityOperations/query", params=params, json=body)
            found.append(shown(answer))
            params = {"limit": "1"}
            if "ngsild-next-instance" in answer.headers:
                ok(answer, 206)
                params["afterInstance"] = answer.headers["ngsild-next-instance"]
            elif "ngsild-next-after" in answer.headers:
                params["after"] = answer.headers["ngsild-next-after"]
            else:
                break
    assert [len(part) for part in found] == [7, 3, 3]
    assert flat(found) == sorted([*((ids[0], place) for place in range(10)), *((ids[1], place) for place in range(3))])


async def test_what_is_written_meanwhile_moves_nothing(narrow: Broker, administrator: Asker) -> None:
    """Neither more instances of the moment, nor entities that are new in the page, nor an instance that is erased."""
    ids = [await enter(administrator, [("a", "", 1)] * 12) for _ in range(2)]
    asked: dict[str, Any] = {
        "type": "OpenThing",
        "idPattern": f"^({'|'.join(ids)})",
        "timerel": "after",
        "timeAt": moment(0),
        "limit": 2,
    }
    async with narrow.asker() as asker:
        first = ok(await asker.get("/temporal/entities", params=asked), 206)
        name = first.json()[0]["a"][0]["instanceId"]
        ok(await administrator.delete(f"/temporal/entities/{ids[0]}/attrs/a/{name}"), 204)
        early = {"id": f"{ids[0]}:new", "type": "OpenThing", "a": [{"type": "Property", "value": 0, "observedAt": moment(0)}]}
        ok(await administrator.post("/temporal/entities", json=early), 201)
        late = {"a": [{"type": "Property", "value": 99, "observedAt": moment(1)}]}
        ok(await administrator.post(f"/temporal/entities/{ids[1]}/attrs", json=late), 204)
        onward = httpx.URL("http://test").join(first.links["next"]["url"])
        rest = await walked(asker, str(onward), {})
    found = [item for item in [*shown(first), *flat(rest)] if item[0] in ids]
    assert sorted(found) == sorted([*((id, place) for id in ids for place in range(12)), (ids[1], 99)])


async def test_what_is_withheld_takes_no_place(narrow: Broker, administrator: Asker) -> None:
    """Whoever may not see an attribute walks as if it were not there."""
    seen = {"type": "Property", "observedAt": moment(1)}
    body: dict[str, Any] = {"id": "urn:law:withheld", "type": "OpenThing"}
    ok(await administrator.post("/temporal/entities", json=body), 201)
    for turn in range(2):
        more = {name: [{**seen, "value": 5 * turn + place} for place in range(5)] for name in ("a", "ownerName")}
        ok(await administrator.post("/temporal/entities/urn:law:withheld/attrs", json=more), 204)
    async with narrow.asker() as asker:
        parts = await walked(asker, "/temporal/entities/urn:law:withheld", {})
    assert [len(part) for part in parts] == [7, 3]
    assert flat(parts) == [("urn:law:withheld", place) for place in range(10)]


async def test_the_scopes_that_a_query_asks_for_stand_in_the_first_part(narrow: Broker, administrator: Asker) -> None:
    many = [{"type": "Property", "value": place, "observedAt": moment(1)} for place in range(6)]
    scope = [{"type": "Property", "value": "/a", "observedAt": moment(0)}]
    ok(await administrator.post("/temporal/entities", json={"id": "urn:law:scoped", "type": "OpenThing", "scope": scope}), 201)
    for _ in range(2):
        ok(await administrator.post("/temporal/entities/urn:law:scoped/attrs", json={"a": many}), 204)
    asked = {"type": "OpenThing", "scopeQ": "/a", "timerel": "after", "timeAt": moment(0)}
    async with narrow.asker() as asker:
        first = ok(await asker.get("/temporal/entities", params=asked), 206)
        rest = ok(await asker.get(httpx.URL("http://test").join(first.links["next"]["url"])))
    assert "scope" in first.json()[0]
    assert "scope" not in rest.json()[0]
    assert len(shown(first)) + len(shown(rest)) == 12


@pytest.mark.parametrize("order", ["id", "id;asc", "id;desc"])
async def test_the_past_in_order_of_id(narrow: Broker, administrator: Asker, order: str) -> None:
    ids = sorted([await enter(administrator, [("a", "", 1)]) for _ in range(5)], reverse=order.endswith("desc"))
    asked = {"id": ",".join(ids), "timerel": "after", "timeAt": moment(0), "orderBy": order, "limit": 2}
    async with narrow.asker() as asker:
        parts = await walked(asker, "/temporal/entities", {**asked, "local": "true"})
        assert [id for part in parts for id, _ in part] == ids
        parts = await walked(asker, "/temporal/entities", {**asked, "type": "*", "offset": 1})
        assert [id for part in parts for id, _ in part] == ids[1:]
        body = {
            "type": "Query",
            "entities": [{"type": "OpenThing", "id": ids}],
            "temporalQ": {"timerel": "after", "timeAt": moment(0)},
            "ordering": {"orderBy": [order]},
        }
        answer = ok(await asker.post("/temporal/entityOperations/query?local=true", json=body))
        assert [item["id"] for item in answer.json()] == ids


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"orderBy": "id"}, 400),
        ({"orderBy": "a", "local": "true"}, 400),
        ({"orderBy": "type", "local": "true"}, 400),
        ({"orderBy": "id,a", "local": "true"}, 400),
        ({"orderBy": "id;dist-asc", "local": "true"}, 400),
        ({"orderBy": "id", "collation": "und-u-ks-identic", "local": "true"}, 422),
        ({"orderFrom": "[1,2]", "orderBy": "id", "local": "true"}, 400),
        ({"afterInstance": "x"}, 400),
        ({"afterInstance": "WzFd"}, 400),
        (
            {
                "afterInstance": "WyIyMDIwLTAxLTAxVDAwOjAwOjAwIiwiMjAyMC0wMS0wMVQwMDowMDowMCIsMCwiYSIsImIiLCJjIiwxLCIiLCIiLGZhbHNlXQ"
            },
            400,
        ),
        ({"format": "aggregatedValues", "aggrMethods": "sum", "afterInstance": "WzFd"}, 400),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused(narrow: Broker, administrator: Asker, asked: dict[str, str], status: int) -> None:
    await enter(administrator, [("a", "", 1)])
    given = {"type": "OpenThing", "timerel": "after", "timeAt": moment(0), **asked}
    async with narrow.asker() as asker:
        refused(await asker.get("/temporal/entities", params=given), status)
