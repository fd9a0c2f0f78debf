"""Is all of it gone, once two people agreed, and does the certificate prove it? Every table of the tenant is searched for what was erased."""

from datetime import timedelta

import orjson
import pytest

from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Event
from kairo.trust.identity.principals import PERSON
from kairo.trust.rights.disposal import store
from tests.trust.rights.test_requests import main_of
from tests.trust.roles.hall import TENANT, Hall

PLANTED = "PLANTEDTEXT-7f3a"
KEY = "feedfacefeedface"
SIGNS, GONE, KEPT = "urn:ngsi-ld:VitalSigns:x", "urn:ngsi-ld:VitalSigns:gone", "urn:ngsi-ld:VitalSigns:kept"
LATER = timedelta(days=6 * 365)


async def places(database: Database, text: str) -> set[str]:
    """The tables in which a text stands, in any column of any row."""
    async with database.owner() as owner:
        tables = [
            row["relname"]
            for row in await owner.fetch(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
            )
        ]
        sql = 'SELECT count(*) FROM "{}" AS t WHERE strpos(t::text, $1) > 0'
        return {name for name in tables if await owner.fetchval(sql.format(name), text)}


async def plant(hall: Hall) -> None:
    """A resident who has gone, with signs of theirs; signs that were deleted; and signs of one who stays."""
    kairo = hall.kairo
    if KEY not in await kairo.identity.accounts.many([KEY]):
        await kairo.identity.accounts.register(Account(KEY, "resident", PLANTED, "ぷらんと"), by="administrator:local")
    city = kairo.gate.scope_of(LOCAL_ADMINISTRATOR, TENANT)
    person = {"type": "Relationship", "object": f"{PERSON}{KEY}"}
    place = {"type": "Point", "coordinates": [131.4, 34.1]}
    signs = {"type": "VitalSigns", "person": person, "note": PLANTED, "at": {"type": "GeoProperty", "value": place}}
    docs = [{"id": id, **signs} for id in (SIGNS, GONE)]
    written = await kairo.graph.upsert(
        city, [*docs, {**signs, "id": KEPT, "person": {"type": "Relationship", "object": f"{PERSON}x"}, "note": "stays"}]
    )
    assert not [one for one in written if one.error], written
    await kairo.graph.upsert(city, [{"id": SIGNS, **signs, "note": f"{PLANTED} again"}])
    await kairo.graph.delete(city, [GONE])
    await kairo.identity.accounts.happen(KEY, Event.DIED, by="administrator:local", reason="x")


async def test_nothing_of_what_was_disposed_of_is_left(hall: Hall, database: Database) -> None:
    await plant(hall)
    assert await places(database, PLANTED) >= {"entity", "history", "account"}, "the search finds what is there"
    disposal = hall.kairo.rights.disposal
    administrator = await hall.browser("administrator")
    auditor = await hall.on_duty("auditor", "privacy-oversight")
    for language in ("ja", "ja-x-easy", "en"):
        main_of(await administrator.get(f"/{language}/console/disposal"))
    early = await administrator.post("/en/console/disposal", data={"action": "propose", "type": "VitalSigns"})
    assert early.status_code == 400, "nothing is due yet"
    disposal.clock = lambda: system_clock() + LATER
    city = hall.kairo.gate.scope_of(LOCAL_ADMINISTRATOR, TENANT)
    person = await administrator.post("/en/console/disposal", data={"action": "propose", "type": "Resident"})
    assert person.status_code == 400, "a person goes after all that is about them"
    for kind in ("VitalSigns", "Resident"):
        assert (await administrator.post("/en/console/disposal", data={"action": "propose", "type": kind})).status_code == 303
        async with database.reading(TENANT) as connection:
            (one,) = [each for each in await store.latest(connection, TENANT, 9) if each.type == kind]
        assert set(one.entities) == ({SIGNS, GONE} if kind == "VitalSigns" else {f"{PERSON}{KEY}"})
        assert one.entities[0] in main_of(await auditor.get("/en/console/disposal"))
        own = await administrator.post("/en/console/disposal", data={"action": "confirm", "id": one.id})
        assert own.status_code == 403, "who proposed it is not the second person"
        assert await places(database, PLANTED), "nothing is gone by one person's word"
        answer = await auditor.post("/en/console/disposal", data={"action": "confirm", "id": one.id})
        assert answer.status_code == 303, answer.text
        assert (await auditor.post("/en/console/disposal", data={"action": "confirm", "id": one.id})).status_code == 409
    assert await places(database, PLANTED) == set()
    assert await hall.kairo.graph.get(city, SIGNS) is None
    assert await hall.kairo.graph.get(city, KEPT) is not None
    assert (
        await database.fetch(
            TENANT, "SELECT 1 FROM disclosure_key WHERE tenant = $1 AND subject = $2", TENANT, f"{PERSON}{KEY}"
        )
        == []
    )
    _, proofs = await disposal.latest(city)
    proof = next(one for one in proofs if one.type == "VitalSigns")
    assert proof.proves(SIGNS)
    assert proof.proves(GONE)
    assert not proof.proves(KEPT)
    assert proof.rows_gone["entity"] == 1
    file = await auditor.get(f"/en/console/disposal/{proof.list_id}/certificate")
    said = orjson.loads(file.content)
    assert said["entities"] == 2
    assert SIGNS not in file.text


async def test_what_is_no_longer_due_stays(hall: Hall, database: Database) -> None:
    kairo = hall.kairo
    city = kairo.gate.scope_of(LOCAL_ADMINISTRATOR, TENANT)
    back = "urn:ngsi-ld:VitalSigns:back"
    doc = {"id": back, "type": "VitalSigns", "person": {"type": "Relationship", "object": f"{PERSON}x"}}
    await kairo.graph.upsert(city, [doc])
    await kairo.graph.delete(city, [back])
    disposal = kairo.rights.disposal
    disposal.clock = lambda: system_clock() + LATER
    administrator = await hall.browser("administrator")
    await administrator.post("/en/console/disposal", data={"action": "propose", "type": "VitalSigns"})
    async with database.reading(TENANT) as connection:
        (one, *_) = await store.latest(connection, TENANT, 9)
    assert back in one.entities
    await kairo.graph.upsert(city, [doc])
    auditor = await hall.on_duty("auditor", "privacy-oversight")
    assert (await auditor.post("/en/console/disposal", data={"action": "confirm", "id": one.id})).status_code == 303
    assert await kairo.graph.get(city, back) is not None


@pytest.mark.parametrize(
    "said", [{}, {"action": "propose", "type": "Sensor"}, {"action": "propose", "type": "\0"}, {"action": "x"}]
)
async def test_bad_input(hall: Hall, said: dict[str, str]) -> None:
    administrator = await hall.browser("administrator")
    assert (await administrator.post("/en/console/disposal", data=said)).status_code == 400
    assert (await administrator.post("/en/console/disposal", data={"action": "confirm", "id": "none"})).status_code == 404
    assert (await (await hall.browser("hanako")).get("/en/console/disposal")).status_code == 403
    assert (await (await hall.on_duty("clerk", "counter")).post("/en/console/disposal", data=said)).status_code == 403
