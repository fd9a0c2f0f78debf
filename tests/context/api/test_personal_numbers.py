"""Is a 個人番号 refused on every way in, with nothing kept and nothing of it repeated in the answer?"""

from typing import Any

import pytest

from tests.context.api.broker import Asker, ok, refused
from tests.platform.test_personal_numbers import NUMBER, WRONG

ID = "urn:ngsi-ld:OpenThing:numbered"
SAID = {"myNumber": {"type": "Property", "value": NUMBER}}
NOTE = {"note": {"type": "Property", "value": f"マイナンバー {NUMBER}"}}


@pytest.mark.parametrize("said", [SAID, NOTE, {"myNumber": NUMBER}, {"x": {"value": 1, "個人番号": {"value": NUMBER}}}])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/entities/{id}"),
        ("PATCH", "/entities/{id}"),
        ("POST", "/entities/{id}/attrs"),
        ("PATCH", "/entities/{id}/attrs"),
    ],
)
async def test_no_change_brings_one_in(administrator: Asker, said: dict[str, Any], method: str, path: str) -> None:
    await administrator.delete(f"/entities/{ID}")
    await administrator.made({"id": ID, "type": "OpenThing", "n": {"type": "Property", "value": 1}})
    body = {**said, **({"type": "OpenThing"} if method == "PUT" else {})}
    problem = refused(await administrator.request(method, path.format(id=ID), json=body), 400, "BadRequestData")
    assert NUMBER not in str(problem)
    assert await administrator.entity(ID) == {"id": ID, "type": "OpenThing", "n": {"type": "Property", "value": 1}}


async def test_no_new_entity_does(administrator: Asker) -> None:
    entity = {"id": f"{ID}:new", "type": "Resident", **SAID}
    refused(await administrator.post("/entities", json=entity), 400, "BadRequestData")
    for operation in ("create", "upsert"):
        answer = await administrator.post(f"/entityOperations/{operation}", json=[entity])
        assert answer.status_code in {207, 400}
        assert NUMBER not in answer.text
    ok(await administrator.get(f"/entities/{ID}:new"), 404)


async def test_no_attribute_and_no_past_does(administrator: Asker) -> None:
    await administrator.made({"id": f"{ID}:past", "type": "OpenThing", "myNumber": {"type": "Property", "value": "hidden"}})
    for method in ("PATCH", "PUT"):
        refused(await administrator.request(method, f"/entities/{ID}:past/attrs/myNumber", json={"value": NUMBER}), 400)
    past = {"id": f"{ID}:older", "type": "OpenThing", "myNumber": [{**SAID["myNumber"], "observedAt": "2020-01-01T00:00:00Z"}]}
    refused(await administrator.post("/temporal/entities", json=past), 400, "BadRequestData")
    added = await administrator.post(f"/temporal/entities/{ID}:past/attrs", json={"myNumber": past["myNumber"]})
    assert NUMBER not in str(refused(added, 400, "BadRequestData"))


async def test_an_iri_hides_no_name(administrator: Asker) -> None:
    context = {"@context": {"n": "https://example.org/vocab#individualNumber"}}
    entity = {"id": f"{ID}:iri", "type": "OpenThing", "n": {"type": "Property", "value": NUMBER}, **context}
    answer = await administrator.post("/entities", json=entity, headers={"content-type": "application/ld+json"})
    refused(answer, 400, "BadRequestData")


@pytest.mark.parametrize(
    "innocent",
    [{"meter": {"type": "Property", "value": NUMBER}}, {"licence": NUMBER}, {"myNumber": {"type": "Property", "value": WRONG}},
     {"count": {"type": "Property", "value": int(NUMBER)}}],
)  # fmt: skip
async def test_twelve_digits_of_something_else_are_kept(administrator: Asker, innocent: dict[str, Any]) -> None:
    id = f"{ID}:{next(iter(innocent))}"
    await administrator.made({"id": id, "type": "OpenThing", **innocent})
    assert set(await administrator.entity(id)) >= set(innocent)
