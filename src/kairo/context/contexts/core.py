"""What does the core @context say (CIM 009 4.4, annex B), and which addresses mean it?

The file in `data/` is ETSI's, see its NOTICE.txt. Everything else about the core is derived from it here, once.
"""

import re
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import orjson

CORE_URL: Final = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"

# Every published version is answered with the built-in one: the core is "implicitly present", whatever version a client names.
_CORE_URLS: Final = re.compile(r"https?://uri\.etsi\.org/ngsi-ld/v1/ngsi-ld-core-context(-v\d{1,3}(\.\d{1,3}){0,3})?\.jsonld")

CORE_DOCUMENT: Final[dict[str, Any]] = orjson.loads(
    files("kairo.context.contexts").joinpath("data/ngsi-ld-core-context-v1.8.jsonld").read_bytes()
)
CORE_DEFINITIONS: Final = MappingProxyType[str, Any](CORE_DOCUMENT["@context"])
DEFAULT_VOCABULARY: Final[str] = CORE_DEFINITIONS["@vocab"]


def is_core_url(url: str) -> bool:
    """Whether this address names the core @context, of any version."""
    return _CORE_URLS.fullmatch(url) is not None


def _target(definition: Any) -> str:
    """What the core maps a term to: an IRI or a keyword. The core uses its two prefixes and its own vocabulary only."""
    name: str = definition if isinstance(definition, str) else definition["@id"]
    prefix, colon, rest = name.partition(":")
    if name.startswith("@") or (colon and rest.startswith("//")):
        return name
    return CORE_DEFINITIONS[prefix] + rest if colon else DEFAULT_VOCABULARY + name


_TARGETS: Final = {term: _target(definition) for term, definition in CORE_DEFINITIONS.items() if not term.startswith("@")}

CORE_PREFIXES: Final = MappingProxyType({"ngsi-ld": _TARGETS["ngsi-ld"], "geojson": _TARGETS["geojson"]})
# Term -> IRI, without `id` and `type`, which are names for keywords.
CORE_IRIS: Final = MappingProxyType({term: iri for term, iri in _TARGETS.items() if not iri.startswith("@")})
CORE_TERMS: Final = frozenset(_TARGETS)
CORE_TERM_OF_IRI: Final = MappingProxyType({iri: term for term, iri in CORE_IRIS.items()})
# Term -> how the core types its value: `@id`, `@vocab`, `@json`, or the core's name of a data type.
CORE_COERCIONS: Final = MappingProxyType(
    {
        term: str(definition["@type"])
        for term, definition in CORE_DEFINITIONS.items()
        if isinstance(definition, dict) and "@type" in definition
    }
)
