"""Does a duty, which opens personal data, ask for a strong sign-in, whichever way somebody came in?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from kairo.platform.db import Database
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity.principals import Principal
from tests.trust.roles.hall import TENANT, Hall, open_hall, principal_of


@pytest_asyncio.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(database, tmp_path) as opened:
        yield opened


async def test_a_weak_session_chooses_no_duty(hall: Hall) -> None:
    sessions, clerk = hall.kairo.identity.sessions, Principal.named(principal_of("clerk"))
    (duty,) = [one.id for one in await hall.kairo.roles.duties(TENANT, clerk.id) if one.purpose == "counter"]
    for aal, where in ((1, "/en/sign-in"), (2, "/en/console/duty")):
        secret = await sessions.open(clerk, aal=aal, method="oidc")
        browser = await hall.browser()
        answer = await browser.post("/en/console/duty", data={"duty": duty}, headers={"cookie": f"{SESSION_COOKIE}={secret}"})
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, where)
        session = await sessions.find(secret)
        assert session is not None
        assert session.purpose == ("" if aal == 1 else "counter")
