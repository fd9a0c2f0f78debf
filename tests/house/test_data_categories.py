"""Does every personal type, and every personal attribute of an open one, say what the law calls its data? And do roles name what there is?"""

import pytest

from kairo.parts import declarations, manifests
from kairo.platform.handling import DataCategory
from kairo.platform.manifests import EntityType
from kairo.trust.roles.rules import check_roles

KINDS = [kind for manifest in manifests() for kind in manifest.entity_types]


def silent(kind: EntityType) -> list[str]:
    """What of a type has no category, though it is personal."""
    found = [name for name in sorted(kind.personal_attributes) if name not in kind.categories and kind.data_class == "open"]
    return [*([kind.type] if kind.data_class == "personal" and kind.category is None else []), *found]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_personal_data_say_what_they_are(kind: EntityType) -> None:
    assert not silent(kind), f"say `category` or `categories` (platform/handling.py) of {silent(kind)} of {kind.type}"


def test_roles_stand_on_what_is_declared() -> None:
    assert check_roles([role for manifest in manifests() for role in manifest.roles], declarations().by_type)


def test_silence_is_seen() -> None:
    assert silent(EntityType("A", "personal", {"en": "a"})) == ["A"]
    assert silent(EntityType("A", "open", {"en": "a"}, frozenset({"phone"}))) == ["phone"]
    assert not silent(EntityType("A", "open", {"en": "a"}, frozenset({"phone"}), categories={"phone": DataCategory.PERSONAL}))
