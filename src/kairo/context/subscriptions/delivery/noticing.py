"""Which changes does somebody watch? Asked by every commit, answered from memory, and never from a memory that is too old.

The version of what is watched stands in the tenant's change counter, which every writer locks and reads anyway: where it differs
from the remembered one, the commit reads the watched types and attributes first. So a subscription holds from its own commit on.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from kairo.context.subscriptions.delivery import store
from kairo.context.subscriptions.delivery.events import ANY, Happening, row_of

_MOST_TENANTS = 10_000


class Unit(Protocol):
    """The part of an atomic unit that is used here."""

    @property
    def tenant(self) -> str: ...
    @property
    def connection(self) -> Any: ...


class Watched:
    """The watched types with the attributes that are watched of each."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._by_type: dict[str, set[str]] = {}
        for kind, attribute in pairs:
            self._by_type.setdefault(kind, set()).add(attribute)

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

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, Watched]] = {}

    async def note(self, unit: Unit, version: int, now: datetime, happenings: Sequence[Happening]) -> None:
        """Keeps the watched ones among the changes of a commit, within it. `version` is that of the change counter."""
        if not version:  # nobody ever subscribed
            return
        known = self._known.get(unit.tenant)
        if known is None or known[0] != version:
            if len(self._known) >= _MOST_TENANTS:
                self._known.clear()
            known = self._known[unit.tenant] = (version, Watched(await store.watched(unit.connection, unit.tenant)))
        watched = known[1]
        rows = [row_of(one, now) for one in happenings if watched.keys(one.types, {change.attribute for change in one.changes})]
        if rows:
            await store.keep_events(unit.connection, unit.tenant, rows)
