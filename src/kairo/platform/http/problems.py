"""How does an error look to a program? RFC 9457 problem details, as ETSI GS CIM 009 6.3.2 wants them."""

import orjson

from kairo.errors import KairoError
from kairo.platform.http.messages import Response


def prefers_japanese(accept_language: str) -> bool:
    """Whether Japanese comes first in an Accept-Language header (which word counts is decided by order alone)."""
    first = accept_language.partition(",")[0].strip().lower()
    return first.startswith("ja")


def problem(error: KairoError, *, japanese: bool = False, instance: str | None = None) -> dict[str, object]:
    """The members of a problem document. `mend` says what to do next; it is an extension member of ours."""
    document: dict[str, object] = {
        "type": error.type,
        "title": error.title_ja if japanese else error.title,
        "status": error.status,
        "detail": _detail_ja(error) if japanese else error.detail or error.title,
        "mend": (japanese and error.mend_ja) or error.mend,
    }
    if instance:
        document["instance"] = instance
    return document | error.members


def _detail_ja(error: KairoError) -> str:
    """The detail in Japanese; where only a programmer meets the error, its title with the English detail."""
    return error.detail_ja or (f"{error.title_ja}（{error.detail}）" if error.detail else error.title_ja)


def problem_response(error: KairoError, *, accept_language: str = "", instance: str | None = None) -> Response:
    """The whole answer to a request that failed."""
    document = problem(error, japanese=prefers_japanese(accept_language), instance=instance)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in error.headers.items()]
    return Response(error.status, orjson.dumps(document, default=str), b"application/problem+json", headers)
