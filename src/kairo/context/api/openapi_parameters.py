"""What may stand in the address of a request? The parameters of the API as JSON Schema, by name; `openapi.py` puts them together."""

from typing import Any, Final

from kairo.context.api.openapi_schemas import NAME, TEXT, URI

_FLAG: Final = {"type": "boolean", "default": False}


def _says(description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"description": description, "schema": schema, **more}


PATH_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "id": _says("The id of an entity: a URI.", URI),
    "attribute": _says("The name of an attribute, as a term of the @context or an IRI.", NAME),
    "type": _says("The name of an entity type, as a term of the @context or an IRI.", NAME),
    "instance": _says("The instanceId of one instance of an attribute, as an answer about the past has it.", URI),
    "subscription": _says("The id of a subscription: a URI.", {**URI, "examples": ["urn:ngsi-ld:Subscription:001"]}),
    "context": _says("The local id of a stored @context, or its whole address percent-encoded.", NAME),
}

# Those of 6.4.3.2 and 6.3; `options` and `limit` get their schema from the route and the settings.
PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "aggrMethods": _says(
        "What is made of the values of each period, with format=aggregatedValues: some of totalCount, distinctCount, sum, avg, min, "
        "max, stddev, sumsq.",
        TEXT,
        example="avg,max",
    ),
    "aggrPeriodDuration": _says(
        "How long a period is, as ISO 8601 has it; PT0S for the whole time range.", TEXT, example="PT1H"
    ),
    "after": _says("Where the page begins: the id after which it goes on. Taken from the link to the next page.", TEXT),
    "afterInstance": _says(
        "Where an answer about the past goes on that was cut (206). Taken from the link to its next part.", TEXT
    ),
    "attrs": _says("Only entities with one of these attributes, and of them only these (deprecated: pick and q).", TEXT),
    "collation": _says("A collation of texts in an order: refused, texts are ordered by code point.", TEXT),
    "containedBy": _says("Ids of linked entities that were met before and are not joined again.", TEXT),
    "coordinates": _says("Coordinates of the reference geometry, as GeoJSON has them.", TEXT, example="[131.47,34.18]"),
    "count": _says("Whether the header NGSILD-Results-Count says how many there are in all.", _FLAG),
    "csf": _says("A filter of context sources: read, without effect, as no other broker is asked.", TEXT),
    "datasetId": _says("Only instances with these datasetIds (`@none`: the default one).", TEXT),
    "deleteAll": _says("Whether the instances of all datasetIds are deleted.", _FLAG),
    "details": _says("Whether more than names is told.", _FLAG),
    "drop": _says("Names of attributes that are deleted instead of whole entities.", TEXT),
    "expandValues": _says("Names of attributes whose values in q are expanded by the @context.", TEXT),
    "endTimeAt": _says("Where the time ends, exclusive; with timerel=between.", {"type": "string", "format": "date-time"}),
    "format": _says(
        "The representation of entities.",
        {"enum": ["normalized", "concise", "simplified", "keyValues"], "default": "normalized"},
    ),
    "geometry": _says(
        "The kind of the reference geometry.",
        {"enum": ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]},
    ),
    "geometryProperty": _says("The GeoProperty that becomes the geometry of a GeoJSON Feature.", TEXT),
    "geoproperty": _says("The GeoProperty that is compared; `location` where it is left out.", TEXT),
    "georel": _says("The relation to the reference geometry.", TEXT, example="near;maxDistance==2000"),
    "id": _says("Only these entities: ids joined by commas.", TEXT),
    "idPattern": _says("Only entities in whose id this regular expression is found.", TEXT),
    "join": _says(
        "Whether linked entities come along: inside the relationships that lead to them, or behind the others in one list.",
        {"enum": ["@none", "inline", "flat"], "default": "@none"},
    ),
    "joinLevel": _says("How many levels of linked entities come along.", {"type": "integer", "minimum": 1, "default": 1}),
    "jsonKeys": _says(
        "Names of attributes whose values are never expanded; those of JsonProperties are not in any case.", TEXT
    ),
    "keep": _says("Names of attributes that stay; all others are deleted instead of whole entities.", TEXT),
    "kind": _says("Only @contexts of this kind.", {"enum": ["Hosted", "Cached", "ImplicitlyCreated"]}),
    "lang": _says("The languages that are wished of LanguageProperties, as in Accept-Language.", TEXT, example="ja,en;q=0.5"),
    "lastN": _says("Only the last so many instances of each attribute.", {"type": "integer", "minimum": 1}),
    "limit": _says("How many entities a page has at the most.", {"type": "integer"}),
    "local": _says("Whether only this broker is asked; it asks no other in any case.", _FLAG),
    "observedAt": _says("The time that changed values get which had one before.", {"type": "string", "format": "date-time"}),
    "offset": _says(
        "How many entities are passed over; costly for large numbers: follow the links, or use after.",
        {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
    ),
    "omit": _says("Members that are not shown.", TEXT),
    "options": _says("How the operation is done, or what is shown.", {"type": "array"}),
    "orderBy": _says(
        "By what entities are ordered, each with ;asc, ;desc, ;dist-asc or ;dist-desc (4.23); with local=true. The past: by id only.",
        TEXT,
        example="name,temperature;desc",
    ),
    "orderFrom": _says("Coordinates of the place from which distances are ordered.", TEXT, example="[131.47,34.18]"),
    "orderGeometry": _says(
        "The kind of geometry of orderFrom.",
        {"enum": ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"], "default": "Point"},
    ),
    "pick": _says("The only members that are shown, id and type among them.", TEXT),
    "q": _says("Conditions on attributes in the query language (4.9).", TEXT, example='temperature>20;name~="市"'),
    "reload": _says("Whether a cached @context is fetched anew instead of deleted.", _FLAG),
    "splitEntities": _says("Whether parts of one entity may stand in several brokers: read, without effect.", _FLAG),
    "scopeQ": _says("Conditions on scopes (4.19).", TEXT, example="/Yamaguchi/#"),
    "timeAt": _says(
        "Before which the time is (exclusive), or from which on it is (inclusive).", {"type": "string", "format": "date-time"}
    ),
    "timeproperty": _says(
        "Which time of an instance is compared.",
        {"enum": ["observedAt", "createdAt", "modifiedAt", "deletedAt"], "default": "observedAt"},
    ),
    "timerel": _says("How the time is related to timeAt.", {"enum": ["before", "after", "between"]}),
    "type": _says("A selection of types (4.17).", TEXT, example="Shelter,(CommunityCentre;Library)"),
}
