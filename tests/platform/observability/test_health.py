"""Does readiness answer soon when the database does not?"""

import asyncio
from typing import Any

import httpx
import pytest

from kairo.errors import Unavailable
from kairo.platform.observability import health as module
from kairo.platform.observability.health import Health


class Slow:
    async def fetch(self, *_: object) -> list[Any]:
        await asyncio.sleep(30)
        return []


class Gone:
    async def fetch(self, *_: object) -> list[Any]:
        raise Unavailable("the database is out of reach")


class There:
    async def fetch(self, *_: object) -> list[Any]:
        return [1]


async def allow(*_: object) -> bool:
    return True


async def deny(*_: object) -> bool:
    return False


def client(database: Any, permission: Any = allow) -> httpx.AsyncClient:
    front: Any = Health(database, permission)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=front), base_url="http://test")


@pytest.mark.parametrize(("database", "expected"), [(There(), 200), (Gone(), 503), (Slow(), 503)])
async def test_ready(database: Any, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READY_WITHIN_SECONDS", 0.05)
    async with client(database) as asking:
        answer = await asking.get("/health/ready")
        assert answer.status_code == expected
        assert (await asking.get("/health/live")).json() == {"status": "live"}
        if expected == 503:
            assert answer.json()["mend"]


async def test_metrics_need_permission() -> None:
    async with client(There(), deny) as asking:
        assert (await asking.get("/metrics")).status_code == 403
    async with client(There()) as asking:
        assert "kairo_changes_total" in (await asking.get("/metrics")).text
        assert (await asking.get("/health/other")).status_code == 404
