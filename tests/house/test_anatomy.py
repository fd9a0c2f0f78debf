"""Is every service built alike? The anatomy of docs/how-to-add-a-service.md: manifest, README, and no file under another name."""

import re
from pathlib import Path

import pytest

from tests.house.house import SOURCE

ALLOWED_FILES = {
    "__init__.py",
    "manifest.py",
    "entities.py",
    "rules.py",
    "permissions.py",
    "service.py",
    "store.py",
    "api.py",
    "pages.py",
    "tasks.py",
    "README.md",
}
ALLOWED_FOLDERS = {"templates", "messages", "migrations", "__pycache__"}
REQUIRED = {"__init__.py", "manifest.py", "README.md"}
CHAPTERS = ("Purpose", "Legal basis", "Data held", "Checklist")


def service_folders(services: Path = SOURCE / "services") -> list[Path]:
    """One folder a service; leftovers of a removed one (only compiled files) do not count."""
    folders = (path for path in services.iterdir() if path.is_dir() and path.name != "__pycache__")
    return sorted(path for path in folders if any(child.name != "__pycache__" for child in path.iterdir()))


def breaches(folder: Path) -> list[str]:
    """What is not by the anatomy."""
    present = {path.name: path.is_dir() for path in folder.iterdir()}
    found = [f"{folder.name}: {name} is missing" for name in sorted(REQUIRED - present.keys())]
    for name, is_folder in sorted(present.items()):
        if name not in (ALLOWED_FOLDERS if is_folder else ALLOWED_FILES):
            found.append(f"{folder.name}: {name} is no part of a service")
    readme = folder / "README.md"
    if readme.exists():
        text = readme.read_text(encoding="utf-8")
        found += [
            f"{folder.name}: README.md has no chapter `{chapter}`"
            for chapter in CHAPTERS
            if not re.search(rf"(?m)^(?:## |\*\*){chapter}\b", text)
        ]
    return found


def test_services_are_built_alike() -> None:
    found = [line for folder in service_folders() for line in breaches(folder)]
    assert not found, "\n".join(found)


@pytest.fixture
def good_service(tmp_path: Path) -> Path:
    folder = tmp_path / "example"
    folder.mkdir()
    for name in REQUIRED:
        (folder / name).write_text("".join(f"## {chapter}\n" for chapter in CHAPTERS))
    return folder


def test_a_good_one_passes(good_service: Path) -> None:
    assert not breaches(good_service)


@pytest.mark.parametrize("name", ["utils.py", "models.py", "views.py"])
def test_another_name_is_seen(good_service: Path, name: str) -> None:
    (good_service / name).write_text("")
    assert breaches(good_service) == [f"example: {name} is no part of a service"]


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_missing_file_is_seen(good_service: Path, name: str) -> None:
    (good_service / name).unlink()
    assert breaches(good_service) == [f"example: {name} is missing"]


def test_a_readme_without_chapters_is_seen(good_service: Path) -> None:
    (good_service / "README.md").write_text("# Example\n")
    assert len(breaches(good_service)) == len(CHAPTERS)
