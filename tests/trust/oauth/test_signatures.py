"""Does a partner that shows itself by a signature come in, once a statement, and nobody else by one? (RFC 7523)"""

import base64
import hmac
import json
import secrets
import warnings
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from kairo.errors import BadRequestData
from tests.trust.oauth.city import ADMINISTRATOR, HOME, ISSUER, City

ENTITIES = "/entities?type=Sensor"


class Signer:
    """A partner that shows itself by a signature."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, private=True, auto_kid=True)
        self.name = ""

    async def registered(self, town: City) -> "Signer":
        public = KeySet([self.key]).as_dict(private=False)
        self.name = (await town.partner("read", authentication="private_key_jwt", jwks=json.dumps(public))).name
        return self

    def statement(self, town: City, header: Any = None, key: Any = None, **claims: Any) -> str:
        now = int(town.kairo.clock().timestamp())
        said = {"iss": self.name, "sub": self.name, "aud": ISSUER, "exp": now + 60, "jti": secrets.token_hex(8), **claims}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of alg none, which is just what is tried
            return jwt.encode(
            header or {"alg": "RS256", "kid": self.key.kid}, {k: v for k, v in said.items() if v is not None}, key or self.key,
            algorithms=["RS256", "HS256", "none"],
        )  # fmt: skip

    async def ask(self, town: City, statement: str) -> Any:
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        form = {"grant_type": "client_credentials", "client_assertion_type": kind, "client_assertion": statement}
        return await town.http.post("/oauth/token", data=form)


async def test_a_partner_that_shows_itself_by_a_signature(town: City) -> None:
    signer = await Signer().registered(town)
    statement = signer.statement(town)
    answer = await signer.ask(town, statement)
    assert answer.status_code == 200, answer.text
    assert (await town.get(ENTITIES, answer.json()["access_token"])).status_code == 200
    again = await signer.ask(town, statement)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client"), "a statement counts once"
    assert await town.kairo.gate.standing(f"application:{signer.name}", HOME) is None, "read alone does not subscribe"


def confused(statement: str, key: RSAKey) -> str:
    """The same statement, signed with the public key as if that were a secret that both sides know."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")
    signed = header + b"." + statement.split(".")[1].encode()
    seal = hmac.digest(key.as_pem(private=False), signed, "sha256")
    return (signed + b"." + base64.urlsafe_b64encode(seal).rstrip(b"=")).decode()


async def test_statements_that_do_not_count(town: City) -> None:
    signer, other = await Signer().registered(town), await Signer().registered(town)
    now = int(town.kairo.clock().timestamp())
    wrong = {
        "signed by another": signer.statement(town, key=other.key),
        "of another's name": other.statement(town, iss=signer.name, sub=signer.name),
        "iss is not sub": signer.statement(town, iss=other.name),
        "for another server": signer.statement(town, aud="https://elsewhere.example"),
        "over": signer.statement(town, exp=now - 120),
        "without an end": signer.statement(town, exp=None),
        "good for ever": signer.statement(town, exp=now + 10**6),
        "an end that is no number": signer.statement(town, exp="soon"),
        "without a name of its own": signer.statement(town, jti=None),
        "issued in the future": signer.statement(town, iat=now + 3600),
        "not yet good": signer.statement(town, nbf=now + 3600),
        "alg none": signer.statement(town, header={"alg": "none"}),
        "the public key as a shared secret": confused(signer.statement(town), signer.key),
        "no statement": "a.b.c",
        "nothing": "",
        "not text": "é" * 10,
    }
    for what, statement in wrong.items():
        answer = await signer.ask(town, statement)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), what
    assert (await signer.ask(town, signer.statement(town))).status_code == 200


async def test_a_signature_does_not_come_in_by_a_secret_nor_a_secret_by_a_signature(town: City) -> None:
    signer, partner = await Signer().registered(town), await town.partner()
    with pytest.raises(BadRequestData):
        await town.kairo.oauth.applications.new_key(ADMINISTRATOR, signer.name, label="x")
    signer.name = partner.name
    assert (await signer.ask(town, signer.statement(town))).status_code == 401
