"""How do changes of the past become one commit with everything else? In the tenant's turn, with change numbers and audit records.

They share commits among themselves, take the tenant's lock as the graph's own changes do, and tell no subscriber: the present is
what it was (docs/adr/0014).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from kairo.context.entities.commits import Applier, Command, Submission, Unit
from kairo.context.entities.rules import Append
from kairo.context.entities.store import create_tenant, lock_tenant
from kairo.context.gate import Declarations, Scope
from kairo.context.model.stored import Fragment
from kairo.context.temporal.writing import store
from kairo.context.temporal.writing.operations import Enter, TemporalOperation
from kairo.context.temporal.writing.work import Work
from kairo.errors import KairoError, NonexistentTenant
from kairo.platform.clock import Clock
from kairo.platform.db import Database, SharedCommit
from kairo.platform.observability import metrics

_MOST_MEMBERS = 50


@dataclass(frozen=True, slots=True)
class Request:
    """One operation and who asks for it. `id` is the request's, for the audit record."""

    scope: Scope
    operation: TemporalOperation
    id: str


class Evolutions:
    """The committer of the past. One for a process; `close()` before the database."""

    def __init__(self, database: Database, declarations: Declarations, graph: Applier, clock: Clock) -> None:
        self._declarations = declarations
        self._graph = graph
        self._clock = clock
        self._commit: SharedCommit[Request, bool] = SharedCommit(database, self._apply, max_members=_MOST_MEMBERS)

    async def close(self) -> None:
        """Answers all that waits."""
        await self._commit.close()

    async def submit(self, scope: Scope, operation: TemporalOperation, *, request: str = "") -> bool:
        """Does it; whether it made an evolution that was not there. The answer comes after the commit."""
        return await self._commit.submit(scope.tenant, Request(scope, operation, request))

    async def _apply(self, unit: Unit, requests: Sequence[Request]) -> list[bool | Exception]:
        """Each request by itself: what refuses has written nothing."""
        asked = self._clock()
        wanted = len(requests)
        turn = await lock_tenant(unit.connection, unit.tenant, wanted, asked)
        if turn is None:
            maker = next((item.scope for item in requests if item.scope.may_create_tenant and _creates(item)), None)
            if maker is None:
                raise NonexistentTenant(
                    f"there is no tenant {unit.tenant!r}", detail_ja=f"テナント「{unit.tenant}」はありません。"
                )
            await create_tenant(unit.connection, unit.tenant, asked, maker.principal)
            turn = await lock_tenant(unit.connection, unit.tenant, wanted, asked)
            assert turn is not None
        number, now = turn.last_change - wanted, turn.now
        entered: Counter[tuple[str, str, str]] = Counter()
        results: list[bool | Exception] = []
        for item in requests:
            number += 1
            add_types = partial(self._add_types, unit, item)
            work = Work(unit.connection, self._declarations, item.scope, now, number, add_types, entered)
            try:
                results.append(await item.operation.run(work))
            except KairoError as error:
                results.append(error)
                continue
            scope, done = item.scope, item.operation
            record = (scope.principal, scope.purpose, done.name, done.entity, done.attributes, item.id)
            await store.audit(unit.connection, unit.tenant, number, now, *record)
            unit.after_commit(metrics.CHANGES.inc)
        return results

    async def _add_types(self, unit: Unit, request: Request, id: str, types: tuple[str, ...]) -> None:
        """More types of an entity that is there: a change of the graph itself, in the same commit."""
        command = Command(id, Append(Fragment(types, None, {})))
        ((result,),) = await self._graph.apply(unit, [Submission(request.scope, (command,), request.id)])
        if isinstance(result, KairoError):
            raise result


def _creates(request: Request) -> bool:
    return isinstance(request.operation, Enter) and request.operation.may_create
