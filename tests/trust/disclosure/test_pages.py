"""Does a resident see on their page who looked, ask about it and get an answer; and does an auditor see all looks, and nobody else?"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import pytest
import pytest_asyncio

from kairo.platform.db import Database
from kairo.trust.disclosure import tree
from kairo.trust.disclosure.permissions import may_audit
from kairo.trust.disclosure.proving.heads import Head
from tests.trust.disclosure.rows import rows_of
from tests.trust.roles.hall import TENANT, Hall, open_hall, principal_of

LANGUAGES = ("ja", "ja-x-easy", "en")
HANAKO = f"urn:ngsi-ld:Resident:{principal_of('hanako').partition(':')[2]}"


@pytest_asyncio.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(database, tmp_path) as opened:
        yield opened
        await opened.kairo.disclosure.close()


def main_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return answer.text.split("<main")[1]


async def a_clerk_looks(hall: Hall) -> None:
    clerk = await hall.on_duty("clerk", "counter")
    answer = await clerk.get(f"/ngsi-ld/v1/entities/{HANAKO}", headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_look_of_a_clerk_appears_on_the_residents_page(hall: Hall, language: str) -> None:
    await a_clerk_looks(hall)
    hanako = await hall.browser("hanako")
    text = main_of(await hanako.get(f"/{language}/me/looks"))
    assert "窓口 一郎" in text
    words = {"ja": "市の職員", "ja-x-easy": "の 人", "en": "city staff"}
    assert words[language] in text
    assert "disclosure." not in text, "every word is there"
    assert "role:" not in text, "ids are no words"


async def test_own_looks_are_folded_away_and_filters_stand_in_the_address(hall: Hall) -> None:
    await a_clerk_looks(hall)
    hanako = await hall.browser("hanako")
    await hanako.get(f"/ngsi-ld/v1/entities/{HANAKO}", headers={"accept": "application/json"})
    text = main_of(await hanako.get("/en/me/looks"))
    assert "by yourself" in text
    assert "山口 花子" not in text.split("Looks by others")[1]
    own = main_of(await hanako.get("/en/me/looks?own=true"))
    assert "山口 花子" in own
    assert "窓口 一郎" not in own.split("Looks by yourself")[1]
    none = main_of(await hanako.get("/en/me/looks?purpose=another"))
    assert "Nobody looked at your data in this time" in none
    clerk = principal_of("clerk")
    assert (
        "窓口 一郎" in main_of(await hanako.get(f"/en/me/looks?who={clerk}&purpose=counter&days=7")).split("Looks by others")[1]
    )
    for odd in ("days=0", "days=99999999", "before=-1", f"who={'x' * 5000}", "purpose=%27%22%3Cscript%3E"):
        assert "<script>" not in main_of(await hanako.get(f"/en/me/looks?{odd}"))


async def test_a_question_is_asked_answered_and_read(hall: Hall) -> None:
    await a_clerk_looks(hall)
    hanako = await hall.browser("hanako")
    address = re.findall(r'href="/en(/me/looks/\d+)"', main_of(await hanako.get("/en/me/looks")))[0]
    assert "Ask about a look" in main_of(await hanako.get(f"/en{address}"))
    for odd in ("", "   ", "x" * 2001):
        refused = await hanako.post(f"/en{address}", data={"question": odd})
        assert (refused.status_code, "Write 1 to 2000" in refused.text) == (400, True)
    asked = await hanako.post(f"/en{address}", data={"question": 'Why? <b>"I" wonder</b>'})
    assert asked.status_code == 303
    assert (await hanako.post(f"/en{address}", data={"question": "Why?"})).status_code == 409
    assert "waiting for an answer" in main_of(await hanako.get("/en/me/looks"))
    auditor = await hall.on_duty("auditor", "privacy-oversight")
    assert "/console/questions" in main_of(await auditor.get("/en/console"))
    assert "/console/questions" not in main_of(await (await hall.on_duty("clerk", "counter")).get("/en/console"))
    text = main_of(await auditor.get("/en/console/questions"))
    assert "Why? &lt;b&gt;" in text
    assert "山口 花子" in text
    assert "窓口 一郎" in text
    (id,) = re.findall(r'name="id" value="(\w+)"', text)
    assert (await auditor.post("/en/console/questions", data={"id": id, "answer": " "})).status_code == 400
    assert (
        await auditor.post("/en/console/questions", data={"id": id, "answer": "Your application was read."})
    ).status_code == 303
    assert (await auditor.post("/en/console/questions", data={"id": id, "answer": "Again."})).status_code == 409
    after = main_of(await hanako.get("/en/me/looks"))
    assert "Your application was read." in after
    assert "監査 誠" in after, "that her question was read is a look at her"
    assert "to answer your question" in after
    assert "No basis was found" not in main_of(await auditor.get("/en/console/audit"))


async def test_only_looks_at_oneself_are_asked_about(hall: Hall) -> None:
    await a_clerk_looks(hall)
    misaki = await hall.browser("misaki")
    hanako = await hall.browser("hanako")
    (address, *_) = re.findall(r'href="/en(/me/looks/\d+)"', main_of(await hanako.get("/en/me/looks")))
    for path in (address, "/me/looks/123456789", f"/me/looks/{1 << 61}"):
        assert (await misaki.post(f"/en{path}", data={"question": "What did they see?"})).status_code == 404
    assert (await misaki.post(f"/en/me/looks/{1 << 63}", data={"question": "?"})).status_code in {400, 404}
    foreign = {"sec-fetch-site": "cross-site"}
    assert (await hanako.post(f"/en{address}", data={"question": "?"}, headers=foreign)).status_code == 403


async def test_who_has_no_looks_is_told_so(hall: Hall) -> None:
    tadashi = await hall.browser("tadashi")
    assert "Nobody looked at your data" in main_of(await tadashi.get("/en/me/looks"))


@pytest.mark.parametrize("path", ["/me/looks", "/me/looks/1"])
async def test_the_page_is_for_residents(hall: Hall, path: str) -> None:
    for slug in ("", "clerk", "administrator"):
        answer = await (await hall.browser(slug)).get(f"/en{path}")
        assert answer.status_code == 303
        assert "/sign-in" in answer.headers["location"]


STAFF_PAGES = ("/console/questions", "/console/audit", "/console/audit/head", "/console/audit/proof?seq=0")


@pytest.mark.parametrize("path", STAFF_PAGES)
async def test_the_audit_is_for_auditors(hall: Hall, path: str) -> None:
    await a_clerk_looks(hall)
    await hall.kairo.prover.sign(TENANT)
    assert (await (await hall.browser()).get(f"/en{path}")).status_code == 303
    for browser in (await hall.browser("hanako"), await hall.browser("auditor"), await hall.on_duty("clerk", "counter")):
        assert (await browser.get(f"/en{path}")).status_code == 404
    for browser in (await hall.browser("administrator"), await hall.on_duty("auditor", "privacy-oversight")):
        assert (await browser.get(f"/en{path}")).status_code == 200


@dataclass(frozen=True)
class Holder:
    """Somebody with this one power."""

    principal: str
    power: str = "audit"

    def may(self, power: str) -> bool:
        return power == self.power


def test_who_may_audit() -> None:
    assert {
        (principal, power): may_audit(Holder(principal, power))
        for principal in ("staff:1", "administrator:local", "application:spy", "resident:1", "anonymous:", "system:x")
        for power in ("audit", "other")
    } == {
        **{(principal, "audit"): True for principal in ("staff:1", "administrator:local")},
        **{(principal, "audit"): False for principal in ("application:spy", "resident:1", "anonymous:", "system:x")},
        **{
            (principal, "other"): False
            for principal in ("staff:1", "administrator:local", "application:spy", "resident:1", "anonymous:", "system:x")
        },
    }


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_audit_shows_looks_without_the_names_of_residents(hall: Hall, database: Database, language: str) -> None:
    await a_clerk_looks(hall)
    hanako = await hall.browser("hanako")
    await hanako.get(f"/ngsi-ld/v1/entities/{HANAKO}", headers={"accept": "application/json"})
    before = len(await rows_of(database, TENANT))
    auditor = await hall.on_duty("auditor", "privacy-oversight")
    text = main_of(await auditor.get(f"/{language}/console/audit"))
    assert "窓口 一郎" in text
    assert "山口 花子" not in text
    assert {"ja": "市民の方", "ja-x-easy": "すむ", "en": "A resident"}[language] in text
    assert "disclosure." not in text
    rows = await rows_of(database, TENANT)
    assert len(rows) == before + 1
    assert (rows[-1].kind, rows[-1].purpose, rows[-1].principal) == ("processing", "audit", principal_of("auditor"))
    clerk = principal_of("clerk")
    text = main_of(await auditor.get(f"/{language}/console/audit?who={clerk}&purpose=counter"))
    assert "窓口 一郎" in text
    assert "監査 誠" not in text.split("looks-title")[1]


@pytest.mark.parametrize(
    "odd", ["since=yesterday", "since=2026-04-02&until=2026-04-01", "since=2020-01-01", "since=0001-01-01"]
)
async def test_a_period_that_is_none_is_refused(hall: Hall, odd: str) -> None:
    auditor = await hall.on_duty("auditor", "privacy-oversight")
    answer = await auditor.get(f"/en/console/audit?{odd}")
    assert answer.status_code == 400
    assert "Something" not in answer.text


async def test_a_head_and_a_proof_are_downloaded_and_hold(hall: Hall) -> None:
    await a_clerk_looks(hall)
    auditor = await hall.on_duty("auditor", "privacy-oversight")
    assert (await auditor.post("/en/console/audit")).status_code == 303
    answer = await auditor.get("/en/console/audit/head")
    assert "attachment" in answer.headers["content-disposition"]
    head = Head.read(answer.content)
    proof = orjson.loads((await auditor.get("/en/console/audit/proof?seq=0")).content)
    path = [bytes.fromhex(one) for one in proof["path"]]
    assert tree.includes(head.root, head.size, tree.leaf_hash(proof["row"].encode()), 0, path)
    for odd in ("seq=-1", f"seq={head.size}", "seq=x", f"seq={1 << 64}", ""):
        assert (await auditor.get(f"/en/console/audit/proof?{odd}")).status_code in {400, 404}
