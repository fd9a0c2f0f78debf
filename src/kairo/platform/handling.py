"""How does a part say that its personal data are to be handled? Categories of the law, who answers for them, roles that read them.

The gate's two-step class (open, personal) stays what the broker joins; the category says why, and what follows: who must agree, what
two people decide, in which chapter of 個人情報保護法 the rules stand.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kairo.platform.personal_numbers import means_personal_number

Texts = Mapping[str, str]  # language (ja, ja-x-easy, en) → text


class DataCategory(StrEnum):
    """What kind of data, in the words of 個人情報保護法 and of 番号法. All but OPEN are of the gate's class `personal`."""

    OPEN = "open"  # 公開
    RELATED = "related"  # 個人関連情報
    PERSONAL = "personal"  # 個人情報
    SENSITIVE = "sensitive"  # 要配慮個人情報
    SPECIFIC = "specific"  # 特定個人情報: holds a 個人番号, which is never stored, so no declaration may say it
    PSEUDONYMISED = "pseudonymised"  # 仮名加工情報
    ANONYMISED = "anonymised"  # 行政機関等匿名加工情報: given to who was chosen, not to everyone


class Controller(StrEnum):
    """Who answers for the data. The rules of municipal bodies stand in chapter 5 of the law, those of private operators in chapter 4."""

    MUNICIPAL = "municipal"  # 行政機関等（第5章）
    PRIVATE = "private"  # 個人情報取扱事業者（第4章）


SENSITIVE: Final = frozenset({DataCategory.SENSITIVE, DataCategory.SPECIFIC})


@dataclass(frozen=True, slots=True)
class Reads:
    """What a role reads: this type, these attributes of it (none named: all)."""

    type: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A role of staff, as a part declares it: what whoever has it reads, what they may do, for which purpose, on which basis.

    `basis` is a name of trust/roles/bases.py and `cites` the law, ordinance or rule behind it. `may` names permissions.
    `purposes`: purpose → its words; an assignment is for one of them.
    """

    name: str
    title: Texts
    purposes: Mapping[str, Texts]
    reads: tuple[Reads, ...] = ()
    may: frozenset[str] = frozenset()
    basis: str = "within-purpose"
    cites: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """What the register of personal information files (個人情報保護法 75条) says of a type beside what follows from other declarations.

    `office` answers for it; `collected` says how its data come here; `kept_days` how long an entity is kept after its end, which is its
    deletion, or the end of the accounts of all whom it is about (None: for good). `exception`: why it stands in no public register
    (trust/rights/register/rules.py)."""

    office: Texts
    collected: Texts
    kept_days: int | None = None
    exception: str = ""


def check_categories(
    kind: str,
    data_class: str,
    category: DataCategory | None,
    categories: Mapping[str, DataCategory],
    known: Collection[str],
    personal: Collection[str],
) -> None:
    """Raises ValueError for a declaration that contradicts the gate's class, names an attribute that there is not, or would have a
    個人番号 stored. `known`: attributes of all versions (none where none are declared), `personal`: the personal ones."""
    if DataCategory.SPECIFIC in {category, *categories.values()}:
        raise ValueError(f"{kind}: 個人番号 is never stored, so nothing here is 特定個人情報")
    if numbers := [name for name in (*known, *personal, *categories) if means_personal_number(name)]:
        raise ValueError(f"{kind}: 個人番号 is never stored; take {numbers[0]} out")
    if category is not None and (category is DataCategory.OPEN) != (data_class == "open"):
        raise ValueError(f"{kind}: category {category.value} does not agree with the class {data_class}")
    for name, one in categories.items():
        is_closed = data_class == "personal" or name in personal
        if (one is DataCategory.OPEN) == is_closed:
            raise ValueError(f"{kind}: category {one.value} of {name} does not agree with the class of this attribute")
        if known and name not in known and name not in personal:
            raise ValueError(f"{kind}: a category is declared for {name}, which is no attribute of it")
