"""In which version of its type does a writer speak, and what is that in the newest one? Asked for each write of such a type.

A writer says it by the shape: content that names an attribute which only a former version has, or has it in that version's
kind or unit, is of that version. It is taken and upcast until that version's sunset, and refused from then on. What fits the
newest version, or none, is taken as it is: types stay open (docs/adr/0016).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import msgspec

from kairo.context.entities.rules import Append, Create, Merge, Operation, ReplaceEntity, UpdateAttributes, Upsert
from kairo.context.gate import Declarations
from kairo.context.model.draft import State
from kairo.context.model.stored import as_tuple, instances, is_deletion
from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from kairo.platform.manifests import Attribute, EntityType


def gives_all(operation: Operation) -> bool:
    """Whether nothing of what was stored is left after the operation."""
    return isinstance(operation, Create | ReplaceEntity) or (isinstance(operation, Upsert) and not operation.update)


def sunset_of(day: date) -> datetime:
    """The moment from which a former version is no longer taken: the day's begin in Tokyo."""
    return datetime.combine(day, time(), TOKYO)


def in_newest_version(operation: Operation, state: State | None, declarations: Declarations, now: datetime) -> Operation:
    """The operation with its content in the newest version of the entity's types.

    Raises BadRequestData for content of a version whose sunset has come, and for a merge in the shape of a former version:
    what it leaves out or removes at any depth cannot be upcast.
    """
    if isinstance(operation, Create | ReplaceEntity | Upsert):
        given: Mapping[str, Any] = operation.entity.attributes
        types: Iterable[str] = operation.entity.types
    elif isinstance(operation, Append | UpdateAttributes | Merge):
        given = operation.fragment.attributes
        types = dict.fromkeys((*as_tuple(state.doc["type"] if state else None), *operation.fragment.types))
    else:
        return operation
    attributes = given
    for kind in (declarations.by_type[name] for name in types if name in declarations.by_type):
        version = version_said(kind, attributes) if kind.former else kind.version
        if version < kind.version:
            if isinstance(operation, Merge):
                raise _in_parts(kind, version)
            attributes = _upcast(kind, version, attributes, now)
    if attributes is given:
        return operation
    if isinstance(operation, Create | ReplaceEntity | Upsert):
        return replace(operation, entity=msgspec.structs.replace(operation.entity, attributes=attributes))
    assert isinstance(operation, Append | UpdateAttributes)
    return replace(operation, fragment=msgspec.structs.replace(operation.fragment, attributes=attributes))


def version_said(kind: EntityType, attributes: Mapping[str, Any]) -> int:
    """The newest version that the content does not contradict; the newest of all where it contradicts every one."""
    versions = range(kind.version, 0, -1)
    known = {attribute.name for version in versions for attribute in kind.attributes_of(version)}
    named = {name: instances(stored) for name, stored in attributes.items() if name in known}
    for version in versions:
        declared = {attribute.name: attribute for attribute in kind.attributes_of(version)}
        if all(name in declared and _fits(declared[name], found) for name, found in named.items()):
            return version
    return kind.version


def _fits(attribute: Attribute, found: list[dict[str, Any]]) -> bool:
    return all(
        is_deletion(one)
        or (one.get("type") == attribute.kind and (not attribute.unit or one.get("unitCode", attribute.unit) == attribute.unit))
        for one in found
    )


def _upcast(kind: EntityType, version: int, attributes: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    end = kind.former[version - 1].sunset
    if end is not None and now >= sunset_of(end):
        raise BadRequestData(
            f"this is written as version {version} of {kind.type}, which is no longer taken since {end}",
            detail_ja=f"これは {kind.type} の第{version}版の書き方です。{end}から受け付けていません（現在は第{kind.version}版）。",
            mend=f"Write it as version {kind.version}: /schemas/{kind.type}/v{kind.version}.json says how.",
            mend_ja=f"第{kind.version}版の書き方（/schemas/{kind.type}/v{kind.version}.json）で送ってください。",
        )
    doc: dict[str, Any] = {"id": "urn:kairo:incoming", "type": kind.type, **attributes}
    for former in kind.former[version - 1 :]:
        try:
            doc = former.upcast(doc) if former.upcast is not None else doc
        except Exception as error:
            raise _unreadable(kind, version) from error
    return {name: stored for name, stored in doc.items() if name not in ("id", "type")}


def _unreadable(kind: EntityType, version: int) -> BadRequestData:
    return BadRequestData(
        f"this looks like version {version} of {kind.type}, and cannot be read as such",
        detail_ja=f"これは {kind.type} の第{version}版に見えますが、そのようには読み取れません。",
        mend=f"Write it as version {kind.version}: /schemas/{kind.type}/v{kind.version}.json says how.",
        mend_ja=f"第{kind.version}版の書き方（/schemas/{kind.type}/v{kind.version}.json）で送ってください。",
    )


def _in_parts(kind: EntityType, version: int) -> BadRequestData:
    return BadRequestData(
        f"a merge is written in the newest version of its type; this one is as version {version} of {kind.type}",
        detail_ja=f"マージは最新版の書き方で送ってください。これは {kind.type} の第{version}版の書き方です。",
        mend=f"Write it as version {kind.version} (/schemas/{kind.type}/v{kind.version}.json), or send the whole attributes.",
        mend_ja=f"第{kind.version}版の書き方（/schemas/{kind.type}/v{kind.version}.json）にするか、属性全体を送ってください。",
    )
