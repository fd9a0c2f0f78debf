"""Which changes does somebody watch? Asked by every commit, answered from memory, and never from a memory that is too old.

The version of what is watched stands in the tenant's change counter, which every writer locks and reads anyway: where it differs
from the remembered one, the commit reads the watched types and attributes first. So a subscription holds from its own commit on.
Where conditions go into linked entities, the commit keeps what they look at there, too.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from kairo.context.subscriptions.delivery import store
from kairo.context.subscriptions.delivery.events import ANY, Happening, row_of
from kairo.context.subscriptions.neighbours import Neighbour, Tree, merged, names_in, reached

_MOST_TENANTS = 10_000


class Unit(Protocol):
    """The part of an atomic unit that is used here."""

    @property
    def tenant(self) -> str: ...
    @property
    def connection(self) -> Any: ...


class Watched:
    """The watched types with the attributes that are watched of each, and where conditions lead from them."""

    def __init__(self, pairs: Iterable[tuple[str, str]], links: Iterable[tuple[str, Tree]] = ()) -> None:
        self._by_type: dict[str, set[str]] = {}
        for kind, attribute in pairs:
            self._by_type.setdefault(kind, set()).add(attribute)
        self._links: dict[str, Tree] = {}
        for kind, tree in links:
            self._links[kind] = merged([self._links.get(kind, {}), tree])

    def links(self, types: Iterable[str]) -> Tree:
        """Where conditions on an entity of these types lead."""
        return merged(self._links[kind] for kind in (*types, ANY) if kind in self._links) if self._links else {}

    def keys(self, types: Iterable[str], attributes: Iterable[str]) -> list[tuple[str, str]]:
        """Those pairs of a change that are watched."""
        changed = [*attributes, ANY]
        return [
            (kind, attribute)
            for kind in (*types, ANY)
            if (of_kind := self._by_type.get(kind)) is not None
            for attribute in changed
            if attribute in of_kind
        ]


class Noticing:
    """One for a process's graph."""

    def __init__(self, most_linked: int) -> None:
        """`most_linked`: of one change, for conditions; one that leads to more is noted as such."""
        self._most_linked = most_linked
        self._known: dict[str, tuple[int, Watched]] = {}

    async def note(self, unit: Unit, version: int, now: datetime, happenings: Sequence[Happening]) -> None:
        """Keeps the watched ones among the changes of a commit, within it. `version` is that of the change counter."""
        if not version:  # nobody ever subscribed
            return
        known = self._known.get(unit.tenant)
        if known is None or known[0] != version:
            if len(self._known) >= _MOST_TENANTS:
                self._known.clear()
            pairs = await store.watched(unit.connection, unit.tenant)
            links = await store.links(unit.connection, unit.tenant)
            known = self._known[unit.tenant] = (version, Watched(pairs, links))
        watched = known[1]
        kept = [one for one in happenings if watched.keys(one.types, {change.attribute for change in one.changes})]
        if not kept:
            return
        leading = [(one.state.doc, watched.links(one.types)) for one in kept]
        linked = await self._neighbours(unit, now, [(doc, tree) for doc, tree in leading if tree])
        rows: list[dict[str, Any]] = []
        for one, (doc, tree) in zip(kept, leading, strict=True):
            ids, is_cut = reached(doc, tree, linked, self._most_linked)
            rows.append(row_of(one, now, [(id, found) for id in ids if (found := linked[id]) is not None], is_cut))
        await store.keep_events(unit.connection, unit.tenant, rows)

    async def _neighbours(
        self, unit: Unit, now: datetime, leading: Sequence[tuple[Mapping[str, Any], Tree]]
    ) -> dict[str, Neighbour | None]:
        """The entities to which these documents lead, as they are now, read level by level; None for what is not there."""
        found: dict[str, Neighbour | None] = {}
        names = sorted({name for _, tree in leading for name in names_in(tree)})
        while missing := {
            id: None for doc, tree in leading for id in reached(doc, tree, found, self._most_linked)[0] if id not in found
        }:
            read = await store.neighbours(unit.connection, unit.tenant, list(missing), names, now)
            found |= {**missing, **read}
        return found
