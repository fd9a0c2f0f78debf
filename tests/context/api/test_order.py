"""Do entities come in the order that is asked for, page by page, and does the order tell nothing else? (orderBy; CIM 009 4.23)"""

import random
from typing import Any

import pytest
import pytest_asyncio

from tests.context.api.broker import Asker, ok, refused


def says(value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


def at(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [longitude, latitude]}}


# The names are those of the order by `v` (4.23.2): numbers, texts, objects, arrays, booleans, times, null, nothing.
MIXED: list[dict[str, Any]] = [
    {"a": says(-1.5)},
    {"b": says(2)},
    {"c": says(10)},
    {"d": says("B")},
    {"e": says("b")},
    {"f": says("い")},
    {"g": says({"x": 1})},
    {"h": says([1])},
    {"i": says(False)},
    {"j": says(True)},
    {"k": says({"@type": "Time", "@value": "09:00:00Z"})},
    {"l": says({"@type": "Date", "@value": "2026-01-01"})},
    {"m": says({"@type": "DateTime", "@value": "2026-01-01T00:00:00Z"})},
    {"n": says({"@type": "DateTime", "@value": "2026-01-01T00:00:00.5Z"})},
]
ENTITIES: list[dict[str, Any]] = [
    {"id": f"urn:o:{name}", "type": "Mixed", "v": value} for item in MIXED for name, value in item.items()
] + [{"id": "urn:o:z", "type": "Mixed"}]
PLACES: list[dict[str, Any]] = [
    {
        "id": "urn:p:1",
        "type": "Place",
        "name": says("b"),
        "level": says(3, observedAt="2026-01-03T00:00:00Z"),
        "location": at(8.01, 40.01),
    },
    {"id": "urn:p:2", "type": ["Place", "Ward"], "name": says("a"), "level": says(3), "location": at(10, 45)},
    {
        "id": "urn:p:3",
        "type": "Place",
        "name": says("a"),
        "level": says(1, observedAt="2026-01-01T00:00:00.5Z"),
        "location": at(9, 41),
    },
    {"id": "urn:p:4", "type": "Place", "name": says("c"), "address": says({"city": "Ube"}), "location": says("nowhere")},
    {
        "id": "urn:p:5",
        "type": "Place",
        "name": {"type": "LanguageProperty", "languageMap": {"ja": "市", "en": "city"}},
        "address": says({"city": "Hofu"}),
        "location": {
            "type": "GeoProperty",
            "value": {"type": "Polygon", "coordinates": [[[8.2, 40.1], [8.3, 40.1], [8.3, 40.2], [8.2, 40.1]]]},
        },
    },
    {"id": "urn:p:6", "type": "Place", "level": [says(2), says(9, datasetId="urn:d:1")]},
]


@pytest_asyncio.fixture
async def ordered(administrator: Asker) -> Asker:
    answer = await administrator.post("/entityOperations/upsert", json=ENTITIES + PLACES)
    assert answer.status_code in {201, 204}
    return administrator


async def order_of(asker: Asker, limit: int = 1000, /, **asked: Any) -> list[str]:
    """The last letters of the ids, over all pages of this size."""
    url: Any = "/entities"
    parameters: dict[str, str] | None = {"local": "true", "limit": str(limit), **asked}
    found: list[str] = []
    while url is not None:
        answer = ok(await asker.get(url, params=parameters))
        found += [item["id"].rpartition(":")[2] for item in answer.json()]
        link = next((part for part in answer.headers.get_list("link") if 'rel="next"' in part), None)
        url = None if link is None else "http://test" + link[link.index("<") + 1 : link.index(">")]
        parameters = None
    return found


CASES = [
    ({"type": "Mixed", "orderBy": "v"}, "abcdefghijklmnz"),
    ({"type": "Mixed", "orderBy": "v;desc"}, "nmlkjihgfedcbaz"),
    ({"type": "Mixed", "orderBy": "id;desc"}, "znmlkjihgfedcba"),
    ({"type": "Place", "orderBy": "name"}, "231456"),
    ({"type": "Place", "orderBy": "name,level"}, "321456"),
    ({"type": "Place", "orderBy": "name,level;desc"}, "231456"),
    ({"type": "Place", "orderBy": "level;desc,name;desc"}, "126354"),
    ({"type": "Place", "orderBy": "name[ja]"}, "512346"),
    ({"type": "Place", "orderBy": "address[city]"}, "541236"),
    ({"type": "Place", "orderBy": "level.observedAt"}, "312456"),
    ({"type": "Place", "orderBy": "level.observedAt;desc"}, "132456"),
    ({"type": "Place", "orderBy": "type;desc,id"}, "213456"),
    ({"type": "Place", "orderBy": "location;dist-asc", "orderFrom": "[8,40]"}, "153246"),
    ({"type": "Place", "orderBy": "location;dist-desc", "orderFrom": "[8,40]"}, "235146"),
    (
        {"type": "Place", "orderBy": "location;dist-asc", "orderFrom": "[[10,45],[9.9,44.9]]", "orderGeometry": "LineString"},
        "235146",
    ),
    ({"type": "Place", "orderBy": "createdAt,name,id"}, "231456"),
    ({"type": "Place", "orderBy": "name.createdAt,id"}, "123456"),
    ({"type": "Place", "orderBy": "nothing"}, "123456"),
    ({"type": "Place", "orderBy": "name", "q": "level>=2"}, "216"),
    (
        {
            "type": "Place",
            "orderBy": "name",
            "georel": "near;maxDistance==200000",
            "geometry": "Point",
            "coordinates": "[8,40]",
        },
        "315",
    ),
]


