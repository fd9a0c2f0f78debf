"""Does everything that the program itself writes fit the schemas that it publishes, attribute by attribute?

Facts of the Vision, the synthetic world, the mark of a load; and imports, on made-up files and, where they are there, real ones.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from kairo.capabilities.catalogue import run_import
from kairo.capabilities.sensing.world import Spot, World
from kairo.commands.loaded_facts import mark_of
from kairo.context.contexts import CORE
from kairo.context.contexts.terms import TermMap
from kairo.context.model.parse import parse_entity
from kairo.context.model.render import Facts, Format, Representation, render
from kairo.context.types.schemas import schema_of
from kairo.parts import declarations
from kairo.services.health.tasks import measured
from kairo.services.vision import tasks
from kairo.trust.identity.accounts import demo
from kairo.trust.identity.accounts.account import as_entity
from kairo.trust.identity.principals import PERSON
from tests.capabilities.catalogue.fake_graph import SCOPE, TENANT, FakeGraph
from tests.capabilities.catalogue.made_up import area, box, emergency, evacuation, geojson, written
from tests.capabilities.catalogue.real_data import real_folder

KINDS = declarations().by_type
NOON = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
FORMS = (Format.NORMALIZED, Format.CONCISE)
SPOTS = [Spot(f"urn:ngsi-ld:District:352039:d{n}", f"地域{n}", f"District {n}", (131.4 + n / 50, 34.1)) for n in range(6)]
IMPORTED = {"EmergencyEvacuationSite", "EvacuationShelter", "MunicipalBoundary", "Town"}
ENTERED = {"SupportListEntry"}  # by people, and by services to come


def made_here() -> list[dict[str, Any]]:
    """What needs no file of others."""
    world = World(SPOTS, tenant=TENANT)
    people = [as_entity(account, TENANT) for account in demo.accounts() if account.kind == "resident"]
    signs = measured(f"{PERSON}{demo.key_of('hanako')}", NOON)
    return [*tasks.all_entities(tasks.read(tasks.data_folder())), *world.entities(NOON), mark_of(TENANT, "0"), *people, *signs]


def shown(entity: dict[str, Any], form: Format) -> dict[str, Any]:
    """The entity as the API answers it."""
    terms: TermMap = CORE
    document = parse_entity(entity, terms).document()
    found: dict[str, Any] = render(document, None, Facts(NOON, NOON), terms, Representation(format=form))
    return found


def unfit(entities: Iterable[dict[str, Any]]) -> list[str]:
    """Where entities differ from the newest schema of their type, or have attributes that nobody declared."""
    validators = {name: jsonschema_rs.Draft202012Validator(schema_of(kind, kind.version)) for name, kind in KINDS.items()}
    known = {name: {"id", "type", "scope", *(each.name for each in kind.attributes)} for name, kind in KINDS.items()}
    found = []
    for entity in entities:
        for form in FORMS:
            answer = shown(entity, form)
            found += [
                f"{entity['id']} ({form.name}): {error.instance_path} {error.message[:200]}"
                for error in validators[entity["type"]].iter_errors(answer)
            ]
        found += [f"{entity['id']}: {name} is not declared" for name in entity if name not in known[entity["type"]]]
    return found


def test_what_is_made_here_fits() -> None:
    assert unfit(made_here()) == []


def test_every_declared_attribute_of_what_is_made_here_is_made() -> None:
    present: dict[str, set[str]] = {}
    for entity in made_here():
        present.setdefault(entity["type"], set()).update(entity)
    assert present.keys() == KINDS.keys() - IMPORTED - ENTERED
    unused = {name: {each.name for each in KINDS[name].attributes} - found for name, found in present.items()}
    assert {name: sorted(left) for name, left in unused.items() if left} == {"Place": ["locationSource"]}


async def test_made_up_imports_fit(tmp_path: Path) -> None:
    graph = FakeGraph()
    same = {"指定避難所との住所同一": "1", "備考": "注"}, {"指定緊急避難場所との住所同一": "1", "受入対象者": "だれでも"}
    sites = geojson(tmp_path / "sites.json", emergency(1, **same[0]), emergency(2, called="架空公園"))
    shelters = geojson(tmp_path / "shelters.json", evacuation(1, **same[1]))
    areas = geojson(tmp_path / "areas.json", area("35203", "山口市", box(131, 34, 132, 35)))
    towns = written(tmp_path / "山口市.json", [{"town": "架空町", "koaza": "字空", "lat": 34.17, "lng": 131.47}])
    for kind, paths in (("boundaries", [areas]), ("shelters", [sites, shelters]), ("towns", [towns])):
        report = await run_import(kind, paths, TENANT, graph, SCOPE)
        assert not report.refused
    assert {doc["type"] for doc in graph.docs.values()} == IMPORTED
    assert unfit(graph.docs.values()) == []


@pytest.mark.parametrize(("kind", "pattern"), [("boundaries", "*.topojson"), ("towns", "*.json"), ("shelters", "*.json")])
async def test_real_imports_fit(kind: str, pattern: str) -> None:
    graph = FakeGraph()
    await run_import(kind, real_folder(kind, pattern), TENANT, graph, SCOPE)
    assert graph.docs
    assert unfit(graph.docs.values()) == []
