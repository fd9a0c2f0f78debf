"""What may a program send? The parameters and bodies of the API as JSON Schema, by name; `openapi.py` puts them together."""

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_FLAG: Final = {"type": "boolean", "default": False}
_URI: Final = {"type": "string", "format": "uri", "minLength": 3, "maxLength": 512, "examples": ["urn:ngsi-ld:Shelter:001"]}
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 512, "examples": ["temperature"]}


def _says(description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"description": description, "schema": schema, **more}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


PATH_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "id": _says("The id of an entity: a URI.", _URI),
    "attribute": _says("The name of an attribute, as a term of the @context or an IRI.", _NAME),
    "type": _says("The name of an entity type, as a term of the @context or an IRI.", _NAME),
    "context": _says("The local id of a stored @context, or its whole address percent-encoded.", _NAME),
}

# Those of 6.4.3.2 and 6.3; `options` and `limit` get their schema from the route and the settings.
PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "after": _says("Where the page begins: the id after which it goes on. Taken from the link to the next page.", _TEXT),
    "attrs": _says("Only entities with one of these attributes, and of them only these (deprecated: pick and q).", _TEXT),
    "coordinates": _says("Coordinates of the reference geometry, as GeoJSON has them.", _TEXT, example="[131.47,34.18]"),
    "count": _says("Whether the header NGSILD-Results-Count says how many there are in all.", _FLAG),
    "datasetId": _says("Only instances with these datasetIds (`@none`: the default one).", _TEXT),
    "deleteAll": _says("Whether the instances of all datasetIds are deleted.", _FLAG),
    "details": _says("Whether more than names is told.", _FLAG),
    "format": _says(
        "The representation of entities.",
        {"enum": ["normalized", "concise", "simplified", "keyValues"], "default": "normalized"},
    ),
    "geometry": _says(
        "The kind of the reference geometry.",
        {"enum": ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]},
    ),
    "geometryProperty": _says("The GeoProperty that becomes the geometry of a GeoJSON Feature.", _TEXT),
    "geoproperty": _says("The GeoProperty that is compared; `location` where it is left out.", _TEXT),
    "georel": _says("The relation to the reference geometry.", _TEXT, example="near;maxDistance==2000"),
    "id": _says("Only these entities: ids joined by commas.", _TEXT),
    "idPattern": _says("Only entities in whose id this regular expression is found.", _TEXT),
    "kind": _says("Only @contexts of this kind.", {"enum": ["Hosted", "Cached", "ImplicitlyCreated"]}),
    "lang": _says("The languages that are wished of LanguageProperties, as in Accept-Language.", _TEXT, example="ja,en;q=0.5"),
    "limit": _says("How many entities a page has at the most.", {"type": "integer"}),
    "local": _says("Whether only this broker is asked; it asks no other in any case.", _FLAG),
    "observedAt": _says("The time that changed values get which had one before.", {"type": "string", "format": "date-time"}),
    "offset": _says(
        "How many entities are passed over; costly for large numbers: follow the links, or use after.",
        {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
    ),
    "omit": _says("Members that are not shown.", _TEXT),
    "options": _says("How the operation is done, or what is shown.", {"type": "array"}),
    "pick": _says("The only members that are shown, id and type among them.", _TEXT),
    "q": _says("Conditions on attributes in the query language (4.9).", _TEXT, example='temperature>20;name~="市"'),
    "scopeQ": _says("Conditions on scopes (4.19).", _TEXT, example="/Yamaguchi/#"),
    "type": _says("A selection of types (4.17).", _TEXT, example="Shelter,(CommunityCentre;Library)"),
}

_CONTEXT: Final = {"description": "A JSON-LD @context; in application/ld+json only.", "type": ["string", "array", "object"]}
_ATTRIBUTES: Final = {
    "description": "An attribute: an object, an array of objects with datasetIds, or (concise) a bare value.",
}

SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "Entity": {
        "description": "An entity in normalized or concise form (5.2.4); every other member is an attribute.",
        "type": "object",
        "required": ["id", "type"],
        "properties": {"id": _URI, "type": _ref("Types"), "scope": _ref("Scopes"), "@context": _CONTEXT},
        "additionalProperties": _ATTRIBUTES,
        "examples": [{"id": "urn:ngsi-ld:Shelter:001", "type": "Shelter", "name": {"type": "Property", "value": "山口小学校"}}],
    },
    "Fragment": {
        "description": "Part of an entity (5.4).",
        "type": "object",
        "properties": {"id": _URI, "type": _ref("Types"), "scope": _ref("Scopes"), "@context": _CONTEXT},
        "additionalProperties": _ATTRIBUTES,
    },
    "FragmentWithId": {"allOf": [_ref("Fragment"), {"type": "object", "required": ["id"]}]},
    "Attribute": {"description": "One attribute, or an array of its instances.", "type": ["object", "array"]},
    "Types": {"anyOf": [_NAME, {"type": "array", "items": _NAME, "minItems": 1, "uniqueItems": True}]},
    "Scopes": {"type": ["string", "array"], "examples": ["/Yamaguchi/Ogori"]},
    "Entities": {"type": "array", "minItems": 1, "items": _ref("Entity")},
    "Fragments": {"type": "array", "minItems": 1, "items": _ref("FragmentWithId")},
    "Ids": {"type": "array", "minItems": 1, "items": _URI},
    "Query": {
        "description": "Conditions (5.2.23), named as the parameters of GET /entities are.",
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {"const": "Query"},
            "entities": {"type": "array", "minItems": 1, "items": {"type": "object"}},
            "attrs": {"type": "array", "items": _NAME, "minItems": 1},
            "q": _TEXT,
            "geoQ": {"type": "object"},
            "scopeQ": _TEXT,
            "lang": _TEXT,
            "pick": {"type": "array", "items": _NAME, "minItems": 1},
            "omit": {"type": "array", "items": _NAME, "minItems": 1},
            "geometryProperty": _TEXT,
            "@context": _CONTEXT,
        },
        "additionalProperties": False,
    },
    "Context": {"type": "object", "required": ["@context"], "properties": {"@context": _CONTEXT}},
    "Problem": {
        "description": "RFC 9457 problem details. `mend` says what to do next.",
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "mend": _TEXT,
            "instance": _TEXT,
        },
    },
}
