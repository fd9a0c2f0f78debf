"""Does a partner's app sign residents in, and learn what they agreed to and nothing else? Authlib's client is the partner."""

import warnings

import httpx

from kairo.trust.identity.accounts.rules import Event
from kairo.trust.identity.principals import person_of
from tests.trust.oauth.city import BACK, HOME, ISSUER, City, Visit, address_of
from tests.trust.oauth.partners import PEOPLE, Asker, app, id_token, refresh, userinfo

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib speaks of httpx's successor
    from authlib.integrations.httpx_client import AsyncOAuth2Client


async def test_a_partner_signs_a_resident_in(town: City, asker: Asker) -> None:
    """The whole way, with Authlib as the partner: discovery, code and PKCE, id_token, userinfo, refresh."""
    partner, browser = await app(town), await town.resident("見本 花子")
    said = (await town.http.get("/.well-known/openid-configuration")).json()
    assert said["issuer"] == ISSUER
    assert said == (await town.http.get("/.well-known/oauth-authorization-server")).json()
    async with AsyncOAuth2Client(
        partner.name, partner.secret, scope="openid profile offline_access", redirect_uri=BACK, code_challenge_method="S256",
        transport=town.http._transport,
    ) as client:  # fmt: skip
        verifier = "v" * 50
        address, state = client.create_authorization_url(said["authorization_endpoint"], code_verifier=verifier, nonce="n-1")
        page = await browser.http.get(address, headers={"accept": "text/html"}, follow_redirects=True)
        assert "やまぐち見守り社" in page.text
        assert "あなたのname" in page.text
        query = address.partition("?")[2]
        form = {"request": query, "action": "allow", "attribute": ["name"]}
        done = await browser.http.post("/ja/oauth/authorize", data=form)
        token = await client.fetch_token(
            said["token_endpoint"], authorization_response=address_of(done.text), state=state, code_verifier=verifier
        )
        claims = await id_token(town, token)
        assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, partner.name, "n-1")
        assert claims["acr"] == "urn:kairo:ial:2:aal:2"
        assert claims["exp"] - claims["iat"] == 600
        assert abs(claims["auth_time"] - claims["iat"]) < 60
        assert "name" not in claims, "an id_token is passed on; what is personal stands in userinfo alone"
        info = await client.get(said["userinfo_endpoint"])
        assert info.json() == {"sub": claims["sub"], "name": "見本 花子"}, "what was not chosen is not there"
        before = token["refresh_token"]
        fresh = await client.refresh_token(said["token_endpoint"])
        assert fresh["refresh_token"] != before
        assert (await client.get(said["userinfo_endpoint"])).json()["name"] == "見本 花子"


async def test_signing_in_and_consent_are_one_step(town: City) -> None:
    """With consent as it is: what the resident chooses on the page is given by the gate, until they disconnect."""
    partner, browser = await app(town, name="watching-over"), await town.resident("見本 花子")
    page = await browser.http.get(f"/ja/oauth/authorize?{Visit(partner).query()}", headers={"accept": "text/html"})
    assert "氏名とよみがな" in page.text, "in the words of the purpose"
    assert page.text.count("氏名とよみがな") == 1, "what is agreed to together is one choice"
    visit = await browser.sign_in_to(partner, attributes=("name nameKana",))
    token = (await visit.tokens(town)).json()
    said = (await userinfo(town, token["access_token"])).json()
    assert said["name"] == "見本 花子"
    assert "birthdate" not in said
    person = person_of(browser.principal)
    purpose = {"Kairo-Purpose": "watching-over"}
    own = (await town.get(f"/entities/{person}", (await town.token(partner, scope="read"))["access_token"], **purpose)).json()
    assert own["name"]["value"] == "見本 花子", "the same by the API, under the same grant"
    for form in ({"scope": "read purpose:tourism"}, {"scope": "read type:Sensor"}, {"scope": "write"}):
        secret = (await town.token(partner, **form))["access_token"]
        assert (await town.get(f"/entities/{person}", secret, **purpose)).status_code == 404, form
        assert (await town.get("/entities?type=Resident", secret, **purpose)).json() == [], form
        assert (await town.get(f"/temporal/entities/{person}", secret, **purpose)).status_code == 404, form
    assert (await browser.http.post("/ja/me/applications", data={"application": partner.name})).status_code == 200
    secret = (await town.token(partner, scope="read"))["access_token"]
    assert (await town.get(f"/entities/{person}", secret, **purpose)).status_code == 404


