"""Is what the program publishes of its types what its own broker understands? Addresses from the index, used as a partner would."""

from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

from kairo.app import Kairo
from kairo.platform.db import Database
from kairo.settings import Settings

SENSOR = {
    "id": "urn:ngsi-ld:Sensor:352039:partner",
    "type": "Sensor",
    "name": {"languageMap": {"ja": "淵の水位", "en": "Level of the pool"}},
    "waterLevel": {"value": 1.2, "unitCode": "MTR", "observedAt": "2026-11-22T00:00:00Z"},
}


async def test_a_partner_reads_the_index_writes_by_the_context_and_checks_the_answer(
    database: Database, tmp_path: Path
) -> None:
    kairo = Kairo(Settings(), database)
    await kairo.graph.create_tenant("352039", "administrator:local")
    token = await kairo.credentials.administrator_token(tmp_path / "token")
    app: Any = kairo.asgi()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
        (found,) = [kind for kind in (await client.get("/schemas")).json() if kind["type"] == "Sensor"]
        newest = found["versions"][-1]
        link = f'<http://localhost{newest["context"]}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
        headers = {"Authorization": f"Bearer {token}", "Link": link}
        written = await client.post("/ngsi-ld/v1/entities", json=SENSOR, headers=headers)
        assert written.status_code == 201, written.text
        schema = (await client.get(newest["schema"])).json()
        for asked in ({}, {"Link": link}):
            answer = await client.get("/ngsi-ld/v1/entities/" + SENSOR["id"], params={"options": "sysAttrs"}, headers=asked)  # type: ignore[operator]
            assert answer.json()["waterLevel"]["value"] == 1.2
            jsonschema_rs.validate(schema, answer.json())
        page = await client.get("/en/types")
        assert newest["schema"] in page.text
    await kairo.graph.close()
