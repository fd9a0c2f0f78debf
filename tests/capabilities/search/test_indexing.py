"""Does the index follow every change of the graph, and does it stay untouched where no text changed?"""

import asyncio
from typing import Any

from kairo.capabilities.search.normalise import grams
from kairo.platform.manifests import Change
from tests.capabilities.search.conftest import ADMINISTRATOR, PUBLIC, TENANT, World, entity


async def versions(world: World) -> list[Any]:
    """Every row with the transaction that wrote it."""
    rows = await world.database.fetch(TENANT, "SELECT entity, language, xmin::text FROM search_entry WHERE tenant = $1", TENANT)
    return sorted(tuple(row) for row in rows)


async def assert_grams_fit(world: World) -> None:
    rows = await world.database.fetch(TENANT, "SELECT number, folded FROM search_entry WHERE tenant = $1", TENANT)
    wanted = {(row["number"], gram) for row in rows for gram in grams(row["folded"].split("\n"))}
    kept = await world.database.fetch(TENANT, "SELECT number, gram FROM search_gram WHERE tenant = $1", TENANT)
    assert {(row["number"], row["gram"]) for row in kept} == wanted


async def test_change_and_delete(world: World) -> None:
    await world.put(
        entity("Shelter", "a", {"ja": "白石小学校", "en": "Shiraishi School"}), entity("Shelter", "b", "大殿小学校")
    )
    await world.put(entity("Shelter", "a", "白石中学校"))
    assert await world.titles("小学校") == ["大殿小学校"]
    assert await world.titles("白石", language="en") == ["白石中学校"]
    await assert_grams_fit(world)
    await world.graph.delete(ADMINISTRATOR, ["urn:ngsi-ld:Shelter:b"])
    await world.react()
    assert await world.titles("学校") == ["白石中学校"]
    await assert_grams_fit(world)


async def test_other_changes_write_nothing(world: World) -> None:
    await world.put(entity("Shelter", "a", "白石小学校", people={"value": 1}))
    before = await versions(world)
    for number in range(3):
        await world.graph.update(
            ADMINISTRATOR, [{"id": "urn:ngsi-ld:Shelter:a", "type": "Shelter", "people": {"value": number}}]
        )
        await world.react()
    assert await versions(world) == before
    assert await world.index._indexer().reindex([Change(TENANT, "urn:ngsi-ld:Shelter:a", 1)] * 3) == 0


async def test_a_type_that_is_no_longer_open(world: World) -> None:
    await world.put(entity("Shelter", "a", "白石小学校"))
    await world.graph.upsert(ADMINISTRATOR, [{**entity("Shelter", "a", "白石小学校"), "type": "Resident"}])
    assert await world.titles("白石") == []
    await world.index.reindex([Change(TENANT, "urn:ngsi-ld:Shelter:a", 9)])
    assert await versions(world) == []


async def test_rebuild(world: World) -> None:
    await world.put(*(entity("Shelter", str(number), f"避難所{number}") for number in range(30)), entity("Station", "s", "駅"))
    async with world.database.unit(TENANT) as unit:
        await unit.connection.execute("DELETE FROM search_entry WHERE tenant = $1 AND title < '避難所2'", TENANT)
        await unit.connection.execute(
            "UPDATE search_entry SET digest = '', folded = '' WHERE tenant = $1 AND title = '駅'", TENANT
        )
        await unit.connection.execute("DELETE FROM search_gram WHERE tenant = $1", TENANT)
        await unit.connection.execute("DELETE FROM entity WHERE tenant = $1 AND id = 'urn:ngsi-ld:Shelter:29'", TENANT)
    told: list[tuple[int, int, str]] = []
    written = await world.index.rebuild(TENANT, lambda done, total, what: told.append((done, total, what)))
    assert told == [(29, 30, "Shelter"), (30, 30, "Station")]
    assert written > 0
    assert (await world.index.find(PUBLIC, "避難")).total >= 11
    assert await world.index.rebuild(TENANT, lambda *_: None) == 0


async def test_workers_at_once(world: World) -> None:
    """However many react to whatever changes, the index ends up with what the graph says."""
    ids = [f"urn:ngsi-ld:Shelter:{number}" for number in range(5)]

    async def change(turn: int) -> None:
        await world.graph.upsert(
            ADMINISTRATOR, [entity("Shelter", str(number), f"避難所{turn}の{number}") for number in range(5)]
        )
        if turn % 3 == 2:
            await world.graph.delete(ADMINISTRATOR, ids[:2])
        await world.react()

    await asyncio.gather(*(change(turn) for turn in range(8)))
    await world.react()
    now = await world.graph.get_many(ADMINISTRATOR, ids)
    assert sorted(await world.titles("避難所")) == sorted(doc["name"]["value"] for doc in now.values())
    await assert_grams_fit(world)
