"""Are the glossary's words those of the program? Every declared entity type stands in it, with the titles that pages show."""

import re

import pytest

from kairo.parts import manifests
from kairo.platform.manifests import EntityType
from tests.house.house import ROOT

TYPES = [kind for manifest in manifests() for kind in manifest.entity_types]
ASIDE = re.compile(r"\s*[（(].*?[）)]")


def rows() -> list[tuple[str, str, str]]:
    """日本語, English and note of every line."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    return [(row[0], row[1], row[2]) for row in cells if len(row) == 3]


def plain(words: str) -> str:
    """The words without what stands in brackets."""
    return ASIDE.sub("", words).strip().casefold()


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.type)
def test_every_entity_type_is_in_the_glossary(kind: EntityType) -> None:
    found = [row for row in rows() if plain(row[0]) == plain(kind.title["ja"])]
    assert found, f"docs/glossary.md has no line for {kind.title['ja']} (`{kind.type}`): a new word goes there first"
    _, english, note = found[0]
    assert plain(english) == plain(kind.title["en"]), f"{kind.type}: the page says {kind.title['en']}, the glossary {english}"
    assert f"`{kind.type}`" in note, f"name the type `{kind.type}` in the note of {kind.title['ja']}"
