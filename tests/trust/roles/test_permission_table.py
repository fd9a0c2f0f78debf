"""Does each route let through whom docs/permissions.csv says, walked from the router itself? A new route without its line fails.

    KAIRO_RECORD_PERMISSIONS=1 pytest tests/trust/roles/test_permission_table.py      # writes the table anew: read what changed

Tried on open data: of personal data the table says nothing, since who reads them follows from grants (tests/context/api/permission_table.py,
tests/trust/readers). Refused is: led to sign in, 401, 403, and 404 where somebody else finds something.
"""

import asyncio
import csv
import os
import re
import secrets
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from kairo.app import UNPREFIXED
from kairo.parts import routes
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity import LOCAL_ADMINISTRATOR, store
from kairo.trust.identity.digests import digest_of
from kairo.trust.identity.principals import Principal
from tests.context.api.broker import Asker
from tests.context.api.permission_table import OPERATIONS, YES, Target
from tests.house.house import ROOT
from tests.trust.roles.hall import TENANT, Hall, open_hall, principal_of

TABLE = ROOT / "docs" / "permissions.csv"
DUTIES = {
    "role-officer": "role-administration",
    "privacy-officer": "privacy-oversight",
    "emergency-officer": "disaster-response",
}
WHO = {
    "role-officer": "auditor",
    "privacy-officer": "auditor",
    "emergency-officer": "officer-1",
    "counter": "clerk",
    "consent-counter": "clerk",
}
KINDS = ("anonymous", "resident", "staff", *WHO, "application", "administrator")
EXAMPLES = {
    "number": "1",
    "slug": "ogori",
    "file": "population.csv",
    "type": "Sensor",
    "version": "v1.json",
    "id": "urn:x:sensor",
}
QUERIES = {"/search": {"q": "x"}, "/console/audit/proof": {"seq": "1"}}
STREAMS = {"/live"}
JSON = {"/api/consent-requests"}  # what takes a body of JSON, beside passkeys
# A button that there is, where buttons ask for permissions of their own.
FORMS = {"/console/statistics": {"action": "table", "type": "Resident"}, "/console/extracts": {"action": "agree", "id": "x"}}
SHOWS_SIGN_IN = "For the administrator"  # a page that says so instead of refusing


@pytest_asyncio.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(database, tmp_path) as opened:
        yield opened


async def headers_of(hall: Hall, kind: str) -> dict[str, str]:
    """What a request of someone of this kind carries: each has a session of its own, since some routes end it."""
    kairo = hall.kairo
    if kind == "anonymous":
        return {}
    if kind == "application":
        secret = secrets.token_urlsafe(24)
        async with kairo.database.unit(TENANT) as unit:
            await store.insert(unit.connection, TENANT, digest_of(secret), "token", "application:kiosk", system_clock(), None)
        return {"authorization": f"Bearer {secret}"}
    slug = {"resident": "hanako", "staff": "clerk"}.get(kind) or WHO.get(kind, "")
    principal = Principal.named(principal_of(slug)) if slug else LOCAL_ADMINISTRATOR
    secret = await kairo.identity.sessions.open(principal, aal=2, method="passkey")
    if kind in WHO:
        session = await kairo.identity.sessions.find(secret)
        assert session is not None
        await kairo.identity.sessions.set_purpose(session, DUTIES.get(kind, kind))
    return {"cookie": f"{SESSION_COOKIE}={secret}"}


def body_of(method: str, path: str) -> dict[str, Any]:
    """What is sent: enough to come to the permission, not enough to do anything."""
    if method == "GET":
        return {}
    return {"json": {}} if "passkey" in path or path in JSON else {"data": FORMS.get(path, {"x": ""})}


