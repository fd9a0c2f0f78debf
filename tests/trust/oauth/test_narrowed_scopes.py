"""Does a scope that is limited to types see and change those alone, however it is asked? And does it hold for what is sent later?"""

import secrets
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.gate import DataClass, Scope
from tests.trust.oauth.city import ADMINISTRATOR, HOME, City

OPEN = frozenset({DataClass.OPEN})
WIDE = Scope(HOME, "application:a", "care", OPEN, OPEN, own_undeclared=True, by_grants=True)
KINDS = ("Sensor", "Vehicle", "Place")
kinds = st.frozensets(st.sampled_from(KINDS), min_size=1)


@given(st.none() | st.frozensets(st.sampled_from(KINDS)), kinds)
def test_of_an_entity_all_types_must_be_among_them(types: frozenset[str] | None, found: frozenset[str]) -> None:
    scope = replace(WIDE, types=types)
    may = types is None or found <= types
    assert scope.on(found).may_read(DataClass.OPEN, "application:b") is may
    assert scope.on(found).may_write(DataClass.OPEN, None) is may
    assert scope.on(found).may_write(DataClass.UNDECLARED, "application:a") is may
    assert scope.on(found).by_grants is may


def test_read_only_writes_not_even_what_is_ones_own() -> None:
    scope = replace(WIDE, read_only=True)
    assert not scope.may_write(DataClass.OPEN, None)
    assert not scope.may_write(DataClass.UNDECLARED, "application:a")
    assert scope.may_read(DataClass.UNDECLARED, "application:a")
    assert not scope.may_write_anything
    assert WIDE.may_write_anything


@pytest.mark.parametrize("types", [("Sensor",), ("Vehicle",), ("Sensor", "Vehicle"), ("Place",), KINDS])
async def test_an_entity_of_several_types_in_every_way_of_asking(town: City, types: tuple[str, ...]) -> None:
    writer = await town.partner()
    mark = secrets.token_hex(4)
    made = {}
    for found in (("Sensor",), ("Vehicle",), ("Sensor", "Vehicle")):
        id = f"urn:ngsi-ld:Thing:{mark}:{''.join(found)}"
        body = {"id": id, "type": list(found), "name": {"type": "Property", "value": mark}}
        answer = await town.http.post("/ngsi-ld/v1/entities", json=body, headers={"Authorization": f"Bearer {writer.secret}"})
        assert answer.status_code == 201, answer.text
        made[id] = set(found) <= set(types)
    partner = await town.partner(" ".join(["read", *(f"type:{name}" for name in types)]))
    seen = {id for id, is_seen in made.items() if is_seen}
    secret = partner.secret
    for id in made:
        status = 200 if id in seen else 404
        assert (await town.get(f"/entities/{id}", secret)).status_code == status
        assert (await town.get(f"/temporal/entities/{id}", secret)).status_code == status
    ids = f"id={','.join(made)}"
    every = "type=Sensor,Vehicle,Place"
    for query in (
        f"{ids}&local=true",
        f"{every}&q=name==%22{mark}%22",
        f"{every}&idPattern=.*{mark}.*",
        f"{every}&{ids}",
        f"{every}&{ids}&orderBy=name&local=true",
    ):
        answer = await town.get(f"/entities?{query}", secret)
        assert answer.status_code == 200, answer.text
        assert {one["id"] for one in answer.json()} == seen, query
        counted = await town.get(f"/entities?{query}&count=true&limit=0", secret)
        assert counted.headers["ngsild-results-count"] == str(len(seen)), query
    selected: dict[str, object] = {"type": "Query", "entities": [{"id": id, "type": "Sensor,Vehicle"} for id in made]}
    posted = await town.http.post(
        "/ngsi-ld/v1/entityOperations/query", json=selected, headers={"Authorization": f"Bearer {secret}"}
    )
    assert {one["id"] for one in posted.json()} == seen
    past = await town.get(
        f"/temporal/entities?{every}&{ids}&timerel=after&timeAt=2020-01-01T00:00:00Z&timeproperty=createdAt", secret
    )
    assert {one["id"] for one in past.json()} == seen
    searched = await town.kairo.search.find(replace(ADMINISTRATOR, types=frozenset(types)), mark)
    assert searched.total == 0, "the search does not know all types of what it finds"


async def test_what_is_sent_later_is_held_to_what_the_application_may(town: City) -> None:
    limited = await town.partner("read subscribe type:Sensor purpose:care")
    standing = await town.kairo.gate.standing(f"application:{limited.name}", HOME)
    assert standing is not None
    assert (standing.types, standing.subscriptions, standing.read_only) == (frozenset({"Sensor"}), "own", True)
    assert not standing.by_grants, "nobody asks for a purpose then"
    body = {
        "type": "Subscription",
        "entities": [{"type": "Sensor"}],
        "notification": {"endpoint": {"uri": "https://a.example/", "accept": "application/json"}},
    }

    async def subscribes(secret: str) -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return (await town.http.post("/ngsi-ld/v1/subscriptions", json=body, headers=headers)).status_code

    assert await subscribes(limited.secret) == 201
    wide = await town.partner("read subscribe")
    narrow = (await town.token(wide, scope="read subscribe type:Sensor"))["access_token"]
    assert await subscribes(narrow) in {401, 403}, "its notifications would not be held to the token"
    assert await subscribes((await town.token(wide))["access_token"]) == 201
    assert await town.kairo.gate.standing(f"application:{(await town.partner('read')).name}", HOME) is None
