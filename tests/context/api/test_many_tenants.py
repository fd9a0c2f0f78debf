"""Does the last of many tenants cost what the first did: in statements, and in memory of the process?"""

import gc
import logging
import os
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kairo.platform.db import Database
from kairo.trust.identity import credentials
from tests.context.api.broker import Asker, Broker, ok

TENANTS = int(os.environ.get("KAIRO_TEST_TENANTS", "100"))  # 10,000 by hand: minutes
MOST_BYTES_PER_TENANT = 300  # its name, in the set of tenants that are known to exist


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is sent to PostgreSQL meanwhile."""
    sent: list[str] = []

    def note(query: Any) -> None:
        sent.append(query.query)

    connections = [held.connection for held in database._pool._all]
    for connection in connections:
        connection.add_query_logger(note)
    try:
        yield sent
    finally:
        for connection in connections:
            connection.remove_query_logger(note)


async def costs(broker: Broker, administrator: Asker, tenant: str) -> dict[str, int]:
    """How many statements it takes to begin with a tenant, and to go on with it."""
    headers = {"NGSILD-Tenant": tenant}
    entity = {"id": "urn:ngsi-ld:A:1", "type": "A", "a": {"type": "Property", "value": 1}}
    found = {}
    for name, method, url, body, status in (
        ("begin", "POST", "/entities", entity, 201),
        ("first read", "GET", "/entities/urn:ngsi-ld:A:1", None, 200),
        ("read", "GET", "/entities/urn:ngsi-ld:A:1", None, 200),
        ("query", "GET", "/entities?type=A", None, 200),
        ("write", "PATCH", "/entities/urn:ngsi-ld:A:1/attrs/a", {"value": 2}, 204),
        ("refused", "POST", "/entities", entity, 409),
        ("delete", "DELETE", "/entities/urn:ngsi-ld:A:1", None, 204),
    ):
        with statements(broker.database) as sent:
            ok(await administrator.request(method, url, json=body, headers=headers), status)
        found[name] = len(sent)
    return found


async def test_the_last_tenant_costs_what_the_first_did(
    broker: Broker, administrator: Asker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="httpx")  # what pytest keeps of each request would be counted too
    monkeypatch.setattr(credentials, "REMEMBERED_SECONDS", 1e9)  # who asks is looked up now and then, whatever the tenant
    for number in range(20):  # until all connections are open, and the process knows what it knows of no tenant
        await costs(broker, administrator, f"before_{number}")
    first = await costs(broker, administrator, "many_0")
    assert max(first.values()) < 10
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(1, TENANTS - 1):
            headers = {"NGSILD-Tenant": f"many_{number}"}
            await administrator.made({"id": "urn:ngsi-ld:A:1", "type": "A"}, headers=headers)
            ok(await administrator.get("/entities/urn:ngsi-ld:A:1", headers=headers))
        last = await costs(broker, administrator, f"many_{TENANTS - 1}")
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert last == first
    again = await costs(broker, administrator, "many_0")
    assert {name: max(number, first[name]) for name, number in again.items()} == first, "one that nobody asked for long"
    print(f"{TENANTS} tenants: {first}, {grown} bytes more in the process")
    assert grown < 100_000 + MOST_BYTES_PER_TENANT * TENANTS
