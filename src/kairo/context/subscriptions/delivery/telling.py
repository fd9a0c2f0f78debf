"""What is told of changes, as their subscriber may see them now? And before a witness, where it is about people."""

from collections.abc import Sequence
from typing import Any

from kairo.context.contexts import TermMap
from kairo.context.entities.finding import Row
from kairo.context.gate import Scope
from kairo.context.graph import Graph
from kairo.context.model.jsontext import dumps
from kairo.context.subscriptions.definition import Definition
from kairo.context.subscriptions.delivery.events import Event
from kairo.context.subscriptions.linking import linked
from kairo.context.subscriptions.matching import View, view
from kairo.context.subscriptions.rendering import told
from kairo.context.subscriptions.seeing import Eyes
from kairo.context.witnessing import asked_about


class Teller:
    """One for a process that delivers. `most_linked`: entities that come along at the most."""

    def __init__(self, graph: Graph, most_linked: int) -> None:
        self._graph = graph
        self._most_linked = most_linked
        self._eyes = Eyes(graph.database, graph.declarations, graph.clock)

    async def data(self, events: Sequence[Event], definition: Definition, scope: Scope, terms: TermMap) -> list[dict[str, Any]]:
        """The latest of each entity, as it stands in a notification, and the linked entities that come along. The look at all of
        them is on record when this returns."""
        told_of: dict[str, dict[str, Any]] = {}
        behind: dict[str, dict[str, Any]] = {}
        looked_at: dict[str, tuple[tuple[str, ...], set[str]]] = {}
        for event in events:
            hidden = await self._eyes.hidden(event, scope)
            seen = None if hidden is None else view(event, definition, scope, self._graph.declarations, hidden)
            if seen is None:
                continue
            link = None
            if definition.join is not None and event.kind != "deleted":
                link, others = await linked(self._graph, scope, [_row(seen)], definition, terms, self._most_linked)
                behind |= others
            told_of.pop(event.entity, None)
            told_of[event.entity] = told(seen, definition, terms, link)
            _, names = looked_at.setdefault(event.entity, (tuple(sorted(event.types)), set()))
            names |= _handed_on(seen, definition)
        await self._graph.watching.see_past(scope, looked_at)
        return [*told_of.values(), *(other for id, other in behind.items() if id not in told_of)]


def _handed_on(seen: View, definition: Definition) -> set[str]:
    """The attributes that a notification tells: those that it shows, and those whose values decided that it is sent."""
    present = {*seen.doc, *(change.attribute for change in seen.changes)}
    asked = asked_about(definition.condition, None) | definition.watched
    return {name for name in present if definition.projection.shows(name) or name in asked}


def _row(seen: View) -> Row:
    """The entity of a change as a row, for whoever looks where its relationships lead."""
    event = seen.event
    return Row(
        {
            "id": event.entity,
            "doc": dumps(seen.doc),
            "stamps": dumps(event.stamps),
            "created_at": event.created_at,
            "modified_at": event.modified_at,
            "type_key": " ".join(sorted(event.types)),
            "type_version": 1,
        }
    )
