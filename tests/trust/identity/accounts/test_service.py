"""Does an account's entity follow its row, is every change recorded, and does nothing reveal who is protected?"""

from datetime import date

import pytest

from kairo.context.gate import DataClass, Scope
from kairo.errors import AlreadyExists, BadRequestData, ResourceNotFound
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from kairo.trust.identity.accounts.rules import Event
from tests.trust.identity.town import BY, Town

EVERY = frozenset(DataClass)


def administrator(city: Town) -> Scope:
    return city.kairo.gate.scope_of(LOCAL_ADMINISTRATOR, city.tenant)


async def audit(city: Town, about: str) -> list[tuple[str, str, list[str]]]:
    rows = await city.kairo.database.fetch(
        city.tenant,
        "SELECT principal, operation, attributes FROM change WHERE tenant = $1 AND entity = $2 AND purpose = 'identity' ORDER BY seq",
        city.tenant,
        about,
    )
    return [
        (row["principal"], row["operation"], row["attributes"]) for row in rows if row["operation"] not in {"Upsert", "Delete"}
    ]


async def test_a_resident_stands_in_the_graph(city: Town) -> None:
    one = await city.resident(
        "山口　花子", kana="やまぐち はなこ", born_on=date(1944, 5, 10), district="ato", is_synthetic=True
    )
    doc = await city.kairo.graph.get(administrator(city), one.person)
    assert doc is not None
    assert {
        name: attribute.get("value", attribute.get("object")) for name, attribute in doc.items() if isinstance(attribute, dict)
    } == {
        "name": "山口 花子",
        "nameKana": "やまぐち はなこ",
        "birthDate": "1944-05-10",
        "district": f"urn:ngsi-ld:District:{city.tenant}:ato",
        "synthetic": True,
    }
    assert doc["scope"] == "/districts/ato"
    own = Scope(city.tenant, one.principal, "family", by_grants=True, persons=(one.person,))
    assert await city.kairo.graph.get(own, one.person) == doc
    assert await city.kairo.graph.get(city.kairo.gate.public(city.tenant), one.person) is None


async def test_staff_stand_in_no_graph(city: Town) -> None:
    one = await city.staff()
    assert await city.kairo.graph.get(administrator(city), one.person) is None
    assert one.department == "市民課"


@pytest.mark.parametrize(("event", "there"), [(Event.MOVED_OUT, True), (Event.DIED, False), (Event.CLOSED, False)])
async def test_the_entity_follows_the_account(city: Town, event: Event, there: bool) -> None:
    one = await city.resident()
    await city.identity.accounts.happen(one.key, event, by=BY, reason="転出届")
    doc = await city.kairo.graph.get(administrator(city), one.person)
    assert (doc is not None) is there
    assert doc is None or ("district" not in doc and "scope" not in doc)
    assert await audit(city, one.principal) == [(BY, "register", []), (BY, event.value, ["転出届"])]


async def test_what_was_not_published_is_made_up_for(city: Town) -> None:
    one, other = await city.resident(), await city.resident()
    await city.kairo.graph.delete(administrator(city), [one.person])
    async with city.kairo.database.unit(city.tenant) as unit:  # as if killed between the row and its entity
        await unit.connection.execute(
            "UPDATE account SET is_published = false WHERE tenant = $1 AND key = $2", city.tenant, one.key
        )
    assert await city.identity.accounts.publish_waiting() == 1
    assert await city.identity.accounts.publish_waiting() == 0
    assert set(await city.kairo.graph.get_many(administrator(city), [one.person, other.person])) == {one.person, other.person}


async def test_a_protected_person_is_nowhere(city: Town) -> None:
    born = date(1990, 1, 1)
    one = await city.resident("例 守られる人", household="h1", born_on=born)
    other = await city.resident("例 同居人", household="h1")
    accounts = city.identity.accounts
    assert [found.key for found in await accounts.exactly("例 守られる人", born)] == [one.key]
    assert {found.key for found in await accounts.household_of(other)} == {one.key, other.key}
    protected = await accounts.protect(one.key, by=BY, reason="支援措置")
    assert await accounts.exactly("例 守られる人", born) == []
    assert [found.key for found in await accounts.household_of(other)] == [other.key]
    assert await accounts.household_of(protected) == [protected]
    assert await accounts.names([one.principal, other.principal]) == {other.principal: "例 同居人"}
    assert await city.kairo.graph.get(administrator(city), one.person) is None
    assert await city.kairo.graph.count(administrator(city), "Resident") == 1
    await accounts.protect(one.key, by=BY, reason="支援措置の終了", is_protected=False)
    assert await city.kairo.graph.count(administrator(city), "Resident") == 2


async def test_only_the_exact_name_and_birth_date_find_someone(city: Town) -> None:
    one = await city.resident("山口 花子", born_on=date(1944, 5, 10))
    accounts = city.identity.accounts
    assert [found.key for found in await accounts.exactly("山口花子", date(1944, 5, 10))] == [one.key]
    for name, born in (
        ("山口", date(1944, 5, 10)),
        ("%", date(1944, 5, 10)),
        ("山口花子", date(1944, 5, 11)),
        ("", date(1944, 5, 10)),
    ):
        assert await accounts.exactly(name, born) == []
    await accounts.happen(one.key, Event.DIED, by=BY, reason="死亡届")
    assert await accounts.exactly("山口花子", date(1944, 5, 10)) == []


async def test_what_does_not_fit_is_refused_and_changes_nothing(city: Town) -> None:
    one = await city.resident()
    with pytest.raises(BadRequestData):
        await city.identity.accounts.happen(one.key, Event.MOVED_IN, by=BY, reason="?")
    with pytest.raises(ResourceNotFound):
        await city.identity.accounts.happen("nobody", Event.DIED, by=BY, reason="?")
    assert await audit(city, one.principal) == [(BY, "register", [])]
    await city.staff(login="mori")
    with pytest.raises(AlreadyExists):
        await city.staff(login="mori")


async def test_a_name_belongs_to_the_kind_of_principal_that_was_asked_for(city: Town) -> None:
    one = await city.staff("例 職員")
    assert await city.identity.accounts.names([one.principal, f"resident:{one.key}"]) == {one.principal: "例 職員"}
