"""Is an answer about the past that is too long cut, and does it say where? (CIM 009 6.3.10: 206 and Content-Range)"""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from kairo.platform.db import Database
from kairo.settings import Settings
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused

_numbers = count(1)


def at(clock: str) -> str:
    return f"2020-08-01T{clock}:00Z"


def seen(value: Any, clock: str) -> dict[str, Any]:
    return {"type": "Property", "value": value, "observedAt": at(clock)}


@pytest_asyncio.fixture
async def narrow(database: Database) -> AsyncIterator[Broker]:
    """A broker that shows three instances at a time, and takes as many."""
    async with open_broker(database, settings=Settings(max_instances=3)) as opened:
        yield opened


@pytest_asyncio.fixture
async def long_past(administrator: Asker) -> str:
    """Two attributes, one instance a minute in turn."""
    id = f"urn:past:long:{next(_numbers)}"
    a = [seen(minute, f"12:0{minute}") for minute in (0, 2, 4, 6)]
    b = [seen(minute, f"12:0{minute}") for minute in (1, 3, 5, 7)]
    ok(await administrator.post("/temporal/entities", json={"id": id, "type": "OpenThing", "a": a, "b": b}), 201)
    return id


@pytest.mark.parametrize(
    ("asked", "a", "b", "content_range"),
    [
        ("", [0, 2], [1], f"{at('12:00')}-{at('12:02')}/*"),
        (f"timerel=after&timeAt={at('11:00')}", [0, 2], [1], f"{at('11:00')}-{at('12:02')}/*"),
        (f"timerel=before&timeAt={at('13:00')}", [0, 2], [1], f"{at('12:00')}-{at('12:02')}/*"),
        (f"timerel=between&timeAt={at('12:01')}&endTimeAt={at('13:00')}", [2], [1, 3], f"{at('12:01')}-{at('12:03')}/*"),
        ("lastN=5", [6], [5, 7], f"{at('12:07')}-{at('12:05')}/5"),
        (f"lastN=5&timerel=before&timeAt={at('13:00')}", [6], [5, 7], f"{at('13:00')}-{at('12:05')}/5"),
        (f"lastN=5&timerel=after&timeAt={at('11:00')}", [6], [5, 7], f"{at('12:07')}-{at('12:05')}/5"),
        (f"timerel=after&timeAt={at('12:00')}&pick=b", [], [1, 3, 5], f"{at('12:00')}-{at('12:05')}/*"),
    ],
)
async def test_a_long_answer_is_cut_and_says_so(
    narrow: Broker, long_past: str, asked: str, a: list[int], b: list[int], content_range: str
) -> None:
    async with narrow.asker() as asker:
        answer = ok(await asker.get(f"/temporal/entities/{long_past}?{asked}"), 206)
        assert [item["value"] for item in answer.json().get("a", [])] == a
        assert [item["value"] for item in answer.json()["b"]] == b
        assert answer.headers["content-range"] == f"date-time {content_range}"
        listed = ok(
            await asker.get(f"/temporal/entities?type=OpenThing&id={long_past}&timerel=after&timeAt={at('11:00')}"), 206
        )
        assert listed.headers["content-range"] == f"date-time {at('11:00')}-{at('12:02')}/*"


async def test_what_fits_is_not_cut(narrow: Broker, long_past: str) -> None:
    async with narrow.asker() as asker:
        answer = ok(await asker.get(f"/temporal/entities/{long_past}?timerel=before&timeAt={at('12:03')}"))
        assert "content-range" not in answer.headers
        ok(await asker.get(f"/temporal/entities/{long_past}?lastN=1"))


async def test_attributes_beyond_the_cut_are_named(narrow: Broker, administrator: Asker) -> None:
    body = {"id": "urn:past:after", "type": "OpenThing", "a": [seen(n, f"12:0{n}") for n in range(5)], "b": [seen(9, "13:00")]}
    ok(await administrator.post("/temporal/entities", json=body), 201)
    async with narrow.asker() as asker:
        found = ok(await asker.get("/temporal/entities/urn:past:after"), 206).json()
        assert [item["value"] for item in found["a"]] == [0, 1, 2]
        assert found["b"] == []


async def test_one_moment_is_shown_even_where_it_is_too_much(narrow: Broker, administrator: Asker) -> None:
    body = {"id": "urn:past:moment", "type": "OpenThing", "a": [seen(n, "12:00") for n in range(5)]}
    ok(await administrator.post("/temporal/entities", json=body), 201)
    async with narrow.asker() as asker:
        assert len(ok(await asker.get("/temporal/entities/urn:past:moment"), 206).json()["a"]) == 3


async def test_more_than_that_is_not_taken_at_once(narrow: Broker, tmp_path: Path) -> None:
    async with await narrow.administrator(tmp_path) as asker:
        body = {"id": "urn:past:much", "type": "OpenThing", "a": [seen(n, "12:00") for n in range(4)]}
        refused(await asker.post("/temporal/entities", json=body), 413)
        refused(await asker.get("/temporal/entities/urn:past:much"), 404)


async def test_too_many_periods_are_refused_and_not_cut(narrow: Broker, long_past: str) -> None:
    """A period that is missing would look like one without values."""
    asked = "format=aggregatedValues&aggrMethods=sum&pick=a&aggrPeriodDuration"
    async with narrow.asker() as asker:
        refused(await asker.get(f"/temporal/entities/{long_past}?{asked}=PT1M"), 403, "TooManyResults")
        assert len(ok(await asker.get(f"/temporal/entities/{long_past}?{asked}=PT3M")).json()["a"]["sum"]) == 3
        months = f"{asked}=P1M&timerel=between&timeAt=2020-01-01T00:00:00Z&endTimeAt=2021-01-01T00:00:00Z"
        refused(await asker.get(f"/temporal/entities/{long_past}?{months}"), 403, "TooManyResults")
