"""What does a resident find on their own page, in each language, and who is led to sign in?"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from kairo.platform.db import Database
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.demo import key_of
from tests.trust.identity.town import Town, town


@pytest_asyncio.fixture
async def demo(database: Database) -> AsyncIterator[Town]:
    """The demo's municipality with its people and their readings."""
    async with town(database, demo=True) as made:
        await made.kairo.seed()
        yield made


async def person(demo: Town, slug: str) -> Account:
    key = key_of(slug)
    return (await demo.identity.accounts.many([key]))[key]


@pytest.mark.parametrize("path", ["/me", "/me/data"])
@pytest.mark.parametrize("language", ["ja", "ja-x-easy", "en"])
async def test_the_pages_show(demo: Town, path: str, language: str) -> None:
    browser = await demo.browser(await person(demo, "hanako"))
    answer = await browser.get(f"/{language}{path}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.text
    assert "mypage." not in answer.text


@pytest.mark.parametrize("path", ["/me", "/me/data"])
async def test_who_is_no_resident_is_led_to_sign_in(demo: Town, path: str) -> None:
    for browser in (await demo.browser(), await demo.browser(await person(demo, "clerk"))):
        answer = await browser.get(f"/ja{path}")
        assert answer.status_code == 303
        assert "/sign-in?" in answer.headers["location"]


async def test_what_is_held_and_whose_it_is(demo: Town) -> None:
    mine = (await (await demo.browser(await person(demo, "hanako"))).get("/ja/me/data")).text
    assert "毎日の健康の記録" in mine
    assert "脈拍" in mine
    assert "合成データ" in mine
    parent = (await (await demo.browser(await person(demo, "misaki"))).get("/ja/me/data")).text
    assert "湯田 ひなたさん（代理）" in parent
    assert "毎日の健康の記録" not in parent


async def test_every_part_has_its_way_on_the_page(demo: Town) -> None:
    mine = (await (await demo.browser(await person(demo, "hanako"))).get("/ja/me")).text
    for path in ("data", "consents", "looks", "mandates", "sessions", "who-may-see", "applications"):
        assert f'href="/ja/me/{path}"' in mine, path
