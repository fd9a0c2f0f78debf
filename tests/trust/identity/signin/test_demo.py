"""Do the demo's people sign in by one click, only in the demo, and is everyone of them marked as made up?"""

import asyncio

import pytest

from kairo.platform.db import Database
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity.accounts.demo import ROLES, key_of
from tests.trust.identity.town import Town, town

CARDS = [role for role in ROLES if role.has_card]
CLICK = "/sign-in/demo"
WORDS = {"ja": "全員、架空の人物です", "ja-x-easy": "いない", "en": "All of them are made up"}


@pytest.mark.parametrize("language", sorted(WORDS))
async def test_everyone_stands_on_the_page_as_made_up(demo: Town, language: str) -> None:
    text = (await (await demo.browser()).get(f"/{language}/sign-in")).text
    main = text.split("<main")[1]
    assert WORDS[language] in main
    assert "tag-synthetic" in main
    assert [role.name for role in CARDS if role.name not in main] == []
    assert "湯田 ひなた" not in main, "children sign in nowhere"
    assert "82" in main


@pytest.mark.parametrize("slug", [role.slug for role in CARDS])
async def test_one_click_signs_in(demo: Town, slug: str) -> None:
    browser = await demo.browser()
    answer = await browser.post(f"/en{CLICK}", data={"key": key_of(slug), "back": "/districts"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/districts")
    text = (await browser.get("/en/sign-in")).text
    (role,) = [role for role in ROLES if role.slug == slug]
    assert '<p class="account">' in text
    assert role.name in text.split("<main")[0]
    assert "band-synthetic" in text.split("<main")[0]
    (account,) = (await demo.identity.accounts.many([key_of(slug)])).values()
    assert account.is_synthetic
    assert (account.department is not None) is (account.kind == "staff")


@pytest.mark.parametrize(("slug", "home"), [("taro", "/ja/me"), ("clerk", "/ja/console")])
async def test_who_asked_for_nothing_goes_home(demo: Town, slug: str, home: str) -> None:
    answer = await (await demo.browser()).post(f"/ja{CLICK}", data={"key": key_of(slug)})
    assert answer.headers["location"] == home


async def test_a_mother_of_two_acts_for_her_children(demo: Town) -> None:
    browser = await demo.browser()
    await browser.post(f"/ja{CLICK}", data={"key": key_of("misaki")})
    headers = {"cookie": f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"}
    persons = (await demo.kairo.gate.scope(headers, demo.tenant)).persons
    assert {one.rpartition(":")[2] for one in persons} == {key_of("misaki"), key_of("hinata"), key_of("aoi")}


async def test_loading_again_changes_nothing(demo: Town) -> None:
    before = await demo.identity.accounts.many(key_of(role.slug) for role in ROLES)
    await asyncio.gather(*(demo.kairo.seed() for _ in range(3)))
    assert await demo.identity.accounts.many(key_of(role.slug) for role in ROLES) == before
    assert len(await demo.identity.mandates.of(key_of("misaki"))) == 2


async def test_nobody_else_signs_in_by_a_click(demo: Town) -> None:
    real = await demo.resident()
    for key in (real.key, key_of("hinata"), "", "x", "administrator:local"):
        answer = await (await demo.browser()).post(f"/ja{CLICK}", data={"key": key})
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


async def test_outside_of_the_demo_there_is_no_click_and_no_session_of_one(database: Database) -> None:
    async with town(database) as city:
        await city.identity.seed_demo()  # as a database that a demo ran on before
        text = (await (await city.browser()).get("/ja/sign-in")).text
        assert "山口 花子" not in text
        answer = await (await city.browser()).post(f"/ja{CLICK}", data={"key": key_of("hanako")})
        assert answer.status_code == 404
        hanako = await city.identity.accounts.get(key_of("hanako"))
        left_over = await city.session(hanako, method="demo")
        assert await city.identity.sessions.find(left_over) is None


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "http://elsewhere.example"}])
async def test_another_site_signs_nobody_in(demo: Town, headers: dict[str, str]) -> None:
    answer = await (await demo.browser()).post(f"/ja{CLICK}", data={"key": key_of("hanako")}, headers=headers)
    assert answer.status_code == 403
