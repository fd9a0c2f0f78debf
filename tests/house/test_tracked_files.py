"""Does any file of the repository name a package registry or one developer's machine? (scripts/tracked_files.py)"""

from pathlib import Path

import pytest

from scripts.tracked_files import ROOT, findings, tracked_files

# Put together here, so that this file holds none of them.
PLANTED = [
    "https://py" + "pi.org/simple",
    "https://files.python" + "hosted.org/packages/ab/cd.whl",
    "https://registry" + ".npmjs.org/htmx.org",
    "see /ro" + "ot/.cache/pip",
    "cd /ho" + "me/somebody/kairo",
    "/Us" + "ers/Somebody/kairo",
]
HARMLESS = [
    "the Python Package Index",
    "/var/lib/kairo",
    "a/home/page",
    "docs/work/plan",
    "https://example.org/root/a",
    "$HOME/kairo",
]


def test_nothing_is_named() -> None:
    found = [str(finding) for finding in findings(tracked_files())]
    assert not found, "\n".join(found)


def test_the_walk_sees_the_repository() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in tracked_files()}
    assert {"pyproject.toml", "Makefile", "requirements/runtime.txt", "src/kairo/errors.py"} <= names
    assert not any(name.startswith((".venv/", "node_modules/", ".kairo/")) for name in names)


@pytest.mark.parametrize("text", PLANTED)
def test_a_planted_name_is_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.md").write_text(f"first line\n{text}\n")
    (found,) = findings([tmp_path / "notes.md"], tmp_path)
    assert (found.path, found.line) == ("notes.md", 2)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_passes(tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.md").write_text(text)
    assert not list(findings([tmp_path / "notes.md"], tmp_path))


@pytest.mark.parametrize("name", ["requirements/runtime.txt", "package-lock.json", "some/package-lock.json"])
def test_a_lock_file_holds_no_address_at_all(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('"resolved": "https://packages.example.org/a.tgz"\n')
    assert [finding.what for finding in findings([path], tmp_path)] == ["a lock file with an address"]
