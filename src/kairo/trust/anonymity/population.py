"""Who is counted, and with which values? Persons, not entities: what the entities of a type say of each person that they are about.

A person whose entities disagree has SEVERAL values and is counted once, so the lines of a table add up.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from kairo.context.gate import Declarations
from kairo.context.granting import subject_rows
from kairo.context.granting.subjects import WHOLE
from kairo.context.reading import instances_of, value_of
from kairo.platform.clock import TOKYO
from kairo.platform.manifests import Attribute
from kairo.trust.anonymity.groups import SEVERAL, UNKNOWN, Counted, Value

_LONGEST: Final = 1000


def persons_of(doc: Mapping[str, Any], declarations: Declarations) -> list[str]:
    """Whom the entity is about as a whole; where nobody is named, itself."""
    rows = subject_rows(doc["id"], None, doc, declarations)
    whole = {row["subject"] for row in rows if row.get("attribute") == WHOLE}
    return sorted(whole or {row["subject"] for row in rows if "subject" in row}) or [doc["id"]]


def value_in(doc: dict[str, Any], attribute: Attribute, today: date) -> Value:
    """What the entity says, as a value to divide by. What is not of the declared kind, NaN among them, is unknown."""
    if attribute.kind == "Relationship" and len(instances_of(doc, attribute.name)) > 1:
        return SEVERAL
    found = value_of(doc, attribute.name)
    if attribute.value in {"date", "time"}:
        return _age(found, today)
    if attribute.value in {"number", "integer"}:
        is_number = isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)
        return found if is_number and abs(found) < 1e15 else UNKNOWN
    if isinstance(found, list):
        return UNKNOWN if not found else SEVERAL if len(found) > 1 else _text(found[0])
    return _text(found)


def _text(found: Any) -> str:
    if isinstance(found, bool):
        return "=true" if found else "=false"
    return f"={found[:_LONGEST]}" if isinstance(found, str) and found else UNKNOWN


def _age(found: Any, today: date) -> Value:
    """Full years on that day."""
    try:
        born = date.fromisoformat(found) if len(found) == 10 else datetime.fromisoformat(found).astimezone(TOKYO).date()
    except (TypeError, ValueError):
        return UNKNOWN
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years if years >= 0 else UNKNOWN


class People:
    """The persons of a population with their values, gathered document by document."""

    def __init__(self, attributes: Sequence[Attribute], today: date, declarations: Declarations) -> None:
        self._attributes = attributes
        self._today = today
        self._declarations = declarations
        self.by_person: dict[str, tuple[Value, ...]] = {}
        self.entities = 0
        self.synthetic = False  # whether any entity says that it is made up

    def add(self, doc: dict[str, Any]) -> None:
        """One entity more."""
        self.entities += 1
        self.synthetic = self.synthetic or value_of(doc, "synthetic") is True
        values = tuple(value_in(doc, attribute, self._today) for attribute in self._attributes)
        for person in persons_of(doc, self._declarations):
            known = self.by_person.get(person)
            self.by_person[person] = values if known is None else tuple(map(_merged, known, values))

    def counted(self, protected: Collection[str]) -> Counted:
        """How many persons have which values, and how many of them are not protected."""
        every = Counter(self.by_person.values())
        hidden = Counter(self.by_person[person] for person in protected if person in self.by_person)
        return {values: (many, many - hidden[values]) for values, many in every.items()}


def _merged(one: Value, other: Value) -> Value:
    if one == other or other == UNKNOWN:
        return one
    return other if one == UNKNOWN else SEVERAL


def frequent(counted: Counted, at: int, k: int, known: Iterable[str]) -> list[str]:
    """The texts that at least k unprotected persons have, and those that a table named before: all others are rare."""
    many: Counter[Value] = Counter()
    for values, (_, unprotected) in counted.items():
        many[values[at]] += unprotected
    named = {text for text, persons in many.items() if persons >= k and isinstance(text, str) and text.startswith("=")}
    return sorted({*named, *known})


def extremes(counted: Counted, at: int, k: int) -> tuple[float, float]:
    """The numbers beyond which, on either side, there are fewer than k unprotected persons."""
    numbers = sorted(
        (values[at], unprotected) for values, (_, unprotected) in counted.items() if not isinstance(values[at], str)
    )
    return _kth(numbers, k), _kth(numbers[::-1], k)


def _kth(numbers: list[tuple[Any, int]], k: int) -> float:
    seen = 0
    for number, persons in numbers:
        seen += persons
        if seen >= k:
            return float(number)
    return 0.0
