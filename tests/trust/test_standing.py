"""Which scope has a subscriber without a request? None for who is not known any more, or never was."""

import secrets

import pytest

from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.trust.gate import CityGate
from kairo.trust.identity import ANONYMOUS, LOCAL_ADMINISTRATOR, Credentials, store
from kairo.trust.identity.digests import digest_of

HOME, TENANT = "352039", "352063"


@pytest.mark.parametrize(
    ("principal", "open_to_all", "subscriptions"),
    [
        (LOCAL_ADMINISTRATOR.id, False, "all"),
        (ANONYMOUS.id, False, None),
        (ANONYMOUS.id, True, "own"),
        ("application:unknown", False, None),
        ("application:unknown", True, None),
        ("robot:1", True, None),
        ("", True, None),
    ],
)
async def test_who_is_known(database: Database, principal: str, open_to_all: bool, subscriptions: str | None) -> None:
    gate = CityGate(Credentials(database, HOME, system_clock), open_to_all=open_to_all)
    scope = await gate.standing(principal, TENANT)
    assert (scope.subscriptions if scope else None) == subscriptions
    assert scope is None or (scope.tenant, scope.principal) == (TENANT, principal)


async def test_an_application_as_long_as_it_has_a_token(database: Database) -> None:
    credentials = Credentials(database, HOME, system_clock)
    name, digest = f"application:{secrets.token_hex(4)}", digest_of(secrets.token_urlsafe())
    async with database.unit(HOME) as unit:
        await store.insert(unit.connection, HOME, digest, "token", name, system_clock(), None)
    scope = await CityGate(credentials).standing(name, TENANT)
    assert scope is not None
    assert scope.subscriptions == "own"
    assert not scope.reads_personal
    async with database.unit(HOME) as unit:
        await store.delete(unit.connection, HOME, digest)
    later = Credentials(database, HOME, system_clock)  # believes nothing yet
    assert await CityGate(later).standing(name, TENANT) is None
