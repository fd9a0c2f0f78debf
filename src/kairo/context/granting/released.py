"""What of a document do grants release, asked without the database? The rule of query/seeing.py over what a change left behind.

For what is no row any more: the entity as it was when it changed, whom it named then and before. Documents have stored names.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.granting.grants import Grant
from kairo.context.granting.subjects import WHOLE, named_by, subject_rows
from kairo.context.model.stored import as_tuple

Doc = Mapping[str, Any]


class Past:
    """An entity at a change. `before`: instances (attribute, instance) that the change replaced or removed."""

    def __init__(
        self, id: str, types: Collection[str], doc: Doc, before: Iterable[tuple[str, Any]], declarations: Declarations
    ) -> None:
        self._types = frozenset(types)
        self._scopes = as_tuple(doc["scope"]) if "scope" in doc else ()
        self._now = subject_rows(id, None, {**doc, "type": list(types)}, declarations)[1:]
        then = [row for name, instance in before for row in named_by(id, types, name, instance, declarations)]
        self._about = {(row["attribute"], row["subject"]) for row in (*self._now, *then)}
        self.is_personal = declarations.class_of(self._types) is DataClass.PERSONAL

    @property
    def persons(self) -> frozenset[str]:
        """Everyone whom it is, or was, about."""
        return frozenset(person for _, person in self._about)

    def hidden(
        self, closed: Iterable[str], scope: Scope, grants: Iterable[Grant], shielded: Collection[str] = ()
    ) -> frozenset[str]:
        """Which of these attributes stay hidden from an asker who holds these grants, for its purpose and at this moment. `shielded`:
        those of the persons whom no grant of an area or a role reveals."""
        mine = [one for one in grants if self._types.intersection(one.types)]
        wide = [one for one in mine if self._is_wide(one, scope)]
        return frozenset(
            name
            for name in closed
            if not ((_covers(wide, name) and self._whom(name).isdisjoint(shielded)) or self._agreed(name, scope, mine))
        )

    def _whom(self, name: str) -> set[str]:
        return {person for attribute, person in self._about if attribute in (WHOLE, name)}

    def _agreed(self, name: str, scope: Scope, mine: Iterable[Grant]) -> bool:
        about = self._whom(name)
        return bool(about) and all(
            person in scope.persons or _covers([one for one in mine if one.subject == person], name) for person in about
        )

    def _is_wide(self, one: Grant, scope: Scope) -> bool:
        if one.area is not None:
            return not one.area or any(f"{here}/".startswith(f"{one.area}/") for here in self._scopes)
        return any(row["role"] == one.relation and row["subject"] in scope.persons for row in self._now)


def _covers(grants: Iterable[Grant], name: str) -> bool:
    return any(one.attributes is None or name in one.attributes for one in grants)
