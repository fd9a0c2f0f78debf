"""What may a program send? The bodies of the API as JSON Schema, by name; `openapi.py` puts them together."""

from typing import Any, Final

TEXT: Final = {"type": "string"}
URI: Final = {"type": "string", "format": "uri", "minLength": 3, "maxLength": 512, "examples": ["urn:ngsi-ld:Shelter:001"]}
NAME: Final = {"type": "string", "minLength": 1, "maxLength": 512, "examples": ["temperature"]}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_CONTEXT: Final = {"description": "A JSON-LD @context; in application/ld+json only.", "type": ["string", "array", "object"]}
_ATTRIBUTES: Final = {
    "description": "An attribute: an object, an array of objects with datasetIds, or (concise) a bare value.",
}

NAMES: Final = {"type": "array", "items": NAME, "minItems": 1}
_SECONDS: Final = {"type": "number", "exclusiveMinimum": 0}
_SUBSCRIPTION: Final[dict[str, Any]] = {
    "id": URI,
    "type": {"const": "Subscription"},
    "subscriptionName": TEXT,
    "description": TEXT,
    "entities": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": TEXT, "id": {"type": ["string", "array"]}, "idPattern": TEXT},
        },
    },
    "watchedAttributes": NAMES,
    "notificationTrigger": {
        "type": "array",
        "items": {"enum": [f"{what}{how}" for what in ("entity", "attribute") for how in ("Created", "Updated", "Deleted")]},
    },
    "timeInterval": _SECONDS,
    "throttling": _SECONDS,
    "q": TEXT,
    "expandValues": {"anyOf": [TEXT, NAMES]},
    "jsonKeys": {"anyOf": [TEXT, NAMES]},
    "geoQ": {"type": "object"},
    "scopeQ": TEXT,
    "temporalQ": {"type": "object"},
    "csf": TEXT,
    "lang": TEXT,
    "datasetId": {"type": ["string", "array"]},
    "isActive": {"type": "boolean"},
    "localOnly": {"type": "boolean"},
    "expiresAt": {"type": "string", "format": "date-time"},
    "jsonldContext": {"type": "string", "format": "uri"},
    "notification": {
        "type": "object",
        "properties": {
            "attributes": NAMES,
            "pick": NAMES,
            "omit": NAMES,
            "format": {"enum": ["normalized", "concise", "keyValues", "simplified"]},
            "sysAttrs": {"type": "boolean"},
            "showChanges": {"type": "boolean"},
            "join": {"enum": ["flat", "inline", "@none"]},
            "joinLevel": {"type": "integer", "minimum": 1},
            "endpoint": {
                "type": "object",
                "properties": {
                    "uri": {"type": "string", "examples": ["https://example.org/notify", "mqtt://example.org/city/shelters"]},
                    "accept": {"enum": ["application/json", "application/ld+json", "application/geo+json"]},
                    "timeout": {"type": "number", "description": "Milliseconds.", "exclusiveMinimum": 0},
                    "cooldown": {"type": "number", "description": "Milliseconds.", "exclusiveMinimum": 0},
                    "receiverInfo": {"type": "array", "items": _ref("KeyValuePair")},
                    "notifierInfo": {"type": "array", "items": _ref("KeyValuePair")},
                },
            },
        },
    },
    "@context": _CONTEXT,
}

SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "Subscription": {
        "description": "A subscription (5.2.12). `entities` or `watchedAttributes` is needed.",
        "type": "object",
        "required": ["type", "notification"],
        "properties": _SUBSCRIPTION,
        "additionalProperties": False,
        "examples": [
            {
                "type": "Subscription",
                "entities": [{"type": "Shelter"}],
                "watchedAttributes": ["status"],
                "notification": {"endpoint": {"uri": "https://example.org/notify"}},
            }
        ],
    },
    "SubscriptionFragment": {
        "description": "Members of a subscription that change; null removes one.",
        "type": "object",
        "properties": {name: {} if name != "type" else schema for name, schema in _SUBSCRIPTION.items()},
        "additionalProperties": False,
        "examples": [{"isActive": False}],
    },
    "KeyValuePair": {"type": "object", "required": ["key", "value"], "properties": {"key": TEXT, "value": TEXT}},
    "Entity": {
        "description": "An entity in normalized or concise form (5.2.4); every other member is an attribute.",
        "type": "object",
        "required": ["id", "type"],
        "properties": {"id": URI, "type": _ref("Types"), "scope": _ref("Scopes"), "@context": _CONTEXT},
        "additionalProperties": _ATTRIBUTES,
        "examples": [{"id": "urn:ngsi-ld:Shelter:001", "type": "Shelter", "name": {"type": "Property", "value": "山口小学校"}}],
    },
    "Fragment": {
        "description": "Part of an entity (5.4).",
        "type": "object",
        "properties": {"id": URI, "type": _ref("Types"), "scope": _ref("Scopes"), "@context": _CONTEXT},
        "additionalProperties": _ATTRIBUTES,
    },
    "FragmentWithId": {"allOf": [_ref("Fragment"), {"type": "object", "required": ["id"]}]},
    "Attribute": {"description": "One attribute, or an array of its instances.", "type": ["object", "array"]},
    "Types": {"anyOf": [NAME, {"type": "array", "items": NAME, "minItems": 1, "uniqueItems": True}]},
    "Scopes": {"type": ["string", "array"], "examples": ["/Yamaguchi/Ogori"]},
    "Entities": {"type": "array", "minItems": 1, "items": _ref("Entity")},
    "Fragments": {"type": "array", "minItems": 1, "items": _ref("FragmentWithId")},
    "Ids": {"type": "array", "minItems": 1, "items": URI},
    "Query": {
        "description": "Conditions (5.2.23), named as the parameters of GET /entities are.",
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {"const": "Query"},
            "entities": {"type": "array", "minItems": 1, "items": {"type": "object"}},
            "attrs": {"type": "array", "items": NAME, "minItems": 1},
            "q": TEXT,
            "geoQ": {"type": "object"},
            "scopeQ": TEXT,
            "lang": TEXT,
            "csf": TEXT,
            "expandValues": TEXT,
            "jsonKeys": TEXT,
            "splitEntities": {"type": "boolean"},
            "join": {"enum": ["@none", "inline", "flat"]},
            "joinLevel": {"type": "integer", "minimum": 1},
            "containedBy": {"type": "array", "items": URI, "minItems": 1},
            "datasetId": {"type": "array", "items": TEXT, "minItems": 1},
            "ordering": {
                "type": "object",
                "required": ["orderBy"],
                "properties": {
                    "orderBy": {"type": "array", "items": TEXT, "minItems": 1},
                    "coordinates": {"type": "array"},
                    "geometry": TEXT,
                    "collation": TEXT,
                },
                "additionalProperties": False,
            },
            "pick": {"type": "array", "items": NAME, "minItems": 1},
            "omit": {"type": "array", "items": NAME, "minItems": 1},
            "geometryProperty": TEXT,
            "@context": _CONTEXT,
        },
        "additionalProperties": False,
    },
    "TemporalEntity": {
        "description": "The past of an entity (5.2.20); every other member is an attribute: an instance or an array of instances.",
        "type": "object",
        "required": ["id", "type"],
        "properties": {"id": URI, "type": _ref("Types"), "@context": _CONTEXT},
        "additionalProperties": _ATTRIBUTES,
        "examples": [
            {
                "id": "urn:ngsi-ld:Sensor:001",
                "type": "Sensor",
                "temperature": [
                    {"type": "Property", "value": 20.5, "observedAt": "2026-04-01T00:00:00Z"},
                    {"type": "Property", "value": 21.0, "observedAt": "2026-04-01T01:00:00Z"},
                ],
            }
        ],
    },
    "TemporalFragment": {
        "description": "Instances to be entered, as in TemporalEntity.",
        "type": "object",
        "properties": {"id": URI, "type": _ref("Types"), "@context": _CONTEXT},
        "additionalProperties": _ATTRIBUTES,
    },
    "Instance": {
        "description": "The instance that takes the place of the one that is corrected, by itself or under the attribute's name.",
        "type": "object",
    },
    "TemporalQuery": {
        "description": "Conditions as in Query, with the time in temporalQ (5.2.21) and methods and periods in aggrParams (5.2.44).",
        "type": "object",
        "required": ["type", "temporalQ"],
        "properties": {
            "type": {"const": "Query"},
            "temporalQ": {"type": "object", "required": ["timerel", "timeAt"]},
            "aggrParams": {"type": "object"},
        },
    },
    "Context": {"type": "object", "required": ["@context"], "properties": {"@context": _CONTEXT}},
    "Problem": {
        "description": "RFC 9457 problem details. `mend` says what to do next.",
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "mend": TEXT,
            "instance": TEXT,
        },
    },
}
