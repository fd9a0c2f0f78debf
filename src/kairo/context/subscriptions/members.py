"""What does a subscription's payload say? Each member checked by itself and turned into what is stored (CIM 009 5.2.12, 5.2.14).

Names are stored names, so that the definition means the same whatever becomes of its @context; q stays as it was written, with the
names that it uses beside it. A member that is null is to be removed: only a PATCH may say so.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from kairo.context.model.faults import Fault
from kairo.context.model.language import wishes
from kairo.context.model.names import NONE, NULL, check_uri, utc
from kairo.context.query import parse_geo_query, parse_id_pattern, parse_q, parse_scope_q, parse_type_selection
from kairo.context.query.projection import Projected, parse_projection
from kairo.context.query.tree import Terms
from kairo.context.subscriptions.transport.endpoint import read_endpoint
from kairo.errors import BadRequestData, KairoError

TRIGGERS: Final = (
    "entityCreated",
    "entityUpdated",
    "entityDeleted",
    "attributeCreated",
    "attributeUpdated",
    "attributeDeleted",
)
FORMATS: Final = ("normalized", "concise", "keyValues", "simplified")
TIME_RELATIONS: Final = ("before", "after", "between")
TIME_PROPERTIES: Final = ("observedAt", "createdAt", "modifiedAt", "deletedAt")
READ_ONLY: Final = frozenset({"status", "createdAt", "modifiedAt", "id", "type"})
COUNTED: Final = frozenset({"status", "timesSent", "timesFailed", "lastNotification", "lastFailure", "lastSuccess"})
MOST_SELECTORS: Final = 100
MOST_NAMES: Final = 1000
MOST_IDS: Final = 1000
DEEPEST_JOIN: Final = 20  # the setting max_join_level may say less
LONGEST_TEXT: Final = 16_000
LONGEST_SECONDS: Final = 366 * 24 * 3600
TYPE_NAME: Final = re.compile(r"[^\s,;|()\"<>\\^`{}]+")

Read = Callable[[Any, "Names"], Any]


class Names:
    """The names of a request, and which of them were asked for. `expand_values`: attributes whose values in q are terms too."""

    def __init__(self, terms: Terms, expand_values: Collection[str] = ()) -> None:
        self._terms = terms
        self.expand_values = expand_values
        self.used: dict[str, str] = {}

    def expand(self, term: str) -> str:
        """The stored name of a term."""
        name = self.used[term] = self._terms.expand(term)
        return name


def read_members(payload: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """The members of a payload as they are stored. Raises BadRequestData that names the place."""
    names = Names(terms, listed(payload.get("expandValues")))
    try:
        return _each(payload, _MEMBERS, READ_ONLY, names)
    except Fault as fault:
        raise fault.report() from None


def _each(given: Mapping[str, Any], readers: Mapping[str, Read], ignored: frozenset[str], names: Names) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in given.items():
        if key in ignored:
            continue
        try:
            if key not in readers:
                raise Fault(f"no such member; known are {', '.join(sorted(readers))}", "この名前のメンバーはありません")
            out[key] = None if value is None or value == NULL else readers[key](value, names)
        except Fault as fault:
            raise fault.at(key) from None
        except KairoError as error:
            raise BadRequestData(
                f"{key}: {error.detail}", detail_ja=f"{key}：{error.detail_ja or ''}", mend=error.mend, path=f"/{key}"
            ) from error
    return out


def _text(value: Any, _names: Names) -> str:
    if type(value) is not str or not value or len(value) > LONGEST_TEXT:
        raise Fault(f"a text of 1 to {LONGEST_TEXT} characters", f"1〜{LONGEST_TEXT}文字の文字列", value)
    return value


def _flag(value: Any, _names: Names) -> bool:
    if type(value) is not bool:
        raise Fault("true or false", "true または false", value)
    return value


def _seconds(value: Any, _names: Names) -> float:
    if type(value) not in {int, float} or not 0 < value <= LONGEST_SECONDS:
        raise Fault(f"a number of seconds above 0 and up to {LONGEST_SECONDS}", "0より大きい秒数", value)
    return float(value) if type(value) is float else int(value)


def _time(value: Any, _names: Names) -> str:
    return utc(value)


def _texts(value: Any, most: int = MOST_NAMES) -> list[str]:
    if type(value) is not list or not 0 < len(value) <= most or any(type(item) is not str or not item for item in value):
        raise Fault(f"an array of 1 to {most} texts", f"1〜{most}個の文字列の配列", value)
    return list(dict.fromkeys(value))


def _terms(value: Any, _names: Names) -> Any:
    """Names as they stand in q: a text with commas between them (5.2.12), or an array."""
    _texts(listed(value))
    return value


def listed(value: Any) -> list[Any]:
    """The names of expandValues and jsonKeys."""
    if isinstance(value, str):
        return [name.strip() for name in value.split(",")]
    return value if isinstance(value, list) else []


def _attributes(value: Any, names: Names) -> list[str]:
    found = parse_projection(_texts(value), None, None, names).attrs or ()
    return list(found)


def _picked(value: Any, names: Names) -> list[str]:
    """Pick and omit: each name as it stands there, with those of linked entities in braces behind it."""
    return [part.written(str) for part in projected(_texts(value), names)]


def projected(value: list[str], names: Terms) -> tuple[Projected, ...]:
    """What pick or omit names; how deep it may go is a question of join (definition.py)."""
    return parse_projection(None, value, None, names, join_level=DEEPEST_JOIN).pick or ()


def _one_of(*choices: str) -> Read:
    def read(value: Any, _names: Names) -> str:
        if type(value) is not str or value not in choices:
            raise Fault(f"one of {', '.join(choices)}", f"{'、'.join(choices)} のいずれか", value)
        return value

    return read


def _triggers(value: Any, _names: Names) -> list[str]:
    found = _texts(value)
    for item in found:
        if item not in TRIGGERS:
            raise Fault(f"an array of some of {', '.join(TRIGGERS)}", f"{'、'.join(TRIGGERS)} の配列", item)
    return found


def _selectors(value: Any, names: Names) -> list[dict[str, Any]]:
    if type(value) is not list or not 0 < len(value) <= MOST_SELECTORS:
        raise Fault(f"an array of 1 to {MOST_SELECTORS} entity selectors", f"1〜{MOST_SELECTORS}個の条件の配列", value)
    out = []
    for index, item in enumerate(value):
        try:
            out.append(_selector(item, names))
        except Fault as fault:
            raise fault.at(index) from None
    return out


def _selector(item: Any, names: Names) -> dict[str, Any]:
    if type(item) is not dict or not set(item) <= {"id", "idPattern", "type"} or type(item.get("type")) is not str:
        raise Fault(
            "an object with type, and id or idPattern where wanted", "type（と id または idPattern）を持つオブジェクト", item
        )
    parse_type_selection(item["type"], names)
    kinds = item["type"].strip()
    out: dict[str, Any] = {"type": kinds if kinds == "*" else TYPE_NAME.sub(lambda name: names.expand(name[0]), kinds)}
    if item.get("id") is not None:
        out["id"] = [check_uri(one) for one in _texts(item["id"] if type(item["id"]) is list else [item["id"]], MOST_IDS)]
    if item.get("idPattern") is not None:
        parse_id_pattern(_text(item["idPattern"], names))
        out["idPattern"] = item["idPattern"]
    return out


def _q(value: Any, names: Names) -> dict[str, Any]:
    asked = Names(names)
    parse_q(_text(value, names), asked, expand_values=names.expand_values, join_level=DEEPEST_JOIN)
    return {"text": value, "names": asked.used}


def _geo(value: Any, names: Names) -> dict[str, Any]:
    if type(value) is not dict or not set(value) <= {"georel", "geometry", "coordinates", "geoproperty"}:
        raise Fault(
            "an object with georel, geometry and coordinates", "georel、geometry、coordinates を持つオブジェクト", value
        )
    for key in ("georel", "geometry", "geoproperty"):
        if key in value and type(value[key]) is not str:
            raise Fault("a text", "文字列", value[key]).at(key)
    geo = parse_geo_query(value.get("georel"), value.get("geometry"), value.get("coordinates"), value.get("geoproperty"), names)
    if geo is None:
        raise Fault(
            "an object with georel, geometry and coordinates", "georel、geometry、coordinates を持つオブジェクト", value
        )
    out = {key: value[key] for key in ("georel", "geometry", "coordinates")}
    return {**out, "geoproperty": geo.attribute} if "geoproperty" in value else out


def _scope_q(value: Any, names: Names) -> str:
    parse_scope_q(_text(value, names))
    return str(value)


def _lang(value: Any, names: Names) -> str:
    wishes(_text(value, names))
    return str(value)


def _datasets(value: Any, _names: Names) -> list[str]:
    return [item if item == NONE else check_uri(item) for item in _texts([value] if type(value) is str else value)]


def _temporal(value: Any, _names: Names) -> dict[str, str]:
    if type(value) is not dict or not set(value) <= {"timerel", "timeAt", "endTimeAt", "timeproperty"}:
        raise Fault("an object with timerel, timeAt and, for between, endTimeAt", "timerel と timeAt を持つオブジェクト", value)
    if value.get("timerel") not in TIME_RELATIONS or value.get("timeproperty", TIME_PROPERTIES[0]) not in TIME_PROPERTIES:
        raise Fault(
            f"timerel one of {', '.join(TIME_RELATIONS)}, timeproperty one of {', '.join(TIME_PROPERTIES)}",
            "timerel と timeproperty の決められた値",
            value.get("timerel"),
        )
    if ("endTimeAt" in value) != (value["timerel"] == "between"):
        raise Fault("endTimeAt with between, and only then", "between のときだけ endTimeAt", value)
    times = {key: utc(value.get(key)) for key in ("timeAt", "endTimeAt") if key == "timeAt" or key in value}
    return {"timerel": value["timerel"], **times, "timeproperty": value.get("timeproperty", TIME_PROPERTIES[0])}


def _context(value: Any, _names: Names) -> str:
    if type(value) is not str or not re.fullmatch(r"https?://[^\s<>\"\\^`{|}]{1,2000}", value):
        raise Fault("the http(s) address of a JSON-LD @context", "JSON-LD @context のアドレス（http または https）", value)
    return value


def _notification(value: Any, names: Names) -> dict[str, Any]:
    if type(value) is not dict:
        raise Fault("an object with endpoint", "endpoint を持つオブジェクト", value)
    return _each(value, _NOTIFICATION, COUNTED, names)


def _level(value: Any, _names: Names) -> int:
    if type(value) is not int or not 1 <= value <= DEEPEST_JOIN:
        raise Fault(f"a whole number from 1 to {DEEPEST_JOIN}", f"1〜{DEEPEST_JOIN}の整数", value)
    return int(value)


def _endpoint(value: Any, _names: Names) -> dict[str, Any]:
    return read_endpoint(value)


_NOTIFICATION: Final[Mapping[str, Read]] = {
    "attributes": _attributes,
    "pick": _picked,
    "omit": _picked,
    "format": _one_of(*FORMATS),
    "sysAttrs": _flag,
    "showChanges": _flag,
    "join": _one_of("flat", "inline", "@none"),
    "joinLevel": _level,
    "endpoint": _endpoint,
}

_MEMBERS: Final[Mapping[str, Read]] = {
    "subscriptionName": _text,
    "description": _text,
    "entities": _selectors,
    "watchedAttributes": _attributes,
    "notificationTrigger": _triggers,
    "timeInterval": _seconds,
    "throttling": _seconds,
    "q": _q,
    "expandValues": _terms,
    "jsonKeys": _terms,
    "geoQ": _geo,
    "scopeQ": _scope_q,
    "temporalQ": _temporal,
    "csf": _text,
    "lang": _lang,
    "datasetId": _datasets,
    "isActive": _flag,
    "localOnly": _flag,
    "expiresAt": _time,
    "jsonldContext": _context,
    "notification": _notification,
}
