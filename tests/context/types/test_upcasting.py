"""After an update of the program: does every reader see the newest version at once, writers act on it, and history stay?"""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from kairo.context.contexts import CORE
from kairo.context.entities.commits import Command
from kairo.context.entities.rules import Append, Delete, ReplaceEntity
from kairo.context.model.parse import Purpose, parse_attributes, parse_entity
from kairo.errors import KairoError

ID = "urn:ngsi-ld:Gauge:1"
POINT = {"type": "Point", "coordinates": [131.47, 34.18]}
OLD = {"id": ID, "type": "Gauge", "level": {"value": 150, "unitCode": "CMT"}, "name": "淵", "phone": "1", "location": POINT}
NEW = {
    "id": ID, "type": "Gauge", "height": {"type": "Property", "value": 1.5, "unitCode": "MTR"},
    "name": {"type": "LanguageProperty", "languageMap": {"ja": "淵"}}, "location": {"type": "GeoProperty", "value": POINT},
}  # fmt: skip
Start = Callable[..., Any]


@pytest.fixture
async def updated(program: Start) -> Any:
    """The program at version 3, over what it wrote when it was at version 1."""
    await (await program(1)).write(OLD)
    return await program(3)


async def test_every_way_of_reading_shows_the_newest_version(updated: Any) -> None:
    assert await updated.read(f"/entities/{ID}") == NEW
    assert await updated.read(f"/entities/{ID}", options="keyValues") == {
        "id": ID, "type": "Gauge", "height": 1.5, "name": {"languageMap": {"ja": "淵"}}, "location": POINT
    }  # fmt: skip
    assert await updated.read("/entities", type="Gauge") == [NEW]
    assert await updated.read(
        "/entities", type="Gauge", georel="near;maxDistance==10", geometry="Point", coordinates="[131.47,34.18]"
    ) == [NEW]
    posted = await updated.reader.post("/entityOperations/query", json={"type": "Query", "entities": [{"type": "Gauge"}]})
    assert posted.json() == [NEW]
    whole = {**NEW, "phone": {"type": "Property", "value": "1"}}
    assert await updated.graph.get(updated.everything, ID) == whole
    assert await updated.graph.get_many(updated.everything, [ID]) == {ID: whole}
    assert [doc async for doc in updated.graph.every(updated.public, "Gauge")] == [NEW]
    assert orjson.loads(await updated.graph.document(updated.everything, ID)) == whole


async def test_times_are_shown_with_the_new_names(updated: Any) -> None:
    (stored,) = await updated.rows("entity")
    shown = await updated.read(f"/entities/{ID}", options="sysAttrs")
    stamps = orjson.loads(stored["stamps"])
    assert [shown["location"]["createdAt"], shown["location"]["modifiedAt"]] == stamps["location"]["@none"]
    assert shown["height"]["modifiedAt"] == shown["modifiedAt"]


async def test_conditions_are_answered_by_what_is_stored(updated: Any) -> None:
    """Documented in docs/adr/0016: until the rewriting is through, q sees the stored rows."""
    assert await updated.read("/entities", type="Gauge", q="level==150") == [NEW]
    assert await updated.read("/entities", type="Gauge", q="height==1.5") == []


async def test_a_change_stores_the_newest_version_and_history_only_what_changed(updated: Any) -> None:
    before = await updated.rows("history", "attribute, instance")
    fragment = parse_attributes({"height": {"value": 2, "unitCode": "MTR"}}, CORE, Purpose.WHOLE, entity_id=ID)
    (outcome,) = await updated.graph.submit(updated.everything, [Command(ID, Append(fragment))])
    assert not isinstance(outcome, KairoError)
    (stored,) = await updated.rows("entity")
    assert stored["type_version"] == 3
    assert set(orjson.loads(stored["doc"])) == {"id", "type", "height", "name", "phone", "location"}
    after = await updated.rows("history", "attribute, instance")
    assert [row for row in after if row not in before] == [{"attribute": "height", "instance": after[-1]["instance"]}]
    assert all(row in after for row in before)


async def test_a_writer_of_the_first_version_is_understood(updated: Any) -> None:
    await updated.write({**OLD, "id": "urn:ngsi-ld:Gauge:2"})
    assert await updated.read("/entities/urn:ngsi-ld:Gauge:2") == {**NEW, "id": "urn:ngsi-ld:Gauge:2"}
    rows = await updated.rows("entity", "id, type_version")
    assert {row["id"]: row["type_version"] for row in rows} == {ID: 1, "urn:ngsi-ld:Gauge:2": 3}


async def test_writing_the_same_again_changes_nothing_and_is_left_to_the_task(updated: Any) -> None:
    (written,) = await updated.graph.upsert(updated.everything, [OLD])
    assert written.outcome == "unchanged"
    assert (await updated.rows("entity", "type_version")) == [{"type_version": 1}]


async def test_what_has_become_personal_is_closed_at_once(program: Start) -> None:
    await (await program(1)).write(OLD)
    later = await program(3, personal=frozenset({"phone", "name"}))
    assert set(await later.read(f"/entities/{ID}")) == {"id", "type", "height", "location"}
    closed = await program(3, data_class="personal")
    assert (await closed.reader.get(f"/entities/{ID}")).status_code == 404
    assert await closed.read("/entities", type="Gauge") == []


async def test_an_older_program_beside_shows_and_keeps_what_it_does_not_know(program: Start) -> None:
    old, new = await program(1), await program(3)
    await new.write({key: NEW[key] for key in ("id", "type", "height")})
    assert set(await old.read(f"/entities/{ID}")) == {"id", "type", "height"}, "as it is"
    note = parse_attributes({"note": "a"}, CORE, Purpose.WHOLE, entity_id=ID)
    await old.graph.submit(old.everything, [Command(ID, Append(note))])
    assert await old.rows("entity", "type_version") == [{"type_version": 3}], "still of the version that the rest has"
    await old.graph.submit(old.everything, [Command(ID, ReplaceEntity(parse_entity(OLD, CORE)))])
    assert await old.rows("entity", "type_version") == [{"type_version": 1}], "all of it is the old program's now"
    assert await new.read(f"/entities/{ID}") == NEW


async def test_deleting_an_old_entity_leaves_no_place_behind(updated: Any) -> None:
    await updated.graph.submit(updated.everything, [Command(ID, Delete())])
    assert await updated.rows("entity") == await updated.rows("entity_geo") == []
