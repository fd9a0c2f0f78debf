"""Are values gathered by periods as CIM 009 4.5.19 says, table by table, and the same as counted by hand?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import fmean, pstdev
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.context.api.broker import Asker, ok, refused

_numbers = count(1)
ALL = "totalCount,distinctCount,sum,avg,min,max,stddev,sumsq"


def at(clock: str) -> str:
    return f"2020-08-01T{clock}:00Z"


async def entered(asker: Asker, **attributes: list[Any]) -> str:
    """An entity with these values, one a minute from noon on; an instance stands for itself."""
    id = f"urn:sum:{next(_numbers):04}"
    body: dict[str, Any] = {"id": id, "type": "OpenThing"}
    for name, values in attributes.items():
        body[name] = [
            {
                "observedAt": at(f"12:{minute:02}"),
                **(value if isinstance(value, dict) and "type" in value else {"type": "Property", "value": value}),
            }
            for minute, value in enumerate(values)
        ]
    ok(await asker.post("/temporal/entities", json=body), 201)
    return id


async def summed(asker: Asker, id: str, methods: str = ALL, **parameters: Any) -> dict[str, Any]:
    asked = {"format": "aggregatedValues", "aggrMethods": methods, **parameters}
    found: dict[str, Any] = ok(await asker.get(f"/temporal/entities/{id}", params=asked)).json()
    return found


async def test_the_example_of_the_official_tests(administrator: Asker) -> None:
    """Periods begin with the first instance where no time is asked for."""
    id = "urn:sum:official"
    levels = [(67, "12:03"), (53, "13:05"), (40, "14:07")]
    body = {"id": id, "type": "OpenThing", "level": [{"type": "Property", "value": v, "observedAt": at(c)} for v, c in levels]}
    ok(await administrator.post("/temporal/entities", json=body), 201)
    assert await summed(administrator, id, "avg", aggrPeriodDuration="PT1H") == {
        "id": id,
        "type": "OpenThing",
        "level": {
            "type": "Property",
            "avg": [[67, at("12:03"), at("13:03")], [53, at("13:03"), at("14:03")], [40, at("14:03"), at("15:03")]],
        },
    }


async def test_the_example_of_the_specification(administrator: Asker) -> None:
    """C.5.14: periods begin with timeAt; those without instances are not told."""
    id = await entered(administrator, speed=[120, 120, 120, 120, 80, 100])
    times = {"timerel": "between", "timeAt": at("12:00"), "endTimeAt": at("13:00"), "aggrPeriodDuration": "PT4M"}
    found = (await summed(administrator, id, "max,avg", **times))["speed"]
    assert found["max"] == [[120, at("12:00"), at("12:04")], [100, at("12:04"), at("12:08")]]
    assert found["avg"] == [[120, at("12:00"), at("12:04")], [90, at("12:04"), at("12:08")]]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("numbers", [1, 2, 2.5], {"totalCount": 3, "distinctCount": 3, "sum": 5.5, "min": 1, "max": 2.5, "sumsq": 11.25}),
        ("texts", ["b", "a", "b"], {"totalCount": 3, "distinctCount": 2, "min": "a", "max": "b"}),
        ("flags", [True, False, True], {"totalCount": 3, "distinctCount": 2, "sum": 2, "min": 0, "max": 1, "sumsq": 2}),
        ("arrays", [[1, 2], [3]], {"totalCount": 2, "distinctCount": 2, "sum": 3, "avg": 1.5, "min": 1, "max": 2}),
        ("things", [{"a": 1}, {"a": 1}], {"totalCount": 2, "distinctCount": 1}),
        (
            "moments",
            [
                {"@type": "DateTime", "@value": "2020-01-01T00:00:00.5Z"},
                {"@type": "DateTime", "@value": "2020-01-01T00:00:00Z"},
            ],
            {"totalCount": 2, "min": "2020-01-01T00:00:00Z", "max": "2020-01-01T00:00:00.500000Z"},
        ),
        (
            "dates",
            [{"@type": "Date", "@value": "2020-01-02"}, {"@type": "Date", "@value": "2020-01-01"}],
            {"min": "2020-01-01"},
        ),
        (
            "clocks",
            [{"@type": "Time", "@value": "10:00:00Z"}, {"@type": "Time", "@value": "11:00:00Z"}],
            {"avg": "10:30:00Z", "min": "10:00:00Z", "max": "11:00:00Z"},
        ),
        (
            "links",
            [{"type": "Relationship", "object": "urn:a:1"}, {"type": "Relationship", "object": "urn:a:1"}],
            {"distinctCount": 1},
        ),
        ("words", [{"type": "LanguageProperty", "languageMap": {"ja": "あ"}}], {"totalCount": 1, "distinctCount": 1}),
        ("lists", [{"type": "ListProperty", "valueList": [1, 2, 3]}], {"avg": 3, "sum": 3}),
        ("raws", [{"type": "JsonProperty", "json": 4}], {"avg": 4}),
        (
            "lies",
            [{"type": "JsonProperty", "json": {"@type": kind, "@value": "?"}} for kind in ("Time", "DateTime")],
            {"distinctCount": 2},
        ),
    ],
)
async def test_the_tables_of_types(administrator: Asker, name: str, values: list[Any], expected: dict[str, Any]) -> None:
    id = await entered(administrator, **{name: values})
    found = (await summed(administrator, id))[name]
    assert found["type"] == ("Relationship" if name == "links" else "Property")
    told = {method: periods[0][0] for method, periods in found.items() if method != "type"}
    assert told.items() >= expected.items()
    assert {len(periods) for method, periods in found.items() if method != "type"} == {1}
    if name in {"texts", "things", "moments", "dates", "links", "words"}:
        assert not told.keys() & {"sum", "avg", "stddev", "sumsq"}
    if name == "arrays":
        assert not told.keys() & {"stddev", "sumsq"}


async def test_who_names_an_attribute_hears_that_it_has_no_such_method(administrator: Asker) -> None:
    id = await entered(administrator, name=["a"], n=[1])
    asked = "format=aggregatedValues&aggrMethods=sum"
    refused(await administrator.get(f"/temporal/entities/{id}?{asked}&attrs=name"), 400, "InvalidRequest")
    assert set(await summed(administrator, id, "sum")) == {"id", "type", "n"}


async def test_the_whole_range_is_one_period(administrator: Asker) -> None:
    id = await entered(administrator, n=[1, 2, 3])
    assert (await summed(administrator, id, "sum"))["n"]["sum"] == [[6, at("12:00"), at("12:02")]]
    times = {"timerel": "between", "timeAt": at("11:00"), "endTimeAt": at("12:02"), "aggrPeriodDuration": "PT0S"}
    assert (await summed(administrator, id, "sum", **times))["n"]["sum"] == [[3, at("11:00"), at("12:02")]]


async def test_months_of_the_city(administrator: Asker) -> None:
    """The last evening of March in Greenwich is April in Yamaguchi."""
    id = "urn:sum:months"
    days = ["2026-02-28T14:00:00Z", "2026-03-31T14:59:59Z", "2026-03-31T15:00:00Z", "2026-05-01T00:00:00Z"]
    body = {"id": id, "type": "OpenThing", "n": [{"type": "Property", "value": 1, "observedAt": day} for day in days]}
    ok(await administrator.post("/temporal/entities", json=body), 201)
    times = {"timerel": "after", "timeAt": "2026-02-01T00:00:00+09:00", "aggrPeriodDuration": "P1M"}
    assert (await summed(administrator, id, "sum", **times))["n"]["sum"] == [
        [1, "2026-01-31T15:00:00Z", "2026-02-28T15:00:00Z"],
        [1, "2026-02-28T15:00:00Z", "2026-03-31T15:00:00Z"],
        [1, "2026-03-31T15:00:00Z", "2026-04-30T15:00:00Z"],
        [1, "2026-04-30T15:00:00Z", "2026-05-31T15:00:00Z"],
    ]


@pytest.mark.parametrize("period", ["P8000Y", "P900000D", "P100W", "PT0.000001S"])
async def test_periods_of_any_length(administrator: Asker, period: str) -> None:
    id = await entered(administrator, n=[1, 2])
    found = await summed(administrator, id, "sum", aggrPeriodDuration=period)
    assert sum(item[0] for item in found["n"]["sum"]) == 3


async def test_datasets_and_the_last_instances(administrator: Asker) -> None:
    id = await entered(administrator, n=[1, 2, 3])
    more = {"type": "Property", "value": 9, "observedAt": at("12:00"), "datasetId": "urn:d:1"}
    ok(await administrator.post(f"/temporal/entities/{id}/attrs", json={"n": [more]}), 204)
    found = (await summed(administrator, id, "sum"))["n"]
    assert [(item.get("datasetId"), item["sum"][0][0]) for item in found] == [(None, 6), ("urn:d:1", 9)]
    assert (await summed(administrator, id, "sum", datasetId="urn:d:1"))["n"]["sum"][0][0] == 9
    assert (await summed(administrator, id, "sum", lastN=2, datasetId="@none"))["n"]["sum"][0][0] == 5


async def test_a_query_gathers_too(administrator: Asker) -> None:
    ids = [await entered(administrator, n=[value]) for value in (1, 2)]
    asked = {"type": "OpenThing", "id": ",".join(ids), "timerel": "before", "timeAt": at("13:00"), "aggrMethods": "sum"}
    for url in ("/temporal/entities",):
        answer = ok(await administrator.get(url, params={**asked, "format": "aggregatedValues"})).json()
        assert [item["n"]["sum"][0][0] for item in answer] == [1, 2]
    body = {
        "type": "Query",
        "entities": [{"type": "OpenThing", "id": ids}],
        "temporalQ": {"timerel": "before", "timeAt": at("13:00")},
        "aggrParams": {"aggrMethods": ["sum"], "aggrPeriodDuration": "PT1H"},
    }
    answer = ok(await administrator.post("/temporal/entityOperations/query", json=body)).json()
    assert [item["n"]["sum"][0][0] for item in answer] == [1, 2]


VALUES = st.lists(
    st.tuples(st.integers(0, 3599), st.one_of(st.integers(-1000, 1000), st.floats(-1e6, 1e6).map(lambda x: round(x, 3)))),
    min_size=1,
    max_size=30,
)


@settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(VALUES, st.integers(1, 1200))
async def test_periods_are_as_counted_by_hand(administrator: Asker, values: list[tuple[int, float]], seconds: int) -> None:
    """The law: each instance is in exactly one period, and each method says of it what Python says."""
    noon = datetime(2020, 8, 1, 12, tzinfo=UTC)
    id = f"urn:sum:{next(_numbers):04}"
    instances = [
        {"type": "Property", "value": value, "observedAt": (noon + timedelta(seconds=second)).isoformat()}
        for second, value in values
    ]
    ok(await administrator.post("/temporal/entities", json={"id": id, "type": "OpenThing", "n": instances}), 201)
    times = {
        "timerel": "between",
        "timeAt": noon.isoformat(),
        "endTimeAt": "2020-08-01T13:00:00Z",
        "aggrPeriodDuration": f"PT{seconds}S",
    }
    found = (await summed(administrator, id, **times))["n"]
    periods: dict[int, list[float]] = {}
    for second, value in values:
        periods.setdefault(second // seconds, []).append(float(value))
    begins = [(noon + timedelta(seconds=seconds * place)).isoformat().replace("+00:00", "Z") for place in sorted(periods)]
    expected: dict[str, Callable[[list[float]], float]] = {
        "totalCount": len,
        "distinctCount": lambda those: len(set(those)),
        "sum": sum,
        "avg": fmean,
        "min": min,
        "max": max,
        "stddev": pstdev,
        "sumsq": lambda those: sum(value * value for value in those),
    }
    for method, calculate in expected.items():
        assert [item[1] for item in found[method]] == begins
        told = [item[0] for item in found[method]]
        assert told == pytest.approx([calculate(periods[place]) for place in sorted(periods)], rel=1e-6, abs=1e-3)
