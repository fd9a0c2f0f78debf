"""What does a subscriber read of a change? The entity in the asked representation, with what was before and what is gone (5.3.1, 5.8.6).

A deleted entity is told by id, type and deletedAt; its attributes stand there, as NGSI-LD Null, where attributeDeleted or
showChanges asks for them. A deleted attribute stands as NGSI-LD Null beside those that are left.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from kairo.context.contexts import TermMap, link_header
from kairo.context.model import represent
from kairo.context.model.joined import Linker
from kairo.context.model.names import NONE, NULL
from kairo.context.model.render import Facts, Format, Representation, context_of, render
from kairo.context.model.stored import VALUE_MEMBERS, VALUE_NAMES, Instance, dataset_of, instances, rejoin
from kairo.context.subscriptions.definition import Definition
from kairo.context.subscriptions.delivery.events import Changed
from kairo.context.subscriptions.matching import View
from kairo.context.subscriptions.transport import Message
from kairo.platform.clock import iso

_GONE: Final[Mapping[str, Any]] = {
    "value": NULL,
    "object": NULL,
    "languageMap": {NONE: NULL},
    "vocab": NULL,
    "json": NULL,
    "valueList": [NULL],
    "objectList": [{"object": NULL}],
}


def told(view: View, definition: Definition, terms: TermMap, link: Linker | None = None) -> dict[str, Any]:
    """The entity of one change, as it stands in `data`; `link` gives the linked entities that are shown inside it."""
    event, wanted = view.event, definition.representation
    gone = [change for change in view.changes if change.operation == "deleted" and change.is_attribute]
    if event.kind == "deleted":
        shown = (
            gone
            if definition.show_changes
            else [change for change in gone if "attributeDeleted" in view.triggers and change in view.relevant]
        )
        doc = {name: view.doc[name] for name in ("id", "type")}
    else:
        shown = [change for change in gone if "attributeDeleted" in view.triggers or definition.show_changes]
        doc = dict(view.doc)
    for change in shown:
        if change.previous is not None:
            kept = [item for item in instances(doc.get(change.attribute)) if dataset_of(item) != change.dataset]
            doc[change.attribute] = rejoin([*kept, _null(change.previous)])
    facts = Facts(event.created_at, event.modified_at)
    out = render(doc, _stamps(view, shown), facts, terms, wanted, link if event.kind != "deleted" else None)
    if wanted.geojson:
        if isinstance(out["geometry"], str):  # a location that is gone
            out["geometry"] = None
        if event.kind == "deleted":
            out["properties"]["deletedAt"] = iso(event.at)
        return out
    _add_changes(out, view, shown, definition, terms)
    if event.kind == "deleted":
        out["deletedAt"] = iso(event.at)
    return out


def _null(previous: Instance) -> Instance:
    """An instance that is gone: its kind and dataset, and NGSI-LD Null in place of what it said."""
    out: Instance = {"type": previous["type"]}
    member = VALUE_MEMBERS[previous["type"]]
    out[member] = _GONE[member]
    if "datasetId" in previous:
        out["datasetId"] = previous["datasetId"]
    return out


def _stamps(view: View, shown: Iterable[Changed]) -> dict[str, dict[str, Any]]:
    """The times of the attributes, also of those that are gone."""
    stamps: dict[str, dict[str, Any]] = dict(view.event.stamps)
    for change in shown:
        if change.stamps is not None:
            stamps[change.attribute] = {**stamps.get(change.attribute, {}), change.dataset: change.stamps}
    return stamps


def _add_changes(out: dict[str, Any], view: View, shown: Iterable[Changed], definition: Definition, terms: TermMap) -> None:
    """PreviousValue and its kin, and deletedAt, on the rendered instances of changed attributes."""
    wanted = definition.representation
    deleted = [change for change in shown if wanted.sys_attrs and wanted.format is not Format.SIMPLIFIED]
    for change in deleted:
        _on_instance(out, terms, change, {"deletedAt": iso(view.event.at)})
    if not definition.show_changes:
        return
    for change in view.changes:
        if change.is_attribute and change.previous is not None:
            member = VALUE_MEMBERS[change.previous["type"]]
            before = change.previous if terms.is_core else represent.in_terms(change.previous, terms)
            _on_instance(out, terms, change, {f"previous{member[0].upper()}{member[1:]}": before[member]})


def _on_instance(out: dict[str, Any], terms: TermMap, change: Changed, members: dict[str, Any]) -> None:
    """Adds members to the rendered instance of a change, where it is shown."""
    name = terms.compact(change.attribute)
    found = out.get(name)
    if isinstance(found, list) and all(map(_is_instance, found)):
        out[name] = [{**item, **members} if item.get("datasetId", NONE) == change.dataset else item for item in found]
    elif isinstance(found, dict) and _is_instance(found):
        if found.get("datasetId", NONE) == change.dataset:
            out[name] = {**found, **members}
    elif found is not None:  # a bare value of the concise form: it needs an object around it
        out[name] = {"value": found, **members}


def _is_instance(rendered: Any) -> bool:
    """Whether this is an attribute instance, and not a bare value: those hold no member of that name at their top."""
    return isinstance(rendered, dict) and not VALUE_NAMES.isdisjoint(rendered)


def message(
    definition: Definition,
    data: list[dict[str, Any]],
    terms: TermMap,
    *,
    id: str,
    at: datetime,
    tenant: str | None,
) -> Message:
    """The Notification (5.3.1) with its headers. `tenant` is named where it is not the installation's home."""
    wanted, accept = definition.representation, definition.endpoint.accept
    body: dict[str, Any] = {
        "id": id,
        "type": "Notification",
        "subscriptionId": definition.id,
        "notifiedAt": iso(at),
        "data": {"type": "FeatureCollection", "features": data} if wanted.geojson else data,
    }
    headers = [("Content-Type", accept)]
    if accept == "application/ld+json":
        body["@context"] = context_of(terms)
    elif terms.link is not None:
        headers.append(("Link", link_header(terms.link)))
    if tenant is not None:
        headers.append(("NGSILD-Tenant", tenant))
    headers += definition.endpoint.receiver_info
    return Message(body, headers)


def periodic(rows: Iterable[Any], definition: Definition, terms: TermMap, link: Linker | None = None) -> list[dict[str, Any]]:
    """Entities that a query found, as they stand in `data`."""
    wanted: Representation = definition.representation
    return [render(row.doc, row.stamps if wanted.sys_attrs else None, row.facts, terms, wanted, link) for row in rows]
