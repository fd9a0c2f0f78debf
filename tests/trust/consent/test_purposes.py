"""Are purposes said whole, in three languages, and do published texts stay as they are?"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kairo.errors import StartError
from kairo.parts import manifests
from kairo.platform.handling import SENSITIVE
from kairo.platform.manifests import Purpose
from kairo.trust.consent.permissions import COUNTER
from kairo.trust.consent.purposes import Purposes, digest_of, document_of, incomplete, purpose_of, read_purposes
from tests.trust.consent.people import FAMILY, PARTNERS, category, purpose, words

LOCK = Path(__file__).with_name("texts.lock")
PUBLISHED = [one for manifest in manifests() for one in manifest.purposes]


def recorded() -> dict[str, str]:
    """`id version` → digest."""
    lines = [line.split() for line in LOCK.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {f"{id} {version}": digest for id, version, digest in lines}


def test_published_texts_do_not_change() -> None:
    present = {f"{one.id} {one.version}": digest_of(one) for one in PUBLISHED}
    known = recorded()
    changed = [name for name, digest in present.items() if known.get(name, digest) != digest]
    assert not changed, f"people agreed to these words: raise the version of {changed}"
    assert not present.keys() - known.keys(), f"add to {LOCK.name}: {present}"


def test_the_program_has_a_purpose_for_family_and_one_for_a_partner() -> None:
    known = Purposes(PUBLISHED)
    assert known.open("family")[0].audience == "family"
    assert "application:watching-over" in known.open("watching-over")[0].recipients
    assert [one.id for one in known.all()] == sorted(one.id for one in PUBLISHED)


def test_the_duty_of_the_counter_is_declared() -> None:
    assert any(COUNTER in role.purposes for manifest in manifests() for role in manifest.roles)


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.id)
def test_what_people_read_is_what_is_opened(one: Purpose) -> None:
    """A category names declared personal types, and attributes that they have; it says where it holds sensitive data."""
    types = {kind.type: kind for manifest in manifests() for kind in manifest.entity_types}
    for each in one.categories:
        for kind in (types[name] for name in each.types):
            declared = {attribute.name for attribute in kind.attributes}
            assert kind.data_class == "personal"
            assert declared.issuperset(each.attributes), each.id
            told = {kind.category_of(name) for name in each.attributes or declared}
            assert each.sensitive or not told & SENSITIVE, each.id


@pytest.mark.parametrize("one", [FAMILY, PARTNERS, *PUBLISHED], ids=lambda one: one.id)
def test_a_text_comes_back_as_it_was_kept(one: Purpose) -> None:
    assert purpose_of(document_of(one)) == one
    assert digest_of(purpose_of(document_of(one))) == digest_of(one)


def test_every_word_counts() -> None:
    assert digest_of(replace(FAMILY, text=words("other"))) != digest_of(FAMILY)
    assert digest_of(replace(FAMILY, longest_days=99)) != digest_of(FAMILY)
    assert digest_of(replace(FAMILY, retired=True)) == digest_of(FAMILY), "what was agreed to does not depend on it"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Family"},
        {"id": ""},
        {"version": 0},
        {"audience": "everyone"},
        {"title": {"ja": "a", "en": "a"}},
        {"text": {"ja": "a", "ja-x-easy": " ", "en": "a"}},
        {"articles": ()},
        {"longest_days": 0},
        {"longest_days": 1097},
        {"categories": ()},
        {"categories": (category("a"), category("a"))},
        {"categories": (replace(category("a"), types=()),)},
        {"categories": tuple(category(f"a{number}") for number in range(31))},
        {"recipients": {"application:x": words("x")}},
    ],
)
def test_what_is_incomplete_is_not_declared(change: Any) -> None:
    one = replace(FAMILY, **change)
    assert incomplete(one)
    with pytest.raises(ValueError, match=one.id or "purpose"):
        Purposes([one])


@pytest.mark.parametrize(
    "recipients", [{}, {"application:": words("x")}, {"resident:x": words("x")}, {"department:x": words("x")}]
)
def test_recipients_fit_the_audience(recipients: Any) -> None:
    assert incomplete(purpose("watching", "application", recipients=recipients))


def test_a_file_of_purposes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "purposes.yaml"
    path.write_text(
        yaml.safe_dump([plain(document_of(FAMILY)), plain(document_of(PARTNERS))], allow_unicode=True), encoding="utf-8"
    )
    assert read_purposes(path) == (FAMILY, PARTNERS)


@pytest.mark.parametrize("content", ["- 1", "[", "- {id: x}", "- {id: family, version: 1, unknown: 2}", "", "a: b"])
def test_a_file_that_is_wrong_says_where(tmp_path: Path, content: str) -> None:
    path = tmp_path / "purposes.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StartError, match=r"purposes\.yaml"):
        read_purposes(path)


def test_a_file_with_a_wrong_member_says_where(tmp_path: Path) -> None:
    path = tmp_path / "purposes.yaml"
    for change in (
        {"unknown": 1},
        {"chapter": "none"},
        {"categories": 1},
        {"categories": [1]},
        {"version": "1"},
        {"articles": 1},
    ):
        path.write_text(yaml.safe_dump([{**plain(document_of(FAMILY)), **change}]), encoding="utf-8")
        with pytest.raises(StartError, match="purpose 1"):
            read_purposes(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be read"):
        read_purposes(tmp_path / "none.yaml")


def plain(document: Any) -> Any:
    """What YAML writes without tags."""
    if isinstance(document, dict):
        return {name: plain(value) for name, value in document.items()}
    if isinstance(document, list | tuple):
        return [plain(one) for one in document]
    return getattr(document, "value", document)


def test_two_purposes_of_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match="twice"):
        Purposes([FAMILY, purpose(version=2)])
