"""What may anyone do with --open, and what not? Through the real server."""

from tests.commands.program import API, Program

UNDECLARED = {"id": "urn:ngsi-ld:Whatever:1", "type": "Whatever", "n": {"type": "Property", "value": 1}}
OPEN = {"id": "urn:ngsi-ld:Place:352039:open-test", "type": "Place", "name": {"type": "Property", "value": "x"}}
PERSONAL = {"id": "urn:ngsi-ld:ResidentProfile:1", "type": "ResidentProfile", "name": {"type": "Property", "value": "x"}}


def test_anyone_writes_and_reads_what_is_open_or_undeclared(running: Program) -> None:
    with running.client(administrator=False) as anyone:
        for entity in (UNDECLARED, OPEN):
            assert anyone.post(f"{API}/entities", json=entity).status_code in {201, 409}
            assert anyone.get(f"{API}/entities/{entity['id']}").status_code == 200
            assert anyone.delete(f"{API}/entities/{entity['id']}").status_code == 204


def test_declared_personal_types_stay_closed(running: Program) -> None:
    mixed = {**UNDECLARED, "id": "urn:ngsi-ld:Whatever:2", "type": ["Whatever", "ResidentProfile"]}
    with running.client(administrator=False) as anyone, running.client() as administrator:
        for entity in (PERSONAL, mixed):
            refused = anyone.post(f"{API}/entities", json=entity)
            assert refused.status_code in {401, 403}, refused.text
            assert refused.headers["content-type"] == "application/problem+json"
        batch = anyone.post(f"{API}/entityOperations/create", json=[PERSONAL, UNDECLARED])
        assert batch.status_code == 207
        assert [item["entityId"] for item in batch.json()["errors"]] == [PERSONAL["id"]]
        assert administrator.post(f"{API}/entities", json=PERSONAL).status_code == 201
        assert anyone.get(f"{API}/entities/{PERSONAL['id']}").status_code == 404
        assert anyone.delete(f"{API}/entities/{PERSONAL['id']}").status_code in {401, 403, 404}
        assert anyone.get(f"{API}/entities", params={"type": "ResidentProfile"}).json() == []
        assert administrator.get(f"{API}/entities/{PERSONAL['id']}").status_code == 200


def test_an_empty_or_wrong_token_is_nobody(running: Program) -> None:
    with running.client(administrator=False) as client:
        for given in ("Bearer", "Bearer x", "Basic eA==", f"Bearer {'x' * 43}", "Bearer ''"):
            answer = client.get(f"{API}/entities", params={"type": "Place"}, headers={"Authorization": given})
            assert answer.status_code == 401, given
