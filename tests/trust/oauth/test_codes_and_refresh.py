"""Do codes and refresh tokens count once, for whom they were given, and never when anything of them was altered?"""

import asyncio
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tests.trust.oauth.city import City
from tests.trust.oauth.partners import PEOPLE, app, refresh, userinfo

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib speaks of httpx's successor


async def test_a_code_that_comes_twice_ends_all_that_it_gave(town: City) -> None:
    partner, browser = await app(town), await town.resident()
    visit = await browser.sign_in_to(partner, scope=PEOPLE)
    token = (await visit.tokens(town)).json()
    assert (await userinfo(town, token["access_token"])).status_code == 200
    again = await visit.tokens(town)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await userinfo(town, token["access_token"])).status_code == 401
    refreshed = await refresh(town, partner, token["refresh_token"])
    assert refreshed.status_code == 400


async def test_of_many_at_once_a_code_serves_one(town: City) -> None:
    partner, browser = await app(town), await town.resident()
    visit = await browser.sign_in_to(partner)
    answers = await asyncio.gather(*(visit.tokens(town) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]


async def test_a_refresh_token_that_comes_twice_ends_them_all(town: City) -> None:
    partner, browser = await app(town), await town.resident()
    first = (await (await browser.sign_in_to(partner, scope=PEOPLE)).tokens(town)).json()
    second = (await refresh(town, partner, first["refresh_token"])).json()
    assert (await userinfo(town, second["access_token"])).status_code == 200
    assert (await refresh(town, partner, first["refresh_token"])).status_code == 400, "somebody has a copy"
    assert (await userinfo(town, second["access_token"])).status_code == 401
    assert (await refresh(town, partner, second["refresh_token"])).status_code == 400


async def test_a_refresh_token_gives_no_more_than_it_was_given_for(town: City) -> None:
    partner, browser = await app(town), await town.resident()
    token = (await (await browser.sign_in_to(partner, scope="openid offline_access")).tokens(town)).json()
    more = await refresh(town, partner, token["refresh_token"], scope="openid profile")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")
    less = (await refresh(town, partner, token["refresh_token"], scope="openid")).json()
    assert less["scope"] == "openid"
    whole = (await refresh(town, partner, less["refresh_token"])).json()
    assert set(whole["scope"].split()) == {"openid", "offline_access"}
    other = await app(town)
    assert (await refresh(town, other, whole["refresh_token"])).status_code == 400
    assert (await refresh(town, partner, whole["refresh_token"])).status_code == 200, "another's try does no harm"
    town.passes(days=31)
    assert (await refresh(town, partner, whole["refresh_token"])).status_code == 400


async def test_without_offline_access_there_is_no_refresh_token(town: City) -> None:
    partner, browser = await app(town), await town.resident()
    assert "refresh_token" not in (await (await browser.sign_in_to(partner)).tokens(town)).json()


async def test_an_app_on_a_phone_has_no_secret_and_needs_its_verifier(town: City) -> None:
    partner, browser = await app(town, authentication="none"), await town.resident()
    visit = await browser.sign_in_to(partner, scope=PEOPLE)
    assert (await visit.tokens(town, code_verifier="")).json()["error"] == "invalid_request"
    assert (await visit.tokens(town, code_verifier="w" * 50)).json()["error"] == "invalid_grant"
    token = await visit.tokens(town)
    assert token.status_code == 200, token.text
    form = {"grant_type": "refresh_token", "refresh_token": token.json()["refresh_token"], "client_id": partner.name}
    assert (await town.http.post("/oauth/token", data=form)).status_code == 200
    alone = await town.http.post("/oauth/token", data={"grant_type": "client_credentials", "client_id": partner.name})
    assert alone.status_code in {400, 401}


async def test_a_confidential_app_shows_its_secret_and_its_verifier(town: City) -> None:
    partner, other, browser = await app(town), await app(town), await town.resident()
    visit = await browser.sign_in_to(partner)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"auth": other.basic}, "invalid_grant"),
        ({"auth": (partner.name, "wrong")}, "invalid_client"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": "w" * 50}, "invalid_grant"),
        ({"code_verifier": "w"}, "invalid_request"),
        ({"redirect_uri": "https://app.example/other"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"code": visit.answer["code"][:-1]}, "invalid_grant"),
    ]
    for more, error in wrong:
        answer = await visit.tokens(town, **more)
        assert answer.json()["error"] == error, more
    assert (await visit.tokens(town)).status_code == 200


async def test_a_code_holds_for_a_minute(town: City) -> None:
    partner, browser = await app(town), await town.resident()
    visit = await browser.sign_in_to(partner)
    town.passes(seconds=61)
    assert (await visit.tokens(town)).json()["error"] == "invalid_grant"


alterations = st.one_of(
    st.tuples(st.just("flip"), st.integers(0, 400), st.sampled_from("ABab01-_.")),
    st.tuples(st.just("cut"), st.integers(0, 400), st.just("")),
    st.tuples(st.just("add"), st.integers(0, 400), st.sampled_from("ABab01-_.=\n ")),
    st.tuples(st.just("case"), st.just(0), st.just("")),
)


def altered(text: str, change: tuple[str, int, str]) -> str:
    kind, place, sign = change
    place %= len(text)
    if kind == "case":
        return text.swapcase()
    if kind == "add":
        return text[:place] + sign + text[place:]
    return text[:place] + sign + text[place + 1 :]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(change=alterations)
async def test_nothing_that_was_altered_is_ever_accepted(town: City, change: tuple[str, int, str]) -> None:
    if not hasattr(town, "sample"):
        partner, browser = await app(town), await town.resident()
        visit = await browser.sign_in_to(partner, scope=PEOPLE)
        token = (await visit.tokens(town)).json()
        town.sample = (partner, browser, token)  # type: ignore[attr-defined]
    partner, browser, token = town.sample  # type: ignore[attr-defined]
    for kind in ("access_token", "refresh_token", "id_token"):
        wrong = altered(token[kind], change)
        if wrong.replace("\n", "").strip() == token[kind]:
            continue
        if kind == "access_token":
            assert (await userinfo(town, wrong.replace("\n", ""))).status_code == 401
        elif kind == "refresh_token":
            assert (await refresh(town, partner, wrong)).status_code == 400
        else:
            keys = KeySet.import_key_set((await town.http.get("/oauth/jwks")).json())
            with pytest.raises((JoseError, ValueError)):
                jwt.decode(wrong, keys, algorithms=["RS256"])
            hint = await town.http.get("/ja/oauth/logout", params={"id_token_hint": wrong})
            assert hint.status_code == 400
    visit = await browser.sign_in_to(partner)
    code = visit.answer["code"]
    visit.answer["code"] = altered(code, change)
    if visit.answer["code"] != code:
        assert (await visit.tokens(town)).status_code == 400
    assert (await userinfo(town, token["access_token"])).status_code == 200, "and nothing was lost by trying"
