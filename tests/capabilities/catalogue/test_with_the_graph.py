"""Do imports work on the broker itself? The real files twice into PostgreSQL, and rows that only the broker can refuse."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from kairo.capabilities import catalogue, places
from kairo.capabilities.catalogue import run_import
from kairo.context.gate import Declarations
from kairo.context.graph import Graph
from kairo.context.reading import value_of
from kairo.context.subscriptions.watchers import ReactionTable
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from tests.capabilities.catalogue.fake_graph import SCOPE, TENANT
from tests.capabilities.catalogue.made_up import written
from tests.capabilities.catalogue.real_data import real_folder

DECLARED = Declarations.of((*catalogue.MANIFEST.entity_types, *places.MANIFEST.entity_types))


@pytest_asyncio.fixture
async def graph(database: Database) -> AsyncIterator[Graph]:
    graph = Graph(database, DECLARED, ReactionTable([], DECLARED), system_clock)
    await graph.create_tenant(TENANT, "test")
    yield graph
    await graph.close()


@pytest.mark.parametrize(
    ("kind", "folder", "pattern", "count"),
    [
        ("boundaries", "boundaries", "*.topojson", 38),
        ("towns", "towns", "*.json", 981),
        ("shelters", "shelters", "*.json", 586),
    ],
)
async def test_real_files_twice(graph: Graph, kind: str, folder: str, pattern: str, count: int) -> None:
    paths = real_folder(folder, pattern)
    foretold = await run_import(kind, paths, TENANT, graph, SCOPE, dry_run=True)
    first = await run_import(kind, paths, TENANT, graph, SCOPE)
    assert first.created == foretold.created == count
    for dry_run in (True, False):
        again = await run_import(kind, paths, TENANT, graph, SCOPE, dry_run=dry_run)
        assert (again.created, again.changed, again.linked, again.unchanged) == (0, 0, 0, count)


async def test_one_kind_after_the_other_changes_nothing_more(graph: Graph) -> None:
    """The order in which the two kinds of shelters come in does not matter (after the test above: all are there)."""
    for path in real_folder("shelters", "*.json"):
        report = await run_import("shelters", [path], TENANT, graph, SCOPE)
        assert (report.created, report.changed, report.linked) == (0, 0, 0)
    asked = 'designatedFor=="tsunami";municipalityCode=="352039"'
    assert len([doc async for doc in graph.every(SCOPE, "EmergencyEvacuationSite", asked)]) == 205
    site = await graph.get(SCOPE, "urn:ngsi-ld:EmergencyEvacuationSite:352039:E3520300028203")
    assert site is not None
    assert len(value_of(site, "shelterAtSameAddress")) == 4


async def test_a_row_that_the_broker_cannot_take_stops_only_itself(graph: Graph, tmp_path: Path) -> None:
    rows = [{"town": name, "koaza": "", "lat": 34.17, "lng": 131.47} for name in ("架空甲", "長" * 400, "架空乙")]
    report = await run_import("towns", [written(tmp_path / "山口市.json", rows)], TENANT, graph, SCOPE)
    assert report.created == 2
    assert [(found.row, found.rule) for found in report.refused] == [(2, "refused-by-graph")]
