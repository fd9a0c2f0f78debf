"""Does a log line say what happened, and nothing about anybody?"""

import json
import logging
from collections.abc import Iterator

import asyncpg
import pytest
import structlog

from kairo.errors import Unavailable
from kairo.platform.observability.logs import configure, logger, shown_path, told, traced

SECRET = "山口太郎"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def failed() -> Exception:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(f"no such name: {SECRET}") from error
    except ValueError as error:
        return error


@pytest.mark.parametrize("source", ["ours", "standard"])
def test_json_lines(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "info")
    if source == "ours":
        logger("here").error("failed", path=f"/ngsi-ld/v1/entities/urn:ngsi-ld:Resident:{SECRET}", exc_info=failed())
        logger("here").debug("too fine")
    else:
        logging.getLogger("here").error("failed", exc_info=failed())
        logging.getLogger("here").debug("too fine")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    line = json.loads(lines[0])
    assert (line["event"], line["level"], line["part"]) == ("failed", "error", "here")
    assert line["timestamp"].endswith("Z")
    assert line["exception"].startswith("ValueError at ")
    assert "because of KeyError at " in line["exception"]
    assert SECRET not in lines[0]
    if source == "ours":
        assert line["path"] == "/ngsi-ld/v1/entities/…"


def test_text_lines_name_the_part(capsys: pytest.CaptureFixture[str]) -> None:
    module_level = logger("early")  # made before the logs are set up, as modules do
    configure("text", "warning")
    module_level.info("unheard")
    module_level.warning("heard", reason="x")
    said = capsys.readouterr()
    assert "heard" in said.err
    assert "part=early" in said.err
    assert "unheard" not in said.err
    assert not said.out


def test_a_task_that_nobody_awaited_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "info")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task exception=%r>", ValueError(SECRET))
    assert json.loads(capsys.readouterr().err)["event"] == "Task exception was never retrieved"


def test_what_errors_may_say() -> None:
    database = asyncpg.UniqueViolationError(f"Key (name)=({SECRET}) already exists.")
    assert told(database) == "UniqueViolationError: SQLSTATE 23505"
    assert told(ConnectionRefusedError(111, "Connection refused")) == "ConnectionRefusedError: Connection refused"
    assert told(Unavailable("the database is starting")) == "Unavailable: the database is starting"
    assert told(ValueError(SECRET)) == "ValueError"
    group = traced(ExceptionGroup(SECRET, [ValueError(SECRET), database]))
    assert SECRET not in group
    assert "SQLSTATE 23505" in group


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/ngsi-ld/v1/entities", "/ngsi-ld/v1/entities"),
        ("/ngsi-ld/v1/entities/urn:ngsi-ld:X:1/attrs/n", "/ngsi-ld/v1/entities/…/attrs/n"),
        ("/ja/entities/urn%3Ax", "/ja/entities/…"),
        (f"/ja/{'x' * 41}", "/ja/…"),
        ("/ja/taro@example.jp", "/ja/…"),
    ],
)
def test_paths(path: str, shown: str) -> None:
    assert shown_path(path) == shown
