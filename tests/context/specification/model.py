"""What does CIM 009 say that entities become? Clauses 5.6 (provision), 5.5.8 and 5.5.12 as short functions over plain dicts.

Written from the specification, not from the broker: nothing of kairo is imported. Entities are never changed in place, so a
copy of the dict of entities is a snapshot of the world. Times are numbers of steps: whoever runs the model says to which step
a change belongs; an instance's modification moves only where its content does (4.8).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NULL = "urn:ngsi-ld:null"
DEFAULT = "@none"
VALUE_OF = {"Property": "value", "Relationship": "object", "LanguageProperty": "languageMap"}
STATUS = {"BadRequestData": 400, "ResourceNotFound": 404, "AlreadyExists": 409}

Body = dict[str, Any]  # an entity or a fragment in normalized form
Key = tuple[str, str]  # attribute and datasetId
Content = dict[str, Any]  # an attribute instance in normalized form, without its datasetId


class Parts(NamedTuple):
    """What an entity says. In a fragment a content may be None: this instance shall go."""

    types: tuple[str, ...]
    scopes: tuple[str, ...]
    contents: dict[Key, Any]


@dataclass(frozen=True)
class Instance:
    content: Content
    created: int
    modified: int


@dataclass(frozen=True)
class Entity:
    id: str
    types: tuple[str, ...]
    scopes: tuple[str, ...]
    instances: dict[Key, Instance]
    created: int
    modified: int

    @property
    def parts(self) -> Parts:
        return Parts(self.types, self.scopes, {key: instance.content for key, instance in self.instances.items()})


@dataclass(frozen=True, eq=False)
class Answer:
    """A status, and the body: what was asked for, what became of the members of a batch, or the type of the problem."""

    status: int
    body: Any = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and (self.status, text(self.body)) == (other.status, text(other.body))

    __hash__ = None  # type: ignore[assignment]


class Refused(Exception):
    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def parts(body: Body) -> Parts:
    """What a body says: its types and scopes, and the contents of its attributes by name and datasetId."""
    contents: dict[Key, Any] = {}
    for name, value in body.items():
        if name not in {"id", "type", "scope"}:
            for one in value if isinstance(value, list) else [value]:
                contents[name, dataset(one)] = None if is_null(one) else {k: v for k, v in one.items() if k != "datasetId"}
    return Parts(several(body.get("type")), several(body.get("scope")), contents)


def several(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def dataset(instance: Any) -> str:
    return str(instance.get("datasetId", DEFAULT)) if isinstance(instance, dict) else DEFAULT


def is_null(instance: Any) -> bool:
    return instance == NULL or NULL in (instance.get(member) for member in VALUE_OF.values())


def union(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(old + new))


# What becomes of an entity


def appended(old: Parts, new: Parts, overwrite: bool) -> Parts:
    """5.6.3.4."""
    taken = {key: content for key, content in new.contents.items() if overwrite or key not in old.contents}
    scopes = new.scopes or old.scopes if overwrite else union(old.scopes, new.scopes)
    return Parts(union(old.types, new.types), scopes, old.contents | taken)


def updated(old: Parts, new: Parts) -> Parts:
    """5.6.2.4."""
    contents = {key: content for key, content in (old.contents | new.contents).items() if content is not None}
    return Parts(union(old.types, new.types), new.scopes if new.scopes and old.scopes else old.scopes, contents)


def merged(old: Parts, new: Parts) -> Parts:
    """5.6.17.4."""
    contents = dict(old.contents)
    for key, patch in new.contents.items():
        if patch is None:
            contents.pop(key, None)
        else:
            contents[key] = whole(merge_patch(contents.get(key), patch))
    return Parts(union(old.types, new.types), new.scopes or old.scopes, contents)


def merge_patch(old: Any, patch: Any) -> Any:
    """5.5.12: RFC 7396, where the NGSI-LD Null stands for null."""
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value == NULL:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def whole(content: Content) -> Content:
    """An attribute has a value (4.5.2); one that was to be changed and is not there cannot be made of less."""
    if VALUE_OF[content["type"]] not in content:
        raise Refused("BadRequestData")
    return content


def partially_updated(old: Content, patch: Content) -> Content:
    """5.6.4.4 and 5.5.8: member by member; the type stays."""
    if patch.get("type", old["type"]) != old["type"]:
        raise Refused("BadRequestData")
    return {name: value for name, value in (old | patch).items() if value != NULL}


def text(value: Any) -> str:
    """JSON, to compare by: Python's == takes true for 1. Sets as lists in order."""
    return json.dumps(value, sort_keys=True, default=sorted)


