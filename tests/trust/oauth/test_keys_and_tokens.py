"""Do keys and client credentials open what they should, and nothing else? The whole program over a real database."""

import asyncio
import secrets
from dataclasses import replace
from typing import Any

import pytest

from kairo.errors import Forbidden, ResourceNotFound
from kairo.platform.db import Database
from kairo.trust.oauth.records import State
from kairo.trust.oauth.service import Wish
from tests.trust.oauth.city import ADMINISTRATOR, CLERK, HOME, ISSUER, City, Partner, city

ENTITIES = "/entities?type=Sensor"


async def test_a_key_opens_the_api_and_ends_at_once(town: City) -> None:
    partner = await town.partner()
    assert (await town.get(ENTITIES, partner.secret)).status_code == 200
    assert await town.write(partner.secret, "Sensor") == 201
    _, (key,) = await town.kairo.oauth.applications.one(ADMINISTRATOR, partner.name)
    assert key.last_used_at is not None
    assert partner.secret not in repr(key)
    await town.kairo.oauth.applications.end_key(ADMINISTRATOR, partner.name, key.id)
    assert (await town.get(ENTITIES, partner.secret)).status_code == 401


async def test_two_keys_hold_at_once_so_that_they_change_hands_without_a_gap(town: City) -> None:
    partner = await town.partner()
    _, (first,) = await town.kairo.oauth.applications.one(ADMINISTRATOR, partner.name)
    second = Partner(partner.name, await town.kairo.oauth.applications.new_key(ADMINISTRATOR, partner.name, label="二つめ"))
    before, after = await town.token(partner), await town.token(second)
    await town.kairo.oauth.applications.end_key(ADMINISTRATOR, partner.name, first.id)
    assert (await town.get(ENTITIES, before["access_token"])).status_code == 401, "what was got by the ended key has ended, too"
    assert (await town.get(ENTITIES, after["access_token"])).status_code == 200
    assert (await town.get(ENTITIES, second.secret)).status_code == 200


async def test_a_key_ends_at_its_time(town: City) -> None:
    partner = await town.partner()
    short = await town.kairo.oauth.applications.new_key(ADMINISTRATOR, partner.name, label="短い", days=1)
    town.passes(hours=23)
    assert (await town.get(ENTITIES, short)).status_code == 200
    town.passes(hours=2)
    assert (await town.get(ENTITIES, short)).status_code == 401
    assert (
        await town.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(partner.name, short))
    ).status_code == 401
    assert (await town.get(ENTITIES, partner.secret)).status_code == 200


async def test_a_token_holds_for_ten_minutes(town: City) -> None:
    partner = await town.partner()
    token = await town.token(partner)
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 600
    assert "refresh_token" not in token
    town.passes(seconds=599)
    assert (await town.get(ENTITIES, token["access_token"])).status_code == 200
    town.passes(seconds=2)
    assert (await town.get(ENTITIES, token["access_token"])).status_code == 401


async def test_a_stopped_application_is_out_at_once_and_comes_in_again_with_its_keys_only(town: City) -> None:
    partner = await town.partner()
    token = await town.token(partner)
    await town.stop(partner)
    for secret in (partner.secret, token["access_token"]):
        assert (await town.get(ENTITIES, secret)).status_code == 401
    assert (
        await town.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=partner.basic)
    ).status_code == 401
    assert await town.kairo.gate.standing(f"application:{partner.name}", HOME) is None
    await town.kairo.oauth.applications.decide(ADMINISTRATOR, partner.name, State.APPROVED)
    assert (await town.get(ENTITIES, partner.secret)).status_code == 200
    assert (await town.get(ENTITIES, token["access_token"])).status_code == 401


# words of the application, of the key, of the token: what may be read and written of Sensor (open) and Bus (undeclared)
@pytest.mark.parametrize(
    ("most", "key", "asked", "reads", "writes_sensor", "writes_bus"),
    [
        ("read write", "", "", 200, 201, 201),
        ("read write", "", "read", 200, 403, 403),
        ("read write", "read", "", 200, 403, 403),
        ("read", "", "", 200, 403, 403),
        ("read write type:Sensor", "", "", 200, 201, 403),
        ("read write", "", "read write type:Bus", 404, 403, 201),
        ("read write", "write", "", 404, 201, 201),
    ],
)
async def test_what_a_token_opens(
    town: City, most: str, key: str, asked: str, reads: int, writes_sensor: int, writes_bus: int
) -> None:
    writer = await town.partner()
    id = f"urn:ngsi-ld:Sensor:{secrets.token_hex(4)}"
    assert await town.write(writer.secret, "Sensor", id) == 201
    partner = await town.partner(most, key)
    token = (await town.token(partner, **({"scope": asked} if asked else {})))["access_token"]
    assert (await town.get(f"/entities/{id}", token)).status_code == reads
    assert len((await town.get(f"/entities?type=Sensor&id={id}", token)).json()) == (reads == 200)
    counted = await town.get(f"/entities?type=Sensor&id={id}&count=true&limit=0", token)
    assert counted.headers["ngsild-results-count"] == ("1" if reads == 200 else "0")
    assert (await town.get(f"/temporal/entities/{id}", token)).status_code == reads
    assert ("Sensor" in (await town.get("/types", token)).text) == (reads == 200)
    assert await town.write(token, "Sensor") == writes_sensor
    assert await town.write(token, "Bus") == writes_bus


