"""Where are @contexts kept (CIM 009 5.13.1), and what is known of one that is?

The broker asks a `ContextStore`; PostgreSQL implements it for the program, `MemoryContextStore` for tests and trials.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class ContextKind(StrEnum):
    """Why a context is kept, in the words of 5.13.1. `CACHED` ones are not served to others."""

    CACHED = "Cached"  # fetched from elsewhere because a request needed it
    HOSTED = "Hosted"  # stored by a user
    IMPLICITLY_CREATED = "ImplicitlyCreated"  # made here, because a notification or an answer had to name one


@dataclass(frozen=True, slots=True)
class StoredContext:
    """A context under the URL that names it. `document` is the whole JSON object, with its member @context."""

    url: str
    document: dict[str, Any]
    kind: ContextKind
    stored_at: datetime
    expires_at: datetime | None = None  # for CACHED: when to look for a newer one; a failed look keeps the old one in use
    hits: int = 0  # how many requests needed it
    last_used_at: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether the context may be used without looking for a newer one."""
        return self.expires_at is None or now < self.expires_at


class ContextStore(Protocol):
    """Keeps contexts by URL. Whoever deletes or reloads one calls `ContextResolver.forget` too, in every process."""

    async def get(self, url: str) -> StoredContext | None:
        """The context of this URL, fresh or not."""
        ...

    async def put(self, context: StoredContext) -> None:
        """Keeps the context in place of the one of the same URL. A CACHED one must not replace a HOSTED one."""
        ...


class MemoryContextStore:
    """A `ContextStore` that lasts as long as the process."""

    def __init__(self) -> None:
        self._contexts: dict[str, StoredContext] = {}

    async def get(self, url: str) -> StoredContext | None:
        """The context of this URL, fresh or not."""
        return self._contexts.get(url)

    async def put(self, context: StoredContext) -> None:
        """Keeps the context in place of the one of the same URL."""
        before = self._contexts.get(context.url)
        if before is None or before.kind is ContextKind.CACHED or context.kind is not ContextKind.CACHED:
            self._contexts[context.url] = context
