"""Which operations does the broker offer on the past? Their rows of the table of routes (CIM 009 6.18 to 6.24)."""

from kairo.context.api.temporal import Temporal
from kairo.context.api.temporal_provision import TemporalProvision
from kairo.context.query import QUERY_PARAMETERS
from kairo.context.temporal.asking import TIME_PARAMETERS, TimeFormat
from kairo.platform.http import Route

_SHOWING = TIME_PARAMETERS | {"options", "format", "attrs", "pick", "omit", "lang", "datasetId", "local", "afterInstance"}
_PAGING = _SHOWING | {"limit", "offset", "after", "count", "orderBy", "collation"}
_POSTED = frozenset({"options", "format", "limit", "offset", "after", "afterInstance", "count", "local"})
_SHOWN = frozenset({"sysAttrs", *(form.value for form in TimeFormat)})
_COUNTING = _SHOWN | {"count"}


def temporal_routes(base: str, read: str, write: str, on: Temporal, change: TemporalProvision) -> list[Route]:
    """`read` and `write` are what the gate is asked."""
    entities, entity = f"{base}/temporal/entities", f"{base}/temporal/entities/{{id}}"
    attributes, attribute = f"{entity}/attrs", f"{entity}/attrs/{{attribute}}"
    instance, by_post = f"{attribute}/{{instance}}", f"{base}/temporal/entityOperations/query"
    local = frozenset({"local"})
    done = {204: "Done"}
    one = {200: "The evolution of the entity", 206: "The part of it in the time that Content-Range names"}
    many = {200: "Evolutions of entities", 206: "The part of them in the time that Content-Range names"}
    either = {201: "Created", 204: "Entered"}
    enter, whole, part = "Enter the past of an entity", "TemporalEntity", "TemporalFragment"
    deleting = local | {"datasetId", "deleteAll"}
    return [
        Route("POST", entities, change.create, write, enter, "5.6.11", local, body=whole, responses=either),
        Route(
            "GET", entities, on.query, read, "Query the past", "5.7.4", _PAGING | QUERY_PARAMETERS, _COUNTING, responses=many
        ),
        Route("GET", entity, on.retrieve, read, "Retrieve the past of an entity", "5.7.3", _SHOWING, _SHOWN, responses=one),
        Route("DELETE", entity, change.delete, write, "Erase the past of an entity", "5.6.16", local, responses=done),
        Route("POST", attributes, change.append, write, "Enter instances", "5.6.12", local, body=part, responses=done),
        Route(
            "DELETE", attribute, change.delete_attribute, write, "Erase an attribute's past", "5.6.13", deleting, responses=done
        ),
        Route(
            "PATCH", instance, change.correct, write, "Correct an instance", "5.6.14", local, body="Instance", responses=done
        ),
        Route("DELETE", instance, change.delete_instance, write, "Erase an instance", "5.6.15", local, responses=done),
        Route(
            "POST",
            by_post,
            on.query_by_post,
            read,
            "Query the past by POST",
            "5.7.4",
            _POSTED,
            _COUNTING,
            "TemporalQuery",
            many,
        ),
    ]
