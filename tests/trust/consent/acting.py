"""What do the tests of consent do again and again? A mother's consent, a partner's request, and what was kept of them."""

from dataclasses import replace
from typing import Any

from kairo.trust.consent import store
from kairo.trust.consent.rules import Consent
from tests.trust.consent.people import (
    MOTHER,
    SON,
    City,
    application,
    resident,
)

ANYONE = replace(resident(MOTHER), principal="anonymous:", persons=(), by_grants=False)


def me(town: City, *persons: str) -> Any:
    return resident(*persons, tenant=town.tenant)


async def given(town: City, *categories: str, days: int = 30) -> Consent:
    """A mother's consent to her son."""
    terms = town.terms(*categories, days=days)
    return await town.service.give(me(town, MOTHER), MOTHER, "family", await town.code(SON), terms)


async def asked(town: City, *categories: str, days: int | None = None) -> Consent:
    """A partner's request to the mother."""
    code = await town.code(MOTHER)
    return await town.service.ask(application(tenant=town.tenant), "watching", code, categories or None, days)


async def events(town: City, id: str) -> list[store.Event]:
    async with town.database.reading(town.tenant) as connection:
        return await store.events(connection, town.tenant, id)


async def audited(town: City) -> list[tuple[str, str, str]]:
    """(principal, operation, entity) of all audit records that speak of consents and grants."""
    rows = await town.database.fetch(
        town.tenant, "SELECT principal, operation, entity FROM change WHERE tenant = $1 ORDER BY seq", town.tenant
    )
    return [(row["principal"], row["operation"], row["entity"]) for row in rows]
