"""What does CIM 009 say that a reader sees? Clauses 4.5 (representations), 4.9 (a little of q), 5.7.1 and 5.7.2 over the model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.context.specification.model import DEFAULT, VALUE_OF, Answer, Content, Entity, Refused

Term = tuple[str, str, Any]  # attribute, operator and number; without operator: whether the attribute is there


@dataclass(frozen=True)
class Shown:
    """How entities are shown. `attrs`: only entities that have one of these, and of them only these. `times`: with sysAttrs."""

    format: str = "normalized"
    attrs: tuple[str, ...] = ()
    times: bool = False


def retrieve(entities: Mapping[str, Entity], times: Mapping[int, str], id: str, shown: Shown) -> Answer:
    """5.7.1.4: not found, too, where attributes are asked for and the entity has none of them."""
    if id not in entities or not has_one_of(entities[id], shown.attrs):
        raise Refused("ResourceNotFound")
    return Answer(200, view(entities[id], shown, times))


def query(
    entities: Mapping[str, Entity],
    times: Mapping[int, str],
    shown: Shown,
    types: tuple[str, ...],
    ids: tuple[str, ...] = (),
    q: tuple[str, tuple[Term, ...]] = ("", ()),
    limit: int = 20,
    after: str = "",
    count: bool = False,
) -> Answer:
    """5.7.2.4, pages in order of id. The body: the entities, the number of all that match, and whether there is a next page."""
    found = [
        entity
        for id, entity in sorted(entities.items())
        if set(types) & set(entity.types) and (not ids or id in ids) and has_one_of(entity, shown.attrs) and matches(entity, q)
    ]
    rest = [entity for entity in found if entity.id > after]
    page = [view(entity, shown, times) for entity in rest[:limit]]
    return Answer(200, {"entities": page, "count": len(found) if count else None, "more": len(rest) > limit and limit > 0})


def has_one_of(entity: Entity, attrs: Iterable[str]) -> bool:
    wanted = set(attrs)
    return not wanted or any(name in wanted for name, _ in entity.instances)


def matches(entity: Entity, q: tuple[str, tuple[Term, ...]]) -> bool:
    """4.9: `;` is and, `|` is or."""
    joined, terms = q
    held = [_holds(entity, term) for term in terms]
    return not terms or (any(held) if joined == "|" else all(held))


def _holds(entity: Entity, term: Term) -> bool:
    """A term holds where it does for the value of any instance; unequal: where none is equal (as it is said of languages). A list
    equals what it includes, and is neither greater nor smaller than anything."""
    name, operator, number = term
    values = [instance.content.get("value") for key, instance in entity.instances.items() if key[0] == name]
    if operator == "":
        return bool(values)
    if operator == ">":
        return any(_is_number(value) and value > number for value in values)
    if operator == "<":
        return any(_is_number(value) and value < number for value in values)
    included = [one for value in values for one in (value if isinstance(value, list) else [value])]
    equal = any(_is_number(one) and one == number for one in included)
    return bool(values) and equal is (operator == "==")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def view(entity: Entity, shown: Shown, times: Mapping[int, str]) -> dict[str, Any]:
    """One entity as it is answered. Types are sorted, as are instances by datasetId: their order means nothing."""
    out: dict[str, Any] = {"id": entity.id, "type": _one_or_many(sorted(entity.types))}
    if entity.scopes:
        out["scope"] = _one_or_many(list(entity.scopes))
    for name in {name for name, _ in entity.instances if not shown.attrs or name in shown.attrs}:
        found = {key[1]: instance for key, instance in sorted(entity.instances.items()) if key[0] == name}
        if shown.format == "simplified":
            values = {dataset: _simplified(instance.content) for dataset, instance in found.items()}
            out[name] = next(iter(values.values())) if len(values) == 1 else {"dataset": values}
            continue
        instances = []
        for dataset, instance in found.items():
            one = dict(instance.content) if dataset == DEFAULT else {**instance.content, "datasetId": dataset}
            if shown.times:
                one |= {"createdAt": times[instance.created], "modifiedAt": times[instance.modified]}
            instances.append(_concise(one) if shown.format == "concise" else one)
        alone = len(instances) == 1
        out[name] = instances[0] if alone else instances
        if alone and shown.format == "concise" and instances[0].keys() == {"value"}:
            out[name] = instances[0]["value"]
    if shown.times:
        out |= {"createdAt": times[entity.created], "modifiedAt": times[entity.modified]}
    return out


def _one_or_many(items: list[str]) -> str | list[str]:
    return items[0] if len(items) == 1 else items


def _simplified(content: Content) -> Any:
    """4.5.4."""
    value = content[VALUE_OF[content["type"]]]
    return {"languageMap": value} if content["type"] == "LanguageProperty" else value


def _concise(instance: dict[str, Any]) -> dict[str, Any]:
    """4.5.2.3: without type; a sub-attribute with nothing but a value is that value."""
    out = {name: value for name, value in instance.items() if name != "type"}
    if "note" in out:
        out["note"] = out["note"]["value"]
    return out
