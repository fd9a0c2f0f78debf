"""Is this a valid name, URI, language tag, scope or time? The small grammars of CIM 009 clauses 4.6, 4.8 and 4.18."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from kairo.context.model.faults import Fault
from kairo.platform.clock import iso

NULL = "urn:ngsi-ld:null"  # the NGSI-LD Null (clause 3.1): "remove this" in fragments, nowhere else
NONE = "@none"  # the datasetId of the default instance, the language of no language
MAX_URI_BYTES = 512  # ids, attribute names and datasetIds stand together in one index key of at most 2,700 bytes
MAX_TYPE_KEY_BYTES = 1000  # all types of one entity, joined
MAX_TEXT_URI_BYTES = 8000  # URIs that are values

# Core terms that are members of attributes and entities, never attributes themselves (4.5.1: "shall not be used").
# fmt: off
RESERVED = frozenset((
    "id", "type", "scope", "value", "object", "languageMap", "vocab", "json", "valueList", "objectList", "datasetId",
    "instanceId", "observedAt", "unitCode", "createdAt", "modifiedAt", "deletedAt", "expiresAt", "lang", "objectType",
    "valueType", "entity", "entityList", "values", "objects", "languageMaps", "vocabs", "jsons", "valueLists",
    "objectLists", "previousValue", "previousObject", "previousLanguageMap", "previousVocab", "previousJson",
    "previousValueList", "previousObjectList", "entityIdSealed", "entityTypeSealed",
))
# fmt: on

_NAME = re.compile(r"[^\W\d_]\w*(?::[^\W\d_]\w*)?")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f-\x9f\ud800-\udfff]+")
_SCOPE_LEVEL = re.compile(r"[^\W\d_]\w*")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,6})?Z")


@lru_cache(maxsize=8192)
def check_name(name: str) -> None:
    """Refuses what is neither a name (4.6.2: letters, digits, _, optionally a prefix and a colon) nor an IRI."""
    if _NAME.fullmatch(name) and name[0].isalpha() and _fits(name, MAX_URI_BYTES):
        return
    if _IRI.fullmatch(name) and _fits(name, MAX_URI_BYTES):
        return
    raise Fault(
        f"a name of letters, digits and _ that begins with a letter, or an IRI, of at most {MAX_URI_BYTES} bytes (4.6.2)",
        f"文字で始まり文字・数字・_ だけからなる名前、またはIRI（{MAX_URI_BYTES}バイト以内）",
        name,
    )


def check_uri(value: Any, limit_bytes: int = MAX_URI_BYTES) -> str:
    """A URI or IRI: ids, datasetIds and the objects of relationships."""
    if type(value) is str and _IRI.fullmatch(value) and _fits(value, limit_bytes) and value != NULL:
        return value
    raise Fault(
        f"a URI such as urn:ngsi-ld:Shelter:001, of at most {limit_bytes} bytes",
        f"URI（例 urn:ngsi-ld:Shelter:001、{limit_bytes}バイト以内）",
        value,
    )


def _fits(text: str, limit_bytes: int) -> bool:
    return len(text) <= limit_bytes // 4 or len(text.encode("utf-8", "surrogatepass")) <= limit_bytes


def check_language(tag: Any) -> None:
    """A language tag (RFC 5646) or @none."""
    if type(tag) is str and (tag == NONE or _LANGUAGE.fullmatch(tag)):
        return
    raise Fault(
        "a language tag such as ja, ja-x-easy or en, or @none (RFC 5646)", "言語タグ（例 ja、ja-x-easy、en、@none）", tag
    )


def utc(value: Any) -> str:
    """A DateTime (4.6.3) in UTC with Z, as it was written where it was so already; an offset such as +09:00 is converted."""
    match = _DATETIME.fullmatch(value) if type(value) is str else None
    if match is None:
        raise Fault(
            "a time with date and zone such as 2026-04-01T09:30:00Z (at most six digits of a second)",
            "日付とタイムゾーンを含む時刻（例 2026-04-01T09:30:00Z、秒の小数は6桁まで）",
            value,
        )
    text: str = value.replace(",", ".") if "," in value else value
    try:
        moment = datetime.fromisoformat(text)
        return text if match[1] == "Z" else iso(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        raise Fault("a time that the calendar has", "暦にある日時", value) from None


def date(value: Any) -> str:
    """A Date (4.6.3): YYYY-MM-DD."""
    if type(value) is str and _DATE.fullmatch(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return value
    raise Fault("a date such as 2026-04-01", "日付（例 2026-04-01）", value)


def time(value: Any) -> str:
    """A Time (4.6.3): hh:mm:ssZ."""
    if type(value) is str and _TIME.fullmatch(value):
        try:
            datetime.fromisoformat("2000-01-01T" + value.replace(",", "."))
        except ValueError:
            pass
        else:
            return value.replace(",", ".")
    raise Fault("a time of day in UTC such as 09:30:00Z", "UTCの時刻（例 09:30:00Z）", value)


def check_scope(value: Any) -> str:
    """A Scope (4.18), with its leading slash: `Madrid` and `/Madrid` are the same scope and are kept as `/Madrid`."""
    if type(value) is str:
        levels = value.removeprefix("/")
        if all(_SCOPE_LEVEL.fullmatch(level) and level[0].isalpha() for level in levels.split("/")) and _fits(
            value, MAX_URI_BYTES
        ):
            return "/" + levels
    raise Fault(
        "a scope such as /Yamaguchi/Ogori: levels of letters, digits and _, each beginning with a letter (4.18)",
        "スコープ（例 /Yamaguchi/Ogori。各階層は文字で始まり、文字・数字・_ だけ）",
        value,
    )
