"""Which names does a user @context define beside the core's? JSON-LD 1.1 context processing, by PyLD, and what is kept of it.

The core is known before the first user context, so that `ngsi-ld:` and `DateTime` may be used in it, and put over the result at
the end, so that it has absolute precedence wherever it stood (4.4, 5.5.7). PyLD is handed finished objects and never loads.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pyld.jsonld import KEYWORDS, JsonLdError, JsonLdProcessor
from pyld.resolved_context import ResolvedContext

from kairo.context.contexts.core import CORE_DEFINITIONS, CORE_PREFIXES, CORE_TERMS
from kairo.context.contexts.names import is_full_iri, shown, stored_name, why_no_name
from kairo.context.contexts.screening import bad_context
from kairo.context.contexts.terms import Terms, is_prefix

# What one term of a user context may grow to while prefixes are put together.
_MAX_IRI_LENGTH: Final = 2048


class _Given:
    """PyLD's door to the outside, walled up: a context is what it was handed."""

    def resolve(self, _active: Any, context: Any, _base: str, _cycles: Any = None) -> list[ResolvedContext]:
        if not isinstance(context, dict):
            raise TypeError("contexts are resolved before they come here")
        return [ResolvedContext(context)]


def _no_loading(url: str, _options: Any) -> Any:
    raise JsonLdError(f"nothing is loaded here: {url}", "jsonld.LoadDocumentError", code="loading remote context failed")


def _apply(active: Any, definitions: dict[str, Any]) -> Any:
    options = {"base": "", "documentLoader": _no_loading, "contextResolver": _Given()}
    return JsonLdProcessor().process_context(active, definitions, options)


# Not protected while user contexts are read: a term they share with the core is not their fault, it just does not count.
_CORE_ACTIVE: Final = _apply(
    JsonLdProcessor().process_context(None, None, {"processingMode": "json-ld-1.1"}),
    {key: value for key, value in CORE_DEFINITIONS.items() if key != "@protected"},
)


def read_terms(contexts: Sequence[dict[str, Any]]) -> Terms:
    """The terms of screened user contexts, applied in order. Raises BadRequestData."""
    active = _CORE_ACTIVE
    for definitions in contexts:
        if definitions.get("@vocab", "") is None and "@vocab" not in active:
            definitions = {key: value for key, value in definitions.items() if key != "@vocab"}  # noqa: PLW2901
        try:
            active = _apply(active, definitions)
        except JsonLdError as error:
            raise bad_context(_reason(error)) from error
        except Exception as error:  # PyLD trips over some malformed contexts instead of refusing them
            raise bad_context("it cannot be processed as JSON-LD 1.1") from error
        _check_lengths(active)
    return _kept(active["mappings"])


def _reason(error: JsonLdError) -> str:
    text = str(error.args[0]).removeprefix("Invalid JSON-LD syntax; ")
    details = error.details or {}
    about = [f"{key} {shown(details[key])}" for key in ("term", "iri") if key in details]
    return text.rstrip(".") + (f" ({', '.join(about)})" if about else "")


def _check_lengths(active: Any) -> None:
    iris = [mapping["@id"] for mapping in active["mappings"].values() if mapping and mapping["@id"]]
    if max(map(len, [*iris, active.get("@vocab", "")])) > _MAX_IRI_LENGTH:
        raise bad_context(f"an IRI in it is longer than {_MAX_IRI_LENGTH} characters")


def _kept(mappings: Mapping[str, Any]) -> Terms:
    names, refused, prefixes, coercions = dict[str, str](), dict[str, str](), dict[str, str](), dict[str, str]()
    for term, mapping in mappings.items():
        if term in CORE_TERMS or term.partition(":")[0] in CORE_PREFIXES:
            continue
        iri: Any = mapping["@id"] if mapping else None
        if is_full_iri(term) and iri != term:
            raise bad_context(f"{shown(term)} is an IRI and cannot stand for {shown(iri)}")
        why = _why_unusable(iri, mapping)
        if why is not None:
            refused[term] = why
            continue
        names[term] = {"@id": "id", "@type": "type"}.get(iri) or stored_name(iri)
        coercion = mapping.get("@type")
        if coercion is not None:
            coercions[term] = coercion if coercion in KEYWORDS else stored_name(coercion)
        if mapping["_prefix"] and iri not in KEYWORDS:
            if not is_prefix(term):
                raise bad_context(f"{shown(term)} cannot be a prefix")
            prefixes[term] = iri
    return Terms(names=names, refused=refused, prefixes=prefixes, coercions=coercions)


def _why_unusable(iri: str | None, mapping: Any) -> str | None:
    if iri is None:
        return "the @context maps it to null"
    if mapping["reverse"]:
        return "the @context defines it as a reverse property, which NGSI-LD has no use for"
    if iri in KEYWORDS:
        return None if iri in {"@id", "@type"} else f"the @context maps it to {iri}, which NGSI-LD has no use for"
    return why_no_name(iri)
