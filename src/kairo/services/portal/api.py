"""How do programs learn what the entity types look like? Schemas and @contexts of every version, at addresses that stay.

They come from the manifests (`context/types/schemas.py`); what an attribute is called comes from this part's messages.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, date
from email.utils import format_datetime
from typing import Any

import orjson
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from kairo.context.types.incoming import sunset_of
from kairo.context.types.schemas import Words, address_of_context, address_of_schema, context_of, schema_of
from kairo.errors import ResourceNotFound
from kairo.platform.i18n import LANGUAGES, strip_readings
from kairo.platform.manifests import EntityType, Manifest
from kairo.platform.web import Kit

Drawing = NamedDependency[SkipValidation[Kit]]
Parts = NamedDependency[SkipValidation[tuple[Manifest, ...]]]
Asked = Request[Any, Any, State]

FOR_EVER = "public, max-age=31536000, immutable"
_VERSION = re.compile(r"v([1-9][0-9]{0,2})\.(jsonld|json)")


def words_of(kit: Kit) -> Words:
    """What an attribute is called, in each language."""

    def words(name: str) -> dict[str, str]:
        key = f"portal.attribute.{name}"
        return {tag: str(kit.catalogue.translate(tag, key)) for tag in LANGUAGES} if kit.catalogue.has(key) else {}

    return words


def versions_of(kind: EntityType) -> list[dict[str, Any]]:
    """Every version with its addresses, and until when a former one is taken from writers."""
    return [
        {
            "version": number,
            "schema": address_of_schema(kind, number),
            "context": address_of_context(kind, number),
            **({"deprecatedSince": former.deprecated_since} if former else {}),
            **({"sunset": former.sunset} if former and former.sunset else {}),
        }
        for number, former in enumerate((*kind.former, None), 1)
    ]


@get("/schemas", permission="anyone")
async def list_schemas(request: Asked, manifests: Parts) -> Response[bytes]:
    """The entity types with the addresses of their schemas and @contexts, all versions"""
    found = [
        {
            "type": kind.type,
            "title": {tag: strip_readings(text) for tag, text in kind.title.items()},
            "dataClass": kind.data_class,
            "version": kind.version,
            "versions": versions_of(kind),
        }
        for part in manifests
        for kind in part.entity_types
    ]
    return _answer(request, found, "application/json", {"cache-control": "public, no-cache"})


@get("/schemas/{type:str}/{version:str}", permission="anyone")
async def show_schema(
    type: FromPath[str], version: FromPath[str], request: Asked, kit: Drawing, manifests: Parts
) -> Response[bytes]:
    """The JSON Schema of a version of an entity type: /schemas/Sensor/v1.json"""
    kind, number = _found(manifests, type, version, "json")
    return _answer(
        request, schema_of(kind, number, words_of(kit)), "application/schema+json", _headers(kind, number, schema=True)
    )


@get("/contexts/{type:str}/{version:str}", permission="anyone")
async def show_context(type: FromPath[str], version: FromPath[str], request: Asked, manifests: Parts) -> Response[bytes]:
    """The JSON-LD @context of a version of an entity type: /contexts/Sensor/v1.jsonld"""
    kind, number = _found(manifests, type, version, "jsonld")
    return _answer(request, context_of(kind, number), "application/ld+json", _headers(kind, number, schema=False))


def _found(manifests: Sequence[Manifest], type: str, version: str, ending: str) -> tuple[EntityType, int]:
    kind = next((kind for part in manifests for kind in part.entity_types if kind.type == type), None)
    named = _VERSION.fullmatch(version)
    if kind is None or named is None or named[2] != ending or int(named[1]) > kind.version:
        raise ResourceNotFound(
            "there is no such version of an entity type",
            detail_ja="その型、またはその版はありません。",
            mend="GET /schemas lists all of them.",
            mend_ja="GET /schemas に一覧があります。",
        )
    return kind, int(named[1])


def _headers(kind: EntityType, number: int, *, schema: bool) -> dict[str, str]:
    """A version never changes. A former one says since when and, of the version, until when (RFC 9745, RFC 8594)."""
    headers = {"cache-control": FOR_EVER}
    if number < kind.version:
        former = kind.former[number - 1]
        headers["deprecation"] = f"@{int(sunset_of(former.deprecated_since).timestamp())}"
        if former.sunset:
            headers["sunset"] = _http_date(former.sunset)
        address = address_of_schema if schema else address_of_context
        headers["link"] = f'<{address(kind, kind.version)}>; rel="successor-version"'
    return headers


def _http_date(day: date) -> str:
    return format_datetime(sunset_of(day).astimezone(UTC), usegmt=True)


def _answer(request: Asked, content: Any, media_type: str, headers: dict[str, str]) -> Response[bytes]:
    body = orjson.dumps(content)
    headers["etag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
