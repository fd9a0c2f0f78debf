"""What is a subscription, put together? The values that matching and sending work with.

A `Definition` is made from the stored body (rules.py) alone: it needs no @context and no clock.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kairo.context.contexts import CORE
from kairo.context.model.render import Format, Representation
from kairo.context.query import (
    EntityQuery,
    Projection,
    Q,
    TypeSelection,
    parse_geo_query,
    parse_id_pattern,
    parse_q,
    parse_scope_q,
)
from kairo.context.query.tree import links
from kairo.context.query.types import AllOf, AnyOf, AnyType, OneType, parse_type_selection
from kairo.context.subscriptions.delivery.events import ANY
from kairo.context.subscriptions.members import DEEPEST_JOIN, listed, projected
from kairo.context.subscriptions.neighbours import Tree, tree_of
from kairo.context.subscriptions.transport.endpoint import Endpoint

DEFAULT_TRIGGERS: Final = frozenset({"attributeCreated", "attributeUpdated"})
MOST_WATCH_ROWS: Final = 5000

_FORMATS: Final = {
    "normalized": Format.NORMALIZED,
    "concise": Format.CONCISE,
    "keyValues": Format.SIMPLIFIED,
    "simplified": Format.SIMPLIFIED,
}


@dataclass(frozen=True, slots=True)
class TimeCondition:
    """temporalQ: how the time of a changed attribute instance must stand (`property` one of its times)."""

    relation: str
    at: datetime
    end: datetime | None
    property: str

    def holds(self, moment: datetime) -> bool:
        """Whether a time meets the condition (4.11; between includes its begin and not its end)."""
        if self.relation == "before":
            return moment < self.at
        if self.relation == "after":
            return moment > self.at
        return self.end is not None and self.at <= moment < self.end


@dataclass(frozen=True, slots=True)
class Definition:
    """A subscription that can be asked. `selectors` select entities (none: all), `condition` is q, geoQ and scopeQ."""

    id: str
    selectors: tuple[EntityQuery, ...]
    condition: EntityQuery
    watched: frozenset[str]
    triggers: frozenset[str]
    temporal: TimeCondition | None
    datasets: frozenset[str] | None
    interval_seconds: float | None
    throttling_seconds: float
    representation: Representation
    projection: Projection
    show_changes: bool
    join: str | None
    join_level: int
    endpoint: Endpoint
    context: Any

    @property
    def links(self) -> Tree:
        """Where q leads, into linked entities."""
        return tree_of(self.condition.q)

    @property
    def depth(self) -> int:
        """How many levels of linked entities q goes into."""
        return max((term.depth for term in links(self.condition.q)), default=0) if self.condition.q is not None else 0

    @staticmethod
    def of(id: str, body: Mapping[str, Any]) -> "Definition":
        """From a body that `check` has passed."""
        wanted = body["notification"]
        temporal = body.get("temporalQ")
        datasets = frozenset(body["datasetId"]) if "datasetId" in body else None
        endpoint = Endpoint.of(wanted["endpoint"])
        projection = projection_of(wanted)
        return Definition(
            id=id,
            selectors=tuple(_selector(item) for item in body.get("entities", ())),
            condition=EntityQuery(
                q=_q(body["q"], listed(body.get("expandValues"))) if "q" in body else None,
                geo=_geo(body["geoQ"]) if "geoQ" in body else None,
                scope_q=parse_scope_q(body["scopeQ"]) if "scopeQ" in body else None,
            ),
            watched=frozenset(body.get("watchedAttributes", ())),
            triggers=frozenset(body.get("notificationTrigger", DEFAULT_TRIGGERS)),
            temporal=None
            if temporal is None
            else TimeCondition(
                temporal["timerel"],
                datetime.fromisoformat(temporal["timeAt"]),
                datetime.fromisoformat(temporal["endTimeAt"]) if "endTimeAt" in temporal else None,
                temporal["timeproperty"],
            ),
            datasets=datasets,
            interval_seconds=body.get("timeInterval"),
            throttling_seconds=body.get("throttling", 0.0),
            representation=Representation(
                format=_FORMATS[wanted.get("format", "normalized")],
                sys_attrs=wanted.get("sysAttrs", False),
                lang=body.get("lang"),
                geojson=endpoint.accept == "application/geo+json",
                pick=projection.kept,
                omit=projection.removed,
                attrs=frozenset(wanted["attributes"]) if "attributes" in wanted else None,
                datasets=datasets,
            ),
            projection=projection,
            show_changes=wanted.get("showChanges", False),
            join=wanted.get("join", "@none").replace("@none", "") or None,
            join_level=wanted.get("joinLevel", 1),
            endpoint=endpoint,
            context=body.get("jsonldContext", body.get("context")),
        )


def projection_of(wanted: Mapping[str, Any]) -> Projection:
    """What pick and omit show of the entities and of those that come along."""
    pick = projected(wanted["pick"], CORE) if "pick" in wanted else None
    return Projection(pick=pick, omit=projected(wanted["omit"], CORE) if "omit" in wanted else ())


def watch_rows(definition: Definition) -> list[tuple[str, str, str]]:
    """Type, attribute and entity (`*`, `*` and an empty text for any) of the changes that this subscription has to be asked about."""
    if definition.interval_seconds is not None:
        return []
    attributes = sorted(definition.watched) or [ANY]
    places: set[tuple[str, str]] = set()
    for selector in definition.selectors or (EntityQuery(),):
        kinds = _kinds(selector.types)
        places |= {(kind, entity) for kind in kinds for entity in selector.ids or ("",)}
    if len(places) * len(attributes) > MOST_WATCH_ROWS:
        places = {(kind, "") for kind, _ in places}
    if len(places) * len(attributes) > MOST_WATCH_ROWS:
        attributes = [ANY]
    return [(kind, attribute, entity) for kind, entity in sorted(places) for attribute in attributes]


def _kinds(selection: TypeSelection | None) -> set[str]:
    """Types of which every selected entity has at least one."""
    match selection:
        case None | AnyType():
            return {ANY}
        case OneType(name):
            return {name}
        case AnyOf(parts):
            return set[str]().union(*map(_kinds, parts))
        case AllOf(parts):
            return min(map(_kinds, parts), key=lambda kinds: (ANY in kinds, len(kinds)))
    raise AssertionError(selection)


def queries(definition: Definition) -> Iterator[EntityQuery]:
    """What a periodic notification asks, selector by selector."""
    condition = definition.condition
    for selector in definition.selectors or (EntityQuery(),):
        yield EntityQuery(
            ids=selector.ids,
            id_pattern=selector.id_pattern,
            types=selector.types,
            q=condition.q,
            geo=condition.geo,
            scope_q=condition.scope_q,
        )


def _selector(item: Mapping[str, Any]) -> EntityQuery:
    return EntityQuery(
        ids=tuple(item.get("id", ())),
        id_pattern=parse_id_pattern(item["idPattern"]) if "idPattern" in item else None,
        types=parse_type_selection(item["type"], CORE),
    )


class _Given:
    """Terms by the names that were kept with a text."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def expand(self, term: str) -> str:
        return self._names.get(term) or CORE.expand(term)


def _q(stored: Mapping[str, Any], expand_values: Collection[str]) -> Q:
    return parse_q(stored["text"], _Given(stored["names"]), expand_values=expand_values, join_level=DEEPEST_JOIN)


def _geo(stored: Mapping[str, Any]) -> Any:
    return parse_geo_query(stored["georel"], stored["geometry"], stored["coordinates"], stored.get("geoproperty"), CORE)
