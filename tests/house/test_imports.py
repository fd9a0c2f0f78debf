"""Do imports run one way? import-linter's contracts of pyproject.toml, and proof that each of them bites."""

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.application import use_cases
from importlinter.application.user_options import UserOptions
from importlinter.configuration import configure

from tests.house.house import ROOT


def test_the_contracts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    kept = use_cases.lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None)
    assert kept, capsys.readouterr().out


def test_the_contracts_are_there() -> None:
    configure()
    options: UserOptions = use_cases.read_user_options(str(ROOT / "pyproject.toml"))
    assert {contract["type"] for contract in options.contracts_options} >= {"layers", "independence", "acyclic_siblings"}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A package of the same shape under the same contracts, with nothing in it."""
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for name in (
        "platform",
        "context",
        "trust",
        "capabilities/booking",
        "capabilities/messaging",
        "services/health",
        "services/school",
    ):
        folder = tmp_path / "kairo" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text('"""Toy."""\n')
    for name in ("__init__", "errors", "settings", "app", "cli", "capabilities/__init__", "services/__init__"):
        (tmp_path / "kairo" / f"{name}.py").write_text('"""Toy."""\n')
    return tmp_path


def contracts_hold(folder: Path) -> bool:
    """Runs import-linter on a folder, in a process of its own."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"]
    return (
        subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, check=False).returncode == 0
    )


def test_the_toy_is_clean(toy: Path) -> None:
    assert contracts_hold(toy)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("platform/__init__", "kairo.context"),
        ("context/__init__", "kairo.trust"),
        ("trust/__init__", "kairo.capabilities.booking"),
        ("capabilities/booking/__init__", "kairo.services.health"),
        ("services/health/__init__", "kairo.app"),
        ("services/health/__init__", "kairo.services.school"),
        ("errors", "kairo.settings"),
    ],
)
def test_an_import_against_the_way_is_seen(toy: Path, importer: str, imported: str) -> None:
    (toy / "kairo" / f"{importer}.py").write_text(f'"""Toy."""\n\nimport {imported}\n')
    assert not contracts_hold(toy)


def test_a_circle_of_capabilities_is_seen(toy: Path) -> None:
    (toy / "kairo" / "capabilities" / "booking" / "__init__.py").write_text("import kairo.capabilities.messaging\n")
    assert contracts_hold(toy)
    (toy / "kairo" / "capabilities" / "messaging" / "__init__.py").write_text("import kairo.capabilities.booking\n")
    assert not contracts_hold(toy)
