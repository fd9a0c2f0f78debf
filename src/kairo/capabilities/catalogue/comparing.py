"""What would this entity change in the graph? The same answer for a dry run and for the import itself."""

from typing import Any, Literal, NamedTuple

from kairo.capabilities.catalogue.importer import Made
from kairo.context.graph import Doc

_MEMBERS = frozenset(("id", "type", "scope", "expiresAt"))


class Difference(NamedTuple):
    """What is to be done: `write` is the document to send; `replaces` whether it is the whole entity or only a part of it."""

    outcome: Literal["created", "changed", "unchanged"]
    write: Doc
    replaces: bool


def difference(made: Made, stored: Doc | None) -> Difference:
    """Compares an entity with what is stored. Attributes of others on the same entity are kept."""
    if stored is None:
        return Difference("created", made.entity, replaces=True)
    given = {name: value for name, value in made.entity.items() if name not in _MEMBERS}
    changed = {name: value for name, value in given.items() if not same(stored.get(name), value)}
    gone = [name for name in made.owned if name in stored and name not in given]
    if gone:
        kept = {name: value for name, value in stored.items() if name not in made.owned}
        return Difference("changed", {**kept, **given}, replaces=True)
    if changed:
        return Difference("changed", {"id": stored["id"], "type": stored["type"], **changed}, replaces=False)
    return Difference("unchanged", {}, replaces=False)


def same(left: Any, right: Any) -> bool:
    """Whether two pieces say the same in JSON: 1 is 1.0, and true is not 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(same(one, other) for one, other in zip(left, right, strict=True))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)
