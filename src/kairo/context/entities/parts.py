"""How much goes into one commit? A large request is written in several, so that neither memory nor the tenant's lock grows with it.

Commits follow one another in the order of the commands. Whoever sees a large request half done sees what another client could
have sent in smaller parts.
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

import orjson

from kairo.context.entities.commits import Applier, Command, Result, Submission
from kairo.context.gate import Scope
from kairo.context.model.stored import Fragment, ParsedEntity
from kairo.errors import KairoError
from kairo.platform.db import Database, SharedCommit

MOST_BYTES = 2 << 20  # of stored forms: some 50,000 of the smallest attributes, or 4,000 ordinary entities
_MOST_MEMBERS = 200  # requests in one commit
_COMMAND_BYTES = 256  # the rows that every command brings

Committer = SharedCommit[Submission, list[Result]]


def committer(database: Database, applier: Applier) -> Committer:
    """What writes the graph: requests of one tenant share commits of bounded size."""
    return SharedCommit(database, applier.apply, max_members=_MOST_MEMBERS, weigh=attrgetter("weight"), max_weight=MOST_BYTES)


async def submit(
    commit: Committer, scope: Scope, commands: Sequence[Command], request: str, size: int | None = None
) -> list[Result]:
    """The result of each command. Raises what the first commit fails with: nothing was changed then. Where a later one fails, its
    commands and those behind it have that error as their result. `size`: the bytes of the body of a single command, where they
    are known."""
    if size is not None and len(commands) == 1:
        return await commit.submit(scope.tenant, Submission(scope, tuple(commands), request, _COMMAND_BYTES + size))
    results: list[Result] = []
    for part, weight in parts(commands):
        try:
            results += await commit.submit(scope.tenant, Submission(scope, part, request, weight))
        except KairoError as error:
            if not results:
                raise
            results += [error] * (len(commands) - len(results))
            break
    return results


def parts(commands: Sequence[Command]) -> Iterator[tuple[tuple[Command, ...], int]]:
    """The commands in order, as one commit takes them, and about how many bytes each part brings."""
    part: list[Command] = []
    weight = 0
    for command in commands:
        more = bytes_of(command)
        if part and weight + more > MOST_BYTES:
            yield tuple(part), weight
            part, weight = [], 0
        part.append(command)
        weight += more
    if part:
        yield tuple(part), weight


def bytes_of(command: Command) -> int:
    """About how many bytes a command brings."""
    return _COMMAND_BYTES + len(orjson.dumps(command.operation, default=_content))


def _content(value: Any) -> Any:
    return value.attributes if isinstance(value, ParsedEntity | Fragment) else None
