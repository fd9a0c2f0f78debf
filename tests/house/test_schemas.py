"""Do published versions of entity types stay as they are? And does what the program itself writes fit what it publishes?"""

from datetime import date
from pathlib import Path

import pytest

from kairo.context.types.schemas import digest_of
from kairo.parts import manifests
from kairo.platform.i18n import LANGUAGES, Catalogue
from kairo.platform.manifests import EntityType, FormerVersion, attributes
from kairo.services.portal import manifest as portal
from scripts.schemas import LOCK, present, problems, recorded

KINDS = [kind for manifest in manifests() for kind in manifest.entity_types]
FIRST = EntityType("Gauge", "open", {"en": "Gauge"}, attributes=attributes(level="number CMT!"))


def test_published_versions_do_not_change() -> None:
    assert not problems(present())


def test_every_version_is_recorded() -> None:
    assert present().keys() == recorded().keys(), "run `make fix`, which records new versions"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_every_type_says_what_its_attributes_are_and_what_they_are_called(kind: EntityType) -> None:
    assert kind.attributes, f"declare the attributes of {kind.type} in its manifest"
    words = Catalogue()
    words.add("portal", Path(str(portal.__file__)).parent / "messages")
    nameless = [
        each.name
        for each in kind.attributes
        if not all(f"portal.attribute.{each.name}" in words.keys(tag) for tag in LANGUAGES)
    ]
    assert not nameless, f"services/portal/messages has no words for {nameless} of {kind.type}"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A record of the first version of one type."""
    path = tmp_path / LOCK.name
    path.write_text(f"# a record\n{digest_of(FIRST, 1)}  Gauge/v1\n")
    return path


@pytest.mark.parametrize(
    "said",
    [{"level": "number CMT"}, {"level": "number MTR!"}, {"level": "text!"}, {"level": "number CMT!", "name": "text"}, {}],
)
def test_a_changed_schema_is_seen(said: dict[str, str], lock: Path) -> None:
    assert not problems(present([FIRST]), lock)
    changed = EntityType("Gauge", "open", {"en": "Gauge"}, attributes=attributes(**said))
    assert "Gauge/v1 was published and has changed" in problems(present([changed]), lock)[0]


def test_a_next_version_and_other_words_are_no_change(lock: Path) -> None:
    former = FormerVersion(FIRST.attributes, date(2027, 4, 1), date(2028, 4, 1), dict)
    second = EntityType("Gauge", "open", {"en": "River gauge"}, attributes=attributes(height="number MTR!"), former=(former,))
    assert not problems(present([second]), lock)
    assert present([second]).keys() == {"Gauge/v1", "Gauge/v2"}


def test_a_version_that_went_is_seen(lock: Path) -> None:
    assert "Gauge/v1 was published and is gone" in problems(present([]), lock)[0]
