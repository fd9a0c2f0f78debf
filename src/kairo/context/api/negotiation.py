"""In which form is a body read, and in which is the answer given? Media types and @context rules of CIM 009 6.3.4 to 6.3.6."""

from dataclasses import dataclass
from typing import Any

from kairo.errors import BadRequestData, NotAcceptable, UnsupportedMediaType
from kairo.platform.http import Request

JSON = "application/json"
LD_JSON = "application/ld+json"
GEO_JSON = "application/geo+json"
MERGE_PATCH = "application/merge-patch+json"
PLAIN = (JSON, LD_JSON)
WITH_GEO = (JSON, LD_JSON, GEO_JSON)


@dataclass(frozen=True, slots=True)
class _Range:
    type: str
    quality: float
    order: int

    def matches(self, offered: str) -> bool:
        return self.type in {offered, "*/*"} or (self.type.endswith("/*") and offered.startswith(self.type[:-1]))

    @property
    def exactness(self) -> int:
        return 0 if self.type == "*/*" else 1 if self.type.endswith("/*") else 2


def _ranges(accept: str) -> list[_Range]:
    found: list[_Range] = []
    for order, part in enumerate(accept.split(",")):
        pieces = [piece.strip() for piece in part.split(";")]
        quality = 1.0
        for piece in pieces[1:]:
            if piece.lower().startswith("q="):
                try:
                    quality = float(piece[2:])
                except ValueError:
                    quality = 0.0
        if pieces[0]:
            found.append(_Range(pieces[0].lower(), quality, order))
    return found


def answer_type(accept: str, offered: tuple[str, ...] = PLAIN) -> str:
    """The media type of the answer (RFC 9110 12.5.1; JSON where the asker does not care). Raises NotAcceptable."""
    if not accept or accept == "*/*" or accept == JSON:
        return JSON
    best: tuple[float, int, int] | None = None
    chosen = ""
    ranges = _ranges(accept)
    for position, media_type in enumerate(offered):
        fitting = [item for item in ranges if item.matches(media_type)]
        if not fitting:
            continue
        closest = max(fitting, key=lambda item: item.exactness)
        rank = (closest.quality, closest.exactness, -position)
        if closest.quality > 0 and (best is None or rank > best):
            best, chosen = rank, media_type
    if not chosen:
        raise NotAcceptable(
            f"none of {', '.join(offered)} is acceptable to Accept: {accept[:200]}",
            detail_ja=f"返せる形式は {', '.join(offered)} です。",
            mend=f"Send Accept: {offered[0]}.",
        )
    return chosen


def embeds_context(media_type: str, request: Request) -> bool:
    """Whether the answer's @context stands in its body: in JSON-LD, and in GeoJSON unless the asker prefers it in a Link header
    (Prefer: body=json, 6.3.6)."""
    return media_type == LD_JSON or (media_type == GEO_JSON and not prefers_plain_body(request))


def prefers_plain_body(request: Request) -> bool:
    """Whether the header Prefer (RFC 7240) wishes for GeoJSON without @context."""
    wishes = request.headers.get("prefer", "").split(",")
    return any(wish.partition(";")[0].replace(" ", "").lower() in {"body=json", 'body="json"'} for wish in wishes)


def body_type(request: Request, *, patch: bool = False) -> str:
    """The media type of the body: JSON or JSON-LD, and for a PATCH the merge patch. Raises UnsupportedMediaType."""
    header = request.headers.get("content-type", "")
    if header == JSON:  # as most write it
        return JSON
    media_type = header.partition(";")[0].strip().lower()
    if media_type in {JSON, LD_JSON} or (patch and media_type == MERGE_PATCH):
        return media_type
    raise UnsupportedMediaType(
        f"Content-Type is {media_type or 'missing'}", detail_ja=f"Content-Type が「{media_type or 'なし'}」です。"
    )


def body_context(payload: Any, media_type: str, link: str | None) -> Any:
    """The @context that a JSON body brings along (removed from it), after the rules of 6.3.5 are checked.

    Returns None where there is none (plain JSON: the Link header or the core context count).
    """
    if not isinstance(payload, dict):
        raise BadRequestData(
            "the body is not a JSON object",
            detail_ja="本文がJSONオブジェクトではありません。",
            mend="Send one JSON object: {…}.",
        )
    if media_type == LD_JSON:
        if link is not None:
            raise BadRequestData(
                "a JSON-LD body brings its own @context, so a Link header with one must not be sent",
                detail_ja="application/ld+json では Link ヘッダーの @context は指定できません。",
            )
        if "@context" not in payload:
            raise BadRequestData(
                "an application/ld+json body needs a member @context",
                detail_ja="application/ld+json の本文には @context が必要です。",
                mend="Add @context, or send application/json.",
            )
        return payload.pop("@context")
    if "@context" in payload:
        if media_type == MERGE_PATCH and link is None:
            return payload.pop("@context")
        raise BadRequestData(
            "an application/json body must not have a member @context",
            detail_ja="application/json の本文に @context は入れられません。",
            mend="Send application/ld+json, or give the context in a Link header.",
        )
    return None