async def test_a_read_only_token_changes_nothing_that_its_application_wrote(town: City) -> None:
    partner = await town.partner()
    id = f"urn:ngsi-ld:Bus:{secrets.token_hex(4)}"
    assert await town.write(partner.secret, "Bus", id) == 201
    token = (await town.token(partner, scope="read"))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await town.get(f"/entities/{id}", token)).status_code == 200, "it sees what the application wrote"
    assert (await town.http.delete(f"/ngsi-ld/v1/entities/{id}", headers=headers)).status_code == 403
    body = {"name": {"type": "Property", "value": "y"}}
    assert (await town.http.patch(f"/ngsi-ld/v1/entities/{id}/attrs", json=body, headers=headers)).status_code == 403
    assert (await town.http.delete("/ngsi-ld/v1/entities?type=Bus", headers=headers)).status_code in {401, 403}
    subscription = {
        "type": "Subscription",
        "entities": [{"type": "Bus"}],
        "notification": {"endpoint": {"uri": "https://a.example/"}},
    }
    assert (await town.http.post("/ngsi-ld/v1/subscriptions", json=subscription, headers=headers)).status_code in {401, 403}
    assert (await town.get(f"/entities/{id}", partner.secret)).json()["name"]["value"] == "x"


async def test_a_type_that_is_added_does_not_lead_out_of_a_token(town: City) -> None:
    partner = await town.partner()
    token = (await town.token(partner, scope="read write type:Bus"))["access_token"]
    id = f"urn:ngsi-ld:Bus:{secrets.token_hex(4)}"
    assert await town.write(token, "Bus", id) == 201
    headers = {"Authorization": f"Bearer {token}"}
    answer = await town.http.post(f"/ngsi-ld/v1/entities/{id}/attrs", json={"type": ["Bus", "Sensor"]}, headers=headers)
    assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("asked", ["admin", "type:Bus", "openid", "read openid", "openid profile", "read type:Elsewhere"])
async def test_a_scope_that_cannot_be_had(town: City, asked: str) -> None:
    partner = await town.partner("read type:Sensor openid profile", redirect_uris="https://app.example/back")
    answer = await town.http.post("/oauth/token", data={"grant_type": "client_credentials", "scope": asked}, auth=partner.basic)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_introspection_and_revocation(town: City) -> None:
    partner, other = await town.partner(), await town.partner()
    token = (await town.token(partner, scope="read"))["access_token"]

    async def ask(who: Partner, path: str, secret: str) -> Any:
        return await town.http.post(path, data={"token": secret}, auth=who.basic)

    said = (await ask(partner, "/oauth/introspect", token)).json()
    assert said["active"] is True
    assert (said["client_id"], said["scope"], said["iss"]) == (partner.name, "read", ISSUER)
    assert (await ask(other, "/oauth/introspect", token)).json() == {"active": False}
    assert (await ask(partner, "/oauth/introspect", "kairo_" + "x" * 43)).json() == {"active": False}
    assert (await ask(other, "/oauth/revoke", token)).status_code == 400
    assert (await town.get(ENTITIES, token)).status_code == 200, "another's token is not revoked"
    assert (await ask(partner, "/oauth/revoke", token)).status_code == 200
    assert (await ask(partner, "/oauth/revoke", token)).status_code == 200, "again, and nothing is said of it (RFC 7009 2.2)"
    assert (await town.get(ENTITIES, token)).status_code == 401
    assert (await ask(partner, "/oauth/introspect", token)).json() == {"active": False}
    assert (await town.http.post("/oauth/introspect", data={"token": token})).status_code == 401


async def test_what_no_key_or_token_is(town: City) -> None:
    partner = await town.partner()
    token = (await town.token(partner))["access_token"]
    for text in ("", "x", "kairo_", token[:-1], token + "x", token.upper(), token.replace("kairo_", ""), "a.b.c", " "):
        assert (await town.get(ENTITIES, text)).status_code == 401, text


