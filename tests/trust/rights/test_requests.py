"""Does a request go its way, from the person's page to a decision and what follows of it in the graph, grants and consents? And for nobody else?"""

import re
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from kairo.context.granting import Grant, give
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from kairo.trust.identity.principals import PERSON, Principal
from tests.trust.disclosure.rows import rows_of
from tests.trust.roles.hall import TENANT, Hall, principal_of

LANGUAGES = ("ja", "ja-x-easy", "en")


def person(slug: str) -> str:
    return f"{PERSON}{principal_of(slug).partition(':')[2]}"


HANAKO, TADASHI = person("hanako"), person("tadashi")
ENTRY = "urn:ngsi-ld:SupportListEntry:1"


def main_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    text = answer.text.split("<main")[1]
    assert "rights." not in text.replace("kairo.trust.rights", ""), re.findall(r"rights\.[\w.]+", text)
    return text


async def asks(hall: Hall, slug: str, **said: str) -> str:
    """A request by somebody on their page: its path without the language."""
    browser = await hall.browser(slug)
    answer = await browser.post("/en/me/requests", data={"kind": "disclosure", "text": "", **said})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/en")


async def officer(hall: Hall) -> httpx.AsyncClient:
    return await hall.on_duty("auditor", "privacy-oversight")


async def decides(hall: Hall, path: str, **said: object) -> httpx.Response:
    browser = await officer(hall)
    return await browser.post(f"/en{path.replace('/me/', '/console/')}", data={"text": "As asked.", **said})


async def entry(hall: Hall) -> None:
    """An entry about Hanako in the support list."""
    city = hall.kairo.gate.scope_of(LOCAL_ADMINISTRATOR, TENANT)
    doc = {
        "id": ENTRY,
        "type": "SupportListEntry",
        "person": {"type": "Relationship", "object": HANAKO},
        "name": "山口 花子",
        "address": "WRONG STREET 1",
        "synthetic": True,
    }
    (written,) = await hall.kairo.graph.upsert(city, [doc])
    assert written.error is None, written


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_disclosure_from_the_request_to_the_file(hall: Hall, database: Database, language: str) -> None:
    await entry(hall)
    path = await asks(hall, "hanako", kind="disclosure")
    hanako = await hall.browser("hanako")
    assert (await hanako.get(f"/en{path}/disclosure")).status_code == 404
    main_of(await hanako.get(f"/{language}/me/requests"))
    auditor = await officer(hall)
    assert "/console/requests" in (await auditor.get("/en/console")).text
    assert "山口 花子" in main_of(await auditor.get(f"/{language}/console/requests"))
    main_of(await auditor.get(f"/{language}{path.replace('/me/', '/console/')}"))
    assert (await decides(hall, path, action="grant")).status_code == 303
    text = main_of(await hanako.get(f"/{language}{path}"))
    assert "82条1項" in text
    assert "監査 誠" in text, "the person sees who decided"
    assert "As asked." in text
    before = len(await rows_of(database, TENANT))
    shown = main_of(await hanako.get(f"/{language}{path}/disclosure"))
    assert "WRONG STREET 1" in shown
    assert len(await rows_of(database, TENANT)) > before, "what is handed out is looked at"
    answer = await hanako.get(f"/en{path}/disclosure.json")
    assert "attachment" in answer.headers["content-disposition"]
    found = orjson.loads(answer.content)
    held = {one["entity"]["id"]: one for one in found["entities"]}
    assert held[ENTRY]["entity"]["address"]["value"] == "WRONG STREET 1"
    assert held[ENTRY]["history"]["address"], "the past is handed out too"
    assert HANAKO in held
    assert {look["purpose"] for look in found["looks"]} >= {"privacy-oversight", "family", "rights"}
    printed = main_of(await auditor.get(f"/en{path.replace('/me/', '/console/')}/disclosure"))
    assert "WRONG STREET 1" in printed
    assert any(
        row.principal == principal_of("auditor") and row.purpose == "rights" and row.persons
        for row in await rows_of(database, TENANT)
    )


async def test_what_a_decision_leaves_out_and_what_is_about_others_is_not_handed_out(hall: Hall) -> None:
    await entry(hall)
    city = hall.kairo.gate.scope_of(LOCAL_ADMINISTRATOR, TENANT)
    both = {"type": "Relationship", "object": [HANAKO, TADASHI]}
    shared = {"id": "urn:x:shared", "type": "VitalSigns", "person": both, "heartRate": 61, "synthetic": True}
    await hall.kairo.graph.upsert(city, [shared])
    path = await asks(hall, "hanako")
    assert (await decides(hall, path, action="partly", withheld="SupportListEntry", article="78条1項7号")).status_code == 303
    found = orjson.loads((await (await hall.browser("hanako")).get(f"/en{path}/disclosure.json")).content)
    ids = {one["entity"]["id"] for one in found["entities"]}
    assert ENTRY not in ids
    assert "urn:x:shared" not in ids
    assert {(one["type"], one["article"]) for one in found["withheld"]} >= {
        ("SupportListEntry", "82条1項"),
        ("VitalSigns", "78条1項2号"),
    }


