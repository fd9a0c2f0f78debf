"""Whom is an entity about? The rows of `entity_subject` that follow from its document and the declarations of its types."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kairo.context.gate import Declarations
from kairo.context.model.stored import as_tuple, instances
from kairo.platform.manifests import Concerns

Doc = Mapping[str, Any]
Row = dict[str, Any]
WHOLE = "*"


def subject_rows(id: str, before: Doc | None, after: Doc | None, declarations: Declarations) -> list[Row]:
    """The rows of one entity after a change (None: it was not, or is no more): all that it is to have, behind one with nothing but
    its id. Empty where its types have never named anybody.

    A relationship that names a person for some attributes is about that person, too.
    """
    concerns = _concerns(after, declarations)
    if not concerns and not _concerns(before, declarations):
        return []
    rows: dict[tuple[str, ...], Row] = {(): {"entity": id}}
    for one in concerns:
        names = (one.relationship, *one.attributes) if one.attributes else (WHOLE,)
        for person in [id] if one.relationship == "id" else _named(after or {}, one.relationship):
            for name in names:
                rows[name, person, one.role] = {"entity": id, "attribute": name, "subject": person, "role": one.role}
    return list(rows.values())


def named_by(id: str, types: Iterable[str], attribute: str, instance: Any, declarations: Declarations) -> list[Row]:
    """The rows that follow from one instance of the past: whom it named then, without a word on whom the entity names now."""
    return subject_rows(id, None, {"type": list(types), attribute: instance}, declarations)[1:]


def _concerns(doc: Doc | None, declarations: Declarations) -> list[Concerns]:
    return declarations.subjects(as_tuple(doc["type"])) if doc is not None else []


def _named(doc: Doc, relationship: str) -> Iterator[str]:
    """The objects of a relationship, in all its instances."""
    for instance in instances(doc.get(relationship)):
        found = instance.get("object", [])
        yield from [found] if type(found) is str else found
        yield from (item["object"] for item in instance.get("objectList", []))
