"""How much goes into one commit? A large request is written in several, so that neither memory nor the tenant's lock grows with it.

Commits follow one another in the order of the commands. Whoever sees a large request half done sees what another client could
have sent in smaller parts.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from kairo.context.entities.commits import Command
from kairo.context.model.stored import Fragment, ParsedEntity

MOST_BYTES = 2 << 20  # of stored forms: some 50,000 of the smallest attributes, or 4,000 ordinary entities
_COMMAND_BYTES = 256  # the rows that every command brings


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
