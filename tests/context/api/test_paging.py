"""Do pages neither repeat nor skip an entity while others write? A property, tried with writers at work (CIM 009 5.5.9, 6.3.10)."""

import asyncio
import random
from typing import Any

import pytest

from tests.context.api.broker import Asker, ok, refused


def entity(kind: str, name: str, value: int = 0) -> dict[str, Any]:
    return {"id": f"urn:{kind}:{name}", "type": kind, "n": {"type": "Property", "value": value}}


async def page(asker: Asker, url: str, **parameters: str) -> tuple[list[str], str | None]:
    """The ids on a page, and the address of the next one."""
    answer = ok(await asker.get(url, params=parameters or None))
    link = next((part for part in answer.headers.get_list("link") if 'rel="next"' in part), None)
    following = None if link is None else "http://test" + link[link.index("<") + 1 : link.index(">")]
    return [item["id"] for item in answer.json()], following


async def walk(asker: Asker, **parameters: str) -> list[str]:
    seen, following = await page(asker, "/entities", **parameters)
    while following is not None:
        more, following = await page(asker, following)
        seen += more
    return seen


@pytest.mark.parametrize("seed", range(3))
async def test_what_stays_is_seen_once_while_others_write(administrator: Asker, seed: int) -> None:
    chance = random.Random(seed)
    kind = f"Paged{seed}"
    staying = sorted(f"{chance.randrange(10**9):09}" for _ in range(120))
    await administrator.post("/entityOperations/create", json=[entity(kind, name) for name in staying])
    stop = asyncio.Event()
    changes = 0

    async def write() -> None:
        nonlocal changes
        passing: list[str] = []
        while not stop.is_set():
            name = f"{chance.randrange(10**9):09}x"
            passing.append(name)
            await administrator.post("/entities", json=entity(kind, name))
            if len(passing) > 5:
                ok(await administrator.delete(f"/entities/urn:{kind}:{passing.pop(chance.randrange(len(passing)))}"), 204)
            changed = chance.choice(staying)
            ok(await administrator.patch(f"/entities/urn:{kind}:{changed}/attrs/n", json={"value": chance.random()}), 204)
            changes += 1

    writers = [asyncio.create_task(write()) for _ in range(3)]
    try:
        queries: list[dict[str, str]] = [{}, {"q": "n>=0"}]
        while queries or changes <= 3:  # at least one walk of either kind, and until the writers have been at work
            query = queries.pop() if queries else {}
            seen = await walk(administrator, type=kind, limit=str(chance.choice((5, 7, 11))), **query)
            assert seen == sorted(seen)
            assert len(seen) == len(set(seen)), "nothing is repeated"
            assert [id for id in seen if not id.endswith("x")] == [f"urn:{kind}:{name}" for name in staying], (
                "nothing is skipped"
            )
    finally:
        stop.set()
        await asyncio.gather(*writers)


async def test_offset_goes_forth_and_back(administrator: Asker) -> None:
    names = [f"{count:02}" for count in range(7)]
    await administrator.post("/entityOperations/create", json=[entity("Offset", name) for name in names])
    answer = ok(await administrator.get("/entities", params={"type": "Offset", "limit": "3", "offset": "3"}))
    assert [item["id"][-2:] for item in answer.json()] == names[3:6]
    links = " ".join(answer.headers.get_list("link"))
    assert "offset=6>" in links
    assert "offset=0>" in links
    assert links.count('type="application/json"') == 2, "the media type of this answer (6.3.10)"
    assert await administrator.ids(type="Offset", limit="3", offset="6") == ["urn:Offset:06"]
    assert await administrator.ids(type="Offset", offset="7") == []


async def test_posted_queries_are_paged_by_a_header(administrator: Asker) -> None:
    names = ["日本:1", "日本:2", "a%2Fb", "z"]
    await administrator.post("/entityOperations/create", json=[entity("Posted", name) for name in names])
    body = {"type": "Query", "entities": [{"type": "Posted"}]}
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        url = "/entityOperations/query?limit=1" + (f"&after={after}" if after else "")
        answer = ok(await administrator.post(url, json=body))
        seen += [item["id"] for item in answer.json()]
        after = answer.headers.get("ngsild-next-after")
    assert seen == sorted(f"urn:Posted:{name}" for name in names)


async def test_the_last_page_has_no_next(administrator: Asker) -> None:
    await administrator.post("/entityOperations/create", json=[entity("Few", name) for name in "abcd"])
    assert await page(administrator, "/entities", type="Few", limit="4") == ([f"urn:Few:{name}" for name in "abcd"], None)
    first, following = await page(administrator, "/entities", type="Few", limit="2", q="n==0", options="sysAttrs")
    assert following is not None
    assert "options=sysAttrs" in following
    assert first + (await page(administrator, following))[0] == [f"urn:Few:{name}" for name in "abcd"]
    refused(await administrator.get("/entities", params={"type": "Few", "after": "\x00"}), 400, "BadRequestData")
