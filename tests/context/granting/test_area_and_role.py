"""What does a grant of an area, or of a role, open? One case a row: the grant, the plan, who asks, what is seen."""

from typing import Any

import pytest

from kairo.platform.db import Database
from tests.context.granting.world import city, grant, granted, graph_of, reader

ANNA, BEN = "urn:p:a", "urn:p:b"
PLAN: dict[str, Any] = {
    "id": "urn:e",
    "type": "Plan",
    "n": {"type": "Property", "value": 1},
    "phone": {"type": "Property", "value": "0839"},
    "person": {"type": "Relationship", "object": ANNA},
    "supporter": {"type": "Relationship", "object": BEN},
}
NOTHING: frozenset[str] = frozenset()
ALL = frozenset({"n", "phone", "person", "supporter", "scope"})


@pytest.mark.parametrize(
    ("number", "given", "scope", "persons", "seen"),
    [
        (1, {"area": "/city"}, "/city", [], ALL),
        (2, {"area": "/city"}, "/city/north", [], ALL),
        (3, {"area": "/city"}, "/cityhall", [], NOTHING),
        (4, {"area": "/city/north"}, "/city", [], NOTHING),
        (5, {"area": "/city"}, ["/other", "/city/north/east"], [], ALL),
        (6, {"area": "/city", "attributes": ("n", "phone")}, "/city", [], {"n", "phone"}),
        (7, {"area": "/city"}, None, [], NOTHING),
        (8, {"relation": "supporter"}, None, [BEN], ALL - {"scope"}),
        (9, {"relation": "supporter"}, None, [ANNA], {"n", "person"}),
        (10, {"relation": "supporter", "attributes": ("n",)}, None, [BEN], {"n"}),
        (11, {"relation": "person"}, None, [BEN], NOTHING),
        (12, {"relation": "supporter"}, None, [], NOTHING),
        (13, {"area": ""}, None, [], ALL - {"scope"}),
        (14, {"area": ""}, ["/other", "/city"], [], ALL),
        (15, {"area": "", "attributes": ("n",)}, None, [], {"n"}),
    ],
)
async def test_what_it_opens(
    database: Database, number: int, given: dict[str, Any], scope: Any, persons: list[str], seen: frozenset[str]
) -> None:
    """Row 9: the person sees what is about them alone; the phone number is the supporter's, too. Row 11: the supporter has no say
    in what is the person's, and sees nothing by a grant for the person's role."""
    tenant, graph = f"wide_{number}", graph_of(database)
    await graph.upsert(city(tenant), [{**PLAN, **({"scope": scope} if scope else {})}])
    await granted(database, tenant, [grant("g", **given)])
    doc = await graph.get(reader(tenant, *persons), "urn:e")
    assert {name for name in doc or {} if name not in ("id", "type")} == seen
    assert len((await graph.find(reader(tenant, *persons), "Plan")).docs) == bool(seen)
