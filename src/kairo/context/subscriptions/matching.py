"""Does this change concern this subscription, as its subscriber may see it? Asked when matched, and again when sent (5.8.6).

What the scope withholds is as if it were not there: not in conditions, not among what changed, not in what is sent.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kairo.context.gate import Declarations, Scope
from kairo.context.model.stored import as_tuple, dataset_of, instances
from kairo.context.query import EntityQuery, Stamps, selects
from kairo.context.query.evaluate import Answers
from kairo.context.subscriptions.definition import Definition
from kairo.context.subscriptions.delivery.events import Changed, Event
from kairo.context.subscriptions.neighbours import answers


@dataclass(frozen=True, slots=True)
class View:
    """A change as one subscriber may see it, and which of its parts the subscription asks for.

    `doc` is the entity; `relevant` are the changes of watched attributes; `triggers` those of the subscription that fired.
    """

    event: Event
    doc: dict[str, Any]
    changes: tuple[Changed, ...]
    relevant: tuple[Changed, ...]
    triggers: frozenset[str]


def view(
    event: Event, definition: Definition, scope: Scope, declarations: Declarations, hidden: Collection[str]
) -> View | None:
    """The change as the subscriber is told of it, or None where it does not concern the subscription. `hidden`: the attributes that
    the subscriber may not see (seeing.py). Raises TooManyResults where that cannot be said (neighbours.py)."""
    doc = {name: value for name, value in event.doc.items() if name not in hidden} if hidden else event.doc
    changes = tuple(change for change in event.changes if change.attribute not in hidden) if hidden else event.changes
    relevant = tuple(change for change in changes if _is_watched(change, definition))
    if definition.temporal is not None:
        relevant = tuple(change for change in relevant if _is_timely(change, event, definition))
    fired = _fired(event, doc, changes, relevant, definition) & definition.triggers
    if not fired or not _is_selected(doc, event, definition, answers(event.linked, event.is_cut, doc, scope, declarations)):
        return None
    return View(event, doc, changes, relevant, frozenset(fired))


def _is_watched(change: Changed, definition: Definition) -> bool:
    return (
        change.is_attribute
        and (not definition.watched or change.attribute in definition.watched)
        and (definition.datasets is None or change.dataset in definition.datasets)
    )


def _fired(
    event: Event, doc: dict[str, Any], changes: tuple[Changed, ...], relevant: tuple[Changed, ...], definition: Definition
) -> set[str]:
    """Every trigger that the change gives, wanted or not. Attributes come and go with their entity."""
    fired = {f"attribute{change.operation.capitalize()}" for change in relevant}
    whole = not definition.watched and definition.temporal is None and definition.datasets is None
    if relevant or (whole and (event.kind != "updated" or changes)):
        fired.add(f"entity{event.kind.capitalize()}")
    return fired


def _is_timely(change: Changed, event: Event, definition: Definition) -> bool:
    assert definition.temporal is not None
    moment = _time_of(change, event, definition.temporal.property)
    return moment is not None and definition.temporal.holds(moment)


def _time_of(change: Changed, event: Event, name: str) -> datetime | None:
    """One of the times of a changed instance."""
    if name == "deletedAt":
        return event.at if change.operation == "deleted" else None
    if name in {"createdAt", "modifiedAt"}:
        stamps = change.stamps or event.stamps.get(change.attribute, {}).get(change.dataset)
        return datetime.fromisoformat(stamps[0 if name == "createdAt" else 1]) if stamps else None
    instance = change.previous
    if change.operation != "deleted":
        found = (item for item in instances(event.doc.get(change.attribute)) if dataset_of(item) == change.dataset)
        instance = next(found, None)
    return datetime.fromisoformat(instance[name]) if instance is not None and name in instance else None


def _is_selected(doc: dict[str, Any], event: Event, definition: Definition, linked: Answers) -> bool:
    stamps = Stamps(
        created_at=event.created_at,
        modified_at=event.modified_at,
        expires_at=datetime.fromisoformat(doc["expiresAt"]) if "expiresAt" in doc else None,
        attributes=event.stamps,
    )
    if definition.selectors and not any(_selects(selector, doc) for selector in definition.selectors):
        return False
    return selects(definition.condition, doc, stamps, linked)


def _selects(selector: EntityQuery, doc: dict[str, Any]) -> bool:
    return (
        (not selector.ids or doc["id"] in selector.ids)
        and (selector.types is None or selector.types.matches(as_tuple(doc["type"])))
        and (selector.id_pattern is None or selector.id_pattern.search(doc["id"]))
    )
