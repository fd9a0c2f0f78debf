"""Does an index help with this query? If so the statement looks only at the entities that it names, and asks them all it would have
asked of any: an index makes an answer faster, never another.

- It is used where it names few entities. A bounded count says so beforehand: of a q that half of all entities meet, a page is
  found sooner without.
- It is used for who may read the attribute of every entity of the types. Else the time of an answer would tell what it holds in
  entities, or attributes, that are withheld.
- It must have been ready at the moment of the statement. It is asked again afterwards: a number never comes twice, so what was
  ready before and after was so in between.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from kairo.context.gate import Declarations, Scope
from kairo.context.indexing import store
from kairo.context.indexing.keys import Sought, sought_by
from kairo.context.indexing.uses import Uses
from kairo.context.query.tree import Q
from kairo.platform.clock import Clock
from kairo.platform.db import Database
from kairo.platform.observability import metrics

T = TypeVar("T")
Parameter = Callable[[object], str]

MOST: Final = 20_000  # entities that an index may name where all that match must be looked at anyway
KNOWN_SECONDS: Final = 10.0
SLOW_SECONDS: Final = 0.02  # from here on an index is missed by a query that went through all entities of its types
_FULL_PAGE: Final = 10  # times as long for one that ended when its page was full: the machine may just be busy
_COUNTED_SECONDS: Final = 60.0
_MOST_REMEMBERED: Final = 1_000
_MOST_RANGES: Final = 10  # of what is remembered
_MOST_TENANTS: Final = 10_000
_MOST_TYPE_KEYS: Final = 20
_MOST_TERMS: Final = 3


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Entities with a key in one of `ranges` of the indexes `ids`: among them are all that the query finds."""

    ids: tuple[int, ...]
    attribute: str
    ranges: tuple[tuple[str, str], ...]

    def condition(self, parameter: Parameter) -> str:
        """In SQL; entity is `e`, the tenant `$1`."""
        lows, highs = [low for low, _ in self.ranges], [high for _, high in self.ranges]
        return store.entities_in(parameter(list(self.ids)), parameter(lows), parameter(highs))


def most_for(entities: int) -> int:
    """How many entities an index may name for a page that ends with so many: of more, a scan finds them about as soon."""
    return min(MOST, 1_000 + 50 * entities)


class Narrower:
    """Chooses indexes for queries, and counts where one helped or was missed. One for a process's graph."""

    def __init__(
        self,
        database: Database,
        declarations: Declarations,
        clock: Clock,
        *,
        known_seconds: float = KNOWN_SECONDS,
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        self._database = database
        self._declarations = declarations
        self._known_seconds = known_seconds
        self._slow_seconds = slow_seconds
        self._known: dict[str, tuple[float, dict[tuple[str, str], int]]] = {}
        self._counted: dict[tuple[str, Narrowing], tuple[float, int, int]] = {}
        self.uses = Uses(database, clock)

    async def ask(
        self,
        scope: Scope,
        q: Q | None,
        keys: Sequence[str] | None,
        most: int,
        put: Callable[[Narrowing | None], Awaitable[tuple[T, int | None]]],
    ) -> T:
        """The answer of `put`, which puts the query, narrowed or not, and also says how many entities it found (None: its page is
        full). `keys`: the type keys of what may be found (None: any). `most`: so many entities an index may name to be of use."""
        sought = self._sought(scope, q, keys)
        if not sought or keys is None:
            return (await put(None))[0]
        known = await self._ready(scope.tenant)
        narrowing = await self._choose(scope.tenant, known, keys, sought, most)
        if narrowing is not None:
            answer, _ = await put(narrowing)
            if await store.are_ready(self._database, scope.tenant, narrowing.ids):
                self.uses.count(scope.tenant, [(key, narrowing.attribute) for key in keys])
                metrics.NARROWED.labels("used").inc()
                return answer
            self._known.pop(scope.tenant, None)
        begun = time.perf_counter()
        answer, number = await put(None)
        slow = self._slow_seconds if number is not None else _FULL_PAGE * self._slow_seconds
        if time.perf_counter() - begun >= slow and (number or 0) <= MOST:
            missed = [(key, one.attribute) for one in sought for key in keys if (key, one.attribute) not in known]
            self.uses.count(scope.tenant, missed)
            metrics.NARROWED.labels("missed").inc(bool(missed))
        return answer

    def _sought(self, scope: Scope, q: Q | None, keys: Sequence[str] | None) -> list[Sought]:
        """Of what the query seeks, that for which this asker may be given an index."""
        if q is None or not keys or len(keys) > _MOST_TYPE_KEYS:
            return []
        types = [key.split(" ") for key in keys]
        if not all(self._declarations.class_of(names) in scope.read_classes for names in types):
            return []
        sought = sought_by(q)
        if not scope.reads_personal:
            personal = frozenset().union(*map(self._declarations.personal, types))
            sought = [one for one in sought if one.attribute not in personal]
        return sought[:_MOST_TERMS]

    async def _ready(self, tenant: str) -> dict[tuple[str, str], int]:
        """The ready indexes of a tenant, as they were some seconds ago at the most."""
        now = time.monotonic()
        known = self._known.get(tenant)
        if known is None or now - known[0] >= self._known_seconds:
            if len(self._known) >= _MOST_TENANTS:
                self._known.clear()
            known = self._known[tenant] = (now, await store.ready(self._database, tenant))
        return known[1]

    async def _choose(
        self, tenant: str, known: dict[tuple[str, str], int], keys: Sequence[str], sought: list[Sought], most: int
    ) -> Narrowing | None:
        """The narrowing that leaves the fewest entities, if they are at most so many."""
        best = None
        for one in sought:
            ids = [known.get((key, one.attribute)) for key in keys]
            if None in ids:
                continue
            narrowing = Narrowing(tuple(id for id in ids if id is not None), one.attribute, one.ranges)
            number = await self._count(tenant, narrowing, most)
            if number <= most:
                best, most = narrowing, number - 1
        return best

    async def _count(self, tenant: str, narrowing: Narrowing, most: int) -> int:
        """How many rows an index has for it, counted to one more than `most`, and remembered for a minute: what everybody asks for
        should not have to be counted each time. It is a hint."""
        now = time.monotonic()
        until, number, counted_to = self._counted.get((tenant, narrowing), (0.0, 0, 0))
        if now < until and (number > most or number < counted_to):
            return number
        number = await store.count(self._database, tenant, narrowing.ids, narrowing.ranges, most + 1)
        if len(narrowing.ranges) <= _MOST_RANGES:
            if len(self._counted) >= _MOST_REMEMBERED:
                self._counted.clear()
            self._counted[tenant, narrowing] = (now + _COUNTED_SECONDS, number, most + 1)
        return number
