"""How do Yamaguchi's facts get in? Through the same API that everyone uses, in batches, and only when they have changed."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kairo.app import Kairo
from kairo.commands.installation import Installation
from kairo.commands.interruptions import run
from kairo.commands.loaded_facts import are_loaded, digest_of_facts, mark_of
from kairo.commands.settings_of import settings_for
from kairo.commands.tenants import checked_code
from kairo.errors import StartError
from kairo.services.vision.tasks import data_folder, load
from kairo.trust.identity import LOCAL_ADMINISTRATOR


def load_facts(found: Installation, console: Console, *, only_if_changed: bool) -> None:
    """Loads data/yamaguchi. `only_if_changed`: nothing is done where just these files were loaded before."""
    run(_load(found, console, only_if_changed))


async def _load(found: Installation, console: Console, only_if_changed: bool) -> None:
    tenant = checked_code(found.settings.tenant)
    async with await Kairo.open(settings_for(found), name="kairo load") as kairo:
        if only_if_changed and await are_loaded(kairo.database, tenant):
            console.print("The facts of Yamaguchi are loaded already.")
            return
        await kairo.graph.create_tenant(tenant, LOCAL_ADMINISTRATOR.id)
        token = await kairo.credentials.administrator_token(found.settings.data / "admin.token")
        transport = httpx.ASGITransport(app=kairo.broker())
        headers = {"Authorization": f"Bearer {token}", "NGSILD-Tenant": tenant}
        async with httpx.AsyncClient(transport=transport, base_url="http://kairo", headers=headers, timeout=300) as client:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            with Progress(*columns, console=console) as progress:
                task = progress.add_task("Vision", total=None)

                def report(done: int, total: int, title: str) -> None:
                    progress.update(task, completed=done, total=total, description=title)

                counts = await load(_upserter(client), report)
                await kairo.reindex(tenant, report)
            await _upserter(client)([mark_of(tenant, digest_of_facts(data_folder()))])
        words = {"changed": "there already and brought up to date"}  # the API does not tell changed from unchanged
        said = ", ".join(f"{number} {words.get(outcome, outcome)}" for outcome, number in counts.items() if number)
        console.print(f"Facts of Yamaguchi: {said}")


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
