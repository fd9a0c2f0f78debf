"""Does `kairo doctor` tell of entities in another version of their type than this program's, and of attribute indexes?"""

import io

import pytest
from rich.console import Console

from kairo.commands import doctor
from kairo.context.gate import DataClass, Scope
from kairo.context.graph import Graph
from kairo.context.indexing import Indexer, store
from kairo.context.subscriptions import ReactionTable
from kairo.platform.clock import TOKYO, system_clock
from kairo.platform.db import Database
from kairo.settings import Settings
from tests.conftest import run_apart
from tests.context.types.gauges import declared

ALL = frozenset(DataClass)
WRITER = Scope("352039", "administrator:local", "test", ALL, ALL)


async def write_in(version: int, url: str) -> None:
    """A gauge as a program at this version of the type writes it."""
    declarations = declared(version)
    async with await Database.open(url) as database:
        graph = Graph(database, declarations, ReactionTable([], declarations), system_clock)
        await graph.create_tenant(WRITER.tenant, WRITER.principal)
        await graph.upsert(WRITER, [{"id": f"urn:ngsi-ld:Gauge:{version}", "type": "Gauge"}])
        await graph.close()


@pytest.mark.parametrize(
    ("version", "said", "mend"),
    [
        (1, "in a version that this Kairo does not know (3)", "Start the newer Kairo that wrote them."),
        (3, "in an older version (1)", "a running Kairo rewrites them"),
    ],
)
def test_versions_that_are_newer_or_still_to_be_rewritten(
    version: int, said: str, mend: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for written in (1, 3):
        run_apart(write_in(written, database_url))
    monkeypatch.setattr(doctor, "declarations", lambda: declared(version))
    out = io.StringIO()
    assert doctor.run_doctor(Settings(database_url=database_url, port=0), Console(file=out, width=300))
    told = [line for line in out.getvalue().splitlines() if "Gauge" in line]
    assert told == [f"note  1 entities of Gauge (tenant 352039) are stored {said}"]
    assert mend in out.getvalue()


async def indexed(url: str) -> None:
    """An index on the gauges' level, asked for five times."""
    async with await Database.open(url) as database:
        graph = Graph(database, declared(3), ReactionTable([], declared(3)), system_clock)
        await graph.create_tenant(WRITER.tenant, WRITER.principal)
        await graph.upsert(WRITER, [{"id": "urn:ngsi-ld:Pole:1", "type": "Pole", "height": 2}])
        day = system_clock().astimezone(TOKYO).date()
        async with database.unit(WRITER.tenant) as unit:
            uses = [{"type_key": "Pole", "attribute": "height", "times": 5}]
            await store.add_uses(unit.connection, WRITER.tenant, day, uses)
        settings = Settings(index_least_entities=1, index_least_queries=5)
        await Indexer(database, settings, system_clock).tend(WRITER.tenant)
        await graph.close()


def test_the_attribute_indexes(database_url: str) -> None:
    run_apart(indexed(database_url))
    out = io.StringIO()
    assert doctor.run_doctor(Settings(database_url=database_url, port=0), Console(file=out, width=300))
    told = [line for line in out.getvalue().splitlines() if "attribute index" in line]
    said = "attribute index on height of Pole (tenant 352039): ready, 1 rows, asked for 5 times in 14 days"
    assert told == [f"ok    {said}"]