async def test_a_resident_who_refuses_tells_nothing(town: City, asker: Asker) -> None:
    partner, browser = await app(town), await town.resident()
    visit = await browser.sign_in_to(partner, action="refuse")
    assert visit.answer == {
        "error": "access_denied",
        "error_description": "The resource owner or authorization server denied the request",
        "state": visit.state,
        "iss": ISSUER,
    }
    assert asker.yes == {}
    again = await browser.http.get(f"/ja/oauth/authorize?{Visit(partner).query()}", headers={"accept": "text/html"})
    assert again.status_code == 200, "a refusal is no decision for the next time"


async def test_who_agreed_is_not_asked_again_until_more_is_wanted(town: City, asker: Asker) -> None:
    partner, browser = await app(town), await town.resident()
    first = await browser.sign_in_to(partner, attributes=("name",))
    page = await browser.http.get(f"/ja/oauth/authorize?{Visit(partner).query()}", headers={"accept": "text/html"})
    assert page.status_code == 302, "the same once more: straight back"
    for more in ({"scope": "openid profile district"}, {"prompt": "consent"}):
        page = await browser.http.get(f"/ja/oauth/authorize?{Visit(partner).query(**more)}", headers={"accept": "text/html"})
        assert page.status_code == 200, more
    token = (await first.tokens(town)).json()
    assert (await userinfo(town, token["access_token"])).json()["name"] == "見本 花子"


async def test_two_partners_do_not_find_out_that_they_have_the_same_person(town: City) -> None:
    one, two, browser = await app(town), await app(town), await town.resident()
    names = set()
    for partner in (one, two, one):
        token = (await (await browser.sign_in_to(partner)).tokens(town)).json()
        names.add((partner.name, (await id_token(town, token))["sub"]))
    assert len(names) == 2, "the same person has the same name at the same partner"
    assert len({sub for _, sub in names}) == 2
    assert all(browser.principal.partition(":")[2] not in sub for _, sub in names)


async def test_userinfo_follows_what_is_granted_at_this_moment(town: City, asker: Asker) -> None:
    from kairo.context.granting import withdraw

    partner, browser = await app(town), await town.resident()
    token = (await (await browser.sign_in_to(partner, attributes=("name",))).tokens(town)).json()["access_token"]
    assert "name" in (await userinfo(town, token)).json()
    grant = f"grant:{browser.principal}:application:{partner.name}"
    async with town.kairo.database.unit(HOME) as unit:
        await withdraw(unit, grant, town.kairo.clock(), by=browser.principal, purpose="family")
    assert set((await userinfo(town, token)).json()) == {"sub"}


async def test_a_token_of_a_person_opens_userinfo_alone(town: City) -> None:
    partner, browser = await app(town, f"read write {PEOPLE}"), await town.resident()
    token = (await (await browser.sign_in_to(partner, scope=PEOPLE)).tokens(town)).json()
    for secret in (token["access_token"], token["refresh_token"]):
        assert (await town.get("/entities?type=Sensor", secret)).status_code == 401
    assert (await userinfo(town, token["access_token"])).status_code == 200
    own = (await town.token(partner, scope="read"))["access_token"]
    for secret in (own, partner.secret, token["refresh_token"], token["id_token"], token["access_token"] + "x", ""):
        answer = await userinfo(town, secret)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_words_that_an_application_was_not_given(town: City, asker: Asker) -> None:
    partner, browser = await app(town, "openid"), await town.resident()
    visit = await browser.sign_in_to(partner, scope="openid profile district offline_access admin")
    token = (await visit.tokens(town)).json()
    assert token["scope"] == "openid"
    assert asker.asked == []
    assert set((await userinfo(town, token["access_token"])).json()) == {"sub"}