async def answers(hall: Hall, kind: str, method: str, path: str) -> httpx.Response:
    """What someone of this kind is answered on a page."""
    url = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: EXAMPLES.get(found[1], "1"), path)
    headers = {"accept": "text/html", "accept-language": "en", **await headers_of(hall, kind)}
    if path in STREAMS:
        return await begins(hall, url, headers)
    transport = httpx.ASGITransport(app=hall.app, client=("192.0.2.7", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        prefix = "" if path.startswith(UNPREFIXED) else "/en"
        return await client.request(method, prefix + url, params=QUERIES.get(path), **body_of(method, path))


async def begins(hall: Hall, url: str, headers: dict[str, str]) -> httpx.Response:
    """How a stream begins; it is left at once."""
    started, status = asyncio.Event(), 0

    async def receive() -> dict[str, Any]:
        await started.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)
        started.set()

    sent = [(name.encode(), value.encode()) for name, value in {"host": "test", **headers}.items()]
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": url,
        "raw_path": url.encode(),
        "query_string": b"types=Sensor",
    }
    more = {"headers": sent, "client": ("127.0.0.1", 5), "server": ("test", 80), "root_path": "", "http_version": "1.1"}
    async with asyncio.timeout(10):
        await hall.app({**scope, **more}, receive, send)
    return httpx.Response(status)


def is_led_to_sign_in(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and "/sign-in" in answer.headers["location"]


def is_refused(answer: httpx.Response, is_there: bool) -> bool:
    if answer.status_code == 404:
        return is_there
    return answer.status_code in {401, 403, 429} or is_led_to_sign_in(answer) or SHOWS_SIGN_IN in answer.text


async def of_page(hall: Hall, method: str, path: str) -> list[str]:
    got = {kind: await answers(hall, kind, method, path) for kind in KINDS}
    if any(one.status_code >= 500 for one in got.values()):
        return ["broken"]
    is_there = any(one.status_code < 400 and not is_led_to_sign_in(one) for one in got.values())
    return ["no" if is_refused(got[kind], is_there) else "yes" for kind in KINDS]


async def of_api(hall: Hall, method: str, path: str) -> list[str]:
    """On an open entity that the city wrote; a session counts for reading only, as in the program."""
    _, attempt = OPERATIONS[f"{method} {path}"]
    found = []
    for kind in KINDS:
        id = f"urn:ngsi-ld:Sensor:{secrets.token_hex(6)}"
        city = hall.kairo.gate.scope_of(LOCAL_ADMINISTRATOR, TENANT)
        await hall.kairo.graph.upsert(city, [{"id": id, "type": "Sensor", "mark_open": 1, "extra": 0}])
        transport = httpx.ASGITransport(app=hall.app)
        base = "http://test/ngsi-ld/v1"
        admin = {
            "authorization": f"Bearer {await hall.kairo.credentials.administrator_token(hall.kairo.settings.data / 'token')}"
        }
        headers = admin if kind == "administrator" else await headers_of(hall, kind)
        async with Asker(transport=transport, base_url=base, headers=admin) as administrator:
            made = await administrator.post("/jsonldContexts", json={"@context": {}})
        context = made.headers["location"].partition("/ngsi-ld/v1")[2]
        async with Asker(transport=transport, base_url=base, headers=headers) as asker:
            verdict = await attempt(asker, Target(id, "Sensor", "mark_open", context))
        found.append("yes" if verdict == YES else "no")
    return found


async def test_who_gets_through_where(hall: Hall) -> None:
    walked: dict[str, Any] = {}
    for route in sorted(routes(), key=lambda route: (route.path, route.method)):
        of = of_api if route.path.startswith("/ngsi-ld") else of_page
        walked[f"{route.method} {route.path}"] = [route.method, route.path, *await of(hall, route.method, route.path)]
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [["method", "path", *KINDS], *(row for row in walked.values() if "broken" not in row)]
    )
    if os.environ.get("KAIRO_RECORD_PERMISSIONS"):
        TABLE.write_text(text.getvalue(), encoding="utf-8")
    assert not [name for name, row in walked.items() if "broken" in row], "answered 500"
    recorded = {f"{row[0]} {row[1]}": row for row in csv.reader(StringIO(TABLE.read_text(encoding="utf-8")))}
    recorded.pop("method path")
    assert walked == recorded, "whoever gets through has changed: see the head of this file"
