"""Does the console show the administrator, and nobody else, who is told of what; and do its buttons do what they say?"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from kairo.app import Kairo
from kairo.platform.db import Database
from kairo.platform.web import Kit, Site
from kairo.services.console import pages
from kairo.settings import Settings
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from tests.context.subscriptions.receivers import eventually, receiving

LANGUAGES = ("ja", "ja-x-easy", "en")
SETTINGS = Settings(notification_networks=("127.0.0.0/8",), notification_attempts=1)
API = "/ngsi-ld/v1"
SECRET = "not-for-others"


@dataclass
class Town:
    kairo: Kairo
    administrator: httpx.AsyncClient
    program: httpx.AsyncClient
    anyone: httpx.AsyncClient


@pytest_asyncio.fixture
async def site(database: Database, tmp_path: Path) -> AsyncIterator[Town]:
    kairo = Kairo(SETTINGS, database)
    await kairo.graph.create_tenant(SETTINGS.tenant, LOCAL_ADMINISTRATOR.id)
    app: Any = kairo.asgi()

    def client(**more: Any) -> httpx.AsyncClient:
        headers = {"accept": "text/html", "accept-language": "ja"} | more.pop("headers", {})
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test", headers=headers, **more)

    session = await kairo.credentials.enter(await kairo.credentials.new_link())
    token = await kairo.credentials.administrator_token(tmp_path / "token")
    async with (
        client(cookies={SESSION_COOKIE: str(session)}) as administrator,
        client(headers={"Authorization": f"Bearer {token}", "accept": "application/json"}) as program,
        client() as anyone,
    ):
        yield Town(kairo, administrator, program, anyone)
    await kairo.graph.close()
    await kairo.live.close()


async def subscribed(site: Town, uri: str, **more: Any) -> str:
    payload = {
        "type": "Subscription",
        "entities": [{"type": f"T{uuid4().hex[:8]}"}],
        "notification": {"endpoint": {"uri": uri}},
    }
    answer = await site.program.post(f"{API}/subscriptions", json=payload | more)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"].rpartition("/")[2])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_list_and_one_of_it(site: Town, language: str) -> None:
    id = await subscribed(site, f"mqtt://user:{SECRET}@receiver.example/t", subscriptionName="避難所 <b>")
    listed = await site.administrator.get(f"/{language}/console/subscriptions")
    one = await site.administrator.get(f"/{language}/console/subscriptions", params={"id": id})
    for answer in (listed, one):
        assert answer.status_code == 200
        assert "避難所 &lt;b&gt;" in answer.text
        assert "mqtt://receiver.example" in answer.text
        assert SECRET not in answer.text
        assert "style=" not in answer.text
        assert answer.text.count("<h1") == 1
        assert answer.headers["cache-control"] == "no-store"
    assert id in one.text


async def test_nobody_else_sees_anything(site: Town) -> None:
    id = await subscribed(site, "https://receiver.example/", subscriptionName="ひみつ")
    for path in ("/ja/console/subscriptions", f"/ja/console/subscriptions?id={id}"):
        answer = await site.anyone.get(path)
        assert answer.status_code == 200
        assert "ひみつ" not in answer.text
        assert "管理者専用" in answer.text
    refused = await site.anyone.post("/ja/console/subscriptions", data={"id": id, "action": "discard"})
    assert refused.status_code == 401


async def test_a_form_of_another_site_is_refused(site: Town) -> None:
    id = await subscribed(site, "https://receiver.example/")
    answer = await site.administrator.post(
        "/ja/console/subscriptions", data={"id": id, "action": "discard"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


async def press(site: Town, id: str, action: str) -> str:
    answer = await site.administrator.post("/en/console/subscriptions", data={"id": id, "action": action})
    assert answer.status_code == 200, answer.text
    words: str = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))
    return words


async def test_one_is_sent_at_a_buttons_press(site: Town) -> None:
    async with receiving() as receiver:
        id = await subscribed(site, receiver.url)
        assert "It arrived, after" in await press(site, id, "trial")
        assert len(receiver.got) == 1
        receiver.answer = lambda _: 500
        assert "It did not arrive: the receiver answered 500" in await press(site, id, "trial")


async def test_dead_letters_are_listed_and_sent_again_or_forgotten(site: Town) -> None:
    async with receiving(lambda _: 500) as receiver:
        jobs = asyncio.create_task(site.kairo.jobs())
        try:
            kind = f"T{uuid4().hex[:8]}"
            id = await subscribed(site, receiver.url, entities=[{"type": kind}])
            entity = {"id": f"urn:{kind}:1", "type": kind, "a": {"type": "Property", "value": 1}}
            assert (await site.program.post(f"{API}/entities", json=entity)).status_code == 201
            await receiver.until(1)

            async def is_listed() -> bool:
                return f"urn:{kind}:1" in (await site.administrator.get(f"/en/console/subscriptions?id={id}")).text

            await eventually(is_listed)
            receiver.answer = lambda _: 200
            assert "1 notification is sent again" in await press(site, id, "replay")
            got = await receiver.until(2)
            assert got[1].data[0]["id"] == entity["id"]
            assert "0 notifications are forgotten" in await press(site, id, "discard")
        finally:
            jobs.cancel()
            await asyncio.gather(jobs, return_exceptions=True)


def test_every_word_is_there_in_every_language() -> None:
    kit = Kit(Site(), strict=True)
    kit.add("console", Path(pages.__file__).parent)
    assert kit.catalogue.gaps("console.") == {}
    assert kit.catalogue.value_gaps() == []
