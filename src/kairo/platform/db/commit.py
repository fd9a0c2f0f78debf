"""How do many small changes share one commit? Whatever waits while one transaction commits goes into the next, per tenant.

The busier, the larger the batch and the cheaper each change; alone, a change does not wait. Nobody is answered before the
COMMIT of its own change came back. A member that fails hurts only itself.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from kairo.errors import KairoError, StorageFull, TooManyRequests, Unavailable
from kairo.platform.db.database import Database
from kairo.platform.db.failures import as_kairo_error, is_conflict, is_connection_error, outcome_is_unknown
from kairo.platform.db.units import Unit, checked_tenant

M = TypeVar("M")
R = TypeVar("R")

_LONGEST_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 10.0


class SharedCommit(Generic[M, R]):
    """Members of one tenant, applied together in one unit, in the order of `submit`.

    `apply(unit, members)` returns one result a member. An Exception in place of a result is raised to that member's
    submitter; `apply` must then have written nothing for it. A unit takes at most `max_members`, of together at most `max_weight`
    as `weigh` says; a member that is heavier goes alone. When `apply` raises, nothing of the batch is stored and each
    member is tried alone. Exceptions other than KairoError reach the submitter as they are.
    """

    def __init__(
        self,
        db: Database,
        apply: Callable[[Unit, Sequence[M]], Awaitable[Sequence[R | Exception]]],
        *,
        max_members: int = 500,
        weigh: Callable[[M], int] = lambda _: 1,
        max_weight: int = 1 << 62,
        max_waiting: int = 10_000,
        attempts: int = 5,
    ) -> None:
        self._db = db
        self._apply = apply
        self._max_members = max_members
        self._weigh = weigh
        self._max_weight = max_weight
        self._max_waiting = max_waiting
        self._attempts = attempts
        self._queues: dict[str, deque[tuple[M, asyncio.Future[R]]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    async def submit(self, tenant: str, member: M) -> R:
        """The member's result, after the commit that holds it.

        A cancelled caller withdraws a member that still waits; one already in a transaction is stored nevertheless.
        """
        if self._closed:
            raise Unavailable("the program is stopping")
        queue = self._queues.get(tenant)
        if queue is None:
            queue = self._queues[checked_tenant(tenant)] = deque()
        if len(queue) >= self._max_waiting:
            raise TooManyRequests(f"more than {self._max_waiting} changes wait already", headers={"Retry-After": "1"})
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        queue.append((member, answer))
        if tenant not in self._tasks:
            self._tasks[tenant] = asyncio.create_task(self._work(tenant, queue), name=f"commit {tenant}")
        return await answer

    async def close(self) -> None:
        """Take no more members and wait until all that wait are answered."""
        self._closed = True
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _work(self, tenant: str, queue: deque[tuple[M, asyncio.Future[R]]]) -> None:
        """The tenant's committer: lives as long as somebody waits."""
        try:
            while queue:
                await self._commit(tenant, self._take(queue))
        finally:
            del self._tasks[tenant], self._queues[tenant]
            for _, answer in queue:  # only if this task itself was cancelled
                _refuse(answer, Unavailable("the program is stopping"))

    def _take(self, queue: deque[tuple[M, asyncio.Future[R]]]) -> list[tuple[M, asyncio.Future[R]]]:
        """The next members in order, without those whose submitter has gone."""
        batch: list[tuple[M, asyncio.Future[R]]] = []
        room = self._max_weight
        weigh, most = self._weigh, self._max_members
        while queue and len(batch) < most:
            one = queue.popleft()
            if one[1].done():
                continue
            room -= weigh(one[0])
            if room < 0 and batch:
                queue.appendleft(one)
                break
            batch.append(one)
        return batch

    async def _commit(self, tenant: str, batch: list[tuple[M, asyncio.Future[R]]]) -> None:
        if not batch:
            return
        try:
            results = await self._together(tenant, [member for member, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, the submitters must hear of it
            if len(batch) > 1 and _may_be_one_members_fault(error):
                for one in batch:
                    await self._commit(tenant, [one])
                return
            for _, answer in batch:
                _refuse(answer, error)
        except BaseException:
            for _, answer in batch:
                _refuse(answer, Unavailable("the program is stopping", outcome="unknown"))
            raise
        else:
            for (_, answer), result in zip(batch, results, strict=True):
                _answer(answer, result)

    async def _together(self, tenant: str, members: list[M]) -> Sequence[R | Exception]:
        """One transaction; again after a conflict, or after the connection broke before COMMIT was sent."""
        give_up_at = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        for attempt in range(1, self._attempts + 1):
            try:
                async with self._db.unit(tenant) as unit:
                    results = await self._apply(unit, members)
                    if len(results) != len(members):
                        raise KairoError(f"a shared commit of {len(members)} members gave {len(results)} results")
                return results
            except Exception as error:
                late = asyncio.get_running_loop().time() >= give_up_at
                if late or attempt == self._attempts or not _worth_another_try(error):
                    raise
            await asyncio.sleep(random.uniform(0, min(0.01 * 2**attempt, _LONGEST_PAUSE_SECONDS)))
        raise AssertionError("unreachable")


def _worth_another_try(error: BaseException) -> bool:
    """Certainly not stored, and likely to succeed: a conflict, or a lost connection. `unit` has wrapped the database's error."""
    if outcome_is_unknown(error):
        return False
    causes = [error, error.__cause__] if error.__cause__ else [error]
    return any(is_conflict(cause) or is_connection_error(cause) for cause in causes)


def _may_be_one_members_fault(error: Exception) -> bool:
    """The whole batch failed: would its members fare better alone? Not when the database itself is out of reach or full."""
    return not isinstance(error, StorageFull) and (not isinstance(error, Unavailable) or is_conflict(error.__cause__ or error))


def _refuse(answer: "asyncio.Future[R]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(as_kairo_error(error) if getattr(error, "sqlstate", None) else error)


def _answer(answer: "asyncio.Future[R]", result: R | Exception) -> None:
    if answer.done():
        return
    if isinstance(result, Exception):
        answer.set_exception(result)
    else:
        answer.set_result(result)
