"""What is held about a person, and of others that they may see? Whatever any part declares, without a word of that part."""

from collections.abc import Sequence
from dataclasses import dataclass

from kairo.context.gate import Declarations, Scope
from kairo.context.granting import subject_rows
from kairo.context.graph import Doc, GraphInterface
from kairo.context.reading import types_of

MOST = 500


@dataclass(frozen=True, slots=True)
class Held:
    """Entities about the same persons. `persons`: their URIs; `is_own`: the asker, or someone for whom they act, is among them."""

    persons: tuple[str, ...]
    is_own: bool
    docs: tuple[Doc, ...]


def personal_types(declarations: Declarations) -> list[str]:
    """The types whose entities are about persons."""
    return sorted(kind.type for kind in declarations.by_type.values() if kind.data_class == "personal" and kind.subjects)


async def held(graph: GraphInterface, scope: Scope, declarations: Declarations) -> tuple[list[Held], bool]:
    """What the asker may see of persons: their own first, then that of those for whom they act, then of others who agreed; and
    whether there is more than fits."""
    kinds = personal_types(declarations)
    if not kinds:
        return [], False
    page = await graph.find(scope, ",".join(kinds), limit=MOST)
    groups: dict[tuple[str, ...], list[Doc]] = {}
    for doc in page.docs:
        groups.setdefault(about(doc, declarations), []).append(doc)
    found = [Held(persons, any(one in scope.persons for one in persons), tuple(docs)) for persons, docs in groups.items()]
    return sorted(found, key=lambda one: _place(one, scope.persons)), page.after is not None


def about(doc: Doc, declarations: Declarations) -> tuple[str, ...]:
    """The persons whom an entity is about, as its types declare it. Empty where what names them may not be seen."""
    rows = subject_rows(doc["id"], None, {**doc, "type": types_of(doc)}, declarations)[1:]
    return tuple(sorted({row["subject"] for row in rows}))


def _place(one: Held, persons: Sequence[str]) -> tuple[int, int, tuple[str, ...]]:
    ranks = [persons.index(person) for person in one.persons if person in persons]
    return min(ranks, default=len(persons)), len(one.persons), one.persons
