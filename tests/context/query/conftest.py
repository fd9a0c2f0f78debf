"""What do the tests of queries share? Terms of a small context, and a PostgreSQL that tries one query on one document."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

import asyncpg
import pytest

from kairo.context.query import EntityQuery, Stamps, compile_query
from kairo.context.query.cells import cell_of


class SmallContext:
    """A context in which Building and its kin have IRIs; every other term is stored as it is."""

    known: ClassVar[dict[str, str]] = {
        "Building": "https://example.org/Building",
        "Male": "https://example.org/Male",
        "alias": "id",
        "wert": "value",
    }

    @property
    def attributes(self) -> dict[str, str]:
        return {}

    @property
    def types(self) -> dict[str, tuple[str, ...]]:
        return {}

    def expand(self, term: str, /) -> str:
        return self.known.get(term, term)


@pytest.fixture(scope="session")
def terms() -> SmallContext:
    return SmallContext()


class TrialDatabase:
    """One connection on a loop of its own, so that hypothesis, which is not asynchronous, can use it."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.connection: asyncpg.Connection[asyncpg.Record] = self.run(asyncpg.connect(url))
        self.run(
            self.connection.execute(
                "CREATE TEMP TABLE entity_geo (tenant text, entity text, attribute text, dataset text, cell bigint, bounds box,"
                " geometry jsonb)"
            )
        )

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        self.run(self.connection.close())
        self.loop.close()

    def holds(
        self, query: EntityQuery, doc: dict[str, Any], stamps: Stamps | None = None, withheld: list[str] | None = None
    ) -> bool:
        """Whether the compiled condition holds for a document, its types aside."""
        stamps = stamps or Stamps()
        scopes = doc.get("scope", [])
        values: list[Any] = [
            "t",
            doc.get("id", "urn:x:1"),
            json.dumps(doc),
            [scopes] if isinstance(scopes, str) else scopes,
            stamps.created_at,
            stamps.modified_at,
            stamps.expires_at,
            json.dumps(stamps.attributes),
            withheld or [],
        ]
        compiled = compile_query(query, len(values) + 1, doc="(e.doc - e.withheld)")
        statement = f"""
            SELECT {compiled.where} AS found FROM (
                SELECT $1::text AS tenant, $2::text AS id, $3::jsonb AS doc, $4::text[] AS scopes, $5::timestamptz AS created_at,
                       $6::timestamptz AS modified_at, $7::timestamptz AS expires_at, $8::jsonb AS stamps, $9::text[] AS withheld
            ) AS e"""
        found = self.run(self.connection.fetchval(statement, *values, *compiled.parameters))
        assert isinstance(found, bool), "a condition is never NULL"
        return found

    def put_geometries(self, geometries: dict[str, tuple[dict[str, Any], tuple[float, float, float, float]]]) -> None:
        """Fills entity_geo: for each entity the geometry of its location and its box (west, south, east, north)."""
        self.run(self.connection.execute("TRUNCATE entity_geo"))
        rows = [
            ("t", entity, "location", "@none", json.dumps(geometry), *box, cell_of(box))
            for entity, (geometry, box) in geometries.items()
        ]
        self.run(
            self.connection.executemany(
                "INSERT INTO entity_geo (tenant, entity, attribute, dataset, bounds, geometry, cell)"
                " SELECT $1, $2, $3, $4, box(point($6, $7), point($8, $9)), $5::jsonb, $10",
                rows,
            )
        )


@pytest.fixture(scope="session")
def trial(postgres_url: str) -> Iterator[TrialDatabase]:
    database = TrialDatabase(postgres_url)
    yield database
    database.close()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text)
