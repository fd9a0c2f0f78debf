"""Is an emergency release opened, confirmed and closed on its page, by whom it may be, and is a drill unmistakable?"""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.trust.emergency.rules import State
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from kairo.trust.identity.accounts.demo import key_of
from kairo.trust.roles.service import Proposal
from tests.trust.roles.hall import TENANT, Hall, open_hall, principal_of
from tests.trust.roles.town import administrator

PATH = "/en/console/emergency"
HANAKO = f"urn:ngsi-ld:Resident:{key_of('hanako')}"
ENTRY = f"urn:ngsi-ld:SupportListEntry:{key_of('hanako')}"
REAL = {"action": "open", "kind": "real", "reason": "earthquake", "in_disaster": "yes", "for_life": "yes", "hours": "24"}


@pytest_asyncio.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(database, tmp_path) as opened:
        city = opened.kairo.gate.scope_of(LOCAL_ADMINISTRATOR, TENANT)
        entry = {
            "id": ENTRY,
            "type": "SupportListEntry",
            "name": "山口 花子",
            "telephone": "000",
            "supportReason": "lives alone",
        }
        person = {"person": {"type": "Relationship", "object": HANAKO}, "synthetic": True}
        (written,) = await opened.kairo.graph.upsert(city, [{**entry, **person}])
        assert written.error is None
        yield opened


async def opened(browser: httpx.AsyncClient, **more: str) -> str:
    """The id of a release that is opened on the page for the clerk."""
    said = {**REAL, "recipient": principal_of("clerk"), "list": "SupportListEntry", **more}
    answer = await browser.post(PATH, data=said)
    assert "It is open" in answer.text, answer.text.split("<main")[1][:1500]
    found = re.search(r'<article class="card" id="(\w+)"', answer.text)
    assert found
    return found[1]


async def state_of(hall: Hall, id: str) -> State:
    return next(state for one, state in await hall.kairo.emergency.latest(TENANT) if one.id == id)


async def under_release(hall: Hall, id: str) -> httpx.AsyncClient:
    """The clerk, who has chosen the release as the duty."""
    clerk = await hall.browser("clerk")
    assert (await clerk.post("/en/console/duty", data={"duty": f"emergency:{id}"})).status_code == 303
    return clerk


async def reads(browser: httpx.AsyncClient) -> dict[str, Any] | None:
    answer = await browser.get(f"/ngsi-ld/v1/entities/{ENTRY}", headers={"accept": "application/json"})
    assert answer.status_code in {200, 404}
    return answer.json() if answer.status_code == 200 else None


async def test_a_release_opens_is_used_and_closes(hall: Hall) -> None:
    first = await hall.on_duty("officer-1", "disaster-response")
    id = await opened(first)
    clerk = await under_release(hall, id)
    assert (await reads(clerk) or {})["telephone"]["value"] == "000"
    second = await hall.on_duty("officer-2", "disaster-response")
    assert f"/console/emergency#{id}" in (await second.get("/en/console")).text
    assert (await first.post(PATH, data={"action": "confirm", "id": id})).status_code == 403
    assert "It was confirmed" in (await second.post(PATH, data={"action": "confirm", "id": id})).text
    assert await reads(clerk) is not None
    assert await hall.kairo.emergency.notices_for(TENANT, HANAKO) == []
    assert "It is closed" in (await first.post(PATH, data={"action": "close", "id": id})).text
    assert await reads(clerk) is None
    assert [one.id for one in await hall.kairo.emergency.notices_for(TENANT, HANAKO)] == [id]


@pytest.mark.parametrize("language", ["ja", "ja-x-easy", "en"])
async def test_a_drill_is_unmistakable_and_releases_nothing(hall: Hall, language: str) -> None:
    first = await hall.on_duty("officer-1", "disaster-response")
    id = await opened(first, kind="drill")
    text = (await first.get(f"/{language}/console/emergency")).text
    assert 'class="is-drill"' in text
    assert "band-drill" in text
    assert 'class="tag tag-drill"' in text.split(f'id="{id}"')[1].split("</article>")[0]
    clerk = await under_release(hall, id)
    assert 'class="tag tag-drill"' in (await clerk.get(f"/{language}/console/duty")).text
    assert await reads(clerk) is None
    assert id not in [one.id for one in await hall.kairo.emergency.notices_for(TENANT, HANAKO)]
    await first.post(PATH, data={"action": "close", "id": id})
    assert 'class="is-drill"' not in (await first.get(PATH)).text


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"reason": ""}, "record the reason"),
        ({"in_disaster": ""}, "disaster must"),
        ({"for_life": ""}, "protect life"),
        ({"list": ""}, "items"),
        ({"recipient": ""}, "recipients"),
        ({"others": "anonymous:"}, "recipients are"),
        ({"hours": "x"}, "yet to come"),
        ({"hours": "999"}, "at most"),
        ({"area": "x"}, "scope"),
        ({"type": "Resident", "attributes": "name", "basis": "by-law"}, "name the law"),
        ({"type": "Resident", "attributes": "diary", "basis": "by-law", "cites": "x"}, "declared attributes"),
        ({"type": "Resident", "attributes": "name", "basis": "disaster-list-emergency"}, "only items"),
        ({"type": "Resident", "attributes": "name", "basis": ""}, "no basis"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_opens(hall: Hall, said: dict[str, str], word: str) -> None:
    first = await hall.on_duty("officer-1", "disaster-response")
    before = len(await hall.kairo.emergency.latest(TENANT))
    answer = await first.post(PATH, data={**REAL, "recipient": principal_of("clerk"), "list": "SupportListEntry", **said})
    assert answer.status_code == 200
    assert word in answer.text.split("notice-error")[1]
    assert len(await hall.kairo.emergency.latest(TENANT)) == before


async def test_the_page_is_for_officers(hall: Hall) -> None:
    for slug in ("", "hanako"):
        assert (await (await hall.browser(slug)).get(PATH)).status_code in {303, 401}
    for browser in (await hall.browser("officer-1"), await hall.on_duty("clerk", "counter")):
        assert (await browser.get(PATH)).status_code == 403
        assert (await browser.post(PATH, data=REAL)).status_code == 403
    foreign = {"sec-fetch-site": "cross-site"}
    officer = await hall.on_duty("officer-1", "disaster-response")
    assert (await officer.post(PATH, data=REAL, headers=foreign)).status_code == 403
    assert (await officer.post(PATH, data={"action": "explode"})).status_code == 400
    assert (await officer.post(PATH, data={"action": "confirm", "id": "none"})).status_code == 404


async def test_who_confirms_roles_alone_opens_nothing(hall: Hall) -> None:
    auditor = await hall.on_duty("auditor", "role-administration")
    text = (await auditor.get(PATH)).text
    assert 'name="kind"' not in text, "the form is for who may open"
    assert (await auditor.post(PATH, data={**REAL, "recipient": principal_of("clerk")})).status_code == 403


async def test_who_takes_the_role_back_ends_the_power(hall: Hall) -> None:
    now = system_clock()
    until = now + timedelta(days=1)
    wanted = Proposal(principal_of("nurse"), "emergency-officer", "x", "", "disaster-response", "x", now, until)
    one = await hall.kairo.roles.propose(administrator(TENANT), wanted)
    auditor = await hall.on_duty("auditor", "role-administration")
    await auditor.post("/en/console/roles", data={"action": "confirm", "id": one.id})
    nurse = await hall.on_duty("nurse", "disaster-response")
    assert (await nurse.get(PATH)).status_code == 200
    await auditor.post("/en/console/roles", data={"action": "end", "id": one.id})
    assert (await nurse.get(PATH)).status_code == 403
