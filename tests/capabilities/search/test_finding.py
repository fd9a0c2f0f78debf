"""Is what is in the graph found, in a useful order, in the reader's language, and never by those who may not see it?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kairo.capabilities.search import tables
from kairo.context import tables as context_tables
from kairo.context.gate import DataClass, Scope
from kairo.platform.db import differences
from kairo.trust import tables as trust_tables
from tests.capabilities.search.conftest import ADMINISTRATOR, OTHER_TENANT, PUBLIC, TENANT, World, entity

OF_OTHER = Scope(OTHER_TENANT, "a", read_classes=frozenset(DataClass), write_classes=frozenset(DataClass), own_undeclared=True)


async def test_order(world: World) -> None:
    await world.put(
        entity("Shelter", "text", "阿知須体育館", address={"value": "小郡町1-2"}),
        entity("Shelter", "contains", "旧小郡庁舎"),
        entity("Shelter", "prefix", "小郡文化資料館"),
        entity("Station", "exact", "小郡"),
        entity("Station", "none", "湯田温泉"),
        entity("Station", "kana", "Ogori", nameKana={"value": "コゴオリオゴオリ"}),
    )
    assert await world.titles("小郡") == ["小郡", "小郡文化資料館", "旧小郡庁舎", "阿知須体育館"]
    assert await world.titles("おごおり") == ["Ogori"]
    assert await world.titles("小郡", types=["Station"]) == ["小郡"]


async def test_every_word_or_else_any(world: World) -> None:
    await world.put(
        entity("Shelter", "a", "山口市立中央図書館", address={"value": "中園町7-7"}), entity("Shelter", "b", "山口駅")
    )
    both = await world.index.find(PUBLIC, "図書館　山口")
    assert [hit.title.text for hit in both.hits] == ["山口市立中央図書館"]
    assert not both.relaxed
    assert both.total == 1
    loose = await world.index.find(PUBLIC, "山口 図書館 萩")
    assert [hit.title.text for hit in loose.hits] == ["山口市立中央図書館", "山口駅"]
    assert loose.relaxed
    sentence = await world.index.find(PUBLIC, "中央図書館の開館時間")
    assert sentence.relaxed
    assert sentence.hits[0].title.text == "山口市立中央図書館"
    assert (await world.index.find(PUBLIC, "萩 長門")) == (await world.index.find(PUBLIC, ""))


@pytest.mark.parametrize("text", ["100%", "a_b", "_", "%", "\\", "100\\%", "'", "\x00", "年", "21", "２１", "1-2", "い", "𠮷"])
async def test_odd_queries(world: World, text: str) -> None:
    await world.put(
        entity("Shelter", "odd", "100%の年 a_b\\ 2021年 21い", address={"value": "1－2 吉敷"}),
        entity("Shelter", "plain", "ほか"),
    )
    expected = [] if text in {"_", "%", "\\", "'", "\x00"} else ["100%の年 a_b\\ 2021年 21い"]
    assert await world.titles(text) == expected


async def test_languages(world: World) -> None:
    await world.put(
        entity("Station", "yuda", {"ja": "湯田温泉駅", "en": "Yuda Onsen Station"}, nameKana={"value": "ゆだおんせんえき"}),
        entity("Station", "plain", "山口駅"),
    )
    assert await world.titles("湯田") == await world.titles("yuda onsen") == await world.titles("ユダ") == ["湯田温泉駅"]
    assert await world.titles("湯田", language="en") == ["Yuda Onsen Station"]
    assert await world.titles("YUDA", language="ja-x-easy") == ["湯田温泉駅"]
    assert await world.titles("山口", language="en") == ["山口駅"]
    hit = (await world.index.find(PUBLIC, "温泉")).hits[0]
    assert list(hit.title.pieces()) == [("湯田", False), ("温泉", True), ("駅", False)]
    assert (hit.id, hit.type) == ("urn:ngsi-ld:Station:yuda", "Station")


async def test_a_kind_of_thing_is_found_by_what_it_is_called_but_not_shown_as_its_text(world: World) -> None:
    await world.put(entity("Shelter", "a", "山口駅"), entity("Station", "b", "湯田"), entity("Bus", "c", "バス"))
    found = await world.index.find(PUBLIC, "title")
    assert {hit.title.text for hit in found.hits} == {"山口駅", "湯田"}  # a Bus is not searchable at all
    assert {hit.excerpt.text for hit in found.hits} == {""}


async def test_pages(world: World) -> None:
    await world.put(*(entity("Shelter", f"{number:02}", f"避難所{number:02}") for number in range(25)))
    pages = [await world.index.find(PUBLIC, "避難所", limit=10, offset=offset) for offset in (0, 10, 20, 30)]
    assert [len(page.hits) for page in pages] == [10, 10, 5, 0]
    assert {page.total for page in pages} == {25}
    assert len({hit.id for page in pages for hit in page.hits}) == 25


async def test_suggestions(world: World) -> None:
    await world.put(
        entity("Station", "a", "湯田温泉"), entity("Shelter", "b", "湯田温泉"), entity("Shelter", "c", "湯田小学校"),
        entity("Shelter", "d", "新湯田会館"), entity("Shelter", "e", "萩"),
    )  # fmt: skip
    assert [hit.title.text for hit in await world.index.suggest(PUBLIC, "湯田")] == ["湯田温泉", "湯田小学校", "新湯田会館"]
    assert await world.index.suggest(PUBLIC, " ") == []


# Who may not see it


async def test_only_open_entities_get_in(world: World) -> None:
    await world.put(
        entity("Resident", "r", "秘密太郎"),
        entity("Unknown", "u", "秘密の未宣言"),
        entity("Bus", "b", "秘密のバス"),
        entity("Shelter", "s", "避難所", keeper={"value": "秘密花子"}),
        {**entity("Shelter", "m", "秘密の住まい"), "type": ["Shelter", "Resident"]},
    )
    await world.index.rebuild(TENANT, lambda done, total, what: None)
    for scope in (PUBLIC, ADMINISTRATOR):
        assert await world.titles("秘密", scope) == []
    assert (
        await world.database.fetch(TENANT, "SELECT 1 FROM search_entry WHERE tenant = $1 AND folded LIKE '%秘密%'", TENANT)
        == []
    )


async def plant(world: World, tenant: str, slug: str, data_class: str, writer: str) -> None:
    """A row of the index, and an entity beside it, that the indexer would not have written."""
    async with world.database.unit(tenant) as unit:
        await unit.connection.execute(
            "INSERT INTO search_entry (tenant, entity, language, serves, number, types, title, shown, title_key, kana_key, folded,"
            " weight, data_class, writer, digest, modified_at) VALUES ($1, $2, 'all', '{ja,ja-x-easy,en}', 1, '{Shelter}', '秘密', '',"
            " '秘密', '', '秘密', 1, $3, $4, '', $5)",
            tenant, slug, data_class, writer, datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        await unit.connection.execute(
            "INSERT INTO entity (tenant, id, type_key, doc, stamps, data_class, writer, controller, created_at, modified_at, change)"
            " VALUES ($1, $2, 'Shelter', '{}', '{}', $3, $4, $1, $5, $5, 1)",
            tenant, slug, data_class, writer, datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        await unit.connection.execute("INSERT INTO search_gram VALUES ($1, '秘密', 1), ($1, '密', 1)", tenant)


@pytest.mark.parametrize("text", ["秘密", "秘", "秘密 無関係"])
@pytest.mark.parametrize(
    ("tenant", "data_class", "writer", "seen_by"),
    [
        (TENANT, "open", "x", {"anonymous", "application", "administrator"}),
        (TENANT, "personal", "app:me", {"administrator"}),
        (TENANT, "undeclared", "app:other", {"administrator"}),
        (TENANT, "undeclared", "app:me", {"application", "administrator"}),
        (OTHER_TENANT, "open", "app:me", set()),
    ],
)
async def test_planted_rows(world: World, text: str, tenant: str, data_class: str, writer: str, seen_by: set[str]) -> None:
    await plant(world, tenant, "planted", data_class, writer)
    scopes = {
        "anonymous": PUBLIC,
        "application": Scope(TENANT, "app:me", read_classes=frozenset({DataClass.OPEN}), own_undeclared=True),
        "administrator": ADMINISTRATOR,
    }
    seen = {name for name, scope in scopes.items() if (await world.index.find(scope, text)).hits}
    assert seen == seen_by
    assert {name for name, scope in scopes.items() if (await world.index.find(scope, text)).total} == seen_by


async def test_a_row_that_lags_behind_shows_nothing(world: World) -> None:
    await world.put(entity("Shelter", "a", "昔の避難所"), entity("Shelter", "b", "今の避難所"))
    await world.graph.delete(ADMINISTRATOR, ["urn:ngsi-ld:Shelter:a"])
    assert await world.titles("避難所") == ["今の避難所"]
    async with world.database.unit(TENANT) as unit:
        await unit.connection.execute("UPDATE entity SET data_class = 'personal' WHERE tenant = $1", TENANT)
    assert await world.titles("避難所") == []


async def test_what_expires_is_gone(world: World) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()  # noqa: TID251
    await world.put(entity("Shelter", "a", "仮の避難所", expiresAt=soon))
    assert await world.titles("仮") == ["仮の避難所"]
    later: Any = lambda: datetime.now(UTC) + timedelta(hours=2)  # noqa: E731, TID251
    world.index._clock = later
    assert await world.titles("仮") == []


async def test_the_tables_keep_the_habits(world: World) -> None:
    async with world.database.owner() as owner:
        wrong = await differences(owner, (*context_tables.TABLES, *trust_tables.TABLES, *tables.TABLES))
    assert not [line for line in wrong if line.startswith("search")]
