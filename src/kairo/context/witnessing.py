"""What of an answer is a look at people? The personal attributes in what is handed on, told to the witness before it is.

An entity of a personal type is personal as a whole; of others those attributes are that their types declare so. Processes of Kairo's own
(`system:`) hand nothing on to anyone; those that go through many people's data keep one record of their own (trust/disclosure).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import orjson

from kairo.context.entities.finding import Row
from kairo.context.entities.store import type_sets
from kairo.context.gate import DataClass, Declarations, Look, Scope, Witness
from kairo.context.query import EntityQuery, Order, paths
from kairo.context.query.types import AnyType
from kairo.platform.db import Coalescer

Shows = Callable[[str], bool]  # whether a member of an entity is handed on
MOST_COUNTED: Final = 1000  # a number about more entities tells nothing about any of them
_ENTITY: Final = ("id", "type")
_REMEMBERED_MOST: Final = 10_000


def EVERYTHING(_: str) -> bool:  # noqa: N802 - it stands for a constant
    """Shows every member."""
    return True


class Watching:
    """One for a graph. Without a witness nobody is told: for tests of what has nothing to do with it."""

    def __init__(self, witness: Witness | None, declarations: Declarations, reads: Coalescer) -> None:
        self._witness = witness
        self._declarations = declarations
        self._reads = reads
        self._by_type_key: dict[str, tuple[bool, frozenset[str]]] = {}
        self.most_counted = MOST_COUNTED

    def is_personal(self, type_key: str) -> bool:
        """Whether entities of these types may hold personal data. Asked of every row, so the answer is remembered."""
        whole, names = self._declared(type_key)
        return whole or bool(names)

    def _declared(self, type_key: str) -> tuple[bool, frozenset[str]]:
        known = self._by_type_key.get(type_key)
        if known is None:
            if len(self._by_type_key) >= _REMEMBERED_MOST:
                self._by_type_key.clear()
            types = type_key.split(" ")
            whole = self._declarations.class_of(types) is DataClass.PERSONAL
            known = self._by_type_key[type_key] = (whole, self._declarations.personal(types))
        return known

    def _look(self, id: str, type_key: str, names: Iterable[str], shows: Shows, asked: frozenset[str]) -> Look | None:
        whole, personal = self._declared(type_key)
        seen = [
            name for name in names if name not in _ENTITY and (whole or name in personal) and (name in asked or shows(name))
        ]
        return Look(id, tuple(type_key.split(" ")), tuple(sorted(seen))) if seen or whole else None

    async def see(self, scope: Scope, documents: Iterable[tuple[str, str, bytes]], shows: Shows = EVERYTHING) -> None:
        """Stored documents, as the asker gets them: (id, type key, bytes)."""
        looks = [self._look(id, key, orjson.loads(raw), shows, frozenset()) for id, key, raw in documents]
        await self._tell(scope, [look for look in looks if look is not None])

    async def see_rows(
        self,
        scope: Scope,
        rows: Sequence[Row],
        shows: Shows = EVERYTHING,
        query: EntityQuery | None = None,
        order: Order | None = None,
    ) -> None:
        """Rows of which the asker gets what `shows` says; what the query asked about them is told by their being there."""
        if self._witness is None or not any(self.is_personal(row.type_key) for row in rows):
            return
        asked = asked_about(query, order)
        looks = [self._look(row.id, row.type_key, row.doc, shows, asked) for row in rows if self.is_personal(row.type_key)]
        await self._tell(scope, [look for look in looks if look is not None])

    async def see_past(self, scope: Scope, shown: Mapping[str, tuple[tuple[str, ...], Iterable[str]]]) -> None:
        """What is handed on of the past of entities: by id their types and the names of the attributes."""
        looks = [self._look(id, " ".join(types), names, EVERYTHING, frozenset()) for id, (types, names) in shown.items()]
        await self._tell(scope, [look for look in looks if look is not None])

    async def counts(self, scope: Scope, query: EntityQuery) -> bool:
        """Whether a number that this query gives says something about persons: it has a condition, and may find personal data."""
        if self._witness is None or not (scope.by_grants or scope.reads_personal) or not _has_condition(query):
            return False
        sets = await type_sets(self._reads, scope.tenant)
        personal = [types for key, types in sets.items() if self.is_personal(key)]
        given = (query.types, *(one.types for one in query.selectors))
        named = [types for types in given if types is not None and not isinstance(types, AnyType)]
        is_wide = len(named) < len(given) - (query.types is None and bool(query.selectors))
        return bool(personal) and (is_wide or any(any(map(types.matches, personal)) for types in named))

    async def see_number(self, scope: Scope, rows: Sequence[Row], query: EntityQuery) -> None:
        """The entities that a number is about; none where it is about too many to say anything of each."""
        asked = asked_about(query, None)
        looks = [self._look(row.id, row.type_key, row.doc, lambda _: False, asked) for row in rows]
        found = [look for look in looks if look is not None]
        if self._witness is not None and (found or not rows):
            await self._witness.saw(scope, found)

    async def _tell(self, scope: Scope, looks: Sequence[Look]) -> None:
        if self._witness is not None and looks and not scope.principal.startswith("system:"):
            await self._witness.saw(scope, looks)


def asked_about(query: EntityQuery | None, order: Order | None) -> frozenset[str]:
    """The attributes whose values decide whether, or where, an entity stands in an answer."""
    names: set[str] = set()
    if query is not None:
        names.update(path.names[0] for path in paths(query.q)) if query.q is not None else None
        names.update([query.geo.attribute] if query.geo is not None else [])
        names.update(["scope"] if query.scope_q is not None else [])
        names.update(query.attrs)
    if order is not None:
        names.update(term.path.names[0] for term in order.terms)
    return frozenset(names)


def _has_condition(query: EntityQuery) -> bool:
    narrowed = query.q or query.geo or query.scope_q or query.id_pattern
    return bool(query.ids or narrowed or query.attrs or query.selectors)
