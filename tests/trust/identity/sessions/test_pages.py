"""Does the page show its owner where they are signed in, and do its buttons do what they say?"""

import pytest

from tests.trust.identity.signin.authenticator import Authenticator, b64
from tests.trust.identity.town import Town

PATH = "/me/sessions"
JSON = {"accept": "application/json"}


@pytest.mark.parametrize("language", ["ja", "ja-x-easy", "en"])
async def test_they_are_listed(city: Town, language: str) -> None:
    account = await city.resident()
    await city.identity.sessions.find(await city.session(account, method="demo"))
    browser = await city.browser(account)
    answer = await browser.get(f"/{language}{PATH}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.count('value="end"') == 1, "a session of the demo does not count outside of it"


async def test_one_and_all_others_are_ended(city: Town) -> None:
    account = await city.resident()
    first, second, third = [await city.session(account) for _ in range(3)]
    browser, sessions = await city.browser(session=first), city.identity.sessions
    other = await sessions.find(second)
    assert other is not None
    assert (await browser.post(f"/ja{PATH}", data={"action": "end", "id": other.id})).status_code == 200
    assert await sessions.find(second) is None
    assert (await browser.post(f"/ja{PATH}", data={"action": "end", "id": other.id})).status_code == 404
    assert (await browser.post(f"/ja{PATH}", data={"action": "end-others"})).status_code == 200
    assert await sessions.find(third) is None
    mine = await sessions.find(first)
    assert mine is not None
    answer = await browser.post(f"/ja{PATH}", data={"action": "end", "id": mine.id})
    assert (answer.status_code, answer.headers["location"]) == (303, "/ja/sign-in")
    assert await sessions.find(first) is None


async def test_a_passkey_is_added_and_removed_by_who_is_signed_in_strongly(city: Town) -> None:
    account = await city.resident()
    browser, devices = await city.browser(account), [Authenticator(), Authenticator()]
    for device in devices:
        options = (await browser.post("/ja/me/passkeys/options", json={}, headers=JSON)).json()
        answer = {"credential": device.make(options), "label": "例の電話"}
        assert (await browser.post("/ja/me/passkeys", json=answer, headers=JSON)).json() == {"to": f"/ja{PATH}"}
    assert (await browser.get(f"/ja{PATH}")).text.count("例の電話") == 2
    remove = {"action": "remove", "id": b64(devices[0].id)}
    weak = await city.browser(account, aal=1)
    assert (await weak.post(f"/ja{PATH}", data=remove)).status_code == 303
    assert (await weak.post("/ja/me/passkeys/options", json={}, headers=JSON)).status_code == 401
    assert (await browser.post(f"/ja{PATH}", data=remove)).status_code == 200
    assert len(await city.identity.passkeys.of(account)) == 1


async def test_the_administrator_has_sessions_and_no_passkeys(city: Town) -> None:
    credentials = city.kairo.credentials
    browser = await city.browser(session=str(await credentials.enter(await credentials.new_link())))
    text = (await browser.get(f"/ja{PATH}")).text
    assert "管理者のリンク" in text
    assert 'id="passkeys"' not in text


async def test_there_is_no_other_button(city: Town) -> None:
    browser = await city.browser(await city.resident())
    assert (await browser.post(f"/ja{PATH}", data={"action": "?"})).status_code == 400
