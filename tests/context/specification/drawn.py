"""What do the tests send? Calls that hypothesis draws: few entities and attributes, of which most calls find some."""

from typing import Any

from hypothesis import strategies as st

from tests.context.specification.calls import Call
from tests.context.specification.model import DEFAULT, NULL
from tests.context.specification.views import Shown, Term

IDS = tuple(f"urn:ngsi-ld:Thing:{number}" for number in range(1, 4))
TYPES = ("Bridge", "Tower")
DATASETS = (DEFAULT, "urn:ngsi-ld:Dataset:1", "urn:ngsi-ld:Dataset:2")
KINDS = {"a": "Property", "b": "Property", "near": "Relationship", "label": "LanguageProperty"}
LOOSE = "loose"  # an attribute whose kind changes
MOMENTS = ("2026-04-01T00:00:00Z", "2026-04-01T00:00:00.5Z")
NUMBERS = st.integers(0, 3)
VALUES = st.one_of(
    NUMBERS,
    st.sampled_from([True, False, 1.5, "橋", {"x": 1, "y": {"z": 2}}, {"y": {"z": 3}}, {"y": {"z": NULL}}, [1, "2"], []]),
)
NOTES = NUMBERS.map(lambda number: {"type": "Property", "value": number})
MEMBERS = {"unitCode": st.sampled_from(["CEL", "MTR"]), "observedAt": st.sampled_from(MOMENTS), "note": NOTES}
ENTITY_IDS = st.sampled_from(IDS)
TYPE_LISTS = st.sampled_from([TYPES[:1], TYPES[1:], TYPES])
SCOPES = st.sampled_from(["/x", "/y", ["/x", "/y"]])


def _values(kind: str, nulls: bool) -> st.SearchStrategy[Any]:
    match kind:
        case "Property":
            return VALUES if nulls else VALUES.filter(lambda value: NULL not in str(value))
        case "Relationship":
            return st.sampled_from(["urn:x:1", "urn:x:2"])
    return st.dictionaries(st.sampled_from(["ja", "en"]), st.sampled_from(["橋", "bridge"]), min_size=1)


