"""What does an asker see when the disk is full or the database is gone, and is anything half written? 507, 503, nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from kairo.platform.db import Database
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused


def thing(name: str, value: int = 1) -> dict[str, object]:
    return {"id": f"urn:f:{name}", "type": "OpenThing", "n": {"type": "Property", "value": value}}


@asynccontextmanager
async def failing(broker: Broker, table: str, sqlstate: str) -> AsyncIterator[None]:
    """Writing to a table fails with this SQLSTATE, as it does where the disk is full."""
    async with broker.database.owner() as owner:
        await owner.execute(
            f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '{sqlstate}'; END $$"
        )
        await owner.execute(f"CREATE TRIGGER fails BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail()")
        try:
            yield
        finally:
            await owner.execute("DROP FUNCTION fail() CASCADE")


@pytest.mark.parametrize(
    ("table", "sqlstate"), [("history", "53100"), ("change", "53100"), ("entity", "58030"), ("entity", "XX000")]
)
async def test_a_full_disk(broker: Broker, administrator: Asker, table: str, sqlstate: str) -> None:
    name = f"full-{table}-{sqlstate}"
    id = await administrator.made(thing(name))
    before = len(await broker.rows("history", tenant=broker.settings.tenant))
    async with failing(broker, table, sqlstate):
        for answer in await asyncio.gather(
            administrator.post("/entities", json=thing(f"{name}-new")),
            administrator.patch(f"/entities/{id}/attrs/n", json={"value": 2}),
            administrator.post("/entityOperations/upsert", json=[thing(f"{name}-batch"), thing(name, 3)]),
        ):
            problem = refused(answer, 507, "storage-full")
            assert "nothing was changed" in problem["mend"]
        assert (await administrator.entity(id))["n"]["value"] == 1, "reading goes on"
        ja = await administrator.post("/entities", json=thing(f"{name}-ja"), headers={"Accept-Language": "ja"})
        assert "いっぱい" in refused(ja, 507)["detail"]
    for missing in ("new", "batch", "ja"):
        refused(await administrator.get(f"/entities/urn:f:{name}-{missing}"), 404)
    assert len(await broker.rows("history", tenant=broker.settings.tenant)) == before
    ok(await administrator.post("/entities", json=thing(f"{name}-new")), 201)


class Wire:
    """A port in front of PostgreSQL that can be cut."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._folder = parse_qs(parts.query).get("host", [""])[0]
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 5432
        self._user = parts.username if parts.password is None else f"{parts.username}:{parts.password}"
        self._database = parts.path
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The database behind this port."""
        return f"postgresql://{self._user}@127.0.0.1:{self.port}{self._database}?sslmode=disable"

    async def connect(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """No new connections, and those that there were are gone."""
        assert self._server is not None
        self._server.close()
        await asyncio.sleep(0)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._folder:
            far_reader, far_writer = await asyncio.open_unix_connection(f"{self._folder}/.s.PGSQL.{self._port}")
        else:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        self._writers |= {writer, far_writer}
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._copy(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        except (ConnectionError, OSError):
            pass
        finally:
            target.transport.abort()


@asynccontextmanager
async def behind_a_wire(database_url: str) -> AsyncIterator[tuple[Broker, Wire]]:
    wire = Wire(database_url)
    await wire.connect()
    try:
        async with await Database.open(wire.url, wait_seconds=1.0) as database, open_broker(database) as broker:
            yield broker, wire
    finally:
        await wire.cut()


async def test_a_database_that_is_gone(database_url: str, tmp_path: Path) -> None:
    async with behind_a_wire(database_url) as (broker, wire), await broker.administrator(tmp_path) as administrator:
        id = await administrator.made(thing("gone"))
        await wire.cut()
        for answer in await asyncio.gather(
            administrator.get(f"/entities/{id}"),
            administrator.get("/entities", params={"type": "OpenThing"}),
            administrator.get("/types"),
            administrator.get("/jsonldContexts"),
            administrator.post("/entities", json=thing("gone-new")),
            administrator.post("/entityOperations/create", json=[thing("gone-batch")]),
        ):
            problem = refused(answer, 503, "unavailable")
            assert "again" in problem["mend"]
        await wire.connect()
        assert (await administrator.entity(id))["n"]["value"] == 1
        refused(await administrator.get("/entities/urn:f:gone-new"), 404)
        ok(await administrator.post("/entities", json=thing("gone-new")), 201)


async def test_a_database_that_goes_within_a_request(database_url: str, tmp_path: Path) -> None:
    async with behind_a_wire(database_url) as (broker, wire), await broker.administrator(tmp_path) as administrator:
        id = await administrator.made(thing("within"))
        async with await Database.open(database_url) as other, other.owner() as owner, owner.transaction():
            await owner.execute("LOCK TABLE entity IN ACCESS EXCLUSIVE MODE")
            waiting = [
                asyncio.create_task(administrator.patch(f"/entities/{id}/attrs/n", json={"value": 2})),
                asyncio.create_task(administrator.get(f"/entities/{id}")),
            ]
            await asyncio.sleep(0.3)
            assert not any(task.done() for task in waiting)
            await wire.cut()
            for answer in await asyncio.gather(*waiting):
                refused(answer, 503, "unavailable")
        await wire.connect()
        assert (await administrator.entity(id))["n"]["value"] == 1
        rows = await broker.rows("history", tenant=broker.settings.tenant, entity=id)
        assert len(rows) == 1, "what was not acknowledged is not there"


async def test_connections_that_are_ended_are_made_anew(broker: Broker, administrator: Asker) -> None:
    id = await administrator.made(thing("ended"))
    async with broker.database.owner() as owner:
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    assert (await administrator.entity(id))["n"]["value"] == 1
    ok(await administrator.patch(f"/entities/{id}/attrs/n", json={"value": 2}), 204)