async def test_a_correction_is_written_through_the_graph_and_is_audited(hall: Hall, database: Database) -> None:
    await entry(hall)
    path = await asks(hall, "hanako", kind="correction", item=f"{ENTRY} address", text="It is RIGHT STREET 2.")
    assert (await decides(hall, path, action="grant", value="RIGHT STREET 2")).status_code == 303
    city = hall.kairo.gate.scope_of(LOCAL_ADMINISTRATOR, TENANT)
    doc = await hall.kairo.graph.get(city, ENTRY)
    assert doc is not None
    assert doc["address"]["value"] == "RIGHT STREET 2"
    assert doc["name"]["value"] == "山口 花子"
    rows = await database.fetch(
        TENANT, "SELECT principal, purpose FROM change WHERE tenant = $1 AND entity = $2", TENANT, ENTRY
    )
    assert (principal_of("auditor"), "rights") in {tuple(row) for row in rows}
    assert "corrected address" in main_of(await (await hall.browser("hanako")).get(f"/en{path}"))


async def test_what_is_no_single_value_here_is_corrected_elsewhere(hall: Hall) -> None:
    path = await asks(hall, "hanako", kind="correction", item=f"{HANAKO} name", text="My name is misspelt.")
    assert (await decides(hall, path, action="grant", value="X")).status_code == 400
    assert "Received" in main_of(await (await hall.browser("hanako")).get(f"/en{path}")), "nothing was decided"
    assert (await decides(hall, path, action="grant")).status_code == 303


async def test_only_what_is_about_oneself_is_corrected(hall: Hall) -> None:
    await entry(hall)
    tadashi = await hall.browser("tadashi")
    for item in (f"{ENTRY} address", f"{HANAKO} name", "urn:x:none name", f"{TADASHI} nothing"):
        answer = await tadashi.post("/en/me/requests", data={"kind": "correction", "item": item, "text": "Wrong."})
        assert answer.status_code == 400, item


async def test_the_end_of_a_use_ends_grants_and_sets_the_mark(hall: Hall, database: Database) -> None:
    now = system_clock()
    more: dict[str, Any] = {"subject": HANAKO, "since": now - timedelta(days=1), "until": now + timedelta(days=9)}
    async with database.unit(TENANT) as unit:
        await give(unit, Grant("g1", "application:a", "p1", ("Resident",), "law:x", **more), now, by="x")
        await give(unit, Grant("g2", "application:a", "p2", ("Resident",), "law:x", **more), now, by="x")
        others = {**more, "subject": TADASHI}
        await give(unit, Grant("g3", "application:a", "p1", ("Resident",), "law:x", **others), now, by="x")
    path = await asks(hall, "hanako", kind="use-stop", text="Stop p1.")
    assert (await decides(hall, path, action="partly", purpose="p1", article="100条")).status_code == 303
    left = await database.fetch(TENANT, "SELECT id FROM access_grant WHERE tenant = $1 AND id LIKE 'g_' ORDER BY id", TENANT)
    assert [row["id"] for row in left] == ["g2", "g3"]
    stops = await database.fetch(TENANT, "SELECT person, purposes FROM use_stop WHERE tenant = $1", TENANT)
    assert [tuple(row) for row in stops] == [(HANAKO, ["p1"])]


async def test_asked_for_more_extended_refused_and_how_to_object(hall: Hall) -> None:
    path = await asks(hall, "hanako", kind="use-stop", text="Stop it.")
    hanako = await hall.browser("hanako")
    assert (await decides(hall, path, action="ask", text="Which use?")).status_code == 303
    assert "Days do not count" in main_of(await hanako.get(f"/en{path}"))
    assert (await decides(hall, path, action="extend", days="30")).status_code == 409
    assert (await hanako.post(f"/en{path}", data={"action": "complete", "text": "All."})).status_code == 303
    assert (await hanako.post(f"/en{path}", data={"action": "complete", "text": "All."})).status_code == 409
    for odd in ("0", "31", "x", "999999"):
        assert (await decides(hall, path, action="extend", days=odd)).status_code == 400
    assert (await decides(hall, path, action="extend", days="20")).status_code == 303
    assert (await decides(hall, path, action="extend", days="10")).status_code == 409
    for wrong in ({"action": "refuse"}, {"action": "refuse", "article": "78条1項1号"}, {"action": "grant", "article": "100条"}):
        assert (await decides(hall, path, **wrong)).status_code == 400
    assert (await decides(hall, path, action="refuse", article="100条", text=" ")).status_code == 400
    assert (await decides(hall, path, action="refuse", article="100条")).status_code == 303
    text = main_of(await hanako.get(f"/en{path}"))
    assert "審査請求" in text
    assert "100条" in text
    assert (await decides(hall, path, action="grant")).status_code == 409
    assert (await hanako.post(f"/en{path}", data={"action": "withdraw"})).status_code == 409


