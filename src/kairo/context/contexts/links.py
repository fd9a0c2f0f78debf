"""Which @context does a Link header name (CIM 009 6.3.5, RFC 8288), and how does an answer name one?"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from kairo.context.contexts.names import shown
from kairo.errors import BadRequestData

CONTEXT_RELATION: Final = "http://www.w3.org/ns/json-ld#context"
_MAX_HEADER_LENGTH: Final = 8192

_TARGET: Final = re.compile(r"[ \t,]*<([^<>]*)>")
_WORD: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
# One parameter; a value is a token, a quoted string, or what careless clients send: anything up to the next ; or ,
_PARAMETER: Final = re.compile(
    rf'[ \t]*;[ \t]*(?:(?P<name>{_WORD})[ \t]*(?:=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s";,]*)))?)?[ \t]*'
)
_END: Final = re.compile(r"[ \t]*(,|$)")


@lru_cache(maxsize=256)
def parse_link_context(header: str | None) -> str | None:
    """The URL of the JSON-LD @context that a Link header names, or None where it names none.

    Several header lines are passed joined by commas. Raises BadRequestData when the header cannot be read (a context that is
    silently ignored would change what every name means), names more than one context, or names no absolute http(s) URL.
    """
    if not header:
        return None
    if len(header) > _MAX_HEADER_LENGTH:
        raise BadRequestData(f"the Link header is longer than {_MAX_HEADER_LENGTH} characters")
    targets = [target for target, relations in _links(header) if CONTEXT_RELATION in relations]
    if len(targets) > 1:
        raise BadRequestData(
            "the Link header names more than one @context (6.3.5)",
            detail_ja="Link ヘッダーで @context が複数指定されています。",
            mend="Name one; a context may be an array of others.",
        )
    return check_url(targets[0]) if targets else None


def link_header(url: str) -> str:
    """The Link header with which an answer names its @context."""
    return f'<{url}>; rel="{CONTEXT_RELATION}"; type="application/ld+json"'


def check_url(url: str) -> str:
    """The text itself, if it is an absolute http(s) URL that may be written into a header. Raises BadRequestData."""
    if _is_parsed(url) and re.fullmatch(
        r"https?://[^\s\x00-\x20\x7f<>\"\\^`{|}\ud800-\udfff/?#]+[^\s\x00-\x20\x7f<>\"\\^`{|}\ud800-\udfff]*", url
    ):
        return url
    raise BadRequestData(
        f"the address of an @context must be an absolute http or https URL, not {shown(url)}",
        detail_ja="@context のアドレスは http または https の絶対URLで指定してください。",
    )


def _is_parsed(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:  # [ and ] that hold no IPv6 address
        return False


def _links(header: str) -> list[tuple[str, set[str]]]:
    """Each link of the header: its target and its relations. Links about another resource (`anchor`) are left out."""
    found: list[tuple[str, set[str]]] = []
    position = 0
    while header[position:].strip(" \t,"):
        target = _TARGET.match(header, position)
        if target is None:
            raise BadRequestData(f"the Link header cannot be read from {shown(header[position : position + 40])} on (RFC 8288)")
        position = target.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, position):
            position = parameter.end()
            if parameter["name"]:
                quoted = parameter["quoted"]
                value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else parameter["plain"] or ""
                parameters.setdefault(parameter["name"].lower(), value)  # the first of its name counts (RFC 8288, 3.3)
        end = _END.match(header, position)
        if end is None:
            raise BadRequestData(f"the Link header cannot be read from {shown(header[position : position + 40])} on (RFC 8288)")
        position = end.end()
        if "anchor" not in parameters:
            found.append((target[1].strip(), set(parameters.get("rel", "").split())))
    return found
