"""Does every wrong command line, setting and file end in one line that says what to do, with an honest exit code?"""

from pathlib import Path
from typing import Any

import pytest
import typer

from kairo import __version__
from kairo.cli import app
from tests.commands.program import free_port, kairo, refusal

COMMANDS = (
    "demo",
    "serve",
    "load",
    "import",
    "export",
    "backup",
    "restore",
    "doctor",
    "verify-log",
    "sign-log",
    "link",
    "bench",
    "new-service",
)


def test_version_and_help() -> None:
    assert kairo("--version").stdout == f"kairo {__version__}\n"
    shown = kairo("--help")
    assert shown.returncode == 0
    assert all(f"  {command} " in shown.stdout for command in COMMANDS)
    assert "..." not in shown.stdout.partition("Commands:")[2], "a summary is cut off: make its first sentence shorter"
    bare = kairo()
    assert (bare.returncode, bare.stdout) == (2, shown.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    found: Any = typer.main.get_command(app)
    below = found.commands[command]
    assert below.help.endswith(".")
    assert len(below.help.partition(". ")[0]) < 60, "the list of commands shows the first sentence"
    for item in below.params:
        assert (item.help or "").endswith((".", "…")), f"{item.name} is not explained"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nosuch", "No such command 'nosuch'"),
        ("serve --nosuch", "No such option"),
        ("serve --port 99999", "65535"),
        ("serve --role both", "web, jobs"),
        ("import shelters /no/such/file", "'/no/such/file' does not exist"),
        ("import shelter /dev/null", "shelters"),
        ("import nosuch pyproject.toml", "shelters"),
        ("export x.csv", ".jsonl"),
        ("restore /no/such/file", "'/no/such/file' does not exist"),
        ("bench --only retreive", "retrieve, list_type_20"),
    ],
)
def test_a_wrong_command_line(line: str, says: str) -> None:
    said = refusal(kairo(*line.split()), 2)
    assert says in said or "/dev/null" in line
    assert "--help" in said


@pytest.mark.parametrize(
    ("variables", "line", "says"),
    [
        ({"KAIRO_PRT": "1"}, "doctor", "Did you mean KAIRO_PORT?"),
        ({"KAIRO_PORT": "http"}, "doctor", "KAIRO_PORT='http' cannot be read: use a whole number"),
        ({"KAIRO_TRUSTED_PROXIES": "nginx"}, "serve", "nginx is no IP address"),
        ({"KAIRO_WEB_WORKERS": "0"}, "serve", "from 1 to 64"),
        ({"KAIRO_DATABASE_URL": "mysql://me:sesame@db/x"}, "serve", "postgresql://"),
        ({}, "serve --database-url postgresql://me:sesame@127.0.0.1:1/x", "cannot be reached"),
        ({}, "serve --database-url postgresql://me:sesame@127.0.0.1:port/x", "its port is no number"),
        ({"KAIRO_POSTGRES_BIN": "/no/such"}, "serve", "Set KAIRO_POSTGRES_BIN"),
        ({"KAIRO_OPEN": "true"}, "serve --host 0.0.0.0", "--open lets anyone write"),
        ({}, "serve --open --host 0.0.0.0", "use --host 127.0.0.1"),
        ({}, "demo --open --host ::", "use --host 127.0.0.1"),
        ({}, "serve --host 192.0.2.1", "Name an address of this machine"),
        ({}, "serve --data pyproject.toml/x", "Not a directory"),
        ({}, "backup /tmp/x --data /no/such", "there is no database in /no/such"),
        ({}, "export x.json --data /no/such", "there is no database in /no/such"),
        ({}, "link --data /no/such", "there is no database in /no/such"),
        ({}, "new-service 1st", "cannot be the name of a service"),
        ({}, "new-service class", "cannot be the name of a service"),
        ({}, "new-service mobility --folder /no/such", "there is no folder /no/such"),
    ],
)
def test_what_is_refused(variables: dict[str, str], line: str, says: str) -> None:
    words = line.split()
    if words[0] in {"serve", "demo"}:
        words += ["--port", str(free_port())]
    said = refusal(kairo(*words, **variables))
    assert says in said
    assert "sesame" not in said, "a password does not belong into a message"


def test_a_port_below_1024_is_not_for_everyone() -> None:
    from kairo.commands.addresses import _mend

    assert "reverse proxy" in _mend(PermissionError(13, "Permission denied"), 80)
    assert "8080" in _mend(OSError(98, "Address already in use"), 65535)


def test_doctor_makes_nothing(tmp_path: Path) -> None:
    done = kairo("doctor", "--data", tmp_path / "none", "--port", str(free_port()))
    assert done.returncode == 0, done.stdout
    assert "no database in the data folder yet" in done.stdout
    assert not (tmp_path / "none").exists()


def test_doctor_fails_where_kairo_would(tmp_path: Path) -> None:
    done = kairo("doctor", "--data", tmp_path / "none", KAIRO_TENANT="352038", KAIRO_POSTGRES_BIN="/no/such")
    assert done.returncode == 1
    assert "Did you mean 352039?" in done.stdout
    assert done.stdout.count("FAIL") == 2
    assert not done.stderr


def test_a_new_service_has_its_test(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "kairo" / "services"
    folder.mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    done = kairo("new-service", "night_bus", "--folder", folder)
    assert done.returncode == 0, done.stderr
    for file in sorted(folder.rglob("*.py")):
        compile(file.read_text(), str(file), "exec")
    assert (tmp_path / "tests" / "services" / "night_bus" / "test_night_bus_manifest.py").exists()
    assert "exists already" in refusal(kairo("new-service", "night_bus", "--folder", folder))