def _contents(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """A whole instance."""
    member = {"Property": "value", "Relationship": "object"}.get(kind, "languageMap")
    more = {name: value for name, value in MEMBERS.items() if kind == "Property" or name != "unitCode"}
    return st.fixed_dictionaries({"type": st.just(kind), member: _values(kind, nulls=False)}, optional=more)


def _changes(kind: str, nulls: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Some members of an instance, or marks to remove them. `nulls`: marks inside of values too (a merge)."""
    member = {"Property": "value", "Relationship": "object"}.get(kind, "languageMap")
    more = {name: value | st.just(NULL) for name, value in MEMBERS.items() if kind == "Property" or name != "unitCode"}
    return st.fixed_dictionaries({"type": st.just(kind)}, optional={member: _values(kind, nulls)} | more)


def _of_dataset(content: dict[str, Any], dataset: str) -> dict[str, Any]:
    return content if dataset == DEFAULT else {**content, "datasetId": dataset}


def _instances(contents: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Any]:
    """One instance, or several with their datasetIds."""
    given = st.dictionaries(st.sampled_from(DATASETS), contents, min_size=1, max_size=2)
    found = given.map(lambda items: [_of_dataset(content, dataset) for dataset, content in items.items()])
    return found.map(lambda items: items[0] if len(items) == 1 else items)


REMOVALS = st.sampled_from(DATASETS).map(
    lambda dataset: NULL if dataset == DEFAULT else {"type": "Property", "value": NULL, "datasetId": dataset}
)
WHOLE = {name: _instances(_contents(kind)) for name, kind in KINDS.items()}
ANY_KIND = st.one_of([_instances(_contents(kind)) for kind in ("Property", "Relationship", "LanguageProperty")])
ENTITY_MEMBERS = {**WHOLE, LOOSE: ANY_KIND, "scope": SCOPES}
UPDATING = {name: attribute | REMOVALS for name, attribute in {**WHOLE, LOOSE: ANY_KIND}.items()}
MERGING = {name: _instances(_changes(kind, nulls=True)) | REMOVALS for name, kind in KINDS.items()}
FRAGMENT_MEMBERS = {"type": TYPE_LISTS.map(list), "scope": SCOPES}


def entities(id: st.SearchStrategy[str] = ENTITY_IDS) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"id": id, "type": TYPE_LISTS.map(list)}, optional=ENTITY_MEMBERS)


def fragments(attributes: dict[str, Any], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(more, optional={**attributes, **FRAGMENT_MEMBERS}).filter(lambda body: len(body) > len(more))


def _calls(operation: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
    return st.fixed_dictionaries(arguments).map(lambda given: Call(operation, given))


def _some(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(items, min_size=1, max_size=3)


def _about_one_attribute(operation: str, argument: str, contents: Any) -> st.SearchStrategy[Call]:
    """Calls whose body is one instance of an attribute."""

    def of(name: str) -> st.SearchStrategy[Call]:
        kinds = [KINDS[name]] if name in KINDS else sorted(set(KINDS.values()))
        one = st.builds(_of_dataset, st.one_of([contents(kind) for kind in kinds]), st.sampled_from(DATASETS))
        return _calls(operation, id=ENTITY_IDS, name=st.just(name), **{argument: one})

    return st.sampled_from([*KINDS, LOOSE]).flatmap(of)


NAMES = st.sampled_from([*KINDS, LOOSE])
SHOWN = st.builds(
    Shown,
    format=st.sampled_from(["normalized", "concise", "simplified"]),
    attrs=st.sampled_from([(), (), ("a",), ("a", "label")]),
) | st.builds(Shown, times=st.just(True), attrs=st.sampled_from([(), ("b",)]))
TERMS: st.SearchStrategy[Term] = st.tuples(st.sampled_from("ab"), st.sampled_from(["==", "!=", ">", "<"]), NUMBERS) | st.tuples(
    st.sampled_from(["a", "label"]), st.just(""), st.none()
)
ASKING = {
    "ids": st.lists(ENTITY_IDS, min_size=1, max_size=3, unique=True).map(tuple),
    "q": st.tuples(st.sampled_from(";|"), st.lists(TERMS, min_size=1, max_size=2).map(tuple)),
    "limit": st.integers(1, 3),
    "after": ENTITY_IDS,
}
WRITES: dict[str, st.SearchStrategy[Call]] = {
    "create": _calls("create", entity=entities()),
    "append": _calls("append", id=ENTITY_IDS, fragment=fragments({**WHOLE, LOOSE: ANY_KIND}), overwrite=st.just(True))
    | _calls(
        "append", id=ENTITY_IDS, fragment=st.fixed_dictionaries({}, optional=WHOLE).filter(bool), overwrite=st.just(False)
    ),
    "update": _calls("update", id=ENTITY_IDS, fragment=fragments(UPDATING)),
    "merge": _calls("merge", id=ENTITY_IDS, fragment=fragments(MERGING)),
    "partial_update": _about_one_attribute(
        "partial_update", "patch", lambda kind: _changes(kind, nulls=False).filter(lambda body: len(body) > 1)
    ),
    "replace": ENTITY_IDS.flatmap(lambda id: _calls("replace", id=st.just(id), entity=entities(st.just(id)))),
    "replace_attribute": _about_one_attribute("replace_attribute", "instance", _contents),
    "delete_attribute": _calls("delete_attribute", id=ENTITY_IDS, name=NAMES, of=st.sampled_from([*DATASETS, "*"])),
    "delete_scope": _calls("delete_scope", id=ENTITY_IDS),
    "delete": _calls("delete", id=ENTITY_IDS),
    "batch_create": _calls("batch_create", entities=_some(entities())),
    "batch_upsert": _calls("batch_upsert", entities=_some(entities()), update=st.booleans()),
    "batch_update": _calls(
        "batch_update", fragments=_some(fragments({**WHOLE, LOOSE: ANY_KIND}, id=ENTITY_IDS)), overwrite=st.just(True)
    )
    | _calls(
        "batch_update",
        fragments=_some(st.fixed_dictionaries({"id": ENTITY_IDS}, optional=WHOLE).filter(lambda body: len(body) > 1)),
        overwrite=st.just(False),
    ),
    "batch_merge": _calls("batch_merge", fragments=_some(fragments(MERGING, id=ENTITY_IDS))),
    "batch_delete": _calls("batch_delete", ids=_some(ENTITY_IDS)),
}
RETRIEVALS = _calls("retrieve", id=ENTITY_IDS, shown=SHOWN)


def queries(*, counting: bool) -> st.SearchStrategy[Call]:
    """A count is a statement of its own: with writers beside it may be of another moment than the page."""
    optional = {**ASKING, "count": st.booleans()} if counting else ASKING
    given = st.fixed_dictionaries({"types": TYPE_LISTS, "shown": SHOWN}, optional=optional)
    return given.map(lambda arguments: Call("query", arguments))


def entity(id: str, types: tuple[str, ...]) -> dict[str, Any]:
    """An entity to begin with, of which every operation finds something."""
    number = {"type": "Property", "value": 1, "unitCode": "MTR", "note": {"type": "Property", "value": 1}}
    return {
        "id": id,
        "type": list(types),
        "scope": "/x",
        "a": [number, {**number, "datasetId": DATASETS[1]}],
        "b": {"type": "Property", "value": {"x": 1, "y": {"z": 2}}, "observedAt": MOMENTS[0]},
        "near": {"type": "Relationship", "object": "urn:x:1", "datasetId": DATASETS[2]},
        "label": {"type": "LanguageProperty", "languageMap": {"ja": "橋", "en": "bridge"}},
        LOOSE: {"type": "Relationship", "object": "urn:x:2"},
    }


BEGINNING = Call("batch_create", {"entities": [entity(id, TYPES[:1]) for id in IDS]})
EVERYTHING = Call("query", {"types": TYPES, "shown": Shown(times=True)})
