"""Which attribute, sub-attribute or member of a value does a path in `q` lead to? (CIM 009 4.9, Attribute)"""

import re
from typing import Final

from kairo.context.query.reading import Reader
from kairo.context.query.tree import ATTRIBUTE_STAMPS, METADATA, Path, Terms
from kairo.errors import OperationNotSupported

# `Device,Sensor:` before a path in braces: of which types the linked entity may be.
_TYPES = re.compile(r"[^\W\d]\w*(?:,[^\W\d]\w*)*:(?!//)")
_MEMBER = re.compile(r"[^\s\[\]().{},;|\"=<>!~]+")

# What a path may not name, by stored name: of an entity, because it has parameters of its own; of an attribute, because the
# path of an attribute means its value.
_ENTITY_MEMBERS: Final = {"id": "id or idPattern", "type": "type", "scope": "scopeQ"}
_VALUE_MEMBERS: Final = frozenset(("type", "value", "object", "languageMap", "vocab", "json", "valueList", "objectList"))


def read_links(reader: Reader, terms: Terms) -> list[tuple[str, tuple[str, ...]]]:
    """The relationships that lead to the entity of the path that follows (`a{Device:b{`), outermost first, with the types that
    are asked of the entity behind each. Reads nothing where no brace comes."""
    links: list[tuple[str, tuple[str, ...]]] = []
    while True:
        start = reader.position
        name = reader.name()
        if name is None or not reader.take("{"):
            reader.position = start
            return links
        reader.descend()
        types = reader.match(_TYPES)
        links.append((terms.expand(name), tuple(map(terms.expand, types[:-1].split(","))) if types else ()))


def read_path(reader: Reader, terms: Terms, *, members: bool = False) -> tuple[Path, str]:
    """The path at the reader's position, and its first term as it was written. `members`: it may be id, type or scope."""
    start = reader.position
    first = reader.name()
    if first is None:
        raise reader.fault("needs the name of an attribute here", "ここに属性名が必要です")
    names = [terms.expand(first)]
    if names[0] in _ENTITY_MEMBERS and members:
        return Path((names[0],)), first
    if names[0] in _ENTITY_MEMBERS:
        parameter = _ENTITY_MEMBERS[names[0]]
        raise reader.fault(
            f"{first} is no attribute; use the parameter {parameter}",
            f"「{first}」は属性ではありません。パラメーター {parameter} を使ってください",
            at=start,
        )
    while reader.peek(".") and not reader.peek(".."):
        reader.take(".")
        names.append(_sub_name(reader, terms))
    path = Path(tuple(names), _trail(reader))
    _check(path, reader, start)
    return path, first


def _check(path: Path, reader: Reader, start: int) -> None:
    """Refuses what is well written and can lead nowhere."""
    if any(name in ATTRIBUTE_STAMPS for name in path.names[2:]):
        raise OperationNotSupported(
            "q: createdAt and modifiedAt are kept for entities and their attributes, not for attributes of attributes",
            detail_ja="q：createdAt と modifiedAt はエンティティと属性だけにあります（属性の属性にはありません）",
        )
    if path.trail and (path.entity_stamp or path.attribute_stamp or path.metadata):
        raise reader.fault("looks into a value that has no members", "メンバーを持たない値の中を指しています", at=start)
    leads_on = (*path.names[:-1], path.names[0]) if len(path.names) > 1 else ()
    if any(name in METADATA or name in ATTRIBUTE_STAMPS for name in leads_on):
        raise reader.fault("looks for attributes of what has none", "属性を持たないものの属性を指しています", at=start)


def _sub_name(reader: Reader, terms: Terms) -> str:
    start = reader.position
    name = reader.name()
    if name is None:
        raise reader.fault(
            "needs the name of a sub-attribute here; members of a value stand in brackets",
            "ここに属性の属性名が必要です。値のメンバーは [ ] で書きます",
            example='temperature.observedAt>2026-04-01T00:00:00Z or address[city]=="山口市"',
        )
    stored = terms.expand(name)
    if stored in _VALUE_MEMBERS:
        raise reader.fault(
            f"{name} is meant without saying it: the path of an attribute means its value",
            f"「{name}」は不要です（属性の値は属性名だけで指します）",
            at=start,
            example="speed>50, not speed.value>50",
        )
    return stored


def _trail(reader: Reader) -> tuple[str, ...]:
    """Members of the value: `[a.b]`; also `[a][b]` and `[a].b`, which mean the same."""
    members: list[str] = []
    while reader.take("["):
        members.append(_member(reader))
        while reader.take("."):
            members.append(_member(reader))
        reader.expect("]")
        while reader.peek(".") and not reader.peek(".."):
            reader.take(".")
            members.append(_member(reader))
    return tuple(members)


def _member(reader: Reader) -> str:
    member = reader.quoted()
    if member is None:
        member = reader.match(_MEMBER)
    if member is None:
        raise reader.fault(
            "needs a member of the value or a language tag here",
            "ここに値のメンバー名か言語タグが必要です",
            example='address[city]=="山口市" or name[ja]=="公園"',
        )
    return member
