"""Does an application learn the answer to what it asked, and nothing else? The JSON interface, and what it opens in the graph."""

from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import httpx
import pytest
import pytest_asyncio

from kairo.platform.db import Database
from tests.context.granting.world import city as administrator
from tests.trust.consent.people import (
    MOTHER,
    PARTNERS,
    SON,
    application,
    city,
    clerk,
    resident,
)
from tests.trust.consent.site import Visitor, visiting

_numbers = count(1)
PATH = "/api/consent-requests"


@pytest_asyncio.fixture
async def partner(database: Database) -> AsyncIterator[Visitor]:
    """An application at the interface."""
    town = await city(database, f"api_{next(_numbers)}")
    async with visiting(town, application(tenant=town.tenant)) as visitor:
        visitor.client.headers = httpx.Headers({"accept": "application/json"})
        yield visitor


async def ask(visitor: Visitor, person: str = MOTHER, **more: Any) -> httpx.Response:
    body = {"purpose": "watching", "code": await visitor.town.code(person), **more}
    return await visitor.client.post("/api/consent-requests", json=body)


async def state(visitor: Visitor, id: str) -> str:
    answer = (await visitor.client.get(f"/api/consent-requests/{id}")).json()
    assert set(answer) == {"id", "state"}
    return str(answer["state"])


async def test_it_asks_and_sees_the_state_and_nothing_else(partner: Visitor) -> None:
    answer = await ask(partner, categories=["phone"], days=30)
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["location"] == f"{PATH}/{body['id']}"
    assert body == {"id": body["id"], "state": "pending", "purpose": "watching", "answerBy": "2026-12-22T03:00:00Z"}
    town, mother = partner.town, resident(MOTHER, tenant=partner.town.tenant)
    assert await state(partner, body["id"]) == "pending"
    await town.service.answer(mother, body["id"], town.terms("phone", text=PARTNERS, days=10))
    assert await state(partner, body["id"]) == "given"
    await town.service.withdraw(mother, body["id"])
    assert await state(partner, body["id"]) == "ended"


async def test_a_refusal_and_no_answer_are_told(partner: Visitor) -> None:
    town = partner.town
    refused = (await ask(partner)).json()["id"]
    await town.service.answer(resident(MOTHER, tenant=town.tenant), refused, None)
    waiting = (await ask(partner, SON)).json()["id"]
    town.pass_time(days=30)
    assert await state(partner, refused) == "refused"
    assert await state(partner, waiting) == "ended"


async def test_what_others_asked_for_is_not_found(partner: Visitor) -> None:
    id = (await ask(partner)).json()["id"]
    told = []
    for name, asked in (("application:other", id), ("application:partner", "0" * 16), ("application:partner", "%00")):
        partner.scope = application(name, tenant=partner.town.tenant)
        answer = await partner.client.get(f"/api/consent-requests/{asked}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        told.append({name: said for name, said in answer.json().items() if name != "instance"})
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("who", [resident(MOTHER), clerk()])
async def test_people_do_not_ask_here(partner: Visitor, who: Any) -> None:
    partner.scope = who
    assert (await ask(partner)).status_code == 401
    assert (await partner.client.get(f"/api/consent-requests/{'0' * 16}")).status_code == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"code": "00000000"}, 400),
        ({"code": 12345678}, 400),
        ({"code": None}, 400),
        ({"purpose": "gone"}, 400),
        ({"purpose": 1}, 400),
        ({"purpose": "family"}, 403),
        ({"categories": ["diary"]}, 400),
        ({"categories": []}, 400),
        ({"categories": "phone"}, 400),
        ({"categories": [1]}, 400),
        ({"categories": ["phone"] * 101}, 400),
        ({"days": 0}, 400),
        ({"days": 101}, 400),
        ({"days": 1.5}, 400),
        ({"days": True}, 400),
        ({"subject": MOTHER}, 400),
    ],
)
async def test_a_request_that_is_wrong_says_what(partner: Visitor, change: Any, status: int) -> None:
    answer = await ask(partner, **change)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert (await ask(partner)).status_code == 201


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff\xfe", b"[" * 100_000])
async def test_what_is_no_request_is_refused(partner: Visitor, body: bytes) -> None:
    assert (await partner.client.post("/api/consent-requests", content=body)).status_code == 400


async def test_a_second_request_waits_for_the_first(partner: Visitor) -> None:
    assert (await ask(partner)).status_code == 201
    assert (await ask(partner)).status_code == 409


async def test_guessing_codes_ends(partner: Visitor) -> None:
    for _ in range(10):
        assert (await ask(partner, code="0")).status_code == 400
    answer = await ask(partner)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_of_two_people_both_must_agree(partner: Visitor) -> None:
    """A plan is about the person; its telephone number is the supporter's, too."""
    town, plan = partner.town, "urn:ngsi-ld:Plan:1"
    doc = {
        "id": plan,
        "type": "Plan",
        "person": {"type": "Relationship", "object": MOTHER},
        "supporter": {"type": "Relationship", "object": SON},
        "phone": {"type": "Property", "value": "083"},
        "n": {"type": "Property", "value": 1},
    }
    await town.graph.upsert(administrator(town.tenant), [doc])

    async def seen() -> set[str]:
        found = await town.graph.get(partner.scope, plan)
        return set() if found is None else set(found) - {"id", "type"}

    async def agree(person: str) -> str:
        id = str((await ask(partner, person)).json()["id"])
        await town.service.answer(resident(person, tenant=town.tenant), id, town.terms("plan", text=PARTNERS))
        return id

    assert await seen() == set()
    first = await agree(MOTHER)
    assert await seen() == {"person", "n"}
    second = await agree(SON)
    assert await seen() == {"person", "n", "supporter", "phone"}
    await town.service.withdraw(resident(SON, tenant=town.tenant), second)
    assert await seen() == {"person", "n"}
    await town.service.withdraw(resident(MOTHER, tenant=town.tenant), first)
    assert await seen() == set()
