"""Do the console's pages show each what their duty opens, and do their buttons do what they say, for who may press them?"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from kairo.platform.db import Database
from kairo.platform.web import Kit, Site
from kairo.trust.roles import pages
from tests.trust.roles.hall import TENANT, Hall, open_hall, principal_of

NEW = {"action": "propose", "department": "市民課", "area": "", "reason": "April", "since": "2026-01-01", "until": "2027-01-01"}


@pytest_asyncio.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(database, tmp_path) as opened:
        yield opened


def main_of(text: str) -> str:
    return text.split("<main")[1]


@pytest.mark.parametrize("path", ["/console", "/console/duty", "/console/roles"])
async def test_the_console_is_for_staff(hall: Hall, path: str) -> None:
    for slug in ("", "hanako"):
        answer = await (await hall.browser(slug)).get(f"/en{path}")
        assert answer.status_code in {303, 401}
    assert (await (await hall.browser("administrator")).get(f"/en{path}")).status_code == 200


@pytest.mark.parametrize("language", ["ja", "ja-x-easy", "en"])
async def test_the_first_page_shows_the_ways_that_the_duty_opens(hall: Hall, language: str) -> None:
    idle = await hall.browser("officer-1")
    text = main_of((await idle.get(f"/{language}/console")).text)
    assert "/console/duty" in text
    assert "/console/emergency" not in text
    on_duty = await hall.on_duty("officer-1", "disaster-response")
    text = main_of((await on_duty.get(f"/{language}/console")).text)
    assert "/console/emergency" in text
    assert "/console/who-may-see" not in text


async def test_a_duty_is_chosen_and_laid_down(hall: Hall) -> None:
    clerk = await hall.browser("clerk")
    text = main_of((await clerk.get("/en/console/duty")).text)
    duties = re.findall(r'name="duty" value="(\w+)"', text)
    assert len(duties) == 2
    assert (await clerk.post("/en/console/duty", data={"duty": duties[0]})).status_code == 303
    text = main_of((await clerk.get("/en/console/duty")).text)
    assert "Chosen" in text
    assert (await clerk.post("/en/console/duty", data={"duty": ""})).status_code == 303
    assert "Chosen" not in main_of((await clerk.get("/en/console/duty")).text)


async def test_a_duty_opens_what_its_role_reads_and_nothing_without(hall: Hall) -> None:
    """Through the API, with the same cookie: the look is for the purpose of the duty."""
    url = f"/ngsi-ld/v1/entities/urn:ngsi-ld:Resident:{principal_of('hanako').partition(':')[2]}"
    idle = await hall.browser("clerk")
    idle.headers["accept"] = "application/json"
    assert (await idle.get(url)).status_code == 404
    on_duty = await hall.on_duty("clerk", "counter")
    answer = await on_duty.get(url, headers={"accept": "application/json"})
    assert answer.status_code == 200
    assert "山口 花子" in answer.text


async def test_nobody_takes_anothers_duty(hall: Hall) -> None:
    (mine, *_) = await hall.kairo.roles.duties(TENANT, principal_of("auditor"))
    clerk = await hall.browser("clerk")
    for duty in (mine.id, "none", "emergency:none"):
        assert (await clerk.post("/en/console/duty", data={"duty": duty})).status_code == 404
    assert "Chosen" not in main_of((await clerk.get("/en/console/duty")).text)


async def test_an_officer_gives_a_role_and_takes_it_back(hall: Hall) -> None:
    auditor = await hall.on_duty("auditor", "role-administration")
    said = {**NEW, "principal": principal_of("nurse"), "role": "counter/counter", "until": "2026-12-31"}
    answer = await auditor.post("/en/console/roles", data={**said, "since": _today(), "until": _in_a_year()})
    assert "It was given" in answer.text, main_of(answer.text)[:2000]
    (one,) = await hall.kairo.roles.duties(TENANT, principal_of("nurse"))
    assert (one.reason, one.purpose, one.area) == ("April", "counter", "")
    answer = await auditor.post("/en/console/roles", data={"action": "end", "id": one.id})
    assert "It was ended" in answer.text
    assert await hall.kairo.roles.duties(TENANT, principal_of("nurse")) == []


async def test_a_dangerous_role_waits_in_the_second_persons_inbox(hall: Hall) -> None:
    auditor = await hall.on_duty("auditor", "role-administration")
    said = {**NEW, "principal": principal_of("nurse"), "role": "emergency-officer/disaster-response"}
    answer = await auditor.post("/en/console/roles", data={**said, "since": _today(), "until": _in_a_year()})
    assert "holds once a second person confirms" in answer.text
    (waiting,) = [
        one for one, _ in await hall.kairo.roles.all(TENANT) if one.role == "emergency-officer" and one.confirmed_by is None
    ]
    assert "Confirm an assignment" not in main_of((await auditor.get("/en/console")).text), "who proposed it is not asked"
    second = await hall.on_duty("officer-1", "disaster-response")
    assert f"/console/roles#{waiting.id}" in main_of((await second.get("/en/console")).text)
    assert (await auditor.post("/en/console/roles", data={"action": "confirm", "id": waiting.id})).status_code == 403
    answer = await second.post("/en/console/roles", data={"action": "confirm", "id": waiting.id})
    assert "It was confirmed" in answer.text
    assert [one.id for one in await hall.kairo.roles.duties(TENANT, principal_of("nurse"))] == [waiting.id]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [({"reason": ""}, "reason"), ({"area": "x"}, "scope"), ({"until": "2020-01-01"}, "end comes after"), ({"since": "soon"}, "no day"),
     ({"role": "none/x"}, "no role"), ({"role": ""}, "no role"), ({"principal": "resident:x"}, "staff"), ({"until": "9999-12-31"}, "no day"),
     ({"reason": "a\0b"}, "characters")],
)  # fmt: skip
async def test_a_wrong_proposal_is_shown_again_with_what_was_written(hall: Hall, wrong: dict[str, str], word: str) -> None:
    auditor = await hall.on_duty("auditor", "role-administration")
    before = len(await hall.kairo.roles.all(TENANT))
    said = {**NEW, "principal": principal_of("nurse"), "role": "counter/counter", "since": _today(), "until": _in_a_year()}
    answer = await auditor.post("/en/console/roles", data={**said, **wrong})
    assert answer.status_code == 200
    assert word in main_of(answer.text)
    assert "notice-error" in answer.text
    assert 'value="市民課"' in answer.text
    assert len(await hall.kairo.roles.all(TENANT)) == before


async def test_without_the_duty_the_page_is_refused(hall: Hall) -> None:
    for browser in (await hall.browser("auditor"), await hall.on_duty("clerk", "counter")):
        assert (await browser.get("/en/console/roles")).status_code == 403
        assert (await browser.post("/en/console/roles", data={"action": "end", "id": "x"})).status_code == 403


async def test_forms_of_another_site_and_unknown_buttons_are_refused(hall: Hall) -> None:
    administrator = await hall.browser("administrator")
    foreign = {"sec-fetch-site": "cross-site"}
    for path in ("/en/console/roles", "/en/console/duty"):
        assert (await administrator.post(path, data={"action": "end"}, headers=foreign)).status_code == 403
    assert (await administrator.post("/en/console/roles", data={"action": "explode"})).status_code == 400


def test_the_words_are_there_in_each_language() -> None:
    kit = Kit(Site(), strict=True)
    for part in ("roles", "emergency", "readers"):
        kit.add(part, Path(str(pages.__file__)).parents[1] / part)
        assert kit.catalogue.gaps(f"{part}.") == {}
    assert kit.catalogue.value_gaps() == []


def _today() -> str:
    from kairo.platform.clock import TOKYO, system_clock

    return system_clock().astimezone(TOKYO).date().isoformat()


def _in_a_year() -> str:
    return f"{int(_today()[:4]) + 1}{_today()[4:8]}28"
