"""Which stored sets of types does a query select? They are asked for beside its pages, and again until they hold for them.

An entity may get a set of types that none had before between the two statements. It would be passed over although it has been of
a type that is asked for all the time.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from kairo.context.entities.store import type_sets
from kairo.context.query import EntityQuery
from kairo.context.query.types import AnyType
from kairo.platform.db import Coalescer

TRIES = 5  # writers who make set after set do not keep a reader for ever

Keys = list[list[str] | None]


@dataclass(slots=True)
class Round:
    """The type keys that the query selects, then those of each of its selectors (None: all). `seen` is how many sets the last
    statement saw that the asker sent, where it says so: that spares the question whether there are others by now."""

    keys: Keys
    seen: int | None = None

    @property
    def selected(self) -> list[str] | None:
        """The type keys of all that may be found; None: any. With selectors, each has its own."""
        if self.keys[0] is not None or not self.keys[1:]:
            return self.keys[0]
        keys: dict[str, None] = {}
        for of_selector in self.keys[1:]:
            if of_selector is None:
                return None
            keys |= dict.fromkeys(of_selector)
        return list(keys)

    @property
    def finds_nothing(self) -> bool:
        """Whether no entity is of such a type."""
        return self.keys[0] == []


async def rounds(reads: Coalescer, tenant: str, query: EntityQuery) -> AsyncIterator[Round]:
    """What is found in the last round is right: sets are only added, and they were the same before and after."""
    given = (query.types, *(one.types for one in query.selectors))
    selections = [None if isinstance(types, AnyType) else types for types in given]
    if not any(selections):
        yield Round([None] * len(selections))
        return
    sets = await type_sets(reads, tenant)
    for _ in range(TRIES):
        keys = [None if types is None else [key for key in sets if types.matches(sets[key])] for types in selections]
        this = Round(keys)
        yield this
        if this.seen == len(sets):
            return
        before, sets = sets, await type_sets(reads, tenant)
        if len(sets) == len(before):
            return
