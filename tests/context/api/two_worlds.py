"""Two worlds that differ in nothing but what is hidden, for the tests of leaks: they must answer alike to who may not see it.

Both tenants hold the same visible entities; one also holds residents, a stranger's undeclared entities and personal attributes.
Status, headers and body must be the same to the letter (times aside).
"""

import json
import re
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from kairo.platform.db import Database
from kairo.trust.identity import LOCAL_ADMINISTRATOR, Principal
from tests.context.api.broker import Broker, open_broker

KIOSK = Principal.named("application:kiosk")
PLACE = {"type": "Point", "coordinates": [131.47, 34.18]}
SECRET: dict[str, Any] = {
    "type": "Property",
    "value": "山口花子",
    "observedAt": "2026-04-01T00:00:00Z",
    "phone": {"type": "Property", "value": "0839221111"},
    "home": {"type": "GeoProperty", "value": PLACE},
}
LEADS = {"type": "Relationship", "object": ["urn:w:a", "urn:w:b", "urn:w:g", "urn:w:i"]}
VISIBLE: list[dict[str, Any]] = [
    {"id": f"urn:w:{name}", "type": "OpenThing", "n": number, "location": PLACE, "scope": "/Yamaguchi", "leads": LEADS}
    for number, name in enumerate("bdfh")
]
OWN: list[dict[str, Any]] = [{"id": "urn:w:e", "type": "KioskGadget", "n": 9}]
HIDDEN: list[dict[str, Any]] = [
    {"id": "urn:w:a", "type": "Resident", "n": 1, "location": PLACE, "scope": "/Yamaguchi"},
    {"id": "urn:w:c", "type": "Resident", "n": 0, "secretName": "x", "ownerName": SECRET},
    {"id": "urn:w:g", "type": ["OpenThing", "Resident"], "n": 2},
    {"id": "urn:w:i", "type": "CityGadget", "n": 3, "secretGauge": 1, "location": PLACE},
    {"id": "urn:w:j", "type": ["OpenThing", "CityGadget"], "n": 4},
]
WITHHELD: list[dict[str, Any]] = [
    {"id": "urn:w:b", "ownerName": SECRET},
    {"id": "urn:w:d", "ownerName": [SECRET, {**SECRET, "datasetId": "urn:d:1", "value": "b"}]},
    {"id": "urn:w:f", "ownerName": {"type": "GeoProperty", "value": PLACE}},
]
NEAR = "georel=near;maxDistance==10&geometry=Point&coordinates=[131.47,34.18]"

Asked = tuple[str, str, Any, dict[str, str]]  # method, address, body, headers
whoever_may_not_see = pytest.mark.parametrize("name", ["anonymous", "anonymous under --open", "application"])
_TIMES = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


async def fill(broker: Broker, tenant: str, *, hidden: bool) -> None:
    city, kiosk = broker.gate.scope_of(LOCAL_ADMINISTRATOR, tenant), broker.gate.scope_of(KIOSK, tenant)
    await broker.graph.create_tenant(tenant, "administrator:local")
    written = await broker.graph.upsert(city, [*VISIBLE, *(HIDDEN if hidden else [])])
    written += await broker.graph.upsert(kiosk, OWN)
    written += await broker.graph.update(city, WITHHELD) if hidden else []
    assert not [item.error for item in written if item.error]


def _seen(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    headers = {
        name: value for name, value in answer.headers.items() if name not in {"x-request-id", "ngsild-tenant", "content-length"}
    }
    return answer.status_code, headers, _TIMES.sub("(time)", answer.text)


async def answer_alike(database: Database, name: str, prefix: str, asked: Iterable[Asked]) -> None:
    """Asks two fresh worlds the same as one of `whoever_may_not_see`; what succeeds changes both. `prefix` names the tenants."""
    under_open = "--open" in name
    async with open_broker(database, open_to_all=under_open) as broker:
        worlds = [f"{prefix}_{world}_{name[-4:].strip('-')}" for world in ("secrets", "without")]
        for world in worlds:
            await fill(broker, world, hidden=world == worlds[0])
        if under_open:  # undeclared entities are open to all then, so both worlds have them
            await broker.graph.upsert(broker.gate.scope_of(LOCAL_ADMINISTRATOR, worlds[1]), HIDDEN[3:])
        token = await broker.token_of(KIOSK.id) if name == "application" else ""
        async with broker.asker(token) as asker:
            for method, url, body, headers in asked:
                content = {} if body is None else {"json": body}
                one, other = [
                    _seen(await asker.request(method, url, headers={"NGSILD-Tenant": world, **headers}, **content))
                    for world in worlds
                ]
                told = f"{method} {url} {json.dumps(body, ensure_ascii=False)}"
                assert one == other, told
                assert one[0] < 500, told
                assert "山口花子" not in one[2] or method != "GET", told
