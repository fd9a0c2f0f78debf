"""JSON-LD @contexts of NGSI-LD (CIM 009 4.4, 5.5.7, 5.13, 6.3.5): from the names a client writes to stored names, and back.

`ContextResolver.resolve(body_context, link)` gives a `TermMap`; its `expand` and `compact` are what requests and answers use.
`link` comes from `parse_link_context`. Without a user context it is `CORE`, under which stored names are shown as they are.
"""

from kairo.context.contexts.core import CORE_DOCUMENT, CORE_TERMS, CORE_URL, DEFAULT_VOCABULARY, is_core_url
from kairo.context.contexts.fetching import Fetched, Fetcher, HttpFetcher, read_document
from kairo.context.contexts.keeping import ContextKind, ContextStore, MemoryContextStore, StoredContext
from kairo.context.contexts.links import link_header, parse_link_context
from kairo.context.contexts.names import ENTITY_MEMBERS, INSTANCE_MEMBERS, iri_of, is_name, stored_name
from kairo.context.contexts.resolver import ContextResolver
from kairo.context.contexts.screening import Limits
from kairo.context.contexts.terms import CORE, TermMap

__all__ = [
    "CORE",
    "CORE_DOCUMENT",
    "CORE_TERMS",
    "CORE_URL",
    "DEFAULT_VOCABULARY",
    "ENTITY_MEMBERS",
    "INSTANCE_MEMBERS",
    "ContextKind",
    "ContextResolver",
    "ContextStore",
    "Fetched",
    "Fetcher",
    "HttpFetcher",
    "Limits",
    "MemoryContextStore",
    "StoredContext",
    "TermMap",
    "iri_of",
    "is_core_url",
    "is_name",
    "link_header",
    "parse_link_context",
    "read_document",
    "stored_name",
]