async def test_a_request_is_taken_back_by_its_person_alone(hall: Hall) -> None:
    path = await asks(hall, "hanako")
    tadashi = await hall.browser("tadashi")
    for got in (
        await tadashi.get(f"/en{path}"),
        await tadashi.get(f"/en{path}/disclosure.json"),
        await tadashi.post(f"/en{path}", data={"action": "withdraw"}),
        await tadashi.get("/en/me/requests/none"),
    ):
        assert got.status_code == 404
    hanako = await hall.browser("hanako")
    foreign = {"sec-fetch-site": "cross-site"}
    assert (await hanako.post(f"/en{path}", data={"action": "withdraw"}, headers=foreign)).status_code == 403
    assert (await hanako.post(f"/en{path}", data={"action": "withdraw"})).status_code == 303
    assert "Withdrawn" in main_of(await hanako.get("/en/me/requests"))


async def test_identity_is_demanded(hall: Hall, database: Database) -> None:
    secret = await hall.kairo.identity.sessions.open(Principal.named(principal_of("hanako")), aal=1, method="oidc")
    browser = await hall.browser()
    browser.cookies.set(SESSION_COOKIE, secret)
    answer = await browser.post("/en/me/requests", data={"kind": "disclosure", "text": ""})
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["location"]
    async with database.owner() as owner:
        await owner.execute(
            "UPDATE account SET ial = 1 WHERE tenant = $1 AND key = $2", TENANT, principal_of("hanako").partition(":")[2]
        )
    hanako = await hall.browser("hanako")
    assert (await hanako.post("/en/me/requests", data={"kind": "disclosure", "text": ""})).status_code == 403
    assert "come to a counter" in main_of(await hanako.get("/en/me/requests"))


async def test_the_counter_records_with_evidence_and_does_not_decide(hall: Hall) -> None:
    clerk = await hall.on_duty("clerk", "counter")
    key = principal_of("hanako").partition(":")[2]
    said = {"kind": "disclosure", "person": key, "evidence": "Card, photo compared", "text": ""}
    for wrong in ({"evidence": " "}, {"person": "nobody"}, {"kind": "x"}, {"person": principal_of("clerk").partition(":")[2]}):
        assert (await clerk.post("/en/console/requests", data={**said, **wrong})).status_code == 400
    assert (await clerk.post("/en/console/requests", data=said)).status_code == 303
    assert "山口 花子" not in main_of(await clerk.get("/en/console/requests")), "who does not decide does not see them"
    text = main_of(await (await officer(hall)).get("/en/console/requests"))
    (path,) = re.findall(r'href="/en(/console/requests/\w+)"', text)
    assert (await clerk.get(f"/en{path}")).status_code == 403
    assert (await clerk.post(f"/en{path}", data={"action": "grant", "text": "x"})).status_code == 403
    assert "Card, photo compared" in main_of(
        await (await hall.browser("hanako")).get(f"/en{path.replace('/console/', '/me/')}")
    )


STAFF_PAGES = (
    *("/console/requests", "/console/requests/1", "/console/requests/1/disclosure", "/console/requests/1/disclosure.json"),
    *("/console/breaches", "/console/breaches/1", "/console/disposal", "/console/disposal/1/certificate"),
)


@pytest.mark.parametrize("path", ["/me/requests/1", "/me/requests/1/disclosure", "/me/requests/1/disclosure.json"])
async def test_what_is_not_there_is_not_there(hall: Hall, path: str) -> None:
    assert (await (await hall.browser("hanako")).get(f"/en{path}")).status_code == 404
    for slug in ("", "clerk"):
        answer = await (await hall.browser(slug)).get(f"/en{path}")
        assert (answer.status_code, "/sign-in" in answer.headers["location"]) == (303, True)


@pytest.mark.parametrize("path", STAFF_PAGES)
async def test_the_console_is_for_staff(hall: Hall, path: str) -> None:
    assert (await (await hall.browser()).get(f"/en{path}")).status_code == 303
    assert (await (await hall.browser("hanako")).get(f"/en{path}")).status_code == 403
    assert (await (await hall.browser("auditor")).get(f"/en{path}")).status_code == 403


async def test_ten_requests_wait_at_most(hall: Hall) -> None:
    for _ in range(10):
        await asks(hall, "hanako")
    hanako = await hall.browser("hanako")
    assert (await hanako.post("/en/me/requests", data={"kind": "disclosure", "text": ""})).status_code == 429
