"""Does the manifest's checker notice each broken habit, and pass a good table?"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from kairo.platform.db import Connection, Table, differences, migrate
from kairo.platform.db.database import connect
from kairo.platform.db.units import ROW_SECURITY

GOOD = "CREATE TABLE good (tenant text NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant, id));" + ROW_SECURITY.format(
    table="good"
)
PARTED = (
    "CREATE TABLE parted (tenant text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (tenant, at)) PARTITION BY RANGE (at);"
    "CREATE TABLE parted_other PARTITION OF parted DEFAULT;" + ROW_SECURITY.format(table="parted")
)


@pytest_asyncio.fixture
async def owner(empty_database_url: str) -> AsyncIterator[Connection]:
    """A database with the bookkeeping of migrations only."""
    connection = await connect(empty_database_url, {})
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await migrate(empty_database_url, folders=[])
    await connection.execute("CREATE TABLE _pogo_migration (a int); CREATE TABLE _pogo_version (a int)")
    yield connection
    await connection.close()


async def test_good_tables(owner: Connection) -> None:
    await owner.execute(GOOD + PARTED)
    assert await differences(owner, [Table("good"), Table("parted", colocated_with="good")]) == []


async def test_the_manifest_and_the_database_agree(owner: Connection) -> None:
    await owner.execute(GOOD)
    wrong = await differences(owner, [Table("missing")])
    assert any("good" in one and "no manifest" in one for one in wrong)
    assert any("missing" in one and "not in the database" in one for one in wrong)
    assert await differences(owner, [Table("good", colocated_with="nothing")])


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        ("ALTER TABLE good NO FORCE ROW LEVEL SECURITY", "enabled and forced"),
        ("ALTER TABLE good DISABLE ROW LEVEL SECURITY", "enabled and forced"),
        ("DROP POLICY by_tenant ON good", "policy"),
        ("CREATE POLICY open ON good USING (true)", "policy"),
        ("CREATE UNIQUE INDEX odd ON good (id)", "odd does not begin with tenant"),
        ("CREATE UNIQUE INDEX odd ON good (lower(tenant), id)", "odd does not begin with tenant"),
        ("ALTER TABLE good DROP CONSTRAINT good_pkey", "no primary key"),
        ("ALTER TABLE good DROP CONSTRAINT good_pkey, ADD PRIMARY KEY (id, tenant)", "does not begin with tenant"),
        (
            "ALTER TABLE good ADD other bigint; ALTER TABLE good ADD FOREIGN KEY (other, tenant) REFERENCES good (id, tenant)",
            "good",
        ),
        ("ALTER TABLE good ADD number serial", "serial"),
        ("ALTER TABLE good ADD number int GENERATED ALWAYS AS IDENTITY", "not bigint"),
        ("ALTER TABLE good ALTER id DROP DEFAULT; ALTER TABLE good OWNER TO kairo_app", "owns it"),
        ("ALTER TABLE good ADD UNIQUE (tenant, id) DEFERRABLE", "deferred"),
        ("GRANT SELECT ON parted_other TO kairo_app", "partition parted_other"),
    ],
)
async def test_broken_habits(owner: Connection, break_it: str, says: str) -> None:
    await owner.execute(GOOD + PARTED)
    await owner.execute("CREATE UNIQUE INDEX turned ON good (id, tenant)" if "REFERENCES" in break_it else "SELECT 1")
    await owner.execute(break_it)
    wrong = await differences(owner, [Table("good"), Table("parted")])
    assert any(says in one for one in wrong), wrong


async def test_reference_and_local_tables(owner: Connection) -> None:
    await owner.execute("CREATE TABLE unit_code (code text PRIMARY KEY, name text)")
    assert await differences(owner, [Table("unit_code", "reference", rls=False)]) == []
    assert await differences(owner, [Table("unit_code", "local", rls=False)]) == []
    assert await differences(owner, [Table("unit_code")])