async def test_bad_requests_are_answered_in_the_shape_of_the_standard(town: City) -> None:
    partner = await town.partner()
    form = {"content-type": "application/x-www-form-urlencoded"}
    for body, auth, status, error in [
        (b"", partner.basic, 400, "unsupported_grant_type"),
        (b"grant_type=password&username=a&password=b", partner.basic, 400, "unsupported_grant_type"),
        (b"grant_type=client_credentials&grant_type=x", partner.basic, 400, "invalid_request"),
        (b"grant_type=client_credentials&scope=%00", partner.basic, 400, "invalid_request"),
        (b"grant_type=client_credentials&scope=%ff", partner.basic, 400, "invalid_request"),
        (b"grant_type=%22%5c", partner.basic, 400, "unsupported_grant_type"),
        (b"x=" + b"a" * 40_000, partner.basic, 400, "invalid_request"),
        (b"&".join(b"a%d=1" % number for number in range(60)), partner.basic, 400, "invalid_request"),
        (b"grant_type=client_credentials", (partner.name, "wrong"), 401, "invalid_client"),
        (b"grant_type=client_credentials", ("nobody-knows", "wrong"), 401, "invalid_client"),
        (b"grant_type=client_credentials", ("x" * 5000, "wrong"), 401, "invalid_client"),
        (b"grant_type=client_credentials", None, 401, "invalid_client"),
        (b"grant_type=authorization_code", partner.basic, 400, "invalid_request"),
        (b"grant_type=authorization_code&code=x", partner.basic, 400, "invalid_grant"),
        (b"grant_type=refresh_token&refresh_token=x", partner.basic, 400, "unauthorized_client"),
    ]:
        answer = await town.http.post("/oauth/token", content=body, headers=form, **({"auth": auth} if auth else {}))  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["error"]) == (status, error), body[:80]
        assert set(answer.json()) <= {"error", "error_description"}
        assert answer.headers["cache-control"] == "no-store"
    unknown = await town.http.post("/oauth/token", content=b"grant_type=client_credentials", headers=form, auth=("nobody", "x"))
    wrong = await town.http.post(
        "/oauth/token", content=b"grant_type=client_credentials", headers=form, auth=(partner.name, "x")
    )
    assert unknown.json() == wrong.json(), "nobody learns which applications there are"
    for header in ("Basic", "Basic !", "Basic //8=", "Basic w6k=", "Bearer x", "Digest x"):
        answer = await town.http.post(
            "/oauth/token", content=b"grant_type=client_credentials", headers={**form, "authorization": header}
        )
        assert answer.status_code in {400, 401}, header
    assert (
        await town.http.post("/oauth/token", json={"grant_type": "client_credentials"}, auth=partner.basic)
    ).status_code == 400


async def test_limits_are_shared_and_say_how_long_to_wait(database: Database, signing_keys: Any, tmp_path: Any) -> None:
    async with city(database, tmp_path, application_requests_per_second=1) as slow:
        partner = await slow.partner()
        answers = await asyncio.gather(
            *(slow.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=partner.basic) for _ in range(4))
        )
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
        assert refused[0].json()["error"] == "temporarily_unavailable"
        assert (await slow.get(ENTITIES, partner.secret)).status_code == 429
        other = await slow.partner()
        assert (
            await slow.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(other.name, "x"))
        ).status_code == 401
        assert (await slow.get(ENTITIES, other.secret)).status_code == 200, "wrong secrets use up nobody's share"


async def test_who_registers_does_not_approve(town: City) -> None:
    applications = town.kairo.oauth.applications
    name = f"app-{secrets.token_hex(4)}"
    found = await applications.register(CLERK, Wish(name, "題", "組織", "説明", "read"))
    assert found.state is State.REQUESTED
    secret = await applications.new_key(CLERK, name, label="鍵")
    assert (await town.get(ENTITIES, secret)).status_code == 401, "it is not in yet"
    with pytest.raises(Forbidden):
        await applications.decide(CLERK, name, State.APPROVED)
    colleague = replace(CLERK, principal="staff:bbbb")
    await applications.decide(colleague, name, State.APPROVED)
    assert (await town.get(ENTITIES, secret)).status_code == 200
    for other in (replace(CLERK, principal="resident:cccc"), replace(CLERK, purpose="counter"), replace(CLERK, purpose="")):
        with pytest.raises(ResourceNotFound):
            await applications.all(other)
        with pytest.raises(ResourceNotFound):
            await applications.decide(other, name, State.STOPPED)


async def test_each_change_is_on_record(town: City, database: Database) -> None:
    partner = await town.partner()
    await town.stop(partner)
    async with database.reading(HOME) as connection:
        rows = await connection.fetch(
            "SELECT operation FROM change WHERE tenant = $1 AND entity LIKE $2 ORDER BY seq",
            HOME,
            f"application:{partner.name}%",
        )
    assert [row["operation"] for row in rows] == ["register application", "make key", "stopped application"]
