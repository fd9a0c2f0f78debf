"""What is listed on a resident's page: what is about them, about those for whom they act, and what others let them see? And no more?"""

from datetime import timedelta
from typing import Any

import pytest

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.granting import Grant, give
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.errors import SignInNeeded
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.platform.manifests import Concerns, EntityType
from kairo.services.mypage import service
from kairo.services.mypage.permissions import check_see_own, may_see_own

TENANT = "my_page"
MOTHER, SON, CHILD, OTHER = (f"urn:ngsi-ld:Resident:{name}" for name in ("mother", "son", "child", "other"))
EVERY = frozenset(DataClass)
DECLARED = Declarations.of(
    [
        EntityType("Resident", "personal", {"en": "resident"}, subjects=(Concerns("id", "self"),)),
        EntityType("Signs", "personal", {"en": "signs"}, subjects=(Concerns("person", "person"),)),
        EntityType("Secret", "personal", {"en": "about nobody who is named"}),
        EntityType("Park", "open", {"en": "park"}),
    ]
)
CITY = Scope(TENANT, "administrator:local", "administration", EVERY, EVERY)


def signs(name: str, *persons: str) -> dict[str, Any]:
    return {
        "id": f"urn:signs:{name}",
        "type": "Signs",
        "person": {"type": "Relationship", "object": list(persons)},
        "pulse": 70,
    }


async def test_what_is_about_whom(database: Database) -> None:
    graph = Graph(database, DECLARED, ReactionTable([], DECLARED), system_clock)
    entities: list[dict[str, Any]] = [{"id": person, "type": "Resident", "name": "x"} for person in (MOTHER, SON, CHILD, OTHER)]
    entities += [signs("mother", MOTHER), signs("other", OTHER), signs("both", SON, OTHER), signs("two", SON, CHILD)]
    entities += [{"id": "urn:secret", "type": "Secret", "n": 1}, {"id": "urn:park", "type": "Park", "n": 1}]
    await graph.create_tenant(TENANT, "test:")
    assert not [one for one in await graph.upsert(CITY, entities) if one.error]
    now = system_clock()
    grant = Grant(
        "c",
        "resident:son",
        "family",
        ("Signs",),
        "consent:1",
        now - timedelta(1),
        now + timedelta(1),
        ("person", "pulse"),
        MOTHER,
    )
    async with database.unit(TENANT) as unit:
        await give(unit, grant, now, by="resident:mother")
    scope = Scope(TENANT, "resident:son", "family", frozenset({DataClass.OPEN}), by_grants=True, persons=(SON, CHILD))
    found, more = await service.held(graph, scope, DECLARED)
    assert [(one.persons, one.is_own, sorted(doc["id"] for doc in one.docs)) for one in found] == [
        ((SON,), True, [SON]),
        ((CHILD, SON), True, ["urn:signs:two"]),
        ((CHILD,), True, [CHILD]),
        ((MOTHER,), False, ["urn:signs:mother"]),
    ]
    assert not more
    await graph.close()


@pytest.mark.parametrize(("persons", "may"), [((), False), ((SON,), True)])
def test_who_has_a_page(persons: tuple[str, ...], may: bool) -> None:
    scope = Scope(TENANT, "x:y", persons=persons)
    assert may_see_own(scope) is may
    if not may:
        with pytest.raises(SignInNeeded):
            check_see_own(scope)
