"""Do the docs say what the program does? Generated pages, the READMEs' two commands, links, the glossary, publiccode.yml."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from kairo.settings import Settings
from scripts.generate_docs import PAGES, stale
from tests.house.house import ROOT, name_of, repository

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")
PICTURE = re.compile(r"<img[^>]+src=\"(?!https?:)([^\"]+)\"")


def test_the_generated_pages_are_up_to_date() -> None:
    assert not stale().keys(), "run `make fix`"


def test_a_stale_page_is_seen(tmp_path: Path) -> None:
    for name, page in PAGES.items():
        text = page()
        if text is not None:
            (tmp_path / name).write_text(text)
    assert not stale(tmp_path)
    (tmp_path / "settings.md").write_text("# Settings\n")
    assert stale(tmp_path).keys() == {"settings.md"}


@pytest.mark.parametrize("field", dataclasses.fields(Settings), ids=lambda field: field.name)
def test_every_setting_has_a_meaning_and_a_line(field: Any) -> None:
    meaning = field.metadata["meaning"]
    assert meaning[0].isupper(), meaning
    assert meaning.endswith("."), meaning
    assert f"| `KAIRO_{field.name.upper()}` |" in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_readmes_show_the_two_commands(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for command in ("make run", "make test"):
        assert re.search(rf"(?m)^(?:    |\$ )?{command}\b", text), f"{name} shows no `{command}` on a line of its own"
    assert "docs/images/home.png" in text


def test_links_lead_somewhere() -> None:
    to_be_written = {ROOT / "docs" / name for name, page in PAGES.items() if page() is None}
    broken = [
        f"{name_of(path)}: {target}"
        for path in repository()
        if path.suffix == ".md"
        for pattern in (LINK, PICTURE)
        for target in pattern.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists() and (path.parent / target).resolve() not in to_be_written
    ]
    assert not broken, "\n".join(broken)


def test_the_glossary_is_a_glossary() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|") and not set(line) <= set("|- ")]
    terms = [row[0].strip() for row in rows if row[0].strip() != "日本語"]
    assert len(terms) >= 80
    assert sorted(terms) == sorted(set(terms)), "a term stands once"
    assert not [row for row in rows if len(row) != 3 or not row[1].strip()], "日本語, English and a note"


def test_decisions_are_numbered() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [path.name[:4] for path in records]
    assert numbers
    assert all(number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(numbers)
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"(?mi)^(?:[-*] )?\**status\**:? |^## Status", text), f"{path.name}: say the status"


def test_publiccode_has_what_the_standard_asks() -> None:
    published: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    required = {
        "publiccodeYmlVersion",
        "name",
        "url",
        "platforms",
        "developmentStatus",
        "softwareType",
        "description",
        "legal",
        "maintenance",
        "localisation",
    }
    assert required <= published.keys()
    assert str(published["publiccodeYmlVersion"]) == "0.4"
    assert published["legal"]["license"] == "Apache-2.0"
    assert published["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert published["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    assert {"localisationReady", "availableLanguages"} <= published["localisation"].keys()
    for language, texts in published["description"].items():
        assert re.fullmatch(r"[a-z]{2}", language)
        assert len(texts["shortDescription"]) <= 150
        assert 150 <= len(texts["longDescription"]) <= 10_000
        assert texts["features"]


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text) > 10_000


def test_the_changelog_names_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changelog
    assert "Keep a Changelog" in changelog
