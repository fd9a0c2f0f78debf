"""How are entities read by id? With the scope joined, and shared with others that the same scope reads at this moment."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from kairo.context.gate import Scope
from kairo.context.query.seeing import BY_CLASS, BY_GRANTS, LIMITED_BY_CLASS, LIMITED_BY_GRANTS, Seeing, seeing_of
from kairo.context.query.statements import Reading
from kairo.platform.clock import Clock
from kairo.platform.db import Coalescer, Lookup

# $1 is the tenant, $2 the ids, from $3 on the scope. `expires_at` comes along, and the reader compares it with its clock: a time
# among the parameters would keep concurrent reads from sharing a statement. Grants begin and end at whole seconds, so reads by
# grants share one within a second.
_FACTS: Final = "e.expires_at, e.type_key, e.type_version"


def _lookup(seeing: Seeing, columns: str) -> Lookup:
    return Lookup(
        f"{seeing.hint}SELECT e.id, {seeing.doc()} AS doc, {columns} FROM {seeing.source()}"
        f" WHERE e.tenant = $1 AND e.id = ANY($2::text[]) AND {seeing.seen()}"
    )


def _lookups(columns: str, *, with_times: bool = False) -> dict[Seeing, Lookup]:
    """By the kind of asker."""
    return {
        one: _lookup(one, f"{columns}, {one.modified_at()} AS modified_at" if with_times else columns)
        for one in (BY_CLASS, BY_GRANTS, LIMITED_BY_CLASS, LIMITED_BY_GRANTS)
    }


DOCUMENT: Final = _lookups(_FACTS)
ROW: Final = _lookups(f"{_FACTS}, e.stamps, e.created_at", with_times=True)


def look_up(reads: Coalescer, what: Mapping[Seeing, Lookup], scope: Scope, id: str, clock: Clock) -> Awaitable[Any]:
    """The record of one entity, None where it is not there or not to be seen."""
    seeing = seeing_of(scope)
    if not seeing.by_grants:
        return reads.get(scope.tenant, what[seeing], id, *seeing.arguments(scope), group=scope)
    second = clock().replace(microsecond=0)
    return reads.get(scope.tenant, what[seeing], id, *seeing.arguments(scope), second, group=(scope, second))


async def look_up_all(
    database: Reading, what: Mapping[Seeing, Lookup], scope: Scope, ids: Sequence[str], now: datetime
) -> list[Any]:
    """The records of those of the entities that are there and may be seen."""
    seeing = seeing_of(scope)
    given = (*seeing.arguments(scope), *((now.replace(microsecond=0),) if seeing.by_grants else ()))
    return await database.fetch(scope.tenant, what[seeing].statement, scope.tenant, list(ids), *given)
