"""Do the pages show what was told and nothing of what was not, to whom it is for? Through the application, over a real database."""

import itertools
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kairo.context.gate import DataClass, Scope
from kairo.platform.db import Database
from kairo.platform.i18n.catalogue import Catalogue
from kairo.trust.anonymity import manifest as anonymity
from tests.trust.anonymity.site import Asker, site
from tests.trust.anonymity.world import World, clerk, resident

_tenants = (f"pages_{number}" for number in itertools.count())
FORM = {"type": "Resident", "dimension": ["district", "needsCare"], "k": "3"}
WISH = {
    "type": "Resident",
    "kind": "pseudonymised",
    "recipient": "A University",
    "series": "2026",
    "basis": "個人情報保護法 69条2項",
    "column": ["district", "needsCare"],
    "sensitive": ["needsCare"],
    "k": "3",
    "l": "2",
    "format": "csv",
}


@pytest.fixture
def asker() -> Asker:
    return Asker(clerk(next(_tenants)))


@pytest.fixture
async def client(database: Database, asker: Asker) -> AsyncIterator[httpx.AsyncClient]:
    world = World(database)
    people = [resident(n, district="ogori" if n < 12 else "kagawa", needsCare=n % 3 == 0, household="alone") for n in range(31)]
    people.append(resident("odd", district="ato", needsCare=True, household="SECRET"))
    await world.put(asker.scope.tenant, people)
    transport = httpx.ASGITransport(app=site(world, asker))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as found:
        yield found


def public(asker: Asker) -> None:
    asker.scope = Scope(asker.scope.tenant, "anonymous:", "public", frozenset({DataClass.OPEN}))


async def made(client: httpx.AsyncClient, **given: Any) -> str:
    """The id of a new table."""
    answer = await client.post("/en/console/statistics", data={"action": "table", **FORM, **given})
    assert answer.status_code == 200, answer.text
    return str(re.findall(r'name="id" value="(\w+)"', answer.text)[0])


@pytest.mark.parametrize(("language", "word"), [("ja", "秘匿"), ("ja-x-easy", "ひみつ"), ("en", "withheld")])
async def test_a_withheld_cell_is_a_word_and_never_a_number(client: httpx.AsyncClient, language: str, word: str) -> None:
    answer = await client.post(f"/{language}/console/statistics", data={"action": "table", **FORM})
    assert answer.status_code == 200, answer.text
    main = answer.text.split("<main")[1]
    (ato,) = re.findall(r'<th scope="row">(?:阿東|<span[^>]*>阿東</span>|ato)</th>(.*?)</tr>', main, re.DOTALL)[-1:]
    assert set(re.findall(r"<td[^>]*>\s*(?:<ruby>)?([^<\s]+)", ato)) == {word}
    assert "小郡" in main or "ogori" in main
    assert "SECRET" not in main


async def test_the_console_shows_forms_budget_and_history(client: httpx.AsyncClient) -> None:
    empty = await client.get("/ja/console/statistics")
    assert '<option value="Resident">' in empty.text
    assert "<meter" in empty.text
    form = await client.get("/ja/console/statistics", params={"type": "Resident"})
    assert 'value="birthDate/10"' in form.text
    assert 'value="name"' not in form.text.split("<main")[1]
    id = await made(client)
    assert f"?id={id}" in (await client.get("/ja/console/statistics")).text
    assert (await client.get("/ja/console/statistics", params={"id": id})).status_code == 200


async def test_numbers_with_noise_take_from_the_budget(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/en/console/statistics", data={"action": "noise", "type": "Resident", "dimension": "needsCare", "epsilon": "0.5"}
    )
    assert "These numbers hold noise" in answer.text
    assert "0.5 of 3 spent (2.5 left)" in (await client.get("/en/console/statistics")).text
    refused = await client.post(
        "/en/console/statistics", data={"action": "noise", "type": "Resident", "dimension": "birthDate/10", "epsilon": "2.6"}
    )
    assert refused.status_code == 429
    assert "2.5 left" in refused.text


@pytest.mark.parametrize("address", ["/ja/console/statistics", "/ja/console/statistics?id=x", "/ja/console/extracts"])
@pytest.mark.parametrize(
    ("principal", "purpose", "status"), [("anonymous:", "public", 401), ("resident:a", "family", 403), ("staff:a", "", 403)]
)
async def test_the_console_is_for_staff_with_the_duty(
    client: httpx.AsyncClient, asker: Asker, address: str, principal: str, purpose: str, status: int
) -> None:
    asker.scope = Scope(asker.scope.tenant, principal, purpose, frozenset({DataClass.OPEN}), by_grants=True)
    assert (await client.get(address)).status_code == status
    for path in ("/ja/console/statistics", "/ja/console/extracts"):
        sent = {"/ja/console/statistics": {"action": "table", **FORM}, "/ja/console/extracts": {"action": "preview", **WISH}}[
            path
        ]
        assert (await client.post(path, data=sent)).status_code == status


