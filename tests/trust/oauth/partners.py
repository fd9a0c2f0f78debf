"""What do the tests of signing in share? A partner's app, what it asks for, and consent as far as it is needed."""

import warnings
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from kairo.context.gate import Scope
from kairo.context.granting import Grant, give
from kairo.trust.identity.principals import person_of
from kairo.trust.oauth.asking import Ask, Question
from tests.trust.oauth.city import BACK, HOME, City, Partner

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib speaks of httpx's successor

PEOPLE = "openid profile district offline_access"


class Asker:
    """Consent, as far as this part needs it: an answer becomes grants."""

    def __init__(self, town: City) -> None:
        self.town = town
        self.withdrawn: list[tuple[str, str]] = []
        self.asked: list[Ask] = []
        self.yes: dict[tuple[str, str], tuple[str, ...]] = {}

    async def questions(self, access: Scope, ask: Ask, language: str) -> Sequence[Question]:
        self.asked.append(ask)
        agreed = self.yes.get((access.principal, ask.principal), ())
        return [Question(name, f"あなたの{name}", name in agreed) for name in ask.attributes]

    async def agree(self, access: Scope, ask: Ask, attributes: Sequence[str]) -> None:
        self.yes[access.principal, ask.principal] = tuple(attributes)
        now = self.town.kairo.clock()
        if attributes:
            grant = Grant(
                f"grant:{access.principal}:{ask.principal}", ask.principal, ask.purpose, ("Resident",), "consent:x",
                now - timedelta(seconds=1), now + timedelta(days=1), tuple(attributes), person_of(access.principal),
            )  # fmt: skip
            async with self.town.kairo.database.unit(HOME) as unit:
                await give(unit, grant, now, by=access.principal)

    async def withdraw(self, access: Scope, principal: str) -> None:
        self.withdrawn.append((access.principal, principal))


async def app(town: City, words: str = f"read write {PEOPLE}", **wish: str) -> Partner:
    return await town.partner(words, redirect_uris=BACK, logout_uris="https://app.example/bye", **wish)


async def id_token(town: City, token: dict[str, Any]) -> dict[str, Any]:
    keys = KeySet.import_key_set((await town.http.get("/oauth/jwks")).json())
    return dict(jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims)


async def userinfo(town: City, secret: str) -> httpx.Response:
    return await town.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {secret}"})


async def refresh(town: City, partner: Partner, secret: str, **more: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": secret, **more}
    return await town.http.post("/oauth/token", data=form, auth=partner.basic)
