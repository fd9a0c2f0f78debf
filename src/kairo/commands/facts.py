"""How do Yamaguchi's facts get in? Through the same API that everyone uses, in batches, and only when they have changed."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kairo.app import Kairo
from kairo.commands.installation import Installation
from kairo.commands.settings_of import settings_for
from kairo.errors import StartError
from kairo.services.vision.tasks import data_folder, load
from kairo.trust.identity import LOCAL_ADMINISTRATOR

LOADED = "urn:ngsi-ld:DataLoad:{tenant}:facts"


def load_facts(found: Installation, console: Console, *, only_if_changed: bool) -> None:
    """Loads data/yamaguchi. `only_if_changed`: nothing is done where just these files were loaded before."""
    asyncio.run(_load(found, console, only_if_changed))


async def _load(found: Installation, console: Console, only_if_changed: bool) -> None:
    digest = _digest(data_folder())
    async with await Kairo.open(settings_for(found), name="kairo load") as kairo:
        tenant = found.settings.tenant
        await kairo.graph.create_tenant(tenant, LOCAL_ADMINISTRATOR.id)
        token = await kairo.credentials.administrator_token(found.settings.data / "admin.token")
        transport = httpx.ASGITransport(app=kairo.broker())
        headers = {"Authorization": f"Bearer {token}", "NGSILD-Tenant": tenant}
        async with httpx.AsyncClient(transport=transport, base_url="http://kairo", headers=headers, timeout=300) as client:
            mark = LOADED.format(tenant=tenant)
            if only_if_changed and await _loaded(client, mark) == digest:
                return
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            with Progress(*columns, console=console) as progress:
                task = progress.add_task("Vision", total=None)

                def report(done: int, total: int, title: str) -> None:
                    progress.update(task, completed=done, total=total, description=title)

                counts = await load(_upserter(client), report)
                await kairo.reindex(tenant, report)
            entity = {"id": mark, "type": "DataLoad", "digest": {"type": "Property", "value": digest}}
            await _upserter(client)([entity])
        said = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
        console.print(f"Facts of Yamaguchi: {said}")


async def _loaded(client: httpx.AsyncClient, mark: str) -> str | None:
    answer = await client.get(f"/ngsi-ld/v1/entities/{mark}")
    return answer.json()["digest"]["value"] if answer.status_code == 200 else None


def _upserter(client: httpx.AsyncClient) -> Callable[[list[dict[str, Any]]], Awaitable[list[dict[str, Any]]]]:
    """The function by which `load` upserts: POST /entityOperations/upsert."""

    async def upsert(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = await client.post("/ngsi-ld/v1/entityOperations/upsert", json=entities)
        if answer.status_code not in {201, 204, 207}:
            raise StartError(f"loading failed: {answer.text}", mend="Run `kairo doctor`.")
        created = set(answer.json()) if answer.status_code == 201 else set()
        errors = {}
        if answer.status_code == 207:
            errors = {item["entityId"]: item["error"]["detail"] for item in answer.json()["errors"]}
        return [
            {
                "id": entity["id"],
                "outcome": "refused" if entity["id"] in errors else "created" if entity["id"] in created else "changed",
                "detail": errors.get(entity["id"], ""),
            }
            for entity in entities
        ]

    return upsert


def _digest(folder: Path) -> str:
    """One digest of all files, names included."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