@pytest.mark.parametrize("language", ["en"])
async def test_what_is_not_published_is_not_there(client: httpx.AsyncClient, asker: Asker, language: str) -> None:
    id = await made(client)
    staff = asker.scope
    public(asker)
    missing = await client.get("/api/statistics/nothing")
    for address in (f"/api/statistics/{id}", f"/{language}/statistics/{id}"):
        assert (await client.get(address)).status_code == 404
    assert (await client.get(f"/api/statistics/{id}")).json()["title"] == missing.json()["title"]
    assert (await client.get("/api/statistics")).json() == []
    asker.scope = staff
    done = await client.post(
        f"/{language}/console/statistics", data={"action": "publish", "id": id, "title": "Care by district"}
    )
    assert "It is published" in done.text
    public(asker)
    assert [one["id"] for one in (await client.get("/api/statistics")).json()] == [id]
    assert "Care by district" in (await client.get(f"/{language}/statistics")).text
    page = await client.get(f"/{language}/statistics/{id}")
    assert "withheld" in page.text
    data = (await client.get(f"/api/statistics/{id}")).json()
    assert {cell["persons"] for cell in data["cells"] if cell["withheld"]} == {None}
    assert all(cell["persons"] is None or cell["persons"] >= 3 for cell in data["cells"])
    assert not {"kept", "asked_by", "askedBy", "purpose"} & data.keys()
    assert data["axes"][1]["lines"][0]["label"] == {"ja": "はい", "ja-x-easy": "はい", "en": "Yes"}
    file = await client.get(f"/api/statistics/{id}", params={"format": "csv"})
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert "秘匿" in file.text
    assert (await client.get(f"/api/statistics/{id}", params={"format": "xml"})).status_code == 406
    asker.scope = staff
    await client.post(f"/{language}/console/statistics", data={"action": "unpublish", "id": id})
    public(asker)
    assert (await client.get(f"/api/statistics/{id}")).status_code == 404


@pytest.mark.parametrize("language", ["en"])
async def test_an_extract_goes_from_one_to_another_and_out(client: httpx.AsyncClient, asker: Asker, language: str) -> None:
    refused = await client.post(f"/{language}/console/extracts", data={"action": "preview", **WISH})
    assert "not reached, so it is refused" in refused.text
    assert (await client.post(f"/{language}/console/extracts", data={"action": "request", **WISH})).status_code == 400
    good = {**WISH, "leave_out": "yes"}
    assert "are reached" in (await client.post(f"/{language}/console/extracts", data={"action": "preview", **good})).text
    asked = await client.post(f"/{language}/console/extracts", data={"action": "request", **good})
    assert "Waits for another member of staff" in asked.text
    one, other = asker.scope, clerk(asker.scope.tenant, "cd")
    asker.scope = other
    (id,) = re.findall(r'name="id" value="(\w+)"', (await client.get(f"/{language}/console/extracts")).text)
    assert "Agreed" in (await client.post(f"/{language}/console/extracts", data={"action": "agree", "id": id})).text
    asker.scope = one
    file = await client.post(f"/{language}/console/extracts", data={"action": "make", "id": id})
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["cache-control"] == "no-store"
    assert file.content.startswith(b"\xef\xbb\xbfpseudonym,")
    assert "A University" in (await client.get(f"/{language}/console/extracts")).text.split('id="made"')[1]


@pytest.mark.parametrize("path", ["/ja/console/statistics", "/ja/console/extracts"])
async def test_only_forms_of_this_site_count(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, data={"action": "table", **FORM}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/ja/console/statistics", {"action": "nothing"}),
        ("/ja/console/statistics", {"action": "table", **FORM, "k": "1"}),
        ("/ja/console/statistics", {"action": "table", **FORM, "k": "ten"}),
        ("/ja/console/statistics", {"action": "table", "type": "Resident"}),
        ("/ja/console/statistics", {"action": "noise", **FORM, "epsilon": "-1"}),
        ("/ja/console/statistics", {"action": "noise", **FORM, "epsilon": "NaN"}),
        ("/ja/console/statistics", {"action": "noise", **FORM, "epsilon": "1e9"}),
        ("/ja/console/statistics", {"action": "publish", "id": "nothing", "title": "x"}),
        ("/ja/console/extracts", {"action": "nothing", **WISH}),
        ("/ja/console/extracts", {"action": "preview"}),
        ("/ja/console/extracts", {"action": "make", "id": "nothing"}),
        ("/ja/console/extracts", {"action": "agree", "id": "nothing"}),
    ],
)
async def test_bad_forms_are_told_what_is_wrong(client: httpx.AsyncClient, path: str, data: dict[str, Any]) -> None:
    answer = await client.post(path, data=data, headers={"accept": "text/html"})
    assert answer.status_code in {400, 404}
    assert "<main" in answer.text


def test_all_three_languages_say_everything() -> None:
    catalogue = Catalogue(strict=True)
    catalogue.add("anonymity", Path(str(anonymity.__file__)).parent / "messages")
    assert not catalogue.gaps("anonymity.")
    assert not catalogue.value_gaps()
