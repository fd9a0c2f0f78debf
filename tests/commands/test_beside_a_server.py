"""Do the commands work beside a running server, and leave nothing half done?"""

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.capabilities.catalogue.made_up import emergency, geojson
from tests.commands.program import API, Program, environment, free_port, kairo, refusal, wait_for


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def create(running: Program, *called: str) -> None:
    entities = [
        {"id": f"urn:ngsi-ld:Beside:{name}", "type": "Beside", "n": {"type": "Property", "value": 1}} for name in called
    ]
    with running.client() as client:
        assert client.post(f"{API}/entityOperations/upsert", json=entities).status_code in {201, 204}


def test_a_second_start_is_refused(running: Program) -> None:
    for port in (running.port, free_port()):
        said = refusal(kairo("serve", "--data", running.data, "--port", str(port)))
        assert f"is in use by pid {running.process.pid}" in said


def test_a_taken_port_is_named(running: Program, tmp_path: Path) -> None:
    said = refusal(kairo("serve", "--data", tmp_path / "other", "--port", str(running.port)))
    assert f"port {running.port} on 127.0.0.1 cannot be used: Address already in use" in said
    assert f"kairo serve --port {running.port + 1}" in said
    assert not (tmp_path / "other").exists()


def test_export_both_ways(running: Program, tmp_path: Path) -> None:
    create(running, "a", "b")
    lines, array = tmp_path / "x.jsonl", tmp_path / "x.json"
    for file in (lines, array):
        done = kairo("export", file, "--data", running.data, "--type", "Beside")
        assert (done.returncode, done.stdout) == (0, f"2 entities written to {file}\n"), done.stderr
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ids = [f"urn:ngsi-ld:Beside:{name}" for name in "ab"]
    assert [json.loads(line)["id"] for line in lines.read_text().splitlines()] == ids
    assert [entity["id"] for entity in json.loads(array.read_text())] == ids
    assert names(tmp_path) == ["x.json", "x.jsonl"]


@pytest.mark.parametrize(
    ("tenant", "says"),
    [("352038", "Did you mean 352039?"), ("35203", "Did you mean 352039?"), ("1", "no municipality code"),
     ("nowhere", "there is no tenant 'nowhere'"), ("Yamaguchi", "'Yamaguchi' is no tenant name")],
)  # fmt: skip
def test_a_wrong_tenant(running: Program, tmp_path: Path, tenant: str, says: str) -> None:
    assert says in refusal(kairo("export", tmp_path / "x.json", "--data", running.data, "--tenant", tenant))
    assert not names(tmp_path)


def test_places_that_take_nothing(running: Program, tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    places = ((tmp_path / "folder.json", "is a folder"), (tmp_path / "no" / "x.json", "does not exist"), ("/proc/x", "written"))
    for file, says in places:
        assert says in refusal(kairo("backup", file, "--data", running.data))


def test_import_reports_and_repeats(running: Program, tmp_path: Path) -> None:
    file = geojson(tmp_path / "made-up.geojson", emergency(1), emergency(2, at=None), name="緊急避難場所")
    arguments = ("import", "shelters", file, "--data", running.data, "--report", tmp_path / "report.json")
    tried = kairo(*arguments, "--tenant", "352021", "--dry-run")
    assert tried.returncode == 1, tried.stderr
    assert refusal(kairo("export", tmp_path / "x.json", "--data", running.data, "--tenant", "352021")), (
        "a dry run makes no tenant"
    )
    first = kairo(*arguments)
    assert first.returncode == 1, "a row was refused"
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["kind"], report["rows"], len(report["refused"])) == ("shelters", 2, 1)
    again = kairo("import", "shelters", file, "--data", running.data)
    assert "new 0, changed 0" in again.stdout


def test_backup_restores_elsewhere(running: Program, tmp_path: Path) -> None:
    create(running, "kept")
    file = tmp_path / "kairo.backup"
    assert kairo("backup", file, "--data", running.data).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "is in use by pid" in refusal(kairo("restore", file, "--data", running.data, "--replace"))
    done = kairo("restore", file, "--data", tmp_path / "elsewhere")
    assert done.returncode == 0, done.stderr
    assert kairo("export", tmp_path / "x.jsonl", "--data", tmp_path / "elsewhere", "--type", "Beside").returncode == 0
    assert "urn:ngsi-ld:Beside:kept" in (tmp_path / "x.jsonl").read_text()


def test_doctor_and_link_find_the_server(running: Program) -> None:
    done = kairo("doctor", "--data", running.data)
    assert done.returncode == 0, done.stdout
    assert f"Kairo runs on this data folder, at {running.url}/" in done.stdout
    assert "all tables are as they should be" in done.stdout
    link = kairo("link", "--data", running.data).stdout.strip()
    assert link.startswith(f"{running.url}/enter?link=")
    with running.client(administrator=False) as client:
        secret = link.partition("link=")[2]
        assert client.post("/enter", data={"link": secret}).status_code == 303
        assert client.post("/enter", data={"link": secret}).status_code == 401, "a link works once"


@pytest.mark.parametrize("command", ["backup", "export"])
def test_an_interrupted_command_leaves_no_file(running: Program, tmp_path: Path, command: str) -> None:
    file = tmp_path / "x.json"
    line = [sys.executable, "-m", "kairo", command, str(file), "--data", str(running.data)]
    process = subprocess.Popen(line, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: names(tmp_path) or process.poll() is not None, 60)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    if process.returncode and not file.exists():  # it may have been done already
        assert (process.returncode, said) == (130, "kairo: interrupted.\n")
        assert not names(tmp_path)
