"""Whatever was entered and whatever is asked for: is the answer that of a few lines of Python, and are its parts the whole?"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.platform.db import Database
from kairo.settings import Settings
from tests.context.api.broker import Asker, Broker, ok, open_broker

_numbers = count(1)
NOON = datetime(2020, 8, 1, 12, tzinfo=UTC)
LAWS = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
# Attribute, dataset, minute of observation; the value is the place in the list.
ENTERED = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["", "urn:d:1"]), st.integers(0, 20)), min_size=1, max_size=25
)
MINUTES = st.one_of(st.none(), st.integers(0, 21))


def moment(minute: int) -> str:
    return (NOON + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")


async def enter(asker: Asker, entered: list[tuple[str, str, int]]) -> str:
    """An entity with these instances, in several requests."""
    id = f"urn:law:{next(_numbers)}"
    ok(await asker.post("/temporal/entities", json={"id": id, "type": "OpenThing"}), 201)
    for begin in range(0, len(entered), 7):
        body: dict[str, list[Any]] = {}
        for place, (name, dataset, minute) in list(enumerate(entered))[begin : begin + 7]:
            more = {"datasetId": dataset} if dataset else {}
            body.setdefault(name, []).append({"type": "Property", "value": place, "observedAt": moment(minute), **more})
        ok(await asker.post(f"/temporal/entities/{id}/attrs", json=body), 204)
    return id


def expected(
    entered: list[tuple[str, str, int]], start: int | None, end: int | None, last_n: int | None
) -> dict[str, set[int]]:
    """The same by hand."""
    chosen: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for place, (name, dataset, minute) in enumerate(entered):
        if (start is None or minute >= start) and (end is None or minute < end):
            chosen.setdefault((name, dataset), []).append((minute, place))
    found: dict[str, list[tuple[int, int]]] = {}
    for (name, _), instances in chosen.items():
        found.setdefault(name, []).extend(sorted(instances)[-last_n:] if last_n else instances)
    return {name: {place for _, place in instances} for name, instances in found.items()}


@LAWS
@given(ENTERED, MINUTES, MINUTES, st.one_of(st.none(), st.integers(1, 4)))
async def test_times_and_the_last(
    administrator: Asker, entered: list[tuple[str, str, int]], start: int | None, end: int | None, last_n: int | None
) -> None:
    if start is not None and end is not None and end <= start:
        end = None
    id = await enter(administrator, entered)
    relation = "between" if start is not None and end is not None else "after" if start is not None else "before"
    times = [moment(minute) for minute in (start, end) if minute is not None]
    asked: dict[str, Any] = {"timerel": relation} if times else {}
    asked |= dict(zip(("timeAt", "endTimeAt"), times, strict=False))
    asked |= {} if last_n is None else {"lastN": last_n}
    found = ok(await administrator.get(f"/temporal/entities/{id}", params=asked)).json()
    told = {name: [item["value"] for item in found[name]] for name in "abc" if name in found}
    assert {name: set(values) for name, values in told.items()} == expected(entered, start, end, last_n)
    for values in told.values():
        minutes = [entered[place][2] for place in values]
        assert minutes == sorted(minutes)
        assert len(set(values)) == len(values)


@pytest_asyncio.fixture
async def narrow(database: Database) -> AsyncIterator[Broker]:
    async with open_broker(database, settings=Settings(max_instances=7)) as opened:
        yield opened


@LAWS
@given(ENTERED.filter(lambda entered: all(sum(one[2] == other[2] for other in entered) < 4 for one in entered)))
async def test_going_on_where_an_answer_was_cut_misses_nothing(
    narrow: Broker, administrator: Asker, entered: list[Any]
) -> None:
    """A reader that asks on from the end of Content-Range has in the end every instance, where any two moments fit in an answer."""
    id = await enter(administrator, entered)
    start, values = moment(0), set()
    async with narrow.asker() as asker:
        while True:
            asked = {"timerel": "after", "timeAt": start}
            answer = await asker.get(f"/temporal/entities/{id}", params=asked)
            assert answer.status_code in {200, 206}
            values |= {item["value"] for name in "abc" for item in answer.json().get(name, [])}
            if answer.status_code == 200:
                break
            begin, end = answer.headers["content-range"].removeprefix("date-time ").removesuffix("/*").rsplit("-2020", 1)
            assert begin == start
            assert f"2020{end}" > start, "there is progress"
            start = f"2020{end}"
    assert values == set(range(len(entered)))
