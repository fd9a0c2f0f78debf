"""How does the model ask for names? The one protocol through which it meets the @context of a request."""

from typing import Any, Protocol

CORE_CONTEXT = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"


class TermMap(Protocol):
    """Translates between the terms of one request's @context and stored names. `kairo.context.contexts` implements it."""

    @property
    def is_core(self) -> bool:
        """Whether stored names are what the asker writes: no user @context is in play."""
        ...

    @property
    def document(self) -> Any:
        """The user @context to echo in application/ld+json bodies, as JSON; None when there is none."""
        ...

    @property
    def attributes(self) -> dict[str, str]:
        """Stored names by terms that stood as attributes before; the reader of attributes fills it, and empties it when it is
        full."""
        ...

    @property
    def types(self) -> dict[str, tuple[str, ...]]:
        """The same for entity types that stood alone."""
        ...

    def expand(self, term: str) -> str:
        """The stored name of a term, compact IRI or IRI."""
        ...

    def compact(self, name: str) -> str:
        """The term under which the asker knows a stored name."""
        ...
