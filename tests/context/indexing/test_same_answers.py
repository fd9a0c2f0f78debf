"""Is an answer the same with an index as without, and does each commit keep it right? Random writes, queries and steps of the leader."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from kairo.context.contexts import CORE
from kairo.context.entities.commits import Command
from kairo.context.entities.rules import DeleteAttribute, Upsert
from kairo.context.indexing import choosing, store
from kairo.context.model.stored import ParsedEntity
from kairo.context.query import EntityQuery, Stamps, parse_q, read_query, selects
from kairo.errors import BadRequestData
from kairo.platform.db import Database
from tests.context.indexing.conftest import City, city_of
from tests.context.query.test_agreement import OTHERS, documents, kind_of, literals_in, terms

IDS = [f"urn:x:{number}" for number in range(6)]
TYPES: list[Any] = ["Thing", "Thing", ["Other", "Thing"], "Other"]
KEYS = ["Thing", "Other Thing"]


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Some entities, then writes, queries that meet what is there, and the life of indexes on `a` and `b`, in any order."""
    docs = draw(st.lists(documents, min_size=2, max_size=4))
    found = [literal for doc in docs for literal in list(literals_in(doc))[:6]] or ["1"]
    literals = found * 3 + draw(st.lists(st.sampled_from(OTHERS), min_size=1, max_size=5))
    write = st.tuples(st.just("write"), st.sampled_from(IDS), st.sampled_from(docs), st.sampled_from(TYPES))
    ordered = [one for one in literals if kind_of(one) != "other"] or ["1"]
    simple = st.one_of(
        st.sampled_from(literals).map("a=={}".format),
        st.tuples(st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from(ordered)).map("a{0[0]}{0[1]}".format),
    )
    ask = st.tuples(st.just("ask"), st.lists(st.one_of(terms(literals), simple), min_size=1, max_size=2))
    chosen = st.one_of(
        write,
        write,
        st.tuples(st.just("drop_attribute"), st.sampled_from(IDS)),
        st.tuples(st.just("delete"), st.sampled_from(IDS)),
        st.tuples(st.just("fill")),
        st.tuples(st.just("make"), st.sampled_from("ab"), st.sampled_from(KEYS), st.sampled_from([1, 3, 50])),
        st.tuples(st.just("leave"), st.integers(0, 3)),
        ask,
    )
    begin = [("write", id, doc, type) for id, doc, type in zip(IDS, docs, TYPES, strict=False)]
    middle = [("make", "a", key, 3) for key in KEYS] + draw(st.lists(chosen, max_size=6))
    end = [("fill",)] * 2 + draw(st.lists(chosen, max_size=4)) + [("fill",)] + draw(st.lists(ask, min_size=3, max_size=6))
    return begin + middle + end


class Beside:
    """A city on a loop of its own, and what a step does to it."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = self.loop.run_until_complete(Database.open(url))

    def close(self) -> None:
        self.loop.run_until_complete(self.database.close())
        self.loop.close()

    def play(self, played: list[tuple[Any, ...]]) -> None:
        self.loop.run_until_complete(self._play(played))

    async def _play(self, played: list[tuple[Any, ...]]) -> None:
        city = await city_of(self.database)
        try:
            for name, *given in played:
                await getattr(self, f"_{name}")(city, *given)
                await self._is_kept(city)
        finally:
            await city.graph.close()

    async def _write(self, city: City, id: str, doc: dict[str, Any], type: Any) -> None:
        """Past the parser, so that more is tried than it lets through; a time that PostgreSQL cannot read changes nothing."""
        types = (type,) if isinstance(type, str) else tuple(type)
        attributes = {name: doc[name] for name in "ab" if name in doc}
        with suppress(BadRequestData):
            await city.graph.submit(city.everything, [Command(id, Upsert(ParsedEntity(id, types, (), attributes)))])

    async def _drop_attribute(self, city: City, id: str) -> None:
        await city.graph.submit(city.everything, [Command(id, DeleteAttribute("a", delete_all=True))])

    async def _delete(self, city: City, id: str) -> None:
        await city.graph.delete(city.everything, [id])

    async def _make(self, city: City, attribute: str, type_key: str, most: int) -> None:
        await city.make(attribute, type_key, most)

    async def _fill(self, city: City) -> None:
        """One step of each index that is being filled: two entities."""
        for index in await city.indexes():
            await city.indexer().step(city.tenant, index.id)

    async def _leave(self, city: City, nth: int) -> None:
        for index in (await city.indexes())[nth : nth + 1]:
            async with self.database.unit(city.tenant) as unit:
                await store.leave(unit.connection, city.tenant, index.id)
            async with self.database.unit(city.tenant) as unit:
                assert await store.clear(unit.connection, city.tenant, index.id, 1000)

    async def _ask(self, city: City, parts: list[str]) -> None:
        text = ";".join(parts)
        query = read_query({"type": "Thing", "q": text}, CORE)
        found = await city.graph.search(city.everything, query, limit=20)
        there = await city.graph.rows(city.everything, IDS)
        expected = sorted(row.id for row in there.values() if self._matches(row, text))
        assert [row.id for row in found.rows] == expected
        assert await city.graph.number(city.everything, query) == len(expected)

    def _matches(self, row: Any, text: str) -> bool:
        types = row.doc["type"]
        stamps = Stamps(row.created_at, row.modified_at, None, row.stamps)
        return "Thing" in ([types] if isinstance(types, str) else types) and selects(
            EntityQuery(q=parse_q(text, CORE)), row.doc, stamps
        )

    async def _is_kept(self, city: City) -> None:
        """Ready: the index holds what it should. Building: of entities up to where it is filled all, of others nothing wrong."""
        for index in await city.indexes():
            rows, due = await city.rows(index), await city.due(index)
            assert rows <= due, index
            assert {(key, id) for key, id in due if index.state == "ready" or id <= index.filled_to} <= rows, index


@pytest.fixture(scope="module")
def beside(database_url: str) -> Iterator[Beside]:
    made = Beside(database_url)
    yield made
    made.close()


def narrowed() -> float:
    return REGISTRY.get_sample_value("kairo_queries_narrowed_total", {"outcome": "used"}) or 0


def test_an_index_changes_no_answer(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "ENTITIES_A_STEP", 2)
    before = narrowed()

    @settings(max_examples=60, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(steps())
    def every_run(played: list[tuple[Any, ...]]) -> None:
        beside.play(played)

    every_run()
    assert narrowed() > before + 50, "the queries are to be such as indexes are used for"
