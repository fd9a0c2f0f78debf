"""What do the tests of commands share? One running `kairo serve --open` for a whole session, and a clean-up of all others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.program import Program, end_all

SHELTER_TOWN = "352039"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that serves with --open. Tests add to it and leave it running."""
    program = Program(tmp_path_factory.mktemp("running") / "data", ("--open",), {"KAIRO_LOG_FORMAT": "json"})
    Program.all.remove(program)
    try:
        program.wait_until_ready()
        yield program
    finally:
        if program.process.poll() is None:
            program.end()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Path]:
    """A data folder for programs of this test's own, all of which are ended after it."""
    yield tmp_path / "data"
    end_all()