@dataclass
class Model:
    """The entities of one tenant, and the operations on them. Every one gives its answer; `step` dates what it changes."""

    entities: dict[str, Entity] = field(default_factory=dict)
    step: int = 0

    def _known(self, id: str) -> Entity:
        if id not in self.entities:
            raise Refused("ResourceNotFound")
        return self.entities[id]

    def _instance(self, id: str, key: Key) -> Content:
        contents = self._known(id).parts.contents
        if key not in contents:
            raise Refused("ResourceNotFound")
        content: Content = contents[key]
        return content

    def _become(self, id: str, new: Parts) -> None:
        """The entity says this from now on; only what it did not say before gets a new time."""
        old = self.entities.get(id) or Entity(id, (), (), {}, self.step, self.step)
        instances = {}
        for key, content in new.contents.items():
            was = old.instances.get(key)
            if was is not None and text(was.content) == text(content):
                instances[key] = was
            else:
                instances[key] = Instance(content, was.created if was else self.step, self.step)
        if (old.types, old.scopes, old.instances) != (new.types, new.scopes, instances):
            self.entities[id] = Entity(id, new.types, new.scopes, instances, old.created, self.step)

    def _change(self, id: str, change: Callable[[Parts], Parts]) -> Answer:
        self._become(id, change(self._known(id).parts))
        return Answer(204)

    # One entity: 5.6.1 to 5.6.6, 5.6.17 to 5.6.19

    def create(self, entity: Body) -> Answer:
        if entity["id"] in self.entities:
            raise Refused("AlreadyExists")
        self._become(entity["id"], parts(entity))
        return Answer(201)

    def append(self, id: str, fragment: Body, overwrite: bool = True) -> Answer:
        old, new = self._known(id).parts, parts(fragment)
        self._change(id, lambda old: appended(old, new, overwrite))
        left = {key for key in new.contents if not overwrite and key in old.contents}
        if not left:
            return Answer(204)
        return Answer(207, {"updated": {name for name, _ in new.contents.keys() - left}, "left": {name for name, _ in left}})

    def update(self, id: str, fragment: Body) -> Answer:
        return self._change(id, lambda old: updated(old, parts(fragment)))

    def merge(self, id: str, fragment: Body) -> Answer:
        return self._change(id, lambda old: merged(old, parts(fragment)))

    def replace(self, id: str, entity: Body) -> Answer:
        return self._change(id, lambda old: parts(entity))

    def partial_update(self, id: str, name: str, patch: Body) -> Answer:
        key = (name, dataset(patch))
        members = {member: value for member, value in patch.items() if member != "datasetId"}
        content = partially_updated(self._instance(id, key), members)
        return self._change(id, lambda old: old._replace(contents=old.contents | {key: content}))

    def replace_attribute(self, id: str, name: str, instance: Body) -> Answer:
        new = parts({name: instance}).contents
        for key in new:
            self._instance(id, key)
        return self._change(id, lambda old: old._replace(contents=old.contents | new))

    def delete_attribute(self, id: str, name: str, of: str = DEFAULT) -> Answer:
        """`of`: the datasetId of an instance, `*` for all of them."""
        keys = {key for key in self._known(id).instances if key[0] == name and of in {"*", key[1]}}
        if not keys:
            raise Refused("ResourceNotFound")
        return self._change(id, lambda old: old._replace(contents={k: v for k, v in old.contents.items() if k not in keys}))

    def delete_scope(self, id: str) -> Answer:
        if not self._known(id).scopes:
            raise Refused("ResourceNotFound")
        return self._change(id, lambda old: old._replace(scopes=()))

    def delete(self, id: str) -> Answer:
        self._known(id)
        del self.entities[id]
        return Answer(204)

    # Many entities: 5.6.7 to 5.6.10, 5.6.20; members one by one, in their order (5.5.11)

    def _batch(self, items: list[Any], one: Callable[[Any], Answer]) -> Answer:
        done: list[tuple[str, int]] = []
        failed: list[tuple[str, str]] = []
        for item in items:
            id = item if isinstance(item, str) else item["id"]
            try:
                answer = one(item)
            except Refused as refused:
                failed.append((id, refused.kind))
            else:
                if answer.status == 207:
                    failed.append((id, "BadRequestData"))
                else:
                    done.append((id, answer.status))
        if failed:
            return Answer(207, {"success": sorted(id for id, _ in done), "errors": sorted(failed)})
        created = [id for id, status in done if status == 201]
        return Answer(201, sorted(created)) if created else Answer(204)

    def batch_create(self, entities: list[Body]) -> Answer:
        return self._batch(entities, self.create)

    def batch_upsert(self, entities: list[Body], update: bool) -> Answer:
        def one(entity: Body) -> Answer:
            if entity["id"] not in self.entities:
                return self.create(entity)
            return self.update(entity["id"], entity) if update else self.replace(entity["id"], entity)

        return self._batch(entities, one)

    def batch_update(self, fragments: list[Body], overwrite: bool) -> Answer:
        return self._batch(fragments, lambda fragment: self.append(fragment["id"], fragment, overwrite))

    def batch_merge(self, fragments: list[Body]) -> Answer:
        return self._batch(fragments, lambda fragment: self.merge(fragment["id"], fragment))

    def batch_delete(self, ids: list[str]) -> Answer:
        return self._batch(ids, self.delete)