async def test_a_stopped_application_and_a_closed_account_are_out_at_once(town: City) -> None:
    partner, other, browser = await app(town), await app(town), await town.resident()
    token = (await (await browser.sign_in_to(partner, scope=PEOPLE)).tokens(town)).json()
    kept = (await (await browser.sign_in_to(other, scope=PEOPLE)).tokens(town)).json()
    waiting = await browser.sign_in_to(other)
    await town.stop(partner)
    assert (await userinfo(town, token["access_token"])).status_code == 401
    page = await browser.http.get(f"/ja/oauth/authorize?{Visit(partner).query()}", headers={"accept": "text/html"})
    assert page.status_code == 400
    await town.kairo.identity.accounts.happen(
        browser.principal.partition(":")[2], Event.DIED, by="administrator:local", reason="x"
    )
    assert (await userinfo(town, kept["access_token"])).status_code == 401
    assert (await refresh(town, other, kept["refresh_token"])).status_code == 400
    assert (await waiting.tokens(town)).status_code == 400


async def test_a_resident_sees_and_ends_their_connections(town: City, asker: Asker) -> None:
    partner, browser, stranger = await app(town), await town.resident(), await town.resident("見本 太郎")
    token = (await (await browser.sign_in_to(partner, scope=PEOPLE, attributes=("name",))).tokens(town)).json()
    page = await browser.http.get("/ja/me/applications", headers={"accept": "text/html"})
    assert "見守りアプリ" in page.text
    assert "見守りアプリ" not in (await stranger.http.get("/ja/me/applications", headers={"accept": "text/html"})).text
    other = await stranger.http.post("/ja/me/applications", data={"application": partner.name})
    assert other.status_code == 404
    assert (await userinfo(town, token["access_token"])).status_code == 200
    done = await browser.http.post("/ja/me/applications", data={"application": partner.name})
    assert done.status_code == 200
    assert "見守りアプリ" not in done.text
    assert asker.withdrawn == [(browser.principal, f"application:{partner.name}")]
    assert (await userinfo(town, token["access_token"])).status_code == 401
    assert (await refresh(town, partner, token["refresh_token"])).status_code == 400
    assert (await town.http.get("/me/applications")).status_code == 401


async def test_signing_out_where_an_application_asks_for_it(town: City) -> None:
    partner, browser = await app(town), await town.resident()
    token = (await (await browser.sign_in_to(partner)).tokens(town)).json()
    query = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": "https://app.example/bye", "state": "s-1"}
    town.passes(minutes=30)  # the hint is over by then (RP-Initiated Logout 2)
    page = await browser.http.get("/ja/oauth/logout", params=query, headers={"accept": "text/html"})
    assert page.status_code == 200
    assert (await browser.http.get("/ja/me/applications", headers={"accept": "text/html"})).status_code == 200, (
        "looking ends nothing"
    )
    asked = str(httpx.URL("/x", params=query)).partition("?")[2]
    assert (
        await browser.http.post("/ja/oauth/logout", data={"request": asked}, headers={"sec-fetch-site": "cross-site"})
    ).status_code == 403
    done = await browser.http.post("/ja/oauth/logout", data={"request": asked})
    assert address_of(done.text) == "https://app.example/bye?state=s-1"
    assert (await browser.http.get("/me/applications")).status_code == 401
    for wrong in (
        {**query, "post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": "https://app.example/bye"},
    ):
        page = await town.http.get("/ja/oauth/logout", params=wrong, headers={"accept": "text/html"})
        assert address_of(page.text) == "/ja/"
    forged = {**query, "id_token_hint": query["id_token_hint"][:-4] + "AAAA"}
    assert (await town.http.get("/ja/oauth/logout", params=forged)).status_code == 400
