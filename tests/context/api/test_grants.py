"""What does an application get to see over HTTP of a person who agreed, for as long as they agree? And by the ways that no grant opens?"""

from datetime import timedelta

import pytest

from kairo.context.granting import Grant, give, withdraw
from kairo.platform.clock import system_clock
from tests.context.api.broker import Asker, Broker, ok, refused

PARTNER, PURPOSE = "application:watcher", "application"
SINCE = {"timerel": "after", "timeAt": "2020-01-01T00:00:00Z", "timeproperty": "modifiedAt"}


@pytest.fixture
async def partner(broker: Broker) -> Asker:
    return broker.asker(await broker.token_of(PARTNER))


async def agreed(broker: Broker, id: str, person: str, *attributes: str) -> None:
    now = system_clock()
    grant = Grant(
        id, PARTNER, PURPOSE, ("Resident",), "consent", now - timedelta(days=1), now + timedelta(days=1), attributes, person
    )
    async with broker.database.unit(broker.settings.tenant) as unit:
        await give(unit, grant, now, by=person)


async def no_more(broker: Broker, id: str, person: str) -> None:
    async with broker.database.unit(broker.settings.tenant) as unit:
        await withdraw(unit, id, system_clock(), by=person, purpose=PURPOSE)


async def test_a_son_reads_what_his_mother_agreed_to(broker: Broker, administrator: Asker, partner: Asker) -> None:
    await administrator.made({"id": "urn:grants:mother", "type": "Resident", "pulse": 70, "diagnosis": "a", "scope": "/Ogori"})
    await administrator.made({"id": "urn:grants:neighbour", "type": "Resident", "pulse": 80})
    hall = {"id": "urn:grants:hall", "type": "OpenThing", "visitors": {"type": "Relationship", "object": "urn:grants:mother"}}
    await administrator.made(hall)
    mine = {"type": "Resident", "idPattern": "^urn:grants:"}
    assert await partner.ids(**mine) == []

    await agreed(broker, "consent:1", "urn:grants:mother", "pulse")
    assert set(await partner.entity("urn:grants:mother")) == {"id", "type", "pulse"}
    found = ok(await partner.get("/entities", params={**mine, "count": "true"}))
    assert [set(item) for item in found.json()] == [{"id", "type", "pulse"}]
    assert found.headers["NGSILD-Results-Count"] == "1"
    query = {"type": "Query", "entities": [{"type": "Resident", "idPattern": "^urn:grants:"}], "q": "pulse>60"}
    assert len(ok(await partner.post("/entityOperations/query", json=query)).json()) == 1
    for hidden in (
        {"q": "diagnosis"},
        {"q": 'diagnosis=="a"'},
        {"attrs": "diagnosis"},
        {"scopeQ": "/Ogori"},
        {"q": "pulse==80"},
    ):
        assert await partner.ids(**mine, **hidden) == [], hidden
    assert await partner.ids(**mine, q="!diagnosis") == ["urn:grants:mother"]
    assert ok(await partner.get("/types/Resident")).json()["entityCount"] == 1
    refused(await partner.get("/attributes/diagnosis"), 404)
    joined = await partner.entity("urn:grants:hall", join="inline", joinLevel="1")
    assert set(joined["visitors"]["entity"]) == {"id", "type", "pulse"}

    refused(await partner.get("/entities/urn:grants:neighbour"), 404)
    refused(await broker.asker().get("/entities/urn:grants:mother"), 404)
    stranger = broker.asker(await broker.token_of("application:stranger"))
    refused(await stranger.get("/entities/urn:grants:mother"), 404)
    past = ok(await partner.get("/temporal/entities/urn:grants:mother")).json()
    assert set(past) == {"id", "type", "pulse"}
    found = ok(await partner.get("/temporal/entities", params={"type": "Resident", **SINCE})).json()
    assert [(item["id"], set(item)) for item in found] == [("urn:grants:mother", {"id", "type", "pulse"})]
    mean = {"options": "aggregatedValues", "aggrMethods": "max", "aggrPeriodDuration": "P1D", **SINCE}
    assert set(ok(await partner.get("/temporal/entities/urn:grants:mother", params=mean)).json()) == {"id", "type", "pulse"}
    refused(await partner.delete("/entities/urn:grants:mother"), 404)  # a grant is of reading
    refused(await partner.delete("/temporal/entities/urn:grants:mother/attrs/pulse"), 404)

    await no_more(broker, "consent:1", "urn:grants:mother")
    refused(await partner.get("/entities/urn:grants:mother"), 404)
    refused(await partner.get("/temporal/entities/urn:grants:mother"), 404)
    assert await partner.ids(**mine) == []
    assert "entity" not in (await partner.entity("urn:grants:hall", join="inline", joinLevel="1"))["visitors"]
