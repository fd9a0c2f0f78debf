"""How does the broker know the @contexts of the declared types? They are in the program: no table and no network is asked."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from kairo.context.contexts.keeping import ContextKind, ContextStore, StoredContext
from kairo.context.types.schemas import address_of_context, context_of
from kairo.platform.manifests import EntityType

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)  # such a context never changes; nobody is shown when it was stored


class PublishedContexts:
    """A `ContextStore` that finds the @contexts of this installation's types under its own hosts, and asks another for the rest."""

    def __init__(self, store: ContextStore, kinds: Iterable[EntityType], own_hosts: frozenset[str]) -> None:
        self._store = store
        self._own_hosts = own_hosts
        self._documents = {
            address_of_context(kind, version): context_of(kind, version)
            for kind in kinds
            for version in range(1, kind.version + 1)
        }

    async def get(self, url: str) -> StoredContext | None:
        """The context of this URL, fresh or not."""
        parts = urlsplit(url)
        if parts.hostname in self._own_hosts and parts.path in self._documents:
            return StoredContext(url, self._documents[parts.path], ContextKind.HOSTED, _SINCE)
        return await self._store.get(url)

    async def put(self, context: StoredContext) -> None:
        """Keeps a context of others."""
        await self._store.put(context)
