"""What does an operation of the temporal API work with? The unit's connection, the asker, what is closed to them, whom the past names."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from kairo.context.entities.refusals import not_there, require_change
from kairo.context.gate import Declarations, Scope
from kairo.context.granting.subjects import named_by
from kairo.context.temporal.evolution.store import Target, target
from kairo.context.temporal.writing import store
from kairo.context.temporal.writing.fragments import Entered
from kairo.context.temporal.writing.store import Connection, Standing


@dataclass(slots=True)
class Work:
    """What an operation works with: the unit's connection, the asker, the moment, its change number.

    `add_types` gives an entity that is there more types, as the graph itself would. `entered` counts instances of this commit by
    entity, attribute and dataset, so that their ids differ.
    """

    connection: Connection
    declarations: Declarations
    scope: Scope
    now: datetime
    change: int
    add_types: Callable[[str, tuple[str, ...]], Awaitable[None]]
    entered: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    async def fetch(self, tenant: str, statement: str, *arguments: Any) -> list[Any]:
        """Reads within the unit, as the stores of evolutions ask for it."""
        return await self.connection.fetch(statement, *arguments)

    async def standing(self, id: str) -> Standing:
        """The entity, which the asker may change. Raises as the graph's own operations do."""
        found = await store.standing(self.connection, self.scope.tenant, id)
        if found is None:
            raise not_there()
        require_change(self.scope.on(found.types), found.data_class, found.writer)
        return found

    async def names(self, id: str, types: Sequence[str], entered: Iterable[Entered]) -> None:
        """Notes whom the entity has been about: the past that is written names persons, too."""
        if not self.declarations.have_subjects:
            return
        rows: list[dict[str, str]] = []
        for item in entered:
            if item.instance is not None:
                rows += named_by(id, types, item.attribute, item.instance, self.declarations)
        await store.name(self.connection, self.scope.tenant, rows)

    async def closed(self, id: str) -> Target:
        """What of the entity's past is closed to the asker, who must both see and write what is changed."""
        both = replace(self.scope, read_classes=self.scope.read_classes & self.scope.write_classes, by_grants=False)
        found = await target(self, both, self.declarations, self.now, id)
        if found is None:
            raise not_there()
        return found
