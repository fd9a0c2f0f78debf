"""Do the two pages say who may read something, to whom it is to be said, and to nobody else, not even that it is there?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from kairo.platform.db import Database
from kairo.trust.identity.accounts.demo import key_of
from tests.trust.roles.hall import TENANT, Hall, open_hall, principal_of

CONSOLE, MINE = "/console/who-may-see", "/me/who-may-see"


def resident(slug: str) -> str:
    return f"urn:ngsi-ld:Resident:{key_of(slug)}"


@pytest_asyncio.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(database, tmp_path) as opened:
        yield opened


async def test_an_officer_asks_who_may_see_it_and_sees_none_of_it(hall: Hall) -> None:
    officer = await hall.on_duty("auditor", "privacy-oversight")
    answer = await officer.get(f"/en{CONSOLE}", params={"entity": resident("hanako"), "attribute": "birthDate"})
    assert answer.status_code == 200
    main = answer.text.split("<main")[1]
    for word in (principal_of("clerk"), "Counter clerk", "市民課", "administrator:local", principal_of("hanako")):
        assert word in main
    assert principal_of("nurse") not in main
    assert "1944" not in main


async def test_a_resident_sees_who_may_see_them(hall: Hall) -> None:
    hanako = await hall.browser("hanako")
    text = (await hanako.get(f"/en{MINE}")).text.split("<main")[1]
    assert "attribute=birthDate" in text
    answer = await hanako.get(f"/en{MINE}", params={"entity": resident("hanako"), "attribute": "birthDate"})
    main = answer.text.split("<main")[1]
    purpose = "notifications and questions"
    for word in ("You", "City staff", "Counter clerk", "市民課", purpose, "administrator"):
        assert word in main
    assert principal_of("clerk") not in main, "an office is named, not the key of a clerk"


async def test_a_mother_sees_who_may_see_her_child(hall: Hall) -> None:
    misaki = await hall.browser("misaki")
    answer = await misaki.get(f"/en{MINE}", params={"entity": resident("hinata"), "attribute": "name"})
    assert answer.status_code == 200
    asked = await hall.kairo.readers.who(TENANT, resident("hinata"), "name")
    assert asked is not None
    assert principal_of("misaki") in {one.principal for one in asked.readers}


@pytest.mark.parametrize(
    ("entity", "attribute"),
    [("misaki", "name"), ("hanako", "diary"), ("none", "name"), ("hanako", ""), ("", "name")],
)
async def test_what_is_somebody_elses_is_as_if_it_were_not_there(hall: Hall, entity: str, attribute: str) -> None:
    hanako = await hall.browser("hanako")
    answer = await hanako.get(f"/en{MINE}", params={"entity": resident(entity) if entity else "", "attribute": attribute})
    assert answer.status_code == 404
    assert "there is nothing of this name" in answer.text


async def test_whom_the_pages_are_for(hall: Hall) -> None:
    asked = {"entity": resident("hanako"), "attribute": "name"}
    for slug in ("", "hanako"):
        assert (await (await hall.browser(slug)).get(f"/en{CONSOLE}", params=asked)).status_code in {303, 401}
    for browser in (await hall.browser("auditor"), await hall.on_duty("clerk", "counter")):
        assert (await browser.get(f"/en{CONSOLE}", params=asked)).status_code == 403
    for slug in ("", "clerk", "administrator"):
        assert (await (await hall.browser(slug)).get(f"/en{MINE}")).status_code == 303


async def test_what_cannot_be_is_refused_plainly(hall: Hall) -> None:
    officer = await hall.on_duty("auditor", "privacy-oversight")
    assert (await officer.get(f"/en{CONSOLE}")).status_code == 200
    assert (await officer.get(f"/en{CONSOLE}", params={"entity": "no uri", "attribute": "x"})).status_code == 400
    assert (await officer.get(f"/en{CONSOLE}", params={"entity": resident("none"), "attribute": "name"})).status_code == 404
    assert (await officer.get(f"/en{CONSOLE}", params={"entity": resident("hanako"), "attribute": "x" * 5000})).status_code in {
        400,
        404,
    }