@pytest.mark.parametrize(("asked", "expected"), CASES, ids=lambda value: str(value)[:70])
async def test_the_order_is_the_one_asked_for_on_pages_of_any_size(
    ordered: Asker, asked: dict[str, str], expected: str
) -> None:
    for limit in (1000, 1, 2, 4):
        assert "".join(await order_of(ordered, limit, **asked)) == expected
    assert "".join(await order_of(ordered, offset="2", **asked)) == expected[2:]


@pytest.mark.parametrize("seed", range(4))
async def test_pages_neither_repeat_nor_skip(administrator: Asker, seed: int) -> None:
    chance = random.Random(seed)
    pool = [1, 1, 1.5, -2, "a", "a", "あ", "a" * 300, "a" * 300 + "b", True, None, {"b": 1}, [1, 2], "2026-01-01"]
    made = []
    for number in range(60):
        attributes = {name: says(chance.choice(pool)) for name in "ab" if chance.random() < 0.8}
        made.append({"id": f"urn:r{seed}:{number:02}", "type": f"Random{seed}", **attributes})
    made = [{key: value for key, value in item.items() if value != says(None)} for item in made]
    ok(await administrator.post("/entityOperations/create", json=made), 201)
    for _ in range(6):
        order = ",".join(f"{name};{chance.choice(('asc', 'desc'))}" for name in chance.sample(["a", "b", "id"], 2))
        whole = await order_of(administrator, type=f"Random{seed}", orderBy=order)
        assert sorted(whole) == [f"{number:02}" for number in range(60)]
        for limit in (1, 7, 20):
            assert await order_of(administrator, limit, type=f"Random{seed}", orderBy=order) == whole, order


async def test_post_queries_order(ordered: Asker) -> None:
    ordering = {"orderBy": ["location;dist-asc", "name"], "coordinates": [8, 40], "geometry": "Point"}
    body = {"type": "Query", "entities": [{"type": "Place"}], "ordering": ordering}
    answer = ok(await ordered.post("/entityOperations/query", params={"local": "true"}, json=body))
    assert [item["id"][-1] for item in answer.json()] == list("153246")
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        asked = {"local": "true", "limit": "4", **({"after": after} if after else {})}
        answer = ok(await ordered.post("/entityOperations/query", params=asked, json=body))
        seen += [item["id"][-1] for item in answer.json()]
        after = answer.headers.get("ngsild-next-after")
    assert seen == list("153246")


async def test_what_is_withheld_has_no_influence(administrator: Asker, anyone: Asker) -> None:
    for name, owner in (("x", "c"), ("y", "a"), ("z", "b")):
        thing = {"id": f"urn:w:{name}", "type": "OpenThing", "ownerName": says(owner), "home": at(8, 40)}
        assert (await administrator.post("/entities", json=thing)).status_code in {201, 409}
    for order in ("ownerName", "ownerName;desc", "ownerName.createdAt;desc", "ownerName.createdAt"):
        assert await order_of(anyone, 1, type="OpenThing", orderBy=order) == ["x", "y", "z"], order
    assert await order_of(administrator, 1, type="OpenThing", orderBy="ownerName") == ["y", "z", "x"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"orderBy": ""},
        {"orderBy": "a,"},
        {"orderBy": "a;up"},
        {"orderBy": "a;asc;desc"},
        {"orderBy": "a[b"},
        {"orderBy": "location;dist-asc"},
        {"orderBy": "location;dist-asc", "orderFrom": "[8]"},
        {"orderBy": "location;dist-asc", "orderFrom": "[8,40]", "orderGeometry": "Circle"},
        {"orderBy": "a.observedAt;dist-asc", "orderFrom": "[8,40]"},
        {"orderFrom": "[8,40]"},
        {"orderBy": "a", "after": "urn:p:1"},
        {"orderBy": "a", "after": "%%%"},
        {"orderBy": "a", "local": "false"},
    ],
)
async def test_what_is_no_order_is_refused(ordered: Asker, wrong: dict[str, str]) -> None:
    refused(await ordered.get("/entities", params={"type": "Place", "local": "true", **wrong}), 400, "BadRequestData")


async def test_an_order_is_for_this_broker_alone_and_has_limits(ordered: Asker) -> None:
    refused(await ordered.get("/entities", params={"type": "Place", "orderBy": "name"}), 400, "BadRequestData")
    ok(await ordered.get("/entities", params={"type": "*", "orderBy": "name", "limit": "1"}))
    many = ",".join(["a"] * 9)
    asked = {"type": "Place", "local": "true"}
    refused(await ordered.get("/entities", params={**asked, "orderBy": many}), 403, "TooComplexQuery")
    collation = {**asked, "orderBy": "name", "collation": "de-u-co-phonebk"}
    refused(await ordered.get("/entities", params=collation), 422, "OperationNotSupported")
    first = ok(await ordered.get("/entities", params={**asked, "orderBy": "name", "limit": "1"}))
    after = first.headers["link"].partition("after=")[2].partition(">")[0]
    refused(await ordered.get(f"/entities?type=Place&local=true&orderBy=level&after={after}"), 400, "BadRequestData")
