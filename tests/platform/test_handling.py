"""Do a type's categories agree with its class, name what there is, and never mean a 個人番号?"""

from typing import Any

import pytest

from kairo.platform.handling import DataCategory
from kairo.platform.manifests import EntityType, attributes

OPEN, RELATED, PERSONAL, SENSITIVE, SPECIFIC, PSEUDONYMISED, ANONYMISED = DataCategory
DECLARED = attributes(name="text", phone="text", diagnosis="text")


def kind(data_class: Any = "personal", **more: Any) -> EntityType:
    return EntityType("Person", data_class, {"en": "person"}, **{"attributes": DECLARED, **more})


@pytest.mark.parametrize("category", DataCategory)
@pytest.mark.parametrize("data_class", ["open", "personal"])
def test_a_category_agrees_with_the_class(category: DataCategory, data_class: str) -> None:
    """Only open data are open: 個人関連情報 and both kinds of processed data are for those whom a basis lets have them."""
    if category is SPECIFIC or (category is OPEN) is not (data_class == "open"):
        with pytest.raises(ValueError, match="never stored" if category is SPECIFIC else "does not agree"):
            kind(data_class, category=category)
    else:
        assert kind(data_class, category=category).category_of("name") is category


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"categories": {"name": OPEN}}, "does not agree"),
        ({"categories": {"name": SPECIFIC}}, "never stored"),
        ({"categories": {"dagnosis": SENSITIVE}}, "no attribute"),
        ({"data_class": "open", "categories": {"phone": PERSONAL}}, "does not agree"),
        ({"data_class": "open", "categories": {"phone": OPEN}, "personal_attributes": frozenset({"phone"})}, "does not agree"),
        ({"attributes": attributes(myNumber="text")}, "never stored"),
        ({"personal_attributes": frozenset({"個人番号"})}, "never stored"),
        ({"attributes": (), "categories": {"https://example.org/vocab#individual_number": PERSONAL}}, "never stored"),
    ],
)
def test_a_contradiction_is_a_programming_error(more: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        kind(**more)


def test_an_attribute_has_its_own_category_else_that_of_its_type() -> None:
    person = kind(category=RELATED, categories={"diagnosis": SENSITIVE})
    assert [person.category_of(name) for name in ("name", "diagnosis", "undeclared")] == [RELATED, SENSITIVE, RELATED]
    hall = kind("open", personal_attributes=frozenset({"phone"}), category=OPEN)
    assert [hall.category_of(name) for name in ("name", "phone")] == [OPEN, PERSONAL]
    assert kind().category_of("name") is PERSONAL
    assert kind("open").category_of("name") is OPEN
